"""Las últimas peticiones, para volver a ellas."""

from dataclasses import dataclass

from workshop.widgets.request import Draft

LENGTH = 20


@dataclass(frozen=True)
class Entry:
    """Una petición enviada y cómo terminó."""

    number: int
    draft: Draft
    outcome: str

    @property
    def label(self) -> str:
        """Por ejemplo `3 · POST /dishes · 201`."""
        return f"{self.number} · {self.draft.method} {self.draft.path} · {self.outcome}"


class History:
    """Las últimas 20 peticiones, de la más nueva a la más vieja."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._sent = 0

    def add(self, draft: Draft, outcome: str) -> None:
        """Anota una petición terminada."""
        self._sent += 1
        self.entries = [Entry(self._sent, draft, outcome), *self.entries][:LENGTH]
