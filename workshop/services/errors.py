"""Los errores de lo que corre."""

import errno

from workshop.errors import WorkshopError

_REASONS = {
    errno.ENOSPC: "no queda espacio en el disco",
    errno.EDQUOT: "se acabó tu cuota de disco",
    errno.EROFS: "el disco es de solo lectura",
    errno.EACCES: "falta el permiso",
    errno.EPERM: "falta el permiso",
    errno.ENOENT: "no existe",
    errno.EEXIST: "ya hay algo con ese nombre",
    errno.ENOTDIR: "hay un archivo donde debería haber una carpeta",
    errno.ENOEXEC: "no es un programa de esta máquina",
}


class ServiceError(WorkshopError):
    """Un servicio no pudo hacer lo que se le pidió; el mensaje dice por qué y qué hacer."""


def refused_by_system(name: str, problem: OSError) -> ServiceError:
    """Lo que el sistema operativo no dejó hacer al arrancar `name`, dicho de manera que se pueda corregir."""
    reason = _REASONS.get(problem.errno or 0, problem.strerror or str(problem))
    where = f" ({problem.filename})" if problem.filename else ""
    return ServiceError(
        f"«{name}» no arrancó: {reason}{where}. Corrígelo y vuelve a ejecutar la celda; "
        "la carpeta temporal del taller se elige con la variable TMPDIR antes de abrir JupyterLab."
    )
