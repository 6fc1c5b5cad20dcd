"""El avance de quien aprende: un solo archivo JSON que dos núcleos pueden escribir a la vez."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

FILE = "progress.json"
LOCK_SECONDS = 5.0


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ExerciseRecord(_Part):
    """Lo anotado de un ejercicio: revisiones fallidas, si se logró y cuántas pistas se vieron."""

    failed: NonNegativeInt = 0
    solved: bool = False
    hints: NonNegativeInt = 0


class AnswerRecord(_Part):
    """Lo anotado de una pregunta: cuántas respuestas se dieron, si ya se acertó y si fue a la primera."""

    tries: NonNegativeInt = 0
    right: bool = False
    first: bool = False


class PredictionRecord(_Part):
    """Lo anotado de una predicción ya comparada: qué se predijo y si coincidió."""

    choice: str
    right: bool


class State(_Part):
    """Todo el avance; `version` es la del formato del archivo."""

    version: Literal[1] = 1
    exercises: dict[str, ExerciseRecord] = Field(default_factory=dict)
    quizzes: dict[str, dict[str, AnswerRecord]] = Field(default_factory=dict)
    predictions: dict[str, PredictionRecord] = Field(default_factory=dict)

    def exercise(self, number: str) -> ExerciseRecord:
        """Lo anotado del ejercicio `number`; lo crea si no hay nada."""
        return self.exercises.setdefault(number, ExerciseRecord())

    def answer(self, chapter: str, question: int) -> AnswerRecord:
        """Lo anotado de una pregunta del cuestionario de `chapter`; lo crea si no hay nada."""
        return self.quizzes.setdefault(chapter, {}).setdefault(str(question), AnswerRecord())


class Record:
    """El archivo de avance de una carpeta. Si no se puede escribir ahí, sigue en memoria y lo avisa."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.notices: list[str] = []
        self._memory: State | None = None

    def read(self) -> State:
        """El avance guardado; uno vacío si no hay."""
        return self.change(lambda state: None)

    def change(self, edit: Callable[[State], object]) -> State:
        """Aplica `edit` al avance y lo guarda; devuelve cómo quedó.

        El archivo se vuelve a leer con el candado puesto, así que dos núcleos no se pisan.
        """
        if self._memory is not None:
            edit(self._memory)
            return self._memory
        try:
            with self._locked():
                before = self._load()
                after = _edited(before, edit)
                if after != before:
                    self._save(after)
                return after
        except OSError as error:
            self._memory = _edited(self._salvage(), edit)
            self._notice(
                f"No se puede guardar tu avance en {self.path.parent} ({error.strerror or error}): "
                "sigue en la memoria de este núcleo y se perderá al cerrarlo. "
                "Da permiso de escritura a esa carpeta o define COMANDA_HOME con otra."
            )
            return self._memory

    def reset(self) -> Path | None:
        """Empieza de nuevo y conserva lo anterior en otro archivo, que devuelve (`None` si no había nada)."""
        if self._memory is not None:
            self._memory = State()
            return None
        with self._locked():
            return self._set_aside("anterior")

    def _load(self) -> State:
        try:
            return State.model_validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return State()
        except (ValidationError, IsADirectoryError):
            aside = self._set_aside("ilegible")
            self._notice(
                "Tu archivo de avance no se pudo leer: está dañado o es de otra versión del taller. "
                f"Se guardó aparte como {aside.name if aside else FILE} y empiezas uno nuevo."
            )
            return State()

    def _salvage(self) -> State:
        with suppress(OSError, ValidationError):
            return State.model_validate_json(self.path.read_bytes())
        return State()

    def _save(self, state: State) -> None:
        # One fixed name is enough under the lock, and a killed kernel's leftover is simply overwritten.
        draft = self.path.with_name(f".{FILE}.new")
        with draft.open("wb") as file:
            file.write(state.model_dump_json(indent=2).encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)

    def _set_aside(self, label: str) -> Path | None:
        number = 1
        while (aside := self.path.with_name(f"progress.{label}-{number}.json")).exists():
            number += 1
        try:
            return self.path.rename(aside)
        except FileNotFoundError:
            return None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(f".{FILE}.lock").open("w") as lock:
            deadline = time.monotonic() + LOCK_SECONDS
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    # A frozen kernel that holds the lock must not freeze this one.
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.01)
            yield

    def _notice(self, text: str) -> None:
        if text not in self.notices:
            self.notices.append(text)


def _edited(state: State, edit: Callable[[State], object]) -> State:
    copy = state.model_copy(deep=True)
    edit(copy)
    return copy


@cache
def _record_in(folder: Path) -> Record:
    return Record(folder)


def record() -> Record:
    """El avance de la carpeta `COMANDA_HOME` (o, sin ella, la de datos de la persona)."""
    home = os.environ.get("COMANDA_HOME")
    return _record_in(Path(home).expanduser() if home else platformdirs.user_data_path("la-comanda"))
