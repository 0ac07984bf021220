"""What a map page is drawn from."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from gis_core.arrays import Ints
from gis_core.city import City
from gis_core.errors import GisError
from gis_core.hotspots.asking import Answer
from gis_core.hotspots.significance import Significance
from gis_core.impact import Impact
from gis_core.ledger import Ledger
from gis_core.references import FINDING_COLUMNS


def _no_findings() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns=[*FINDING_COLUMNS, "geometry"], geometry="geometry", crs=4326)


@dataclass(frozen=True, kw_only=True, eq=False)
class PatrolHeat:
    """Reports compared with patrol, by segment.

    Parameters
    ----------
    answer
        Of each unit: exposure in km·h of patrol.
    unit
        By edge of the network its row in the answer, -1 for none.
    since, until
        The window of both.
    elsewhere
        Reports on streets that are on no such segment.
    """

    answer: Significance
    unit: Ints
    since: dt.datetime
    until: dt.datetime
    elsewhere: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Patrolled:
    """What was walked of the streets that are to be patrolled.

    Parameters
    ----------
    segments
        Streets from crossing to crossing, lines in EPSG:4326: ``street``, ``name``, ``class``, ``from_m``, ``to_m``,
        ``length_m``, ``grid`` (the lowest), ``contractor``, ``age_h`` (of the freshest four fifths; NaN where there was
        nothing in 30 days), ``gap_h``, and for windows of 1, 3, 7, 14 and 30 days ``status_7``, ``visits_7``,
        ``share_7``.
    as_of
        The end of all windows.
    newest
        The last day of which tracks came in; ``None`` while none did.
    asked_at
        The moment that the reader asks.
    quotas
        Places with a quota of visits: ``name``, ``type``, ``period``, ``required``, ``done``, ``bodies``,
        ``bodies_required``, ``last_at``, ``next_due``, ``state``.
    heat
        Reports compared with patrol; the index of ``segments`` is the edge that it speaks of.
    """

    segments: gpd.GeoDataFrame
    as_of: dt.datetime
    newest: dt.date | None
    asked_at: dt.datetime
    quotas: Sequence[Mapping[str, Any]] = ()
    heat: PatrolHeat | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Hotspots:
    """What the methods of hot spots answered, by method and choice.

    Parameters
    ----------
    answers
        ``("surface", "now")`` and ``"before"``; ``("significance", level, per, "now")`` and ``"before"``;
        ``("emerging", level)``; ``("scan",)``, ``("forecast",)``, ``("clusters",)``. Where a method has no answer, why
        not. What was not asked for is not there, such as what was before all reports. None has its surface any more.
    spans
        First and last local day of ``now``, ``before``, each step of time ``"0"``, ``"1"`` …, and ``emerging``,
        ``scan``, ``clusters``, ``forecast``.
    pictures
        Heat of ``now``, ``before`` and each step, and ``forecast``, with what was counted.
    first
        Local day of the oldest report.
    step_days
        Length of a step of time.
    days
        Which of the periods that are offered this is; ``None``: another one.
    """

    answers: Mapping[tuple[str, ...], Answer | GisError]
    spans: Mapping[str, tuple[dt.date, dt.date]]
    pictures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    first: dt.date | None = None
    step_days: int = 1
    days: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class MapData:
    """Everything the pages of one city show, as it stood at ``as_of``.

    Parameters
    ----------
    frames
        ``grids``, ``streets``, ``places``, ``facilities``, ``issues``: columns as in the layers'
        tables, geometry in EPSG:4326. Issues carry their assignment. A missing frame is an empty one.
    parties
        Columns ``code``, ``kind``, ``name``, ``names``.
    categories
        Columns ``scheme``, ``kind``, ``code``, ``name``, ``names``.
    issue_counts
        How many issues of each status the store holds, of which ``frames["issues"]`` may be the newest only.
    as_of
        The instant up to which issues are shown.
    doors
        Front doors today, for a page about them.
    outdated
        By locale that the strips are outdated and what becomes of it, where they are.
    violations
        Violations before them: ``frontage``, ``count``, and where they are told ``last`` (when the newest was reported)
        and ``days`` (on how many local days).
    findings
        What the checks find in the grids, for a page about them: columns
        :data:`gis_core.references.FINDING_COLUMNS`, geometry in EPSG:4326.
    drafts, draft, impact
        Open drafts that the reader may look at (``id``, ``note``, ``changes``), the one looked at, and what it would
        move.
    patrol
        What was walked, for a page about it.
    hotspots
        Hot spots, for a page about them; ``None``: there is nothing that could be asked.
    plans, plan, walked
        Plans that the reader may look at (``number``, ``day``, ``area``, ``name``, ``state``), one of them as
        :mod:`map_ui.rounds` says, and what was walked of it, as the API tells both.
    replays
        Whether its reader may be shown tracks: their own, or those of others.
    served
        Whether a server can be asked for another draft.
    prints
        Whether its reader may print plates of shops.
    place_types
        Columns ``code``, ``name``, ``name_en``; a type without a row shows its code.
    """

    city: City
    frames: Mapping[str, gpd.GeoDataFrame]
    parties: pd.DataFrame
    categories: pd.DataFrame
    issue_counts: Mapping[str, int]
    as_of: dt.datetime
    doors: Ledger | None = None
    outdated: Mapping[str, str] = field(default_factory=dict)
    violations: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["frontage", "count"]))
    findings: gpd.GeoDataFrame = field(default_factory=lambda: _no_findings())
    drafts: Sequence[Mapping[str, Any]] = ()
    draft: int | None = None
    impact: Impact | None = None
    patrol: Patrolled | None = None
    hotspots: Hotspots | None = None
    plans: Sequence[Mapping[str, Any]] = ()
    plan: Mapping[str, Any] | None = None
    walked: Mapping[str, Any] | None = None
    replays: bool = False
    served: bool = False
    prints: bool = False
    place_types: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["code", "name", "name_en"]))

    def frame(self, name: str) -> gpd.GeoDataFrame:
        """The frame called ``name``, empty when it was not given."""
        given = self.frames.get(name)
        return gpd.GeoDataFrame(geometry=[], crs=4326) if given is None else given

    def local(self, instant: dt.datetime) -> str:
        """An instant as the city's clocks show it."""
        return f"{instant.astimezone(self.city.zone):%Y-%m-%d %H:%M}"

    def issues(self) -> gpd.GeoDataFrame:
        """The issues reported up to ``as_of``, newest first."""
        issues = self.frame("issues")
        if not len(issues):
            return issues
        shown = issues[issues["reported_at"] <= pd.Timestamp(self.as_of)]
        return shown.sort_values(["reported_at", "code"], ascending=False)
