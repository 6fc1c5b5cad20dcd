"""El certificado de un gateway: una autoridad de juguete, en la que nadie confía hasta que se le dice."""

from functools import cached_property
from pathlib import Path
from typing import Any


class Certificate:
    """Una autoridad y un certificado suyo para esta máquina; sus archivos viven en la carpeta del gateway."""

    @cached_property
    def _authority(self) -> Any:
        import trustme

        return trustme.CA()

    @cached_property
    def _issued(self) -> Any:
        return self._authority.issue_cert("127.0.0.1", "localhost")

    def authority(self, folder: Path) -> Path:
        """El archivo con el certificado de la autoridad."""
        path = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(str(path))
        return path

    def files(self, folder: Path) -> tuple[Path, Path]:
        """El archivo con la cadena y el de la llave privada, que solo lee su dueño."""
        chain, key = folder / "chain.pem", folder / "key.pem"
        if not key.exists():
            key.touch(mode=0o600)
            self._issued.private_key_pem.write_to_path(str(key))
            chain.write_bytes(b"".join(blob.bytes() for blob in self._issued.cert_chain_pems))
        return chain, key
