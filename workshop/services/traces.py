"""La invitación a los rayos X: los procesos que nazcan después mandan al cuaderno lo que hagan por él."""

from contextlib import suppress

from workshop.xray import collector
from workshop.xray.errors import XrayError


def invite() -> None:
    """Abre el colector, si no lo estaba, y lo anuncia en el entorno; sin rayos X, no hace nada."""
    with suppress(XrayError):  # switched off by OTEL_SDK_DISABLED: the servers run all the same
        collector.invite()
