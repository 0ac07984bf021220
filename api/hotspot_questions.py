"""Questions about hot spots as people write them, read or refused."""

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from api.instants import parse_day, sensible
from api.patrolling import EPOCH, Patrolling
from gis_core.city import City
from gis_core.errors import InvalidInput, NotFound
from gis_core.hotspots.answers_scan import DAYS as DAYS_OF_ALARM
from gis_core.hotspots.asking import PER, Asked
from gis_core.hotspots.emerging import FEWEST_STEPS
from gis_core.hotspots.methods import METHODS, Method
from layers.asking import boxes_of
from layers.boxes import Box
from layers.store import Store

DAYS = dt.timedelta(days=1)
GRID, LATTICE, SEGMENT, STRIP = "grid", "lattice", "segment", "strip"
KINDS = ("component", "matter")
BANDWIDTHS_M, CELLS_M, HALFLIVES_DAYS, STEPS_DAYS = (10.0, 5_000.0), (10.0, 10_000.0), (1.0, 3_650.0), (1, 366)
"""Between which bounds, both included, a question may choose."""
MOST_DAYS, MOST_STEPS = 3_660, 520
WRITTEN_DAY = "YYYY-MM-DD"
USUAL_DAYS = {"emerging": 84, "scan": DAYS_OF_ALARM, "forecast": 70}
"""Local days up to the newest report that methods look at; others at :data:`DAYS_LOOKED_AT`."""
DAYS_LOOKED_AT = 30
STEPS_OF_PATROL = 2
"""Days of a step where counts are compared with patrol: ten steps must be within the thirty days that are kept."""
WHOLE_STEPS = ("emerging",)
"""Methods of which no step may be still going on."""


class Written(NamedTuple):
    """A question as it was written; what is not said is as the method usually has it.

    Parameters
    ----------
    since, until
        Local days, both included.
    support, per
        Units, and what counts are compared with.
    category, kind
        Codes of categories, and ``component`` or ``matter``, several with commas between.
    bandwidth_m, cell_m, halflife_days, step_days
        As in :class:`gis_core.hotspots.asking.Asked`.
    bbox
        West, south, east and north in degrees.
    problems
        Whether repeats of a report are left out.
    """

    since: str | None = None
    until: str | None = None
    support: str | None = None
    per: str | None = None
    category: str | None = None
    kind: str | None = None
    bandwidth_m: float | None = None
    cell_m: float | None = None
    halflife_days: float | None = None
    step_days: int | None = None
    bbox: str | None = None
    problems: bool = False


@dataclass(frozen=True)
class Question:
    """A question about hot spots that can be asked.

    Parameters
    ----------
    since, until
        Local days, both included.
    support
        ``lattice``, a level of the grids, ``segment`` or ``strip``; ``None`` of methods on points.
    per
        One of :data:`gis_core.hotspots.asking.PER`.
    categories, kinds
        Reports of these alone; none: of all.
    bbox
        Only features that touch it are told; what they say is of the whole area.
    problems
        Whether repeats of a report are left out.
    """

    since: dt.date
    until: dt.date
    support: str | None = None
    per: str = "none"
    categories: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    bandwidth_m: float = 150.0
    cell_m: float = 100.0
    halflife_days: float | None = None
    step_days: int = 7
    bbox: Box | None = None
    problems: bool = False

    @property
    def asked(self) -> Asked:
        """The question as methods are asked it."""
        first, last = ((day - EPOCH).days for day in (self.since, self.until))
        return Asked(first, last, self.support or LATTICE, self.per, self.bandwidth_m, self.cell_m,
                     self.halflife_days, self.step_days)  # fmt: skip


def method_of(name: str) -> Method:
    """A method by its name.

    Raises
    ------
    NotFound
        When there is none.
    """
    if name not in METHODS:
        raise NotFound("hotspot_method", field="method", value=name[:100], expected=", ".join(METHODS))
    return METHODS[name]


def supports_of(method: Method, city: City) -> tuple[str, ...]:
    """The units a method may count by in a city, the lowest grids before those above them."""
    levels = [level.name for level in reversed(city.levels)]
    return tuple(name for one in method.supports for name in (levels if one == GRID else [one]))


def needs_streets(method: Method, support: str | None, per: str | None) -> bool:
    """Whether a question needs what is known of patrol and its streets."""
    return method.needs == "streets" or support == SEGMENT or per == "patrol"


def question_of(
    store: Store, method: Method, written: Written, now: dt.datetime, streets: Patrolling | None = None
) -> Question:
    """Read a question.

    Parameters
    ----------
    now
        No day after this moment's can be asked for.
    streets
        What is known of patrol, where :func:`needs_streets`.

    Raises
    ------
    InvalidInput
        When something cannot be asked for; it names the field, its value and what was expected. When counts are to be
        compared with patrol and there is none.
    """
    supports = supports_of(method, store.city)
    if written.support is not None and not supports:
        raise refused("support", written.support, "–")
    support = _one_of("support", written.support, supports) if supports else None
    per = _one_of("per", written.per, method.per or PER[:1]) or PER[0]
    if support == STRIP and per == "patrol":
        raise refused("per", per, ", ".join(one for one in method.per if one != "patrol"))
    if per == "patrol" and streets is not None and streets.last == EPOCH:
        raise InvalidInput("hotspot_unpatrolled", field="per", value=per)
    usual_days = STEPS_OF_PATROL if per == "patrol" else 7
    step_days = int(_between("step_days", written.step_days, usual_days, STEPS_DAYS))
    since, until = _window(store, method, written, now, streets if per == "patrol" else None, step_days)
    if method.steps == "days" and per == "none" and (until - since).days >= DAYS_OF_ALARM:
        raise refused("since", since, f"≥ {until - (DAYS_OF_ALARM - 1) * DAYS}")
    return Question(
        since, until, support, per, _codes(written.category), _kinds(written.kind),
        bandwidth_m=float(round(_between("bandwidth_m", written.bandwidth_m, 150.0, BANDWIDTHS_M))),
        cell_m=float(round(_between("cell_m", written.cell_m, 100.0, CELLS_M))),
        halflife_days=None if written.halflife_days is None
        else _between("halflife_days", written.halflife_days, 0.0, HALFLIVES_DAYS),
        step_days=step_days, bbox=box_of(written.bbox), problems=written.problems,
    )  # fmt: skip


def refused(field: str, value: object, expected: str) -> InvalidInput:
    """That a parameter cannot be."""
    return InvalidInput("parameter_invalid", field=field, value=str(value)[:100], expected=expected)


def _window(
    store: Store, method: Method, written: Written, now: dt.datetime, patrols: Patrolling | None, step_days: int
) -> tuple[dt.date, dt.date]:
    zone = store.city.zone
    today = now.astimezone(zone).date()
    since, until = (day_of(name, getattr(written, name), today) for name in ("since", "until"))
    if until is None:
        newest = store.last_report()
        until = min(newest.astimezone(zone).date() if newest else today, today)
        if method.name in WHOLE_STEPS and until == today:
            until -= DAYS
        until = until if patrols is None else max(min(until, patrols.last), patrols.first)
        until = max(until, since) if since else until
    days = USUAL_DAYS.get(method.name, DAYS_LOOKED_AT)
    first = until - (days - 1) * DAYS if since is None else since
    if since is None and patrols is not None:
        first = max(first, patrols.first)
    if first > until:
        raise refused("since", first, f"≤ {until}")
    if patrols is not None and not patrols.first <= first <= until <= patrols.last:
        wrong = ("since", first) if first < patrols.first else ("until", until)
        raise refused(*wrong, f"{patrols.first} – {patrols.last}")
    if (until - first).days >= MOST_DAYS:
        raise refused("since", first, f"≥ {until - (MOST_DAYS - 1) * DAYS}")
    return _in_steps(method, first, until, step_days)


def _in_steps(method: Method, first: dt.date, until: dt.date, step_days: int) -> tuple[dt.date, dt.date]:
    """The same without the days before the first whole step, of methods that look at steps."""
    if method.name not in WHOLE_STEPS:
        return first, until
    steps = ((until - first).days + 1) // step_days
    if steps < FEWEST_STEPS:
        raise InvalidInput("hotspot_steps", field="since", found=steps, expected=FEWEST_STEPS)
    if steps > MOST_STEPS:
        raise refused("step_days", step_days, f"≤ {MOST_STEPS} × step_days")
    return until - (steps * step_days - 1) * DAYS, until


def day_of(field: str, written: str | None, today: dt.date) -> dt.date | None:
    """A local day that is not to come; none where none is said.

    Raises
    ------
    InvalidInput
        When it is no such day.
    """
    if written is None:
        return None
    try:
        day = sensible(parse_day(written))
    except InvalidInput:
        raise refused(field, written, WRITTEN_DAY) from None
    if day > today:
        raise refused(field, written, f"≤ {today}")
    return day


def _one_of(field: str, written: str | None, choices: tuple[str, ...]) -> str:
    if written is not None and written == GRID and field == "support":
        written = next((one for one in choices if one not in (LATTICE, SEGMENT, STRIP)), written)
    if written is not None and written not in choices:
        raise refused(field, written, ", ".join(choices))
    return written or choices[0]


def _between(field: str, written: float | None, usual: float, bounds: tuple[float, float]) -> float:
    if written is None:
        return usual
    if not bounds[0] <= written <= bounds[1]:
        raise refused(field, written, " – ".join(f"{bound:g}" for bound in bounds))
    return written


def _codes(written: str | None) -> tuple[str, ...]:
    return tuple(sorted({one.strip() for one in (written or "").split(",") if one.strip()}))


def _kinds(written: str | None) -> tuple[str, ...]:
    kinds = _codes(written)
    for kind in kinds:
        if kind not in KINDS:
            raise refused("kind", kind, ", ".join(KINDS))
    return kinds


def box_of(written: str | None) -> Box | None:
    """A box with an inside; none crosses the date line here."""
    if written is None:
        return None
    boxes = boxes_of(written)
    west, south, east, north = boxes[0]
    if len(boxes) > 1 or not (west < east and south < north):
        raise refused("bbox", written, "west,south,east,north")
    return boxes[0]
