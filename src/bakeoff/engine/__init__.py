"""Fit one model on one split with one seed, fast, and hand back everything that can be judged about it."""
