"""El servidor Redis o Valkey: el propio de un kernel, el prestado por él y el externo."""
