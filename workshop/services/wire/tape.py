"""Una cinta: los primeros bytes que pasaron en una dirección, y cuántos fueron en total."""

from typing import Any

KEPT = 64 * 1024


class Tape:
    """Los primeros bytes de una dirección, y cuántos pasaron en total."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.total = 0

    def write(self, data: Any) -> None:
        """Anota los bytes que acaban de pasar."""
        seen = memoryview(data).cast("B")
        self.kept += seen[: max(0, KEPT - len(self.kept))]
        self.total += len(seen)

    def __bytes__(self) -> bytes:
        return bytes(self.kept)
