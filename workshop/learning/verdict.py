"""El veredicto de una revisión y la función `check`, que lo da."""

from enum import StrEnum
from typing import Any

from workshop.learning import target as targets
from workshop.learning.errors import LearningError
from workshop.learning.exercise import Exercise, find
from workshop.learning.markup import Note, notices
from workshop.learning.probe import NotYetError, Probe, UntouchedError
from workshop.learning.record import State, record

FAILURES_THAT_OPEN_THE_SOLUTION = 3


class Outcome(StrEnum):
    """Los tres resultados de una revisión."""

    UNTOUCHED = "sin intentar"
    NOT_YET = "todavía no"
    DONE = "logrado"


SIGN = {Outcome.UNTOUCHED: "○", Outcome.NOT_YET: "✗", Outcome.DONE: "✓"}
MOOD = {Outcome.UNTOUCHED: "", Outcome.NOT_YET: "bad", Outcome.DONE: "good"}


class Verdict(Note):
    """Lo que dijo la revisión: `.state` («sin intentar», «todavía no», «logrado») y `.message`, el porqué."""

    def __init__(self, exercise: Exercise, state: Outcome, lines: list[str]) -> None:
        self.exercise = exercise
        self.state = state
        self.message = "\n".join(lines)
        super().__init__([f"{SIGN[state]} {exercise.name} — {state}", *lines, *notices()], MOOD[state])


def check(number: str, target: Any = None) -> Verdict:
    """Revisa el ejercicio `number` (por ejemplo `"07.1"`) contra lo que corre en `target`.

    `target` es lo que devolvió `serve(app)`, o su dirección. La revisión pide por HTTP, como un cliente más,
    y no deja cambios en tus datos. Anota el resultado en tu avance.
    Errores: `LearningError` si el ejercicio no existe o si no hay nada en marcha que revisar.
    """
    exercise = find(number)
    probe = Probe(targets.address(exercise.number, target), logs=getattr(target, "logs", None))
    try:
        exercise.checker()(probe)
    except UntouchedError:
        return _untouched(exercise)
    except NotYetError as missing:
        return _not_yet(exercise, probe, missing)
    except LearningError:
        raise
    except Exception as surprise:
        # The learner's service can answer anything; whatever it was, it is a finding and not a crash.
        return _not_yet(exercise, probe, _unreadable(surprise))
    record().change(lambda state: setattr(state.exercise(exercise.number), "solved", True))
    return Verdict(exercise, Outcome.DONE, [f"Comprobado: {'; '.join(probe.passed)}."])


def _untouched(exercise: Exercise) -> Verdict:
    return Verdict(
        exercise,
        Outcome.UNTOUCHED,
        [
            f"Meta: {exercise.goal}",
            "Qué sigue: completa la celda del ejercicio, ejecútala y revisa de nuevo. "
            f'Si te atoras, hint("{exercise.number}").',
        ],
    )


def _not_yet(exercise: Exercise, probe: Probe, missing: NotYetError) -> Verdict:
    def one_more(state: State) -> None:
        state.exercise(exercise.number).failed += 1

    failed = record().change(one_more).exercise(exercise.number).failed
    lines = [f"Se esperaba: {missing.expected}.", f"Llegó: {missing.got}.", f"Dónde mirar: {missing.look}"]
    if probe.passed:
        lines.append(f"Ya funciona: {'; '.join(probe.passed)}.")
    if failed >= FAILURES_THAT_OPEN_THE_SOLUTION:
        lines.append(f'La solución ya está abierta: hint("{exercise.number}").')
    return Verdict(exercise, Outcome.NOT_YET, lines)


def _unreadable(surprise: Exception) -> NotYetError:
    return NotYetError(
        "respuestas con la forma que pide la meta",
        f"una que la revisión no supo leer ({type(surprise).__name__}: {surprise})",
        "Compara lo que contesta tu servicio, en la consola, con lo que pide el ejercicio.",
    )
