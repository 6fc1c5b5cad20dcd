"""La carga acotada: un proceso que pide sin parar y lleva la cuenta."""
