"""Texts about the assignment of issues."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {}
