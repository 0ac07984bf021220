"""A sheet of paper for each patroller of a plan: a map of the round, and in order what is to be done, when and why."""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import segno
import shapely
from markupsafe import Markup

from gis_core.arrays import Floats, Objects, shapes_of
from gis_core.crs import project, to_metres
from map_ui.pages import LANGUAGES, TEMPLATES
from map_ui.rounds import TASKS, clock, line_of, lines_of, metres, numbered, reasons, step_name
from map_ui.texts import TEXTS, page_texts

SHAPE = 1.45
"""How much wider than high the picture is."""
LEAST_M, AROUND = 300.0, 0.08
"""How wide the ground in it is at least, and the share of it that is left free around the round."""
BARS_M = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
WIDE = 1_000.0
"""Units of the drawing across; what is told in them is as large on paper whatever the ground."""


def route_sheet(
    plan: Mapping[str, Any], patroller: str, streets: gpd.GeoDataFrame, locale: str, *, city: str, srid: int,
    site: str, tokens: Mapping[str, str], assets: str, before: Sequence[str] = (),
) -> str:  # fmt: skip
    """The sheet of one patroller as a page of A4 to print, readable in black and white.

    Parameters
    ----------
    plan
        As :mod:`map_ui.rounds` says.
    streets
        Lines around in EPSG:4326.
    srid
        The city's metric CRS, in which the picture is drawn.
    site
        Address of the server as telephones in the street reach it, which the QR codes begin with.
    tokens
        Of the plates by place; a stop without one has no QR code.
    before
        What was planned for the same patroller the day before, and missed.

    Raises
    ------
    KeyError
        When the plan has no such patroller.
    """
    route = _route(plan, patroller)
    tasks = [step for step in route["steps"] if step["kind"] in TASKS]
    said = {
        "title": TEXTS.say("sheet_title", locale, day=plan["day"], name=route["name"] or patroller),
        "shift": TEXTS.say(
            "sheet_shift", locale, begin=clock(route["shift"][0]), end=clock(route["shift"][1]),
            mover=TEXTS.say(f"sheet_{route['mover']}", locale),
        ),
        "sum": TEXTS.say(
            "sheet_sum", locale, stops=sum(step["kind"] == "stop" for step in tasks),
            lanes=sum(step["kind"] == "lane" for step in tasks), walked=metres(route["walked_m"], locale),
            end=clock(route["steps"][-1]["arrive_s"]),
        ),
        "edition": TEXTS.say("sheet_plan", locale, number=plan["number"], edition=plan["shown"]),
        "warning": None if plan["state"] == "published" else TEXTS.say("sheet_proposed", locale),
    }  # fmt: skip
    return TEMPLATES.get_template("sheet.html").render(
        **said, rows=_rows(route, locale, site, tokens), nothing=not tasks, before=before, city=city, assets=assets,
        picture=Markup(route_picture(route, streets, srid)), texts=page_texts(locale), language=LANGUAGES[locale],
    )  # fmt: skip


def _route(plan: Mapping[str, Any], patroller: str) -> Mapping[str, Any]:
    found = next((route for route in plan["routes"] if route["patroller"] == patroller), None)
    if found is None:
        raise KeyError(patroller)
    route: Mapping[str, Any] = found
    return route


def _rows(route: Mapping[str, Any], locale: str, site: str, tokens: Mapping[str, str]) -> list[dict[str, Any]]:
    found = []
    for step, nth in zip(route["steps"], numbered(route), strict=True):
        token = tokens.get(step["plate"] or "")
        code = segno.make(f"{site}/d/{token}", error="m").svg_inline(omitsize=True, border=2) if token else None
        lane = step["kind"] == "lane" and TEXTS.say("sheet_lane", locale, metres=metres(step["length_m"], locale))
        found.append({
            "number": nth, "arrive": clock(step["arrive_s"]), "begin": clock(step["begin_s"]),
            "leave": clock(step["leave_s"]), "waits": step["begin_s"] > step["arrive_s"],
            "name": step_name(step, locale), "must": step["must"], "lane": lane or None, "reverse": step["reverse"],
            "leg": metres(step["leg_m"], locale) if step["leg_m"] else "", "reasons": reasons(step, locale),
            "code": code and Markup(code), "done": step["done"],
        })  # fmt: skip
    return found


def route_picture(route: Mapping[str, Any], streets: gpd.GeoDataFrame, srid: int) -> str:
    """The round over the streets around as SVG, north at the top, with a scale; lanes are thick, ways between dashed.

    Parameters
    ----------
    route
        A route of the plan.
    streets
        Lines in EPSG:4326.
    srid
        The metric CRS in which it is drawn.
    """
    ways = [_metric(line, srid) for line in lines_of(route)]
    lanes = [_metric(line_of(step), srid) for step in route["steps"] if step["kind"] == "lane"]
    places = _marks(route, srid)
    xy = np.concatenate([*ways, *lanes, *[at[None] for at, _ in places], np.zeros((0, 2))])
    low, high = _ground(xy)
    unit = WIDE / (high[0] - low[0])
    tall = WIDE / SHAPE

    def flat(points: Floats) -> Floats:
        found: Floats = (points - [low[0], high[1]]) * [unit, -unit]
        return found

    lines = project(shapes_of(streets), srid) if len(streets) else np.array([], object)
    near = shapely.intersection(lines, shapely.box(*low, *high))
    parts = [
        *_streets(near, flat),
        *_lines(map(flat, ways), 'stroke="#000" stroke-width="3.5" stroke-dasharray="10 5"'),
        *_lines(map(flat, lanes), 'stroke="#0b5c8a" stroke-width="9" stroke-linecap="round"'),
        *_labels([(flat(at[None])[0], label) for at, label in places]),
        *_scale(unit, tall),
    ]
    svg = f'<svg viewBox="0 0 {WIDE:.0f} {tall:.0f}" role="img" font-family="sans-serif">'
    return f"{svg}{''.join(parts)}</svg>"


def _metric(line: Sequence[Sequence[float]], srid: int) -> Floats:
    return to_metres(np.asarray(line, np.float64).reshape(-1, 2), srid)


def _marks(route: Mapping[str, Any], srid: int) -> list[tuple[Floats, str]]:
    """Where the numbers stand: stops at their place, lanes in the middle, the start as a triangle."""
    found = []
    for step, nth in zip(route["steps"], numbered(route), strict=True):
        if step["at"] is None or step["kind"] == "end":
            continue
        ends = [step["at"], step["to"]] if step["to"] else [step["at"]]
        found.append((_metric(ends, srid).mean(axis=0), "▲" if nth is None else str(nth)))
    return found


def _ground(xy: Floats) -> tuple[Floats, Floats]:
    """South-western and north-eastern corner of what is shown, metres."""
    if not len(xy):
        xy = np.zeros((1, 2))
    middle = (xy.min(axis=0) + xy.max(axis=0)) / 2
    wide, high = np.ptp(xy, axis=0)
    wide = max(wide, high * SHAPE, LEAST_M) * (1 + 2 * AROUND)
    half = np.array([wide, wide / SHAPE]) / 2
    return middle - half, middle + half


def _streets(shapes: Objects, flat: Any) -> list[str]:
    return list(_lines(
        (flat(shapely.get_coordinates(part)) for shape in shapes for part in shapely.get_parts(shape)
         if part.geom_type == "LineString"),
        'stroke="#b5b5b5" stroke-width="3"',
    ))  # fmt: skip


def _lines(lines: Any, style: str) -> list[str]:
    drawn = ["M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line) for line in lines if len(line) > 1]
    return [f'<path d="{one}" fill="none" {style}/>' for one in drawn]


def _labels(places: Sequence[tuple[Floats, str]]) -> list[str]:
    """Numbers in white circles; those that would lie on each other are one after the other."""
    found, taken = [], np.zeros((0, 2))
    for at, label in places:
        while len(taken) and np.abs(taken - at).max(axis=1).min() < 26:
            at = np.add(at, (27.0, 0.0))
        taken = np.vstack([taken, at])
        x, y = at
        found.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="14" fill="#fff" stroke="#000" stroke-width="2.5"/>')
        found.append(f'<text x="{x:.1f}" y="{y + 6:.1f}" font-size="17" text-anchor="middle">{label}</text>')
    return found


def _scale(unit: float, tall: float) -> list[str]:
    bar_m = max((one for one in BARS_M if one * unit <= WIDE / 4), default=BARS_M[0])
    bar = f"M20 {tall - 30:.0f}v10h{bar_m * unit:.1f}v-10"
    said = f"{bar_m} m" if bar_m < 1_000 else f"{bar_m // 1_000} km"
    return [
        f'<path d="{bar}" fill="none" stroke="#000" stroke-width="3"/>',
        f'<text x="{bar_m * unit + 30:.0f}" y="{tall - 18:.0f}" font-size="20">{said}</text>',
        f'<path d="M{WIDE - 30:.0f} 15l-12 36l12 -9l12 9z"/>',
        f'<text x="{WIDE - 30:.0f}" y="72" font-size="22" text-anchor="middle">N</text>',
    ]
