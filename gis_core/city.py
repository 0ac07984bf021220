"""The city as it is configured: name, clock, coordinate systems and the ordered grid levels."""

import re
from collections.abc import Collection, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gis_core.crs import check_datum, is_metric
from gis_core.errors import InvalidInput
from gis_core.frontage.rules import StripRules
from gis_core.patrol.rules import FOUR_A_DAY, PatrolRules, Quota

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
    door_duties
        What shops answer for before their doors, unless an agreement says otherwise: items as in a contract's duties.
    plate_red_from, plate_blue_from
        From which monthly score on a plate is red or blue; below it is yellow.
    notice_days
        For how long a notice counts: a third one within it is a case.
    strips
        How front-of-door strips are drawn.
    patrol
        How backstreets are patrolled.
    quotas
        How often places are to be visited, one for each type.
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
    door_duties: tuple[str, ...] = ("tag:door",)
    plate_red_from: float = 90.0
    plate_blue_from: float = 75.0
    notice_days: int = 90
    strips: StripRules = field(default_factory=StripRules)
    patrol: PatrolRules = field(default_factory=PatrolRules)
    quotas: tuple[Quota, ...] = FOUR_A_DAY

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InvalidInput(
                "city_field", field="timezone", value=self.timezone, expected="an IANA zone such as Asia/Shanghai"
            ) from None
        object.__setattr__(self, "datum", check_datum(self.datum))
        checks = {
            "name": (bool(self.name.strip()), "a name"),
            "metric_srid": (is_metric(self.metric_srid), "EPSG code of a projected CRS in metres, such as 4545"),
            "scheme": (bool(self.scheme.strip()), "a category scheme"),
            "locale": (self.locale in LOCALES, " or ".join(LOCALES)),
            "level": (1 <= len(self.levels) <= MAX_LEVELS, f"1 to {MAX_LEVELS} levels"),
            "level.name": (len({level.name for level in self.levels}) == len(self.levels), "distinct names"),
            "quota.type": (len({quota.type for quota in self.quotas}) == len(self.quotas), "distinct types"),
            "grid_tolerance_m": (0 <= self.grid_tolerance_m <= 1000, "0 to 1000 metres"),
            "plate_blue_from": (
                0 <= self.plate_blue_from <= self.plate_red_from <= 100,
                "0 to 100, at most red",
            ),
            "notice_days": (1 <= self.notice_days <= 3_660, "1 to 3660 days"),
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
        if unknown := sorted(set(document) - {"city", "strips", "patrol", "quota", "level"}):
            expected = "[city], [strips], [patrol], [[quota]], [[level]]"
            raise InvalidInput("city_field", field=unknown[0], value=document[unknown[0]], expected=expected)
        given = _fields(cls, document.get("city", {}), "city", omit=("levels", "strips", "patrol", "quotas"))
        given["strips"] = StripRules(**_fields(StripRules, document.get("strips", {}), "strips"))
        given["patrol"] = PatrolRules(**_listed(_fields(PatrolRules, document.get("patrol", {}), "patrol")))
        given = _listed(given)
        if tables := _tables(document, "level"):
            given["levels"] = tuple(Level(**_fields(Level, _titled(table), "level")) for table in tables)
        if "quota" in document:
            given["quotas"] = tuple(Quota(**_fields(Quota, table, "quota")) for table in _tables(document, "quota"))
        return cls(**given)

    def document(self) -> dict[str, Any]:
        """The document that :meth:`parse` makes this city of."""
        city = asdict(self)
        city["door_duties"] = list(self.door_duties)
        levels = [{**level, "title": dict(level.pop("titles"))} for level in city.pop("levels")]
        patrol = {name: list(one) if isinstance(one, tuple) else one for name, one in city.pop("patrol").items()}
        tables = {"strips": city.pop("strips"), "patrol": patrol, "quota": list(city.pop("quotas"))}
        return {"city": city, **tables, "level": levels}

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.timezone)

    def level(self, name: str) -> int:
        """Position of the level called ``name``, 0 being the top.

        Raises
        ------
        InvalidInput
            When the city has no such level.
        """
        for position, level in enumerate(self.levels):
            if level.name == name:
                return position
        raise InvalidInput("level_unknown", value=name, expected=", ".join(level.name for level in self.levels))


def _tables(document: Mapping[str, Any], name: str) -> list[Any]:
    tables = document.get(name, [])
    if not isinstance(tables, list):
        raise InvalidInput("city_field", field=name, value=tables, expected=f"[[{name}]] tables")
    return tables


def _listed(given: dict[str, Any]) -> dict[str, Any]:
    """With lists as the tuples they are kept as."""
    return {name: tuple(one) if isinstance(one, list) else one for name, one in given.items()}


def _titled(table: Any) -> Any:
    """A level's table with its ``title`` under the name of our field."""
    if not isinstance(table, Mapping) or "title" not in table:
        return table
    return {**{name: value for name, value in table.items() if name != "title"}, "titles": table["title"]}


def _fields(
    made: type[City | Level | StripRules | PatrolRules | Quota], table: Any, where: str, omit: Collection[str] = ()
) -> dict[str, Any]:
    """The table of a document, if it has every field it needs, no other, and each of its kind."""
    if not isinstance(table, Mapping):
        raise InvalidInput("city_field", field=where, value=table, expected="a table")
    allowed = {field.name: field for field in fields(made) if field.name not in omit}
    needed = {name for name, one in allowed.items() if one.default is MISSING and one.default_factory is MISSING}
    for name in sorted({*table, *needed}):
        expected = ", ".join(sorted(allowed)) if name not in allowed else _expected(allowed[name].type, table.get(name))
        if expected:
            raise InvalidInput("city_field", field=f"{where}.{name}", value=table.get(name, ""), expected=expected)
    return dict(table)


def _expected(kind: Any, value: Any) -> str:
    """What a field of this kind expects, where ``value`` is something else; else nothing."""
    if kind is str:
        return "" if isinstance(value, str) else "text"
    if kind is bool:
        return "" if isinstance(value, bool) else "true or false"
    if kind in (int, float):
        number = isinstance(value, int | kind) and not isinstance(value, bool)
        return "" if number else "a whole number" if kind is int else "a number"
    if kind == tuple[str, ...]:
        return "" if isinstance(value, list) and all(isinstance(one, str) for one in value) else "a list of texts"
    if kind == Mapping[str, float]:
        numbers = isinstance(value, Mapping) and not any(_expected(float, one) for one in value.values())
        return "" if numbers else "a table of numbers"
    texts = isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values())
    return "" if texts else "a table of texts by language"
