"""What the product says to people, in English and Chinese, found by key."""

from collections.abc import Mapping
from typing import Any

Text = tuple[str, str]
"""The same sentence in English and in Chinese; ``{name}`` stands for a parameter."""


class Catalogue(dict[str, Text]):
    """Texts by key."""

    def say(self, key: str, locale: str, **params: Any) -> str:
        """The text of ``key`` in ``locale`` (anything but ``"zh"`` reads English) with its parameters filled in."""
        english, chinese = self[key]
        return (chinese if locale == "zh" else english).format_map(_Values(params))


class _Values(dict[str, Any]):
    """A missing parameter shows as ``?``: a message about a fault must not be a fault itself."""

    def __missing__(self, key: str) -> str:
        return "?"


def catalogue(*parts: Mapping[str, Text]) -> Catalogue:
    """Join texts into one catalogue."""
    return Catalogue({key: text for part in parts for key, text in part.items()})


CITY: dict[str, Text] = {
    "city_field": (
        "city file: {field} is {value!r}; expected {expected}",
        "城市文件：{field} 的值为 {value!r}；应为 {expected}",
    ),
    "level_unknown": ("there is no grid level {value!r}; expected one of: {expected}", "没有网格层级 {value!r}；可用：{expected}"),
}

TEXTS = catalogue(CITY)
