"""Por qué falló un trabajo, en una línea: lo que dice su código, o lo que RQ cuenta en inglés."""

import re

_TOLD_BY_RQ = {
    r"JobTimeoutException.*\((\d+) seconds?\)": (
        "pasó de su límite de {} s y se canceló; si de verdad necesita más, dale otro con job_timeout"
    ),
    r"AbandonedJobError": "su trabajador murió a la mitad y no le quedaban reintentos",
    r"terminated unexpectedly.*signal (\d+)": (
        "su proceso murió de golpe (señal {}) y no le quedaban reintentos"
    ),
    r"terminated unexpectedly": "su proceso terminó sin avisar y no le quedaban reintentos",
    r"stopped by user": "alguien lo detuvo",
    r"ModuleNotFoundError: No module named '([^']+)'": (
        "no se encontró el módulo «{}»: escribe el trabajo en una celda que empiece con %%module"
    ),
    r"Invalid attribute name: ([\w.]+)": (
        "no se encontró «{}»: revisa el nombre, o vuelve a ejecutar su celda %%module"
    ),
}


def reason(traceback: str) -> str:
    """La última línea de `traceback`; en español y con salida si quien la escribió fue RQ."""
    lines = [line for line in traceback.strip().splitlines() if line.strip()]
    last = lines[-1].strip() if lines else ""
    for pattern, told in _TOLD_BY_RQ.items():
        if found := re.search(pattern, last):
            return told.format(*found.groups())
    return last
