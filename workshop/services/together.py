"""Lo mismo para varios miembros de un grupo, a la vez: casi todo su tiempo es espera."""

import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Member = TypeVar("Member")


def together(work: Callable[[Member], Any], members: Iterable[Member]) -> None:
    """`work(member)` para cada uno, en su hilo. Cuando todos acaban, lanza el primer error, si hubo."""
    failures: list[Exception] = []

    def attempt(member: Member) -> None:
        try:
            work(member)
        except Exception as failure:
            failures.append(failure)

    # Not a pool: Python refuses those while it exits, which is when the last services are stopped.
    threads = [threading.Thread(target=attempt, args=[member], daemon=True) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
