"""The ledger of front doors: which metres are signed, unsigned, blank or excluded, and what happened before them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.special import gammaincinv

from gis_core.arrays import Bools, Floats, Ints, Objects, codes_of, numbers_of, shapes_of
from gis_core.crs import project, to_lonlat
from gis_core.territory import Territory
from gis_core.validity import on_day

STATES = ("signed", "unsigned", "blank", "excluded")
"""What a metre of kerb is; together they are all of it."""
LEDGER_COLUMNS = (
    "code", "kind", "state", "name", "shops", "units", "signed_units", "agreement", "until", "origin", "quality",
    "street", "length_m", "excluded_m",
)  # fmt: skip
FIGURE_COLUMNS = (
    *(f"{state}_m" for state in STATES), "signed_share", "shop_share", "units", "signed_units", "unit_share",
    "estimated_share", "violations", "per_100_m", "low", "high",
)  # fmt: skip
CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Ledger:
    """Front doors on one day.

    Parameters
    ----------
    strips
        :data:`LEDGER_COLUMNS`, the codes of the cells of all levels (columns by level name) and ``geometry`` in
        EPSG:4326. A strip is ``signed`` where all of its shops have an agreement in force; ``until`` is the last day
        on which all of these hold. ``street`` is the one it lies along most.
    fronts
        ``strip`` (row of ``strips``), ``street``, ``side``, ``from_m``, ``to_m``, ``length_m``, ``excluded_m``.
    """

    strips: gpd.GeoDataFrame
    fronts: pd.DataFrame

    def of_shop(self, code: str) -> gpd.GeoDataFrame:
        """The strips that a shop answers for, the one that counts first: drawn before derived, its own before a joint
        one.
        """
        return self.strips.iloc[self.of_shops([code]).get(code, [])]

    def of_shops(self, codes: Collection[str]) -> dict[str, list[int]]:
        """Rows of the strips of each of some shops, in that order."""
        wanted, found = set(codes), dict[str, list[int]]()
        named = zip(self.strips["code"], self.strips["shops"], self.strips["origin"], strict=True)
        for row, (own, shops, origin) in enumerate(named):
            for one in wanted.intersection(shops or (own,)):
                rows = found.setdefault(one, [])
                rows.insert(0 if origin == "official" or own == one else len(rows), row)
        return found

    def told(self, violations: pd.Series) -> Ints:
        """Violations of each strip, by count by code: of two strips of one code the drawn one has them."""
        code = codes_of(self.strips, "code")
        order = np.lexsort((codes_of(self.strips, "origin") != "official", code))
        first = np.zeros(len(code), dtype=bool)
        first[order] = np.append(True, code[order][1:] != code[order][:-1])[: len(code)]
        return np.where(first, self.strips["code"].map(violations).fillna(0), 0).astype(np.int64)


def ledger(territory: Territory, day: int) -> Ledger:
    """The ledger of a day.

    Parameters
    ----------
    territory
        With ``frontages``, ``agreements``, ``grids``, ``places``; a part of a city will do.
    day
        Days since 1970.
    """
    frame = territory.frames["frontages"]
    held = np.flatnonzero(on_day(frame, day)) if len(frame) else np.empty(0, np.int64)
    over, named = territory.doors.taken_over(held, np.full(len(held), day))
    drawn = held[~over]
    rows = frame.iloc[drawn].reset_index(drop=True)
    official = set(zip(held[named["nth"]].tolist(), named["shop"], strict=True))
    units, signed, agreed, agreement, until = _signed(territory, drawn, official, day)
    kind = codes_of(rows, "kind")
    excluded = kind == "excluded"
    nobodys = excluded | (kind == "blank")
    state = np.where(excluded, 3, np.where(nobodys, 2, np.where(agreed, 0, 1)))
    covered, alone = _covered(project(shapes_of(rows), territory.city.metric_srid), excluded)
    # What is excluded of strips is theirs; of its own it has only what lies before nobody's strip.
    parts = _parts(territory, held)
    length = np.where(excluded & ~alone, 0.0, _lengths(frame, drawn, parts))
    fronts = _fronts(frame, drawn, parts, length, covered)
    places = dict(zip(codes_of(territory.frames["places"], "code"), codes_of(territory.frames["places"], "name"),
                      strict=True))  # fmt: skip
    strips = gpd.GeoDataFrame(
        {
            "code": codes_of(rows, "code"), "kind": kind, "state": np.array(STATES, dtype=object)[state],
            "name": [places.get(code) for code in codes_of(rows, "code")], "shops": codes_of(rows, "shops"),
            "units": units, "signed_units": signed, "agreement": agreement, "until": until,
            "origin": codes_of(rows, "origin"), "quality": codes_of(rows, "quality"),
            "street": _main_street(fronts, len(rows)), "length_m": length, "excluded_m": (length * covered).round(2),
            **_cells(territory, shapes_of(rows)),
        },
        geometry=shapes_of(rows), crs=4326,
    )  # fmt: skip
    return Ledger(strips, fronts)


def figures(book: Ledger, by: str, violations: pd.Series) -> pd.DataFrame:
    """Metres and units by street or by the cells of a level.

    Parameters
    ----------
    by
        ``street``, or the name of a level.
    violations
        Count by code of strip.

    Returns
    -------
    figures
        :data:`FIGURE_COLUMNS` by code. ``signed_share`` is of the kerb that is not excluded, ``shop_share`` of that
        before shops; NaN where there is none. ``estimated_share`` is how much of the metres before shops is known by
        points only. ``per_100_m`` are
        the violations before shops for each 100 m of kerb that is not excluded, ``low`` to ``high`` their interval at
        95 percent (Garwood's, exact for a Poisson count).
    """
    strips = book.strips
    if by == "street":
        metres = book.fronts.assign(key=book.fronts["street"], state=strips["state"].to_numpy()[book.fronts["strip"]],
                                    quality=strips["quality"].to_numpy()[book.fronts["strip"]])  # fmt: skip
    else:
        metres = strips.assign(key=strips[by])
    whole = metres.assign(metres=metres["length_m"] - metres["excluded_m"])
    outside = metres.assign(metres=metres["excluded_m"], state="excluded")
    summed = pd.concat([whole, outside]).groupby(["key", "state"])["metres"].sum().unstack(fill_value=0.0)
    found = summed.reindex(columns=list(STATES), fill_value=0.0).add_suffix("_m").round(2)
    counted = strips.assign(count=book.told(violations))
    per = counted.groupby(by)[["units", "signed_units", "count"]].sum().reindex(found.index, fill_value=0)
    open_m = found["signed_m"] + found["unsigned_m"] + found["blank_m"]
    by_points = (whole["quality"] == "estimated") & whole["state"].isin(STATES[:2])
    guessed = whole[by_points].groupby("key")["metres"].sum().reindex(found.index, fill_value=0)
    shops_m = (found["signed_m"] + found["unsigned_m"]).to_numpy()
    low, high = poisson_interval(per["count"].to_numpy())
    with np.errstate(divide="ignore", invalid="ignore"):
        hundreds = open_m.to_numpy() / 100
        more = {
            "signed_share": found["signed_m"].to_numpy() / open_m.to_numpy(),
            "shop_share": found["signed_m"].to_numpy() / shops_m,
            "units": per["units"].to_numpy(), "signed_units": per["signed_units"].to_numpy(),
            "unit_share": per["signed_units"].to_numpy() / per["units"].to_numpy(),
            "estimated_share": guessed.to_numpy() / shops_m,
            "violations": per["count"].to_numpy(),
            **{name: count / hundreds for name, count in
               (("per_100_m", per["count"].to_numpy()), ("low", low), ("high", high))},
        }  # fmt: skip
    found = found.assign(**more).replace([np.inf, -np.inf], np.nan)
    return found[list(FIGURE_COLUMNS)].rename_axis("code")


def poisson_interval(count: Ints) -> tuple[Floats, Floats]:
    """Lower and upper end of the exact interval of a Poisson mean at :data:`CONFIDENCE`, after Garwood (1936)."""
    tail = (1 - CONFIDENCE) / 2
    low = np.where(count > 0, gammaincinv(np.maximum(count, 1), tail), 0.0)
    return low, np.asarray(gammaincinv(count + 1, 1 - tail), dtype=np.float64)


def _signed(
    territory: Territory, drawn: Ints, official: Collection[tuple[int, str]], day: int
) -> tuple[Ints, Ints, Bools, Objects, Objects]:
    """Per strip: shops that no official strip has taken over, those of them with an agreement in force, whether all of
    its own have one, and code and last day of the agreement that ends first.
    """
    agreements = territory.frames["agreements"]
    strip, shop = territory.doors.shops
    place = pd.Index(drawn).get_indexer(strip)
    here = np.array([one not in official for one in zip(strip.tolist(), shop, strict=True)], dtype=bool)
    pairs = pd.DataFrame({"strip": place, "shop": shop})[(place >= 0) & here]
    # A shop with two drawn strips is one shop.
    units = np.bincount(pairs.drop_duplicates("shop")["strip"], minlength=len(drawn))
    if not len(agreements):
        nothing = np.full(len(drawn), None, dtype=object)
        return units, np.zeros(len(drawn), np.int64), np.zeros(len(drawn), bool), nothing, nothing
    held = agreements[on_day(agreements, day)]
    until = pd.to_datetime(held["valid_to"] if "valid_to" in held else pd.Series(index=held.index, dtype=object))
    letters = pd.DataFrame({"shop": held["shop"], "agreement": held["code"], "until": until})
    # Of two letters of one shop the one that lasts longer.
    letters = letters.sort_values("until", na_position="last").drop_duplicates("shop", keep="last")
    met = pairs.merge(letters, on="shop")
    signed = np.bincount(met.drop_duplicates("shop")["strip"], minlength=len(drawn))
    agreed = np.bincount(met["strip"], minlength=len(drawn)) == np.bincount(pairs["strip"], minlength=len(drawn))
    first = met.sort_values("until", na_position="last").drop_duplicates("strip").set_index("strip")
    told = first.reindex(range(len(drawn)))
    days = told["until"].dt.date.astype(object)
    return units, signed, agreed, codes_of(told, "agreement"), days.where(days.notna(), None).to_numpy(object)


def _parts(territory: Territory, held: Ints) -> pd.DataFrame:
    """Each shop of a derived strip with the official one that names it, both in force: ``derived``, ``official``, and
    the ``metres`` of kerb that the official one takes: as many as it says that it has, else what the shop has evenly.
    """
    strip, shop = territory.doors.shops
    frame = territory.frames["frontages"]
    kerb_m, drawn = numbers_of(frame, "kerb_m"), codes_of(frame, "origin") == "official"
    here = np.isin(strip, held)
    named = pd.DataFrame({"strip": strip[here], "shop": shop[here]})
    own = kerb_m[named["strip"]] / named.groupby("strip")["shop"].transform("size")
    below = named.assign(below_m=own)[~drawn[named["strip"]]]
    above = named.assign(above_m=own)[drawn[named["strip"]]]
    above["several"] = above.groupby("shop")["strip"].transform("size")
    pairs = below.merge(above, on="shop", suffixes=("", "_official"))
    metres = pairs["above_m"].where(pairs["above_m"].notna(), pairs["below_m"] / pairs["several"])
    return pd.DataFrame({"derived": pairs["strip"], "official": pairs["strip_official"], "metres": metres})


def _lengths(frame: pd.DataFrame, drawn: Ints, parts: pd.DataFrame) -> Floats:
    """Metres of kerb: as the strip says, less what official ones take of a derived one; an official one that does not
    say has what it takes, or what the derived one of its code has.
    """
    metres, code = numbers_of(frame, "kerb_m"), codes_of(frame, "code")
    derived = codes_of(frame, "origin") == "derived"
    same = dict(zip(code[derived], metres[derived], strict=True))
    given, taken = (parts.groupby(name)["metres"].sum() for name in ("official", "derived"))
    inherited = [given.get(row, same.get(code[row], 0.0)) for row in drawn.tolist()]
    left = np.maximum(metres[drawn] - taken.reindex(drawn, fill_value=0.0).to_numpy(), 0.0)
    return np.nan_to_num(np.where(np.isnan(metres[drawn]), inherited, left)).round(2)


def _covered(metric: Objects, excluded: Bools) -> tuple[Floats, Bools]:
    """Share of each strip that lies in excluded ground, of excluded ground itself all; and whether excluded ground lies
    in no strip.
    """
    share, alone = excluded.astype(np.float64), excluded.copy()
    rows = np.flatnonzero(~excluded & ~shapely.is_empty(metric))
    holes = metric[excluded]
    if len(holes) and len(rows):
        strip, hole = shapely.STRtree(holes).query(metric[rows], predicate="intersects")
        shared = shapely.area(shapely.intersection(metric[rows[strip]], holes[hole]))
        share[rows] = np.minimum(np.bincount(strip, shared, len(rows)) / shapely.area(metric[rows]), 1.0)
        alone[np.flatnonzero(excluded)[hole[shared > 0]]] = False
    return share, alone


def _fronts(frame: pd.DataFrame, drawn: Ints, parts: pd.DataFrame, length: Floats, covered: Floats) -> pd.DataFrame:
    """The metres of the strips along streets; an official one lies along those of the derived ones that it prevails
    over, as far as its own kerb is long, and so does what is left of these.
    """
    said, code = codes_of(frame, "fronts"), codes_of(frame, "code")
    derived = np.flatnonzero(codes_of(frame, "origin") == "derived")
    known = {code[row]: said[row] for row in derived}
    of_official = parts.drop_duplicates(["official", "derived"]).groupby("official")["derived"].agg(list)
    below = {row: [front for one in ones for front in said[one] or ()] for row, ones in of_official.items()}
    rows = [
        {"strip": place, **front}
        for place, row in enumerate(drawn.tolist())
        for front in (said[row] or below.get(row) or known.get(code[row]) or ())
    ]
    found = pd.DataFrame(rows, columns=["strip", "street", "side", "from_m", "to_m", "length_m"])
    found = found.astype({"strip": np.int64, "from_m": float, "to_m": float, "length_m": float})
    strip, whole = found["strip"].to_numpy(), found.groupby("strip")["length_m"].transform("sum").to_numpy()
    shared = np.isin(drawn, parts["derived"]) | (codes_of(frame, "origin") == "official")[drawn]
    scaled = shared[strip] & (whole > 0)
    metres = np.where(scaled, found["length_m"] * length[strip] / np.where(whole > 0, whole, 1.0), found["length_m"])
    return found.assign(length_m=metres.round(2), excluded_m=(metres * covered[strip]).round(2))


def _main_street(fronts: pd.DataFrame, count: int) -> Objects:
    longest = fronts.sort_values("length_m", kind="stable").drop_duplicates("strip", keep="last")
    street = np.full(count, None, dtype=object)
    street[longest["strip"].to_numpy()] = longest["street"].to_numpy(object)
    return street


def _cells(territory: Territory, shapes: Objects) -> dict[str, Objects]:
    """Code of the cell of each level that a point of each shape lies in."""
    points: Sequence[shapely.Geometry] = shapely.point_on_surface(project(shapes, territory.city.metric_srid))
    lonlat = to_lonlat(shapely.get_coordinates(points), territory.city.metric_srid)
    found = {}
    for level, cells in zip(territory.city.levels, territory.levels, strict=True):
        codes = np.array([*cells.codes, None], dtype=object)
        found[level.name] = codes[cells.index.locate(lonlat) if len(cells.codes) else np.full(len(shapes), -1)]
    return found
