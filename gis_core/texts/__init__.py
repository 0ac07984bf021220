"""What GridWarden says when it refuses, rejects or explains, in English and Chinese, found by key."""

from gis_core.texts import (
    assignment,
    checker,
    city,
    doors,
    files,
    geometry,
    hotspots,
    hotspots_methods,
    hotspots_surface,
    partitions,
    patrol,
    people,
    plans,
    proposals,
    repeats,
    store,
    visits,
    ways,
)
from gis_core.texts.catalogue import Catalogue, Text, catalogue

TEXTS = catalogue(
    city.TEXTS,
    geometry.TEXTS,
    files.TEXTS,
    store.TEXTS,
    visits.TEXTS,
    proposals.TEXTS,
    plans.TEXTS,
    assignment.TEXTS,
    doors.TEXTS,
    partitions.TEXTS,
    people.TEXTS,
    patrol.TEXTS,
    hotspots.TEXTS,
    hotspots_methods.TEXTS,
    hotspots_surface.TEXTS,
    repeats.TEXTS,
    ways.TEXTS,
    checker.TEXTS,
)

__all__ = ["TEXTS", "Catalogue", "Text", "catalogue"]
