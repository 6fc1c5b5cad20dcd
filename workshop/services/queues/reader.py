"""La lectura de unas colas de RQ: pocos viajes a Redis, y sin mover nada de su sitio."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workshop.services.queues.failures import reason
from workshop.services.queues.state import STATES, JobState, QueueState, WorkerState
from workshop.xray.jobs import ATTEMPTS

if TYPE_CHECKING:
    import redis
    from rq import Queue
    from rq.job import Job

LISTED = 100  # jobs of one state that are read, the latest; counts are always whole
LOST_SECONDS = 3.0  # a worker gives a sign of life every second
_ENDED = ("finished", "failed")


class Reader:
    """Reads with few trips and without RQ's own cleaning: to look must not requeue nor expire anything."""

    def __init__(self, connection: "redis.Redis") -> None:
        self.connection = connection

    def state(self, names: Sequence[str]) -> QueueState:
        from rq import Queue

        queues = [Queue(name, connection=self.connection) for name in names]
        ids: dict[str, list[str]] = {state: [] for state in STATES}
        counts = dict.fromkeys(STATES, 0)
        for queue in queues:
            for state, (some, total) in self._ids(queue).items():
                ids[state] += some
                counts[state] += total
        jobs = {state: tuple(self._jobs(ids[state], state)) for state in STATES}
        return QueueState(tuple(names), **jobs, workers=self._workers(queues, jobs["started"]), counts=counts)

    def _ids(self, queue: "Queue") -> dict[str, tuple[list[str], int]]:
        started, scheduled = queue.started_job_registry, queue.scheduled_job_registry
        with self.connection.pipeline(transaction=False) as pipe:
            pipe.lrange(queue.key, 0, LISTED - 1)
            pipe.llen(queue.key)
            for registry, latest in (
                (scheduled, False), (started, False),
                (queue.finished_job_registry, True), (queue.failed_job_registry, True),
            ):  # fmt: skip
                pipe.zrange(registry.key, 0, LISTED - 1, desc=latest)
                pipe.zcard(registry.key)
            answers = pipe.execute()
        found = {}
        for state, entries, total in zip(STATES, answers[::2], answers[1::2], strict=True):
            texts = [entry.decode() for entry in entries]
            # A started entry is «job:execution»: a job under way twice is listed once.
            read = [started.parse_job_id(text) for text in texts] if state == "started" else texts
            found[state] = (list(dict.fromkeys(read)), total)
        return found

    def _jobs(self, ids: Sequence[str], state: str) -> Iterator[JobState]:
        from rq.job import Job
        from rq.results import Result

        with self.connection.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.hgetall(Job.key_for(job_id))
                pipe.xrevrange(Result.get_key(job_id), count=1)  # type: ignore[no-untyped-call]
            answers = pipe.execute()
        found = zip(ids, answers[::2], answers[1::2], strict=True)
        for job_id, raw, results in sorted(found, key=_latest_first) if state in _ENDED else found:
            if b"data" not in raw:
                continue  # it expired between the two trips
            job = Job(job_id, connection=self.connection)
            job.restore(raw)
            attempts = int(raw.get(ATTEMPTS.encode(), 0 if job.started_at is None else 1))
            yield _told(job, state, attempts, _failure(job, results) if state != "finished" else None)

    def _workers(self, queues: "Sequence[Queue]", started: Sequence[JobState]) -> tuple[WorkerState, ...]:
        from rq.worker_registration import get_keys

        keys = sorted({key for queue in queues for key in get_keys(queue=queue)})
        with self.connection.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.hgetall(key)
            answers = pipe.execute()
        found = (_worker(key, raw, started) for key, raw in zip(keys, answers, strict=True))
        return tuple(worker for worker in found if worker is not None)


def _latest_first(entry: tuple[str, dict[bytes, bytes], Any]) -> float:
    """RQ dates its registries in whole seconds: what ended in the same one would have no order."""
    return _seconds_since(entry[1].get(b"ended_at"))


def _told(job: "Job", state: str, attempts: int, error: str | None) -> JobState:
    return JobState(
        id=job.id,
        description=job.description or "",
        queue=job.origin,
        status=state,
        worker=job.worker_name or None,
        progress=_percent(job.meta.get("progress")),
        attempts=attempts,
        error=error,
    )


def _failure(job: "Job", results: list[Any]) -> str | None:
    from rq.results import Result

    if not results:
        return None
    (result_id, payload), *_ = results
    result = Result.restore(job.id, result_id.decode(), payload, job.connection)
    return reason(result.exc_string) if result.exc_string else None


def _percent(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return round(min(max(value, 0), 100))


def _worker(key: Any, raw: dict[bytes, bytes], started: Sequence[JobState]) -> WorkerState | None:
    if b"queues" not in raw or b"death" in raw:
        return None
    name = (key.decode() if isinstance(key, bytes) else key).rpartition("rq:worker:")[2]
    return WorkerState(
        name=name,
        queues=tuple(raw[b"queues"].decode().split(",")),
        alive=_seconds_since(raw.get(b"last_heartbeat")) <= LOST_SECONDS,
        cooking=tuple(job for job in started if job.worker == name),
    )


def _seconds_since(stamp: bytes | None) -> float:
    from rq.utils import utcparse

    return (datetime.now(UTC) - utcparse(stamp.decode())).total_seconds() if stamp else float("inf")
