"""El gateway Caddy: a quién reparte, cómo, y sin cerrar la puerta."""
