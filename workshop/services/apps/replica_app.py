"""La app de un módulo, importada en el proceso que la va a servir; si no se puede, dicho con su salida."""

import importlib
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from workshop.services.apps.asgi import require_app
from workshop.services.errors import ServiceError


def import_app(path: str) -> Any:
    """La app de `"módulo:app"`.

    Errores: `ServiceError` si el módulo no está o falla, o si lo que hay no es una app.
    """
    from workshop.xray import child
    from workshop.xray.errors import XrayError

    with suppress(XrayError):  # switched off by OTEL_SDK_DISABLED: the app runs all the same
        child.join()
    name, _, attribute = path.partition(":")
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name.partition(".")[0]:
            raise ServiceError(_failed_import(name, missing)) from None
        raise ServiceError(
            f"No hay ningún módulo {name!r} que importar. Escribe la aplicación en una celda que empiece "
            f"con `%%module {name}`, ejecútala y vuelve a intentarlo."
        ) from None
    except Exception as problem:
        traceback.print_exc()
        raise ServiceError(_failed_import(name, problem)) from None
    if not hasattr(module, attribute):
        raise ServiceError(
            f"El módulo {name!r} no tiene nada llamado {attribute!r}. En su celda `%%module {name}` debe "
            f"haber una línea como `{attribute} = FastAPI()`."
        )
    app = getattr(module, attribute)
    require_app(app, "replicas()")
    return app


def _failed_import(name: str, problem: Exception) -> str:
    steps = traceback.extract_tb(problem.__traceback__)
    file = getattr(sys.modules.get(name), "__file__", None) or f"{name}.py"
    lines = [step.lineno for step in steps if step.filename.endswith(os.sep + Path(file).name)]
    where = f", línea {lines[-1]}" if lines else ""
    return (
        f"El módulo {name!r} no se pudo importar: {type(problem).__name__}: {problem} (en {name}.py{where}). "
        f"Corrige su celda `%%module {name}` y vuelve a ejecutarla."
    )
