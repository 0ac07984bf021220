"""The city as it is configured: name, clock, coordinate systems and the ordered grid levels."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gis_core.errors import InvalidInput

LOCALES = ("zh", "en")
DEFAULT_SCHEME = "GB/T 47678.5-2026"
MAX_LEVELS = 6
"""The issue table has one grid column per level, ``grid_1`` … ``grid_6``."""


@dataclass(frozen=True, kw_only=True)
class Level:
    """One level of the grid tree.

    Parameters
    ----------
    name
        Name used in files and on the command line, for example ``"community"``.
    titles
        What people read, by locale.
    code
        Regular expression a code of this level matches in full.
    nests
        Whether cells must lie inside one cell of the level above. ``False`` turns the
        findings about nesting into warnings.
    """

    name: str
    titles: Mapping[str, str] = field(default_factory=dict)
    code: str = r".+"
    nests: bool = True

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise InvalidInput("city_field", field="level.name", value=self.name, expected="a-z, 0-9, _")
        try:
            re.compile(self.code)
        except re.error as fault:
            raise InvalidInput(
                "city_field", field=f"level.{self.name}.code", value=self.code, expected=str(fault)
            ) from None

    def title(self, locale: str) -> str:
        """The level's name for people, falling back to its file name."""
        return self.titles.get(locale, self.name)

    def accepts(self, code: str) -> bool:
        """Whether ``code`` has the form of this level."""
        return re.fullmatch(self.code, code) is not None


DEFAULT_LEVELS = (
    Level(name="district", titles={"zh": "区县", "en": "district"}, code=r"\d{6}"),
    Level(name="subdistrict", titles={"zh": "街道", "en": "subdistrict"}, code=r"\d{9}"),
    Level(name="community", titles={"zh": "社区", "en": "community"}, code=r"\d{12}"),
    Level(name="responsibility", titles={"zh": "责任网格", "en": "responsibility grid"}, code=r"\d{14}"),
    Level(name="unit", titles={"zh": "单元网格", "en": "unit grid"}, code=r"\d{15}"),
)
"""District > subdistrict 街道 > community 社区 > responsibility grid > unit grid (15 digits)."""


@dataclass(frozen=True, kw_only=True)
class City:
    """One city, which is one database.

    Parameters
    ----------
    metric_srid
        EPSG code of the projected CRS in metres in which distances are measured.
    datum
        Coordinate system assumed for files that declare none: ``wgs84``, ``cgcs2000``,
        ``gcj02``, ``bd09`` or ``EPSG:n``.
    levels
        Grid levels from the top down; the last is the lowest.
    grid_tolerance_m
        How far outside every lowest grid an issue may lie and still be given to the nearest.
    street_limit_m
        How far the nearest street may be to be named.
    """

    name: str
    timezone: str
    metric_srid: int
    datum: str = "wgs84"
    scheme: str = DEFAULT_SCHEME
    locale: str = "zh"
    levels: tuple[Level, ...] = DEFAULT_LEVELS
    grid_tolerance_m: float = 30.0
    street_limit_m: float = 100.0

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise InvalidInput(
                "city_field", field="timezone", value=self.timezone, expected="an IANA zone such as Asia/Shanghai"
            ) from None
        checks = {
            "name": (bool(self.name.strip()), "a name"),
            "locale": (self.locale in LOCALES, " or ".join(LOCALES)),
            "level": (1 <= len(self.levels) <= MAX_LEVELS, f"1 to {MAX_LEVELS} levels"),
            "level.name": (len({level.name for level in self.levels}) == len(self.levels), "distinct names"),
            "grid_tolerance_m": (0 <= self.grid_tolerance_m <= 1000, "0 to 1000 metres"),
            "street_limit_m": (0 < self.street_limit_m <= 10_000, "more than 0, at most 10000 metres"),
        }
        for name, (fits, expected) in checks.items():
            if not fits:
                raise InvalidInput("city_field", field=name, value=getattr(self, name, "?"), expected=expected)

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> "City":
        """Build a city from a parsed TOML document with a ``[city]`` table and ``[[level]]`` tables.

        Raises
        ------
        InvalidInput
            When a field is unknown, missing or outside its domain.
        """
        given = dict(document.get("city") or {})
        levels = [dict(level) for level in document.get("level") or ()]
        _only(given, set(cls.__dataclass_fields__) - {"levels"}, {"name", "timezone", "metric_srid"}, "city")
        for level in levels:
            if "title" in level:
                level["titles"] = level.pop("title")
            _only(level, set(Level.__dataclass_fields__), {"name"}, "level")
        if levels:
            given["levels"] = tuple(Level(**level) for level in levels)
        return cls(**given)

    def document(self) -> dict[str, Any]:
        """The document that :meth:`parse` makes this city of."""
        fields = asdict(self)
        levels = [{**level, "title": dict(level.pop("titles"))} for level in fields.pop("levels")]
        return {"city": fields, "level": levels}

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.timezone)

    def level(self, name: str) -> int:
        """Position of the level called ``name``, 0 being the top.

        Raises
        ------
        NotFound
            When the city has no such level.
        """
        for position, level in enumerate(self.levels):
            if level.name == name:
                return position
        raise InvalidInput("level_unknown", value=name, expected=", ".join(level.name for level in self.levels))


def _only(given: Mapping[str, Any], allowed: set[str], required: set[str], where: str) -> None:
    if unknown := sorted(set(given) - allowed):
        raise InvalidInput(
            "city_field", field=f"{where}.{unknown[0]}", value=given[unknown[0]], expected=", ".join(sorted(allowed))
        )
    if missing := sorted(required - set(given)):
        raise InvalidInput("city_field", field=f"{where}.{missing[0]}", value="", expected="a value")
