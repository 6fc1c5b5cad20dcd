"""Con qué ajustes corre un PostgreSQL del taller: pocos recursos, sin red y pronto para replicar."""

from pathlib import Path
from urllib.parse import urlencode

USER = DATABASE = "comanda"
PORT = "5432"  # only names its socket: it listens on no port. Said always, since PGPORT would change it
_EVERYWHERE = {
    "port": PORT,
    "listen_addresses": "",
    "unix_socket_permissions": "0777",  # in a folder that only its owner enters
    # A killed server loses nothing for it, only a machine without power; and its data are thrown away.
    "fsync": "off",
    "shared_buffers": "16MB",
    "huge_pages": "off",
    "jit": "off",
    "max_wal_size": "128MB",
    # What replication needs, from the first start: pg_rewind, and a standby that was away for a while.
    "wal_log_hints": "on",
    "wal_keep_size": "128MB",
    "wal_retrieve_retry_interval": "100ms",
    "wal_receiver_status_interval": "1s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_checkpoints": "off",
}


def settings_of(major: int, place: Path) -> dict[str, str]:
    """Los ajustes de un servidor de esa versión mayor que deja su socket en `place`."""
    # PostgreSQL 18 would start three more processes for a disk that is not slow here.
    modern = {"io_method": "sync"} if major >= 18 else {}
    return {**_EVERYWHERE, **modern, "unix_socket_directories": str(place)}


def text_of(settings: dict[str, str]) -> str:
    """Los ajustes como los lee `postgresql.conf`."""
    return "".join(f"{name} = {quoted(value)}\n" for name, value in settings.items())


def quoted(value: str) -> str:
    """El valor entre comillas simples, como lo quieren `postgresql.conf` y las cadenas de conexión."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def address(password: str, *places: Path, **options: str) -> str:
    """La dirección de SQLAlchemy de los servidores que tienen ahí su socket: se prueba en ese orden."""
    hosts, ports = ",".join(map(str, places)), ",".join(PORT for _ in places)
    asked = urlencode({"host": hosts, "port": ports, **options})
    return f"postgresql+psycopg://{USER}:{password}@/{DATABASE}?{asked}"
