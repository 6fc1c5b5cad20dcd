"""Lo que se ve: la revisión, la consola, las páginas, los paneles vivos y los dibujos de lo medido."""
