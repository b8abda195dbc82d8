"""A package of its own, since some statistics packages install one that is called `tests` too."""
