"""La revisión de las piezas del taller."""
