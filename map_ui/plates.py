"""Plates for walls as a sheet to print, and the page that the QR code of a shop's opens."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import segno
import shapely
from markupsafe import Markup

from gis_core.arrays import Objects, codes_of, numbers_of, shapes_of
from gis_core.crs import project
from map_ui.pages import LANGUAGES, TEMPLATES
from map_ui.texts import TEXTS, page_texts

MARGIN_M, LEAST_M = 8.0, 36.0
"""Ground around a strip in its picture, and how wide and high that is at least."""
USUAL_WIDTH_M = 7.0
SCALE_M = 10
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_QUIET, _STREET, _OWN = "#d3d0c6", "#ffffff", "#0b5c8a"


@dataclass(frozen=True)
class Plate:
    """What is on a plate.

    Parameters
    ----------
    duties
        As :func:`api.duties.in_words` tells them.
    street, length_m
        Where a shop has a strip.
    quota
        ``period``, ``visits`` and ``bodies`` of a place that is visited; of shops there is none.
    """

    name: str
    token: str
    number: str | None = None
    duties: Sequence[Mapping[str, Any]] = ()
    street: str | None = None
    length_m: float | None = None
    quota: Mapping[str, Any] | None = None

    def said(self, locale: str) -> tuple[str, list[str], str]:
        """Its heading, what it says, and what its code is for."""
        if self.quota is None:
            return TEXTS.say("plate", locale), _headings(self.duties, locale), TEXTS.say("plate_scan", locale)
        quota = TEXTS.say(f"visit_quota_{self.quota['period']}", locale, **self.quota)
        return TEXTS.say("visit_plate", locale), [quota], TEXTS.say("visit_scan", locale)


def plate_sheet(plates: Sequence[Plate], locale: str, *, city: str, language: str, site: str, assets: str) -> str:
    """Plates to print, eight on a page of A4.

    Parameters
    ----------
    locale, language
        Of whoever prints them, and of the plates.
    site
        Address of the server as telephones in the street reach it, which the QR codes begin with.
    """
    codes = [Markup(segno.make(f"{site}/d/{one.token}", error="m").svg_inline(omitsize=True, border=2))
             for one in plates]  # fmt: skip
    host = urlsplit(site).hostname or ""
    return TEMPLATES.get_template("plates.html").render(
        title=TEXTS.say("plates", locale), heading=TEXTS.say("plate_count", locale, count=len(plates), site=site),
        warning=TEXTS.say("plate_loopback", locale) if host in LOOPBACK else None,
        plates=[(one, one.said(language), code) for one, code in zip(plates, codes, strict=True)],
        city=city, texts=page_texts(locale), words=page_texts(language), language=LANGUAGES[language], assets=assets,
    )  # fmt: skip


def shop_page(
    document: Mapping[str, Any], picture: str | None, locale: str, *, city: str, local: Callable[[dt.datetime], str],
    photos: str, most_photos: int, assets: str,
) -> str:  # fmt: skip
    """The page of one shop for whoever scans its plate.

    Parameters
    ----------
    document
        As :func:`api.plates.opened` tells it.
    picture
        Of its strip, if it has one: :func:`strip_picture`.
    local
        Tells an instant as the city's clocks show it.
    photos
        Address to which a photo about a notice goes, with ``{number}``.
    most_photos
        So many of each notice are taken.
    """
    other = "en" if locale == "zh" else "zh"
    return TEMPLATES.get_template("shop.html").render(
        {**document, "title": document["name"]},
        city=city, texts=page_texts(locale), language=LANGUAGES[locale], other_language=LANGUAGES[other],
        other_address=f"?lang={other}", assets=assets, picture=picture and Markup(picture),
        grade=document["grade"], grade_text=document["grade"] and TEXTS.say(f"plate_{document['grade']}", locale),
        strip_text=_strip_text(document, locale), signed_text=_signed_text(document, locale),
        duties=[(_heading(one["tag"], locale), _matters(one, locale)) for one in document["duties"]],
        notices=[
            {
                "step": TEXTS.say(f"plate_{one['step']}", locale), "at": local(one["at"]),
                "matter": _named(one["matter"], locale) or one["category"], "said": _said(one, locale, local),
                "address": None if one["settled_at"] or one["photos"] >= most_photos
                else photos.format(number=one["number"]),
            }
            for one in document["notices"]
        ],
    )  # fmt: skip


def _said(notice: Mapping[str, Any], locale: str, local: Callable[[dt.datetime], str]) -> str | None:
    if notice["settled_at"]:
        return TEXTS.say("plate_settled", locale, time=local(notice["settled_at"]))
    return notice["confirmed_at"] and TEXTS.say("plate_done", locale, time=local(notice["confirmed_at"]))


def _heading(tag: str | None, locale: str) -> str | None:
    """A tag in a language; one that the texts do not know as it is written."""
    return TEXTS.say(f"duty_{tag}", locale) if f"duty_{tag}" in TEXTS else tag


def _headings(duties: Sequence[Mapping[str, Any]], locale: str) -> list[str]:
    """Duties in a few words: headings, and single ones by name."""
    told = [[_heading(duty["tag"], locale)] if duty["tag"] else _matters(duty, locale) for duty in duties]
    return [one for some in told for one in some if one]


def _matters(duty: Mapping[str, Any], locale: str) -> list[str]:
    everything = not duty["matters"] and duty["tag"] is None
    return [TEXTS.say("duty_everything", locale)] if everything else [_named(one, locale) for one in duty["matters"]]


def strip_picture(strips: gpd.GeoDataFrame, own: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, srid: int) -> str:
    """A shop's strip, the neighbours' and the streets as SVG, north at the top, with a scale.

    Parameters
    ----------
    strips, own
        What lies near, and the shop's, EPSG:4326.
    streets
        ``name``, ``width_m``, and centre lines in EPSG:4326.
    """
    mine, near = (project(shapes_of(frame), srid) for frame in (own, strips))
    west, south, east, north = shapely.total_bounds(mine)
    wide = max(east - west, north - south) + 2 * MARGIN_M
    side = max(wide, LEAST_M)
    corner = np.array([(west + east - side) / 2, (south + north + side) / 2])
    drawn = shapely.box(corner[0], corner[1] - side, corner[0] + side, corner[1])

    def path(shapes: Objects, style: str) -> str:
        flat = shapely.transform(shapely.intersection(shapes, drawn), lambda xy: (xy - corner) * [1, -1])
        return "".join(f'<path d="{_path(one)}" {style}/>' for one in flat if not one.is_empty)

    lines, widths = project(shapes_of(streets), srid), numbers_of(streets, "width_m")
    roads = shapely.buffer(lines, np.where(widths > 0, widths, USUAL_WIDTH_M) / 2, cap_style="flat")
    bar = f"M2 {side - 2:.1f}h{SCALE_M}m0 -0.8v1.6m-{SCALE_M} -1.6v1.6"
    parts = [
        path(roads, f'fill="{_STREET}"'),
        path(near, f'fill="none" stroke="{_QUIET}" stroke-width="0.3"'),
        path(mine, f'fill="{_OWN}" fill-opacity="0.55" stroke="{_OWN}" stroke-width="0.4"'),
        *_labels(codes_of(streets, "name"), lines, drawn, corner),
        f'<path d="{bar}" fill="none" stroke="#22303c" stroke-width="0.3"/>',
        f'<text x="{3 + SCALE_M}" y="{side - 1.5:.1f}" font-size="1.8">{SCALE_M} m</text>',
        f'<text x="{side - 3:.1f}" y="3" font-size="2.2" text-anchor="middle">N↑</text>',
    ]  # fmt: skip
    return f'<svg viewBox="0 0 {side:.1f} {side:.1f}" role="img" fill="#22303c">{"".join(parts)}</svg>'


def _path(shape: shapely.Geometry) -> str:
    rings = [shapely.get_coordinates(ring).round(2).tolist() for ring in shapely.get_rings(shape)]
    return "".join("M" + "L".join(f"{x} {y}" for x, y in ring) + "Z" for ring in rings)


def _labels(names: Objects, lines: Objects, drawn: shapely.Geometry, corner: np.ndarray) -> list[str]:
    """Names of streets along the middle of what is drawn of them, never upside down."""
    labels = []
    for name, line in zip(names, shapely.intersection(lines, drawn), strict=True):
        if not name or line.is_empty or line.length < LEAST_M / 4:
            continue
        longest = max(shapely.get_parts(line), key=lambda one: one.length)
        ends = shapely.get_coordinates(shapely.line_interpolate_point(longest, [0.45, 0.55], normalized=True))
        (x, y), (dx, dy) = (ends.mean(axis=0) - corner) * [1, -1], (ends[1] - ends[0]) * [1, -1]
        turn = (np.degrees(np.arctan2(dy, dx)) + 90) % 180 - 90
        place = f'transform="translate({x:.1f} {y:.1f}) rotate({turn:.0f})"'
        labels.append(f'<text {place} font-size="2.4" text-anchor="middle" dy="0.8">{Markup.escape(name)}</text>')
    return labels


def _named(names: Mapping[str, str], locale: str) -> str:
    return names.get(locale) or names.get("zh", "")


def _strip_text(document: Mapping[str, Any], locale: str) -> str:
    if document["strip"] is None:
        return TEXTS.say("plate_no_strip", locale)
    said = TEXTS.say("metres", locale, value=f"{document['length_m']:.1f}")
    return f"{document['street_name']} · {said}" if document.get("street_name") else said


def _signed_text(document: Mapping[str, Any], locale: str) -> str:
    if not document["signed"]:
        return TEXTS.say("plate_unsigned", locale)
    until: dt.date | None = document["valid_to"]
    return TEXTS.say("plate_signed_until", locale, day=until) if until else TEXTS.say("plate_signed", locale)
