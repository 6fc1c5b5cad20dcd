"""Las colas de tareas y quienes las atienden."""
