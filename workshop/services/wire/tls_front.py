"""Una puerta con TLS delante de un servicio que habla en claro: la terminación de TLS."""

import ssl
from typing import Any, ClassVar

from workshop.services import registry
from workshop.services.errors import ServiceError
from workshop.services.local_url import where
from workshop.services.names import valid_name
from workshop.services.wire.passage import Ear, Passage


class TlsFront(Passage):
    """Recibe por HTTPS con un certificado y le habla en claro al servicio de detrás. Lo crea `tls_front`."""

    kind: ClassVar[str] = "puerta TLS"

    def __init__(self, api: Any, certificate: Any, name: str) -> None:
        super().__init__(api, name)
        self._scheme = "https"
        self._context = _present(certificate, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))

    def renew(self, certificate: Any) -> None:
        """Desde la próxima conexión se presenta con `certificate`; las que ya están abiertas siguen.

        Errores: `ServiceError` si no es un certificado de `trustme`.
        """
        _present(certificate, self._context)

    def lead_to(self, api: Any) -> None:
        """Desde la próxima conexión, detrás está `api`.

        Errores: `ServiceError` si no es un servicio ni una URL de esta máquina.
        """
        where(api)
        self._api = api

    def _tls(self) -> ssl.SSLContext:
        return self._context

    def _ear(self) -> Ear:
        return Ear()


def _present(certificate: Any, context: ssl.SSLContext) -> ssl.SSLContext:
    if not hasattr(certificate, "configure_cert"):
        raise ServiceError(
            "Se esperaba un certificado, como ca.issue_cert('localhost') de trustme; "
            f"llegó {type(certificate).__name__}."
        )
    certificate.configure_cert(context)
    return context


def tls_front(api: Any, certificate: Any, name: str = "puerta") -> TlsFront:
    """Pone una puerta con TLS delante de `api` y devuelve su manija: `.url` empieza con `https://`.

    - `api`: un servicio o una URL de esta máquina, que habla HTTP en claro.
    - `certificate`: uno de `trustme`, como `ca.issue_cert("localhost", "127.0.0.1")`.

    `.renew(otro)` cambia el certificado sin mudarse de dirección; ejecutar la celda otra vez, también.
    Errores: `ServiceError` si alguno no sirve.
    """
    known = registry.get(valid_name(name))
    if isinstance(known, TlsFront):
        known.lead_to(api)
        known.renew(certificate)
        return known.start()
    return TlsFront(api, certificate, name).start()
