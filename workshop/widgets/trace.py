"""Rayos X de una petición de la consola."""

from collections.abc import Callable

from workshop.widgets.exchange import Exchange


def available() -> bool:
    """Si `workshop.xray` está instalado."""
    try:
        from workshop.xray import xray
    except ImportError:
        return False
    return callable(xray)


def radiograph(exchange: Exchange) -> Callable[[Callable[[], None]], None]:
    """Lo que envuelve el envío para radiografiarlo; la vista queda en `exchange.trace`."""

    def around(send: Callable[[], None]) -> None:
        from workshop.xray import xray

        with xray(f"{exchange.request.method} {exchange.request.path}") as trace:
            send()
        exchange.trace = trace.view()

    return around
