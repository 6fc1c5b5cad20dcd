"""El cable: los bytes que van y vienen, con nombre."""
