"""Plans as files for other programs: GPX of a round, GeoJSON and a workbook. All places are WGS 84."""

import io
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from map_ui.rounds import TASKS, clock, line_of, needs, numbered, reasons, step_name
from map_ui.texts import TEXTS

GPX = "http://www.topografix.com/GPX/1/1"
COLUMNS = ("number", "arrive", "begin", "leave", "what", "why", "leg", "code")
"""Of a round in a workbook; texts ``sheet_…`` head them."""
LEFT_COLUMNS = ("code", "what", "why", "reason", "needs")
WIDTHS: Mapping[str, int] = {"what": 40, "why": 50, "reason": 50, "needs": 40, "code": 24}
MOST_TITLE = 31
"""Characters that the name of a sheet may have."""


def route_gpx(plan: Mapping[str, Any], route: Mapping[str, Any], locale: str) -> str:
    """A round as GPX 1.1: tasks as waypoints in order, and a route along the streets."""
    title = f"{plan['day']} {route['name'] or route['patroller']}"
    root = ElementTree.Element("gpx", {"xmlns": GPX, "version": "1.1", "creator": "GridWarden"})
    path: list[Sequence[float]] = []
    waypoints: list[tuple[Sequence[float], str, str]] = []
    for step, nth in zip(route["steps"], numbered(route), strict=True):
        path += [at for line in step["way"] for at in line]
        if step["at"] is not None:
            path += line_of(step) if step["kind"] == "lane" else [step["at"]]
            name = f"{nth}. {step_name(step, locale)}" if nth else step_name(step, locale)
            told = [f"{clock(step['begin_s'])}–{clock(step['leave_s'])}", *reasons(step, locale)]
            waypoints.append((step["at"], name, "; ".join(told)))
    for at, name, told_text in waypoints:
        _point(root, "wpt", at, name, told_text)
    way = ElementTree.SubElement(root, "rte")
    ElementTree.SubElement(way, "name").text = _plain(title)
    for before, at in zip([None, *path], path, strict=False):
        if at != before:
            _point(way, "rtept", at)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _point(parent: ElementTree.Element, tag: str, at: Sequence[float], name: str = "", told: str = "") -> None:
    point = ElementTree.SubElement(parent, tag, {"lat": f"{at[1]:.6f}", "lon": f"{at[0]:.6f}"})
    for key, text in (("name", name), ("desc", told)):
        if text:
            ElementTree.SubElement(point, key).text = _plain(text)


def _plain(text: str) -> str:
    return ILLEGAL_CHARACTERS_RE.sub("", text)


def plan_geojson(plan: Mapping[str, Any], routes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Routes as GeoJSON: ``what`` is ``leg`` (lines), ``lane`` (lines as they are walked) or ``stop`` (points, start
    and end among them); each has ``patroller``, ``order`` (position on the route) and times as seconds and clock.
    """
    return {
        "type": "FeatureCollection", "plan": plan["number"], "edition": plan["shown"], "day": str(plan["day"]),
        "features": [feature for route in routes for feature in _features(route)],
    }  # fmt: skip


def _features(route: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for order, (step, nth) in enumerate(zip(route["steps"], numbered(route), strict=True)):
        said = {
            "patroller": route["patroller"], "order": order, "number": nth, "kind": step["kind"],
            "code": step["code"], "name": step["name"], "arrive_s": step["arrive_s"], "begin_s": step["begin_s"],
            "leave_s": step["leave_s"], "begin": clock(step["begin_s"]), "leave": clock(step["leave_s"]),
            "leg_m": step["leg_m"],
        }  # fmt: skip
        found += [_feature("LineString", line, "leg", said) for line in step["way"] if len(line) > 1]
        if step["kind"] == "lane":
            found.append(_feature("LineString", line_of(step), "lane", said))
        elif step["at"] is not None:
            found.append(_feature("Point", step["at"], "stop", said))
    return found


def _feature(kind: str, coordinates: Any, what: str, said: Mapping[str, Any]) -> dict[str, Any]:
    shape = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": shape, "properties": {"what": what, **said}}


def plan_workbook(plan: Mapping[str, Any], routes: Sequence[Mapping[str, Any]], locale: str, *, left: bool) -> bytes:
    """A workbook with a sheet a patroller, and one of what is left out if ``left``."""
    book = Workbook()
    book.remove(book.active)
    names = {route["patroller"]: route["name"] or route["patroller"] for route in plan["routes"]}
    taken: set[str] = set()
    for route in routes:
        sheet = _sheet(book, names[route["patroller"]], COLUMNS, locale, taken)
        for row in _route_rows(route, locale):
            sheet.append([_cell(one) for one in row])
    if left:
        sheet = _sheet(book, TEXTS.say("sheet_left_out", locale), LEFT_COLUMNS, locale, taken)
        for task in plan["dropped"]:
            said = [task["code"], task["name"], "\n".join(reasons(task, locale)), task["reason"][locale]]
            sheet.append([_cell(one) for one in (*said, needs(task, names, locale))])
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if cell.data_type == "f":
                    # What people wrote is text, whatever it begins with.
                    cell.data_type = "s"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _route_rows(route: Mapping[str, Any], locale: str) -> list[tuple[Any, ...]]:
    return [
        (nth, clock(step["arrive_s"]), clock(step["begin_s"]), clock(step["leave_s"]), step_name(step, locale),
         "\n".join(reasons(step, locale)), round(step["leg_m"], 2), step["code"] if step["kind"] in TASKS else "")
        for step, nth in zip(route["steps"], numbered(route), strict=True)
    ]  # fmt: skip


def _sheet(book: Workbook, title: str, columns: Sequence[str], locale: str, taken: set[str]) -> Worksheet:
    sheet: Worksheet = book.create_sheet(_title(title, taken))
    sheet.append([TEXTS.say(f"sheet_{name}", locale) for name in columns])
    for cell, name in zip(sheet[1], columns, strict=True):
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = WIDTHS.get(name, 10)
    sheet.freeze_panes = "A2"
    sheet.page_setup.paperSize, sheet.page_setup.orientation = sheet.PAPERSIZE_A4, "landscape"
    return sheet


def _title(name: str, taken: set[str]) -> str:
    """A name that a sheet may have and no other has."""
    plain = _plain("".join("_" if one in "[]:*?/\\" else one for one in name)).strip("'")[:MOST_TITLE] or "_"
    title, nth = plain, 2
    while title.lower() in taken:
        title, nth = f"{plain[: MOST_TITLE - 4]} {nth}", nth + 1
    taken.add(title.lower())
    return title


def _cell(value: Any) -> Any:
    return _plain(value) if isinstance(value, str) else value
