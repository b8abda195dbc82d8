"""Chooses the backend before any test of this folder imports Keras."""

from bakeoff.models import backend as backend
