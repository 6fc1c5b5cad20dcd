"""El trabajador de RQ del taller: el de siempre, con señales de vida más seguidas."""

import importlib
import os
import signal
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rq import Queue, Worker
from rq.registry import clean_registries
from rq.scheduler import RQScheduler
from rq.utils import now
from rq.worker_registration import clean_worker_registry, register

from workshop.services.queues.rail import RailQueue
from workshop.xray.jobs import ATTEMPTS

if TYPE_CHECKING:
    import redis
    from rq.job import Job

SIGN_OF_LIFE = 1  # seconds between two
GIVEN_UP = 3  # seconds without one after which a job is somebody else's
BLOCK = 0.5  # seconds that an idle worker waits before looking around


class RailWorker(Worker):
    """El trabajador de RQ: hace un trabajo a la vez, cada uno en un proceso propio que muere con él."""

    queue_class = RailQueue
    log_result_lifespan = False
    exponential_backoff_factor = 1.0  # a Redis that comes back finds its workers waiting, not asleep

    def __init__(self, queues: Sequence[str], name: str, connection: "redis.Redis") -> None:
        super().__init__(
            queues, name, connection=connection, job_monitoring_interval=SIGN_OF_LIFE, maintenance_interval=0
        )
        self.on_ready: Callable[[], None] = lambda: None
        self._alive_end, self._hold_end = os.pipe()
        self._scheduler = RQScheduler(self.queues, connection)

    @property
    def stopped(self) -> bool:
        """Si alguien le pidió terminar."""
        return self._shutdown_requested_date is not None

    @property
    def dequeue_timeout(self) -> float:  # type: ignore[override]  # RQ counts in whole seconds; Redis need not
        return BLOCK

    def bootstrap(self, *arguments: Any, **options: Any) -> None:
        self.connection.delete(self.key)  # what the one before it left, if it died
        super().bootstrap(*arguments, **options)
        self.on_ready()

    def get_heartbeat_ttl(self, job: "Job", working_time: float = 0.0) -> int:
        return GIVEN_UP

    def clean_registries(self) -> None:
        """Also what RQ leaves to a process of its own: to enqueue what was put off, when its time comes."""
        self.last_cleaned_at = now()  # type: ignore[assignment]  # RQ declares only its first value
        for queue in self.queues:
            if queue.acquire_maintenance_lock():
                self._scheduler.prepare_registries([queue.name])
                self._scheduler.enqueue_scheduled_jobs()  # type: ignore[no-untyped-call]
                clean_registries(queue, self._exc_handlers)
                clean_worker_registry(queue)
                queue.intermediate_queue.cleanup(self, queue)
        if not self.connection.hexists(self.key, "birth"):  # it was frozen for so long that it was forgotten
            self.connection.hset(self.key, mapping=self.serialize())
            register(self)

    def prepare_job_execution(self, job: "Job", remove_from_intermediate_queue: bool = False) -> None:
        super().prepare_job_execution(job, remove_from_intermediate_queue=True)
        self.connection.hincrby(job.key, ATTEMPTS, 1)
        importlib.invalidate_caches()  # a cell may have written its module after this worker looked

    def main_work_horse(self, job: "Job", queue: Queue) -> None:
        os.close(self._hold_end)
        threading.Thread(target=self._die_with_the_worker, daemon=True).start()
        super().main_work_horse(job, queue)

    def teardown(self) -> None:
        # First of all: RQ says goodbye to Redis before, which fails if it is gone, and its listener stays on;
        # and it tells the listener after, which hears it a second late.
        if self.pubsub_thread is not None:
            self.pubsub_thread.stop()
        super().teardown()  # type: ignore[no-untyped-call]

    def clean_group_registries(self) -> None:
        """Each second is too often, and a group is cleaned as well by whoever reads it."""

    def _die_with_the_worker(self) -> None:
        os.read(self._alive_end, 1)  # ends when nobody holds the other end any more
        os.killpg(os.getpgrp(), signal.SIGKILL)
