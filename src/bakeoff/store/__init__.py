"""Records and arrays on disk, content-addressed and atomic."""

from bakeoff.store.addresses import Cell, cells_of
from bakeoff.store.store import Store, open_store

__all__ = ["Cell", "Store", "cells_of", "open_store"]
