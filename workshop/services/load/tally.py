"""La cuenta de una carga: cuántas, con qué código, de qué réplica y en cuánto tiempo."""

import math
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

_STEP = math.log(1.01)  # neighbouring buckets differ by 1 %: so do the percentiles from the exact ones


class Latencies:
    """Un histograma de tiempos: ocupa lo mismo con mil peticiones que con un millón."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        self._buckets[round(math.log(max(seconds, 1e-6)) / _STEP)] += 1

    def percentile(self, share: float) -> float | None:
        """En milisegundos: `share` de las peticiones tardaron eso o menos. None si no hay ninguna."""
        left = math.ceil(share * self._buckets.total())
        for bucket in sorted(self._buckets):
            left -= self._buckets[bucket]
            if left <= 0:
                return 1000 * math.exp(bucket * _STEP)
        return None


@dataclass(frozen=True)
class Snapshot:
    """Lo que va de una carga: cuentas desde que empezó. Los tiempos, en milisegundos (None si aún no hay)."""

    elapsed: float = 0.0
    """Segundos que lleva."""
    done: int = 0
    ok: int = 0
    """Contestadas con un código menor que 400."""
    failed: int = 0
    """Las demás: con un código de error o sin respuesta."""
    codes: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    """Por qué no hubo respuesta, y cuántas veces."""
    by_replica: dict[str, int] = field(default_factory=dict)
    """Cuántas contestó cada réplica, según su encabezado `X-Replica`."""
    p95_by_replica: dict[str, float] = field(default_factory=dict)
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    per_second: list[int] = field(default_factory=list)
    """Respuestas en cada segundo; el último puede ir a medias."""

    @property
    def throughput(self) -> float:
        """Respuestas por segundo, en promedio."""
        return sum(self.codes.values()) / self.elapsed if self.elapsed else 0.0

    def __repr__(self) -> str:
        # No figures: outputs are compared letter by letter, and these change each time.
        return "Medida de una carga: .done .ok .failed .throughput .p50 .p95 .p99 .codes .errors .by_replica"


class Tally:
    """Lo que los clientes van anotando."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._ok = self._failed = 0
        self._codes: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._latencies = Latencies()
        self._replicas: dict[str, Latencies] = {}
        self._by_replica: Counter[str] = Counter()
        self._per_second: list[int] = []

    def answered(self, status: int, seconds: float, replica: str) -> None:
        if status < 400:
            self._ok += 1
        else:
            self._failed += 1
        self._codes[str(status)] += 1
        self._latencies.add(seconds)
        if replica:
            self._by_replica[replica] += 1
            self._replicas.setdefault(replica, Latencies()).add(seconds)
        self._seconds_so_far()[-1] += 1

    def failed(self, reason: str) -> None:
        self._failed += 1
        self._errors[reason] += 1

    def _seconds_so_far(self) -> list[int]:
        missing = int(time.perf_counter() - self._began) + 1 - len(self._per_second)
        self._per_second += [0] * missing  # also those in which nobody answered
        return self._per_second

    def told(self) -> dict[str, Any]:
        """Los campos de un `Snapshot`."""
        return {
            "elapsed": time.perf_counter() - self._began,
            "done": self._ok + self._failed,
            "ok": self._ok,
            "failed": self._failed,
            "codes": dict(sorted(self._codes.items())),
            "errors": dict(sorted(self._errors.items())),
            "by_replica": dict(sorted(self._by_replica.items())),
            "p95_by_replica": {
                name: latencies.percentile(0.95) for name, latencies in sorted(self._replicas.items())
            },
            "p50": self._latencies.percentile(0.50),
            "p95": self._latencies.percentile(0.95),
            "p99": self._latencies.percentile(0.99),
            "per_second": self._seconds_so_far(),
        }
