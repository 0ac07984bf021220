"""What the page of hot spots shows: every method asked once for each choice that the page offers."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from api.hotspot_periods import (
    BANDWIDTH_M,
    USUAL,
    WEEK,
    WEEKS,
    Chosen,
    Span,
    chosen_days,
    period_of,
    steps_of,
    until_of,
)
from api.hotspot_questions import DAYS, Question, Written, method_of, question_of
from api.hotspots import FRESH_ON_PAGES
from api.hotspots import Hotspots as Kept
from api.patrolling import EPOCH, Patrolling
from gis_core.errors import GisError
from gis_core.hotspots.answers_heat import spread
from gis_core.hotspots.answers_scan import DAYS as DAYS_OF_ALARM
from gis_core.hotspots.asking import PER, Answer
from layers.store import Store
from map_ui.data import Hotspots, MapData
from map_ui.hotspots import Step, pictured

FEWEST_CELLS, MOST_LEVELS = 8, 2
"""Cells a level needs to be offered, since few cells have no usual rate, and how many levels are, the lowest first."""
NOTHING = Hotspots(answers={}, spans={})
Key = tuple[str, ...]
Reading = Callable[[], AbstractContextManager[Store]]
"""Opens the store for as long as something is read, as far as the reader may see."""


@dataclass(frozen=True)
class _Page:
    """The questions of a page.

    Parameters
    ----------
    period
        First and last local day of what is shown.
    whole, first
        The last local day that is over, and that of the oldest report.
    levels
        Levels of the grids to count by.
    streets
        What is known of patrol; ``None`` where nothing is.
    """

    period: Span
    whole: dt.date
    first: dt.date
    levels: tuple[str, ...]
    streets: Patrolling | None

    @property
    def spans(self) -> dict[str, Span]:
        """First and last local day of every question."""
        since, until = self.period
        begin = self.whole - (WEEK * WEEKS - 1) * DAYS
        before = until_of(since - DAYS, (until - since).days + 1)
        spans = {"now": self.period, "emerging": (begin, self.whole), "clusters": self.period}
        # Beside days of which nothing is known everything would look new.
        spans |= {"before": before} if self.first <= before[1] else {}
        if self.streets is not None:
            first, last = max(since, self.streets.first), min(until, self.streets.last)
            spans |= {"patrol": (first, last)} if first <= last else {}
        steps = {str(nth): span for nth, span in enumerate(steps_of(self.period)[1])}
        following = (until + DAYS, until + 2 * WEEK * DAYS)
        return spans | steps | {"scan": until_of(until, DAYS_OF_ALARM), "forecast": following}

    def questions(self) -> Iterator[tuple[Key, str, Written]]:
        """Each with its key and its method."""
        spans = self.spans
        for name in ("now", "before"):
            if name in spans:
                yield ("surface", name), "surface", _written(spans[name])._replace(bandwidth_m=BANDWIDTH_M)
        for level in self.levels:
            for per in PER:
                for name in ("patrol",) if per == "patrol" else ("now", "before"):
                    if name in spans:
                        told = _written(spans[name])._replace(support=level, per=per)
                        yield ("significance", level, per, name.replace("patrol", "now")), "significance", told
            yield ("emerging", level), "emerging", _written(spans["emerging"])._replace(support=level, step_days=WEEK)
        yield ("scan",), "scan", _written(spans["scan"])._replace(support=self.levels[0])
        yield ("clusters",), "clusters", _written(spans["clusters"])
        yield ("forecast",), "forecast", Written(until=self.period[1].isoformat())


@dataclass(frozen=True, eq=False)
class Planned:
    """What is to be answered for a page; for that no store need be open.

    Parameters
    ----------
    key
        Everything that the answers depend on.
    questions
        By the page's key the method and the question, or why it cannot be asked.
    steps
        The questions of each step of time.
    streets
        What is known of patrol.
    position
        The batch of events that the answers are of.
    """

    key: tuple[object, ...]
    spans: Mapping[str, Span]
    first: dt.date
    step_days: int
    days: int | None
    questions: Mapping[Key, tuple[str, Question] | GisError]
    steps: tuple[Question, ...]
    streets: Patrolling | None
    position: int
    srid: int


def planned(
    data: MapData, store: Store, kept: Kept, streets: Patrolling | None, now: dt.datetime, chosen: Chosen = USUAL
) -> Planned | None:  # fmt: skip
    """What there is to be asked in the store's scope; ``None`` where there are no grids, or no reports.

    Parameters
    ----------
    data
        Of the page, with its grids.
    streets
        What is known of patrol; ``None`` where nothing is.
    chosen
        The period as the address says it.

    Raises
    ------
    InvalidInput
        When there is no such period.
    """
    grids, oldest, reported = data.frame("grids"), store.first_report(), store.last_report()
    if not len(grids) or oldest is None or reported is None:
        return None
    today, first, last = (one.astimezone(store.city.zone).date() for one in (now, oldest, reported))
    newest, cells = min(last, today), grids["level"].value_counts().to_dict()
    page = _page(store, cells, streets, period_of(chosen, newest, today), first, today)
    # Each report would have every answer of the page made again.
    state = store.scope.present
    position = kept.position(state.position, now, FRESH_ON_PAGES)
    spans, patrolled = page.spans, None if page.streets is None else page.streets.key
    key = (state.version, state.revision, position, patrolled, store.scope.sight.key, page.period, page.whole,
           first, newest)  # fmt: skip
    questions = {one: _question(store, method, told, now, page.streets) for one, method, told in page.questions()}
    step_days, steps = steps_of(page.period)
    heat = method_of("surface")
    asked = tuple(question_of(store, heat, _written(span)._replace(bandwidth_m=BANDWIDTH_M), now) for span in steps)
    return Planned(
        key, spans, first, step_days, chosen_days(page.period, newest), questions, asked, page.streets, position,
        store.city.metric_srid,
    )  # fmt: skip


def made(plan: Planned | None, kept: Kept, reading: Reading) -> Hotspots:
    """The answers of a page, and its pictures: each is read by itself, and worked out when the store is left."""
    if plan is None:
        return NOTHING
    known = kept.pages.get(plan.key)
    if known is not None:
        return known
    answers = {key: _answer(plan, kept, reading, asked) for key, asked in plan.questions.items()}
    steps = [_step(kept, reading, question) for question in plan.steps]
    bare, pictures = pictured(answers, steps, plan.srid)
    found = Hotspots(
        answers=bare, spans=plan.spans, pictures=pictures, first=plan.first, step_days=plan.step_days, days=plan.days
    )
    kept.pages.put(plan.key, found, _bytes_of(found))
    return found


def _page(
    store: Store, cells: dict[str, int], streets: Patrolling | None, period: Span, first: dt.date,
    today: dt.date,
) -> _Page:  # fmt: skip
    order = [level.name for level in reversed(store.city.levels) if cells.get(level.name)]
    offered = [name for name in order if cells[name] >= FEWEST_CELLS] or order[:1]
    known = streets if streets is not None and streets.last != EPOCH else None
    # A step that is not over yet would look like a fall.
    whole = period[1] - DAYS if period[1] == today else period[1]
    return _Page(period, whole, first, tuple(offered[:MOST_LEVELS]), known)


def _question(
    store: Store, method: str, written: Written, now: dt.datetime, streets: Patrolling | None
) -> tuple[str, Question] | GisError:  # fmt: skip
    """The question, or why it cannot be asked."""
    try:
        return method, question_of(store, method_of(method), written, now, streets if written.per == "patrol" else None)
    except GisError as fault:
        return fault


def _answer(plan: Planned, kept: Kept, reading: Reading, asked: tuple[str, Question] | GisError) -> Answer | GisError:
    """The answer, or why there is none."""
    if isinstance(asked, GisError):
        return asked
    method, question = asked
    streets = plan.streets if question.per == "patrol" else None
    try:
        with reading() as store:
            key = kept.key(store, method, question, streets, plan.position)
            found = kept.known(key)
            counted = None if found is not None else kept.counted(store, method, question, streets)
        if counted is not None:
            found = kept.keep(key, counted)
    except GisError as fault:
        return fault
    assert found is not None
    return found.answer


def _step(kept: Kept, reading: Reading, question: Question) -> Step:
    """Heat of a step of time, of which only the picture is kept."""
    with reading() as store:
        counted = kept.counted(store, "surface", question, None)
    return spread(question.asked, counted.given)


def _bytes_of(found: Hotspots) -> int:
    """About what a page takes: what frames refer to is that of the areas, which are kept anyway."""
    frames = sum(int(one.features.memory_usage().sum()) for one in found.answers.values() if isinstance(one, Answer))
    return frames + sum(len(one["png"]) for one in found.pictures.values())


def _written(span: Span) -> Written:
    first, last = span
    return Written(since=first.isoformat(), until=last.isoformat())
