"""What was walked in a window of time, told by segment, lane, grid, contractor, inspector or shift."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from gis_core.arrays import Bools, Floats, Ints, Objects
from gis_core.errors import InvalidInput
from gis_core.patrol.coverage import DAY_S, PatrolLog
from gis_core.patrol.exposure import walked_by_carrier
from gis_core.patrol.ground import Ground
from gis_core.patrol.shifts import shifts
from gis_core.patrol.status import BLIND, STATUSES, WALKED, Neighbours, statuses

BY = ("segment", "lane", "contractor", "inspector", "shift")
"""What a report goes by, beside the grid levels."""
METRES = ("due_m", "walked_m", "probable_m", "blind_m", "no_data_m", "covered_m", "unwalked_m")
"""Columns of a report that add up over its rows where each segment is in one of them."""
SHIFT = ("day", "class", "begin_s", "end_s")
CARRIER = ("patrol_m", "patrol_s", "first_s", "last_s")
COLUMNS = (
    "code", "due_m", "walked_m", "probable_m", "blind_m", "no_data_m", "covered_m", "share", "walked_share", "visits",
    "segments", "blind", "oldest_age_s", "longest_gap_s", "unwalked_m",
)  # fmt: skip


Tell = Callable[[float, float], pd.DataFrame]
"""What :func:`told` says of a window, from its beginning on and before its end."""
OF_SHIFTS = ("status", "covered_m", "visits", "age_s", "gap_s")
"""What a report by shift needs of it."""


class Groups(NamedTuple):
    """What a report has rows of.

    Parameters
    ----------
    codes
        One a row, the last ``None``.
    segment
        Position of each segment in them, -1 for none.
    piece
        Position of each piece, where segments are divided.
    """

    codes: Objects
    segment: Ints
    piece: Ints | None = None


def told(ground: Ground, log: PatrolLog, begin_s: float, end_s: float, near: Neighbours) -> pd.DataFrame:
    """What may be said of each segment for the window from ``begin_s`` on and before ``end_s``.

    Nobody says who was to walk a segment. It counts as heard of where anybody sent a pass, of any length and certainty,
    on any segment of the same cell of the level above the lowest: whoever was to walk there sent a track at all. In
    other cells there is no data.

    Returns
    -------
    told
        One row an edge: ``status`` (of :data:`gis_core.patrol.status.STATUSES`), ``share`` (of its metres surely
        passed), ``visits``, ``visits_left`` and ``visits_right`` (told to a side, 0 where it is not wide), ``passes``,
        ``covered_m``, ``age_s`` (of the freshest four fifths, NaN where they were not all passed), ``gap_s`` (the
        longest time without a visit) and ``visited_s`` (when the last visit ended, NaN without).
    """
    coverage = log.within(begin_s, end_s)
    status = statuses(coverage, near, _heard(ground, coverage.passes > 0))
    return pd.DataFrame(
        {
            "status": status, "share": coverage.share, "visits": coverage.visits,
            "visits_left": coverage.visits_left, "visits_right": coverage.visits_right,
            "passes": coverage.passes, "covered_m": coverage.covered_m, "age_s": _finite(coverage.age_s),
            "gap_s": coverage.gap_s, "visited_s": _finite(coverage.visited_s),
        }
    )  # fmt: skip


def unwalked(
    ground: Ground, log: PatrolLog, begin_s: float, end_s: float, near: Neighbours, chosen: Bools | None = None
) -> pd.DataFrame:
    """The segments due that nobody is proved to have walked in a window, those longest ago first.

    Parameters
    ----------
    chosen
        Only of these segments; without, of all that are due.

    Returns
    -------
    segments
        ``edge``, ``segment``, ``street``, ``name``, ``grid``, ``contractor``, ``length_m``, ``last_s`` (when the last
        visit there is ended, NaN without), ``age_s`` (how long that is before the end) and ``status`` in the window.
    """
    said = told(ground, log, begin_s, end_s, near)
    rows = np.flatnonzero((ground.due if chosen is None else chosen) & (said["status"] != WALKED).to_numpy(bool))
    last_s = _finite(log.within(min(log.begin_s, end_s), end_s).visited_s)[rows]
    frame = ground.segments.iloc[rows][["street", "name", "grid", "contractor", "length_m"]].reset_index(drop=True)
    frame.insert(0, "edge", rows)
    frame.insert(1, "segment", segment_codes(ground)[rows])
    frame = frame.assign(last_s=last_s, age_s=end_s - last_s, status=said["status"].to_numpy(object)[rows])
    order = np.lexsort((rows, -frame["length_m"], frame["last_s"].fillna(-np.inf)))
    return frame.iloc[order].reset_index(drop=True)


def report(
    ground: Ground, log: PatrolLog, said: pd.DataFrame, by: str, begin_s: float, end_s: float, near: Neighbours,
    chosen: Bools | None = None, seen: Bools | None = None, known_s: float = -np.inf, tell: Tell | None = None,
) -> pd.DataFrame:  # fmt: skip
    """What was walked of the segments due, one row for each of what it goes by.

    Parameters
    ----------
    said, by
        Of :func:`told` for the same window; one of :data:`BY` or a grid level of the city.
    chosen, seen, known_s, tell
        Only of these segments, else of all that are due; of inspectors, only passes on these, else on any; from when
        on passes are known, seconds since 1970; what :func:`told` says of a window, from whoever remembers it.

    Returns
    -------
    report
        By ``code`` (of a segment, street, grid, party, carrier or shift; ``None`` for what is in none):

        - ``due_m``, and of it ``walked_m``, ``probable_m``, ``blind_m``, ``no_data_m`` by the segments' status;
          ``covered_m`` surely passed at least once; ``share`` is the covered part of what is due, ``walked_share``
          the walked one; ``unwalked_m`` nobody is proved to have walked for as many days as the city says, NaN where
          these begin before ``known_s``;
        - ``visits``, ``segments`` and ``blind``, how many of these are blind;
        - ``oldest_age_s``, NaN where none was wholly passed, and ``longest_gap_s``.

        At a grid level metres are split at borders, by pieces, and times are those of all segments with a piece there;
        visits and segments are counted in the grid with most of the segment. Lanes have their ``name``, segments what
        the ground says of them; inspectors and shifts are as :func:`by_carrier` and :func:`by_shift` have them.

    Raises
    ------
    InvalidInput
        When there is no such ``by``.
    """
    chosen = ground.due if chosen is None else chosen
    if by == "inspector":
        return by_carrier(ground, log, begin_s, end_s, chosen, seen)
    late = told_since(ground, log, end_s, near, known_s)
    if by == "shift":
        return by_shift(ground, begin_s, end_s, chosen, late, tell or partial(told, ground, log, near=near))
    frame = _told_by(ground, _groups(ground, by), said, late, chosen, log.within(begin_s, end_s).last_s)
    if by == "lane":
        streets = ground.segments[["street", "name"]].drop_duplicates("street")
        return frame.merge(streets.rename(columns={"street": "code"}), on="code", how="left")
    if by == "segment":
        named = ["street", "name", "class", "from_m", "to_m", "grid", "contractor"]
        return frame.join(ground.segments[chosen][named].reset_index(drop=True))
    return frame


def told_since(ground: Ground, log: PatrolLog, end_s: float, near: Neighbours, known_s: float = -np.inf) -> Floats:
    """1 for segments that nobody is proved to have walked for as many days as the city says, else 0; NaN where these
    begin before passes are known: what was walked then may be forgotten.
    """
    begin_s = end_s - ground.territory.city.patrol.unwalked_days * DAY_S
    if begin_s < known_s:
        return np.full(len(ground.due), np.nan)
    return (told(ground, log, begin_s, end_s, near)["status"] != WALKED).to_numpy(np.float64)


def segment_codes(ground: Ground) -> Objects:
    """Street and metre at which each segment begins, which name it."""
    metre = np.char.mod("@%.2f", ground.segments["from_m"].to_numpy(np.float64)).astype(object)
    return ground.segments["street"].to_numpy(object) + metre


def by_carrier(
    ground: Ground, log: PatrolLog, begin_s: float, end_s: float, chosen: Bools, seen: Bools | None = None
) -> pd.DataFrame:
    """What each carrier walked of the segments chosen.

    Which of them somebody was to walk nobody says: ``due_m`` is all of them, for everybody, and nothing is blind. All
    counts and metres are of the first of those that lie on each other.

    Returns
    -------
    report
        Columns :data:`COLUMNS` by ``code``, NaN where nothing can be said of one person: ``walked_m`` and
        ``covered_m`` (surely passed at least once), ``share``, ``visits``, ``segments`` (how many were visited); and
        ``patrol_m`` and ``patrol_s`` (all sure passes together, on any segment seen), ``first_s`` and ``last_s`` (from
        the first of any passes there to the end of the last), of those who passed anything there.
    """
    found = walked_by_carrier(log, begin_s, end_s, chosen, seen)
    once = log.network.twins.firsts(chosen)
    found["due_m"] = float(ground.segments["length_m"].to_numpy()[once].sum())
    found["walked_m"] = found["covered_m"]
    found["share"] = _share(found["covered_m"].to_numpy(), found["due_m"].to_numpy())
    return found.reindex(columns=[*COLUMNS, *CARRIER])


def by_shift(ground: Ground, begin_s: float, end_s: float, chosen: Bools, late: Floats, tell: Tell) -> pd.DataFrame:
    """What was walked of the segments chosen in each duty window that touches the window.

    Returns
    -------
    report
        Columns :data:`COLUMNS` by ``code`` (day and class), and ``day``, ``class`` (``*`` for all without a window of
        their own), ``begin_s`` and ``end_s`` of the duty as far as it is in the window. ``unwalked_m`` is as of the
        end of the window. Duties without a segment chosen are left out.
    """
    city, everything = ground.territory.city, np.zeros(len(chosen), np.int64)
    classes = ground.segments["class"].to_numpy(object).astype(str)
    rows, said = [], dict[tuple[float, float], pd.DataFrame]()
    for shift in shifts(city, begin_s, end_s).itertuples(index=False):
        others = [kind for kind in city.patrol.duty if kind != "*"]
        own = chosen & (~np.isin(classes, others) if shift.kind == "*" else classes == shift.kind)
        if not own.any():
            continue
        low, high = max(shift.begin_s, begin_s), min(shift.end_s, end_s)
        groups = Groups(_ended([f"{shift.day} {shift.kind}"]), everything)
        if (low, high) not in said:
            said[low, high] = tell(low, high)
        frame = _told_by(ground, groups, said[low, high], late, own)
        rows.append(frame.assign(**{"day": shift.day, "class": shift.kind, "begin_s": low, "end_s": high}))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=[*COLUMNS, *SHIFT])


def _heard(ground: Ground, passed: Bools) -> Bools:
    above = max(ground.segment_cell.shape[1] - 2, 0)
    cell = ground.segment_cell[:, above] if ground.segment_cell.shape[1] > 1 else np.zeros(len(passed), np.int64)
    heard = np.zeros(cell.max(initial=-1) + 2, bool)  # the last is for segments in no cell
    heard[cell[passed]] = True
    return heard[cell]


def _groups(ground: Ground, by: str) -> Groups:
    segments = ground.segments
    levels = [level.name for level in ground.territory.city.levels]
    if by in levels:
        level = levels.index(by)
        codes = ground.territory.levels[level].codes
        return Groups(_ended(codes), ground.segment_cell[:, level], ground.piece_cell[:, level])
    if by == "segment":
        codes, of = segment_codes(ground), np.arange(len(segments))
    elif by in ("lane", "contractor"):
        number, texts = pd.factorize(segments["street" if by == "lane" else by], sort=by != "lane")
        codes, of = np.asarray(texts, dtype=object), number.astype(np.int64)
    else:
        raise InvalidInput("report_by", field="by", value=by, expected=", ".join((*BY, *levels)))
    return Groups(_ended(codes), of)


def _told_by(
    ground: Ground, groups: Groups, told: pd.DataFrame, late: Floats, chosen: Bools, last_s: Floats | None = None
) -> pd.DataFrame:
    """Metres and the worst times by piece, where segments are divided, and counts by segment, of the groups with
    anything chosen.
    """
    size, segment = len(groups.codes), groups.segment % len(groups.codes)
    if groups.piece is None or last_s is None:
        edge, group, length_m = np.arange(len(segment)), segment, ground.segments["length_m"].to_numpy(np.float64)
        covered_m = told["covered_m"].to_numpy()
    else:
        edge, length_m = (ground.pieces[name].to_numpy() for name in ("edge", "length_m"))
        group, covered_m = groups.piece % size, np.where(last_s > -np.inf, length_m, 0.0)
    rows = np.flatnonzero(chosen[edge])
    edge, group, length_m, covered_m = edge[rows], group[rows], length_m[rows], covered_m[rows]
    # Pieces of one segment in one group follow each other: their times are looked at once.
    runs = np.flatnonzero(np.diff(edge, prepend=-1) | np.diff(group, prepend=-1))

    def metres(of: Floats) -> Floats:
        return np.bincount(group, of, minlength=size).astype(np.float64)

    def most(of: Floats) -> Floats:
        found, values = np.full(size, -np.inf), of[edge[runs]]
        np.maximum.at(found, group[runs], np.where(np.isnan(values), -np.inf, values))
        return _finite(found)

    status = told["status"].cat.codes.to_numpy()
    of_status = np.bincount(group * len(STATUSES) + status[edge], length_m, size * len(STATUSES))
    status_m = of_status.astype(np.float64).reshape(size, -1)
    due_m, passed_m = metres(length_m), metres(covered_m)
    visits, ages, gaps = (told[name].to_numpy() for name in ("visits", "age_s", "gap_s"))
    due = np.flatnonzero(chosen)
    of = segment[due]
    counts = np.bincount(of * len(STATUSES) + status[due], minlength=size * len(STATUSES)).reshape(size, -1)
    frame = pd.DataFrame(
        {
            "code": pd.Series(groups.codes, dtype=object), "due_m": due_m,
            **{f"{one}_m": status_m[:, nth] for nth, one in enumerate(STATUSES)}, "covered_m": passed_m,
            "share": _share(passed_m, due_m), "walked_share": _share(status_m[:, STATUSES.index(WALKED)], due_m),
            "visits": np.bincount(of, visits[due], minlength=size).astype(np.int64), "segments": counts.sum(axis=1),
            "blind": counts[:, STATUSES.index(BLIND)], "oldest_age_s": most(ages), "longest_gap_s": most(gaps),
            "unwalked_m": metres(length_m * late[edge]),
        }
    )  # fmt: skip
    return frame[due_m > 0].reset_index(drop=True)


def _ended(codes: Iterable[str]) -> Objects:
    """Codes with ``None`` at the end, for what is in none."""
    return np.array([*codes, None], dtype=object)


def _share(covered_m: Floats, due_m: Floats) -> Floats:
    return np.divide(covered_m, due_m, out=np.full(len(due_m), np.nan), where=due_m > 0)


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)
