"""Texts about coordinates and shapes."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {}
