"""Los datos del taller: archivos TOML de la carpeta `data/`, junto al paquete."""

import tomllib
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"


def load(name: str) -> dict[str, Any]:
    """Lee `data/<name>` (por ejemplo, `"menu.toml"`) y devuelve su contenido.

    Errores: `FileNotFoundError` si no existe; `tomllib.TOMLDecodeError` si está mal escrito.
    """
    return tomllib.loads((DATA / name).read_text("utf-8"))


def is_written(chapter: int) -> bool:
    """Si el capítulo ya tiene cuaderno; los demás están por venir."""
    return any((DATA.parent / "notebooks").glob(f"{chapter:02}_*.ipynb"))
