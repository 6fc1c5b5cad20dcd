"""El proceso de un trabajador, recién nacido en el vivero."""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from redis import Redis, exceptions

from workshop.services.queues.rail_worker import RailWorker
from workshop.xray import child

AGAIN = 0.5  # seconds until Redis is asked again


def work(arguments: Mapping[str, Any], fds: Sequence[int]) -> int:
    """Atiende sus colas hasta que le pidan terminar. Cuando ya escucha, lo dice por el descriptor."""
    child.join()
    connection = Redis.from_url(arguments["url"])
    worker = RailWorker(arguments["queues"], arguments["name"], connection)
    worker.on_ready = lambda: _tell(fds[0])
    while not worker.stopped:
        try:
            worker.work()
        except (exceptions.ConnectionError, exceptions.TimeoutError) as problem:
            worker.log.error("Redis no contesta (%s): vuelvo a intentarlo", problem)
        if not worker.stopped:
            time.sleep(AGAIN)
    return 0


def _tell(descriptor: int) -> None:
    with suppress(OSError):  # told already, by an earlier round
        os.write(descriptor, b"1")
        os.close(descriptor)
