"""El tramo de red ante un servidor, que puede ser lento o cortarse."""
