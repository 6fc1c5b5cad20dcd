"""`replicas("módulo:app", n)`: la misma app en varios procesos, uno más o uno menos en vivo."""

import re
from typing import Any

from workshop.services import registry
from workshop.services.apps.replica_group import ReplicaSet, require_count
from workshop.services.base import State
from workshop.services.errors import ServiceError
from workshop.services.names import valid_name


def replicas(app: str, n: int = 2, name: str | None = None) -> ReplicaSet:
    """Pone en marcha `n` procesos que sirven la misma app, cada uno en su puerto, y devuelve el grupo.

    - `app`: texto `"módulo:app"`; el módulo es uno que escribiste con `%%module` o uno instalado.
    - `n`: cuántas réplicas (1 a 16).
    - `name`: el nombre del grupo; por omisión, el del módulo. Cada réplica firma sus respuestas en el
      encabezado `X-Replica` y lee su nombre en la variable de entorno `COMANDA_REPLICA`.

    Ejecutarla otra vez deja el mismo grupo en `n` réplicas sanas, con el código de ahora.
    Errores: `ServiceError` si el módulo o su app no sirven; dice por qué y cómo se corrige.
    """
    module = _module_of(app)
    require_count(n, "replicas")
    name = valid_name(name or module.rpartition(".")[2])
    known = registry.get(name)
    if isinstance(known, ReplicaSet) and known.app == app and known.state is State.READY:
        return known.start().refreshed().scale(n)
    return ReplicaSet(app, n, name).start()


def _module_of(app: Any) -> str:
    if not isinstance(app, str):
        raise ServiceError(
            'replicas() espera un texto como "cocina:app": el módulo y, en él, la variable de la app. Llegó '
            f"un valor de tipo {type(app).__name__}. Otro proceso tiene que poder importarla: "
            "escribe la app en una celda que empiece con `%%module cocina`."
        )
    if not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*", app):
        raise ServiceError(
            f'replicas() espera un texto como "cocina:app" (módulo, dos puntos y variable); llegó {app!r}.'
        )
    return app.partition(":")[0]
