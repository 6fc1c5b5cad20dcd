"""Las revisiones de los ejercicios: un módulo por capítulo, que se importa cuando hace falta."""

from collections.abc import Callable

from workshop.learning.probe import Probe

Checker = Callable[[Probe], None]

registered: dict[str, Checker] = {}


def checks(number: str) -> Callable[[Checker], Checker]:
    """Registra la función que revisa el ejercicio `number`, por ejemplo `@checks("07.1")`.

    La función recibe una `Probe`; si vuelve sin levantar nada, el ejercicio está logrado.
    """

    def register(checker: Checker) -> Checker:
        registered[number] = checker
        return checker

    return register
