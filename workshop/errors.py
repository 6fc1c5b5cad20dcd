"""Los errores que una persona que aprende puede llegar a leer."""


class WorkshopError(Exception):
    """Algo salió mal y el mensaje dice qué se esperaba, qué llegó y qué hacer.

    En un cuaderno se muestra solo el mensaje, sin la pila de llamadas del taller.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython's hook: the stack inside the workshop would bury the message that says what to do.
        return [f"{type(self).__name__}: {self}"]
