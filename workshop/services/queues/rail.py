"""El riel: las colas de RQ como las ven los trabajadores del taller, sin perder un trabajo al tomarlo."""

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from rq import Queue
from rq.exceptions import DequeueTimeout
from rq.intermediate_queue import IntermediateQueue
from rq.utils import now

if TYPE_CHECKING:
    import redis

CLEANING = 700  # milliseconds for which one worker cleans for all
STUCK = 1.0  # seconds between being taken and being begun: longer, and who took it is dead
LATER_QUEUES = 0.05  # seconds until a second queue is looked at again: Redis waits for one list only

# RQ pops from several queues with BLPOP: whoever dies right then takes the job along. This moves it instead.
_TAKE = """
for i = 1, #KEYS, 2 do
    local id = redis.call('LMOVE', KEYS[i], KEYS[i + 1], 'LEFT', 'RIGHT')
    if id then return {KEYS[i], id} end
end
"""


class Tray(IntermediateQueue):
    """Lo tomado y aún sin empezar. RQ lo da por fallido tras un minuto; aquí vuelve al frente de su cola."""

    def set_first_seen(self, job_id: str) -> bool:
        return bool(self.connection.set(self.get_first_seen_key(job_id), now().timestamp(), nx=True, ex=10))

    def cleanup(self, worker: Any, queue: Queue) -> None:
        for job_id in self.get_job_ids():
            if queue.fetch_job(job_id) is None:
                self.remove(job_id)  # somebody deleted it while it was here
                continue
            if job_id in queue.started_job_registry or self.set_first_seen(job_id):
                continue
            seen = self.get_first_seen(job_id)
            if seen is not None and (now() - seen).total_seconds() > STUCK:
                with self.connection.pipeline() as pipe:
                    pipe.lrem(self.key, 1, job_id)
                    pipe.lpush(self.queue_key, job_id)
                    pipe.delete(self.get_first_seen_key(job_id))
                    pipe.execute()


class RailQueue(Queue):
    """Una cola de RQ como la ven los trabajadores del taller."""

    @property
    def intermediate_queue(self) -> Tray:
        return Tray(self.key, connection=self.connection)

    def acquire_maintenance_lock(self) -> bool:
        # It ends by itself: who dies while cleaning would otherwise leave everybody without for 15 minutes.
        return bool(self.connection.set(self.registry_cleaning_key, 1, nx=True, px=CLEANING))

    def release_maintenance_lock(self) -> None:
        """Not before its time."""

    @classmethod
    def lpop(
        cls, queue_keys: Sequence[str], timeout: float | None, connection: "redis.Redis | None" = None
    ) -> Any:
        """From the first queue that has one, as RQ does, but never out of every list."""
        assert connection is not None
        take = connection.register_script(_TAKE)
        trays = [(key, IntermediateQueue.get_intermediate_queue_key(key)) for key in queue_keys]
        deadline = monotonic() + (timeout or 0)
        while not (taken := take(keys=[key for pair in trays for key in pair])):
            if timeout is None:
                return None
            if monotonic() >= deadline:
                raise DequeueTimeout(timeout, queue_keys)
            if job_id := connection.blmove(*trays[0], LATER_QUEUES):  # type: ignore[arg-type]  # a float will do
                return trays[0][0], job_id
        return tuple(taken)
