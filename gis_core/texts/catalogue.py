"""A catalogue of texts in English and Chinese."""

from collections.abc import Mapping
from typing import Any

Text = tuple[str, str]
"""The same sentence in English and in Chinese; ``{name}`` stands for a parameter."""


class Catalogue(dict[str, Text]):
    """Texts by key."""

    def say(self, key: str, locale: str, /, **params: Any) -> str:
        """The text of ``key`` in ``locale`` (anything but ``"zh"`` reads English) with its parameters filled in."""
        english, chinese = self[key]
        return (chinese if locale == "zh" else english).format_map(_Values(params))


class _Unknown:
    """Shows as ``?`` in any format."""

    def __format__(self, spec: str) -> str:
        return "?"

    def __repr__(self) -> str:
        return "?"


class _Values(dict[str, Any]):
    """A parameter that is missing or ``None`` shows as ``?``: a message about a fault must not be a fault itself."""

    def __getitem__(self, key: str) -> Any:
        value = self.get(key)
        return _Unknown() if value is None else value


def catalogue(*parts: Mapping[str, Text]) -> Catalogue:
    """Join texts into one catalogue; a key given twice is a programming error.

    Raises
    ------
    KeyError
        When two parts share a key.
    """
    joined = Catalogue()
    for part in parts:
        if shared := joined.keys() & part.keys():
            raise KeyError(min(shared))
        joined.update(part)
    return joined
