"""Texts about reading files."""

from gis_core.texts.catalogue import Text

TEXTS: dict[str, Text] = {}
