"""Las aplicaciones: servidas dentro del kernel o en réplicas, cada una en su proceso."""
