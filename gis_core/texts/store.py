"""Texts about what is stored."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {}
