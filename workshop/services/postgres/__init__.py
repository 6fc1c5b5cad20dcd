"""El servidor PostgreSQL: solo, en grupo con réplicas, prestado o externo."""
