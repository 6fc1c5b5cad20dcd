"""A Redis of its own with queues on it, and the module whose jobs are put there."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from rq import Queue

from workshop import redis_server
from workshop.services import module
from workshop.xray import collector


@contextmanager
def rail_kitchen(redis_name: str, jobs_name: str, source: str, **queues: str) -> Iterator[SimpleNamespace]:
    """`.redis`, `.connection`, `.jobs` and each queue under its argument's name; all end with the block."""
    redis = redis_server(redis_name)
    connection = redis.connection()
    try:
        yield SimpleNamespace(
            redis=redis,
            connection=connection,
            jobs=module.write(jobs_name, source),
            **{name: Queue(listed, connection=connection) for name, listed in queues.items()},
        )
    finally:
        connection.close()
        redis.stop()
        collector.close()
