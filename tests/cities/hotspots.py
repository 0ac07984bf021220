"""``python -m tests.cities.hotspots`` draws the pictures of docs/hotspots-cities.md, a few hundred pixels wide."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import shapely
from PIL import Image, ImageDraw, ImageFont

from gis_core.arrays import Floats, Objects
from gis_core.hotspots.significance import Significance
from tests.cities.hot_taipei import EARTHQUAKE, Taipei
from tests.cities.hot_washington import DIRT, Washington, along

ROOT = Path(__file__).parents[2]
CITIES, PICTURES = ROOT.parent / "shared" / "cities", ROOT / "docs" / "pictures"
HOT = {"hot_99": "#a50f15", "hot_95": "#de2d26", "hot_90": "#fcae91"}
COLD = {"cold_99": "#08519c", "cold_95": "#3182bd", "cold_90": "#bdd7e7"}
OTHER = {"none": "#f0f0f0", "insufficient": "#cccccc"}
WARM = ("#f7f7f7", "#fee8c8", "#fdbb84", "#fc8d59", "#d7301f", "#7f0000")
EDGE, INK, PAPER, FINE = "#8c8c8c", "#202020", "#ffffff", 2
Legend = Sequence[tuple[str, str]]


class Panel:
    """A map of a part of a city, with a title above and a legend below it.

    Parameters
    ----------
    box
        West, south, east and north, metric CRS.
    size
        Pixels wide and high, of the map alone.
    """

    def __init__(self, box: Sequence[float], size: tuple[int, int], title: str, legend: Legend) -> None:
        west, south, east, north = box
        wide, high = (side * FINE for side in size)
        self.scale = min(wide / (east - west), high / (north - south))
        self.west, self.north = west, north
        self.image = Image.new("RGB", (wide, high), PAPER)
        self.draw = ImageDraw.Draw(self.image)
        self.title, self.legend, self.size = title, legend, size

    def at(self, xy: Floats) -> list[tuple[float, float]]:
        """Pixels of places."""
        return [((x - self.west) * self.scale, (self.north - y) * self.scale) for x, y in xy.tolist()]

    def fill(self, shapes: Objects, colours: Sequence[str]) -> None:
        """Areas in their colours."""
        for shape, colour in zip(shapes, colours, strict=True):
            for part in shapely.get_parts(shape):
                if shapely.get_type_id(part) == 3:
                    self.draw.polygon(self.at(shapely.get_coordinates(part.exterior)), fill=colour, outline=EDGE)

    def line(self, xy: Floats, colour: str, width: int) -> None:
        """A stretch of street."""
        self.draw.line(self.at(xy), fill=colour, width=width * FINE)

    def finished(self) -> Image.Image:
        """The map with its title and legend."""
        wide, high = self.size
        whole = Image.new("RGB", (wide, high + 22 + 16 * ((len(self.legend) + 1) // 2)), PAPER)
        whole.paste(self.image.resize(self.size, Image.Resampling.LANCZOS), (0, 20))
        draw = ImageDraw.Draw(whole)
        draw.text((4, 2), self.title, fill=INK, font=ImageFont.load_default(13))
        for nth, (colour, said) in enumerate(self.legend):
            x, y = 4 + nth % 2 * (wide // 2), high + 24 + nth // 2 * 16
            draw.rectangle((x, y, x + 14, y + 10), fill=colour, outline=EDGE)
            draw.text((x + 19, y - 2), said, fill=INK, font=ImageFont.load_default(11))
        return whole


def beside(panels: Sequence[Panel], name: str) -> None:
    """Panels in a row, as a small PNG."""
    images = [panel.finished() for panel in panels]
    whole = Image.new("RGB", (sum(one.width for one in images), max(one.height for one in images)), PAPER)
    for nth, one in enumerate(images):
        whole.paste(one, (sum(before.width for before in images[:nth]), 0))
    whole.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        PICTURES / f"{name}.png", optimize=True
    )


def of_classes(title: str, shapes: Objects, found: Significance, size: tuple[int, int]) -> Panel:
    """Areas by significance."""
    told: Mapping[str, str] = {**HOT, **COLD, **OTHER}
    names = ("hot_99", "cold_99", "hot_95", "cold_95", "hot_90", "cold_90")
    legend = [(told[name], f"{name.split('_')[0]}, q < {(100 - int(name[-2:])) / 100:.2f}") for name in names]
    classes = found.cells["class"].tolist()
    if "insufficient" in classes:
        legend.append((told["insufficient"], "insufficient"))
    panel = Panel(shapely.total_bounds(shapes), size, title, legend)
    panel.fill(shapes, [told[one] for one in classes])
    return panel


def of_counts(title: str, shapes: Objects, counts: Floats, size: tuple[int, int]) -> Panel:
    """Areas by number: quantiles, the last a tenth."""
    breaks = np.unique(np.quantile(counts, (0.25, 0.5, 0.75, 0.9)))
    breaks = breaks[breaks > counts.min()]
    level = np.searchsorted(breaks, counts, side="right")
    low = [int(counts.min()), *(int(np.ceil(one)) for one in breaks)]
    legend = [(WARM[nth + 1], f"{one} and more") for nth, one in enumerate(low)]
    panel = Panel(shapely.total_bounds(shapes), size, title, legend)
    panel.fill(shapes, [WARM[one + 1] for one in level])
    return panel


def washington() -> None:
    """Districts by number and by significance, and heat along streets of the middle of the city."""
    city, size = Washington(CITIES / "washington-dc"), (300, 340)
    rows = city.rows(DIRT)
    panels = [of_counts("Street dirt: requests", city.shapes, city.counts(rows), size)]
    for per, said in (("none", "significant, districts alike"), ("streets", "significant, per km of street")):
        panels.append(of_classes(said, city.shapes, city.significant(rows, per), size))
    beside(panels, "hotspots-washington-districts")
    meters = city.rows(("Parking Meter Repair",))
    panels = [of_counts("Parking meters: requests", city.shapes, city.counts(meters), size)]
    for per, said in (("none", "significant, districts alike"), ("shops", "significant, per liquor licence")):
        panels.append(of_classes(said, city.shapes, city.significant(meters, per), size))
    beside(panels, "hotspots-washington-meters")
    streets(city)


def streets(city: Washington) -> None:
    """Heat along the streets between 16th Street and the Trinidad, and the stretches that are significant."""
    found, network, box = along(city, city.rows(DIRT)), city.network, (395_900.0, 136_600.0, 401_300.0, 141_000.0)
    breaks = np.quantile(found.lixels.density[found.lixels.density > 0], (0.25, 0.5, 0.75, 0.95))
    colours = ("#e0e0e0", *WARM[2:])
    legend = [(colour, f"from {low:.2f} a day and km") for colour, low in zip(colours[1:], breaks, strict=True)]
    heat = Panel(box, (450, 366), "Street dirt: heat along streets, 150 m", legend)
    level = np.searchsorted(breaks, found.lixels.density, side="right")
    first = np.searchsorted(found.lixels.edge, found.lixels.edge)
    from_m = (np.arange(len(first)) - first) * found.lixels.length_m
    shown = np.flatnonzero(shapely.intersects(network.lines, shapely.box(*box))[found.lixels.edge])
    shown = shown[np.argsort(level[shown], kind="stable")]
    ends = [
        shapely.get_coordinates(shapely.line_interpolate_point(network.lines[found.lixels.edge[shown]], at))
        for at in (from_m[shown], (from_m + found.lixels.length_m)[shown])
    ]
    for one, two, nth in zip(*ends, level[shown], strict=True):
        heat.line(np.array([one, two]), colours[nth], 2 if nth else 1)
    sure = Panel(box, (450, 366), "stretches with too many for their length", [
        (HOT["hot_99"], "hot, q < 0.01"), (HOT["hot_95"], "hot, q < 0.05"), ("#e0e0e0", "none"),
    ])  # fmt: skip
    classes = found.edges.cells["class"].to_numpy(object)
    for name in ("none", "hot_95", "hot_99"):
        own = (classes == name) if name in HOT else ~np.isin(classes, ("hot_95", "hot_99"))
        for line in network.lines[own & shapely.intersects(network.lines, shapely.box(*box))]:
            sure.line(shapely.get_coordinates(line), HOT.get(name, "#e0e0e0"), 1 if name == "none" else 3)
    beside([heat, sure], "hotspots-washington-streets")


def taipei() -> None:
    """Villages with and without the cases at the city hall, and after the earthquake."""
    city, size = Taipei(CITIES / "taipei"), (300, 370)
    placed = city.placed(city.cases)
    panels = [
        of_classes(said, city.shapes, city.significant(counts), size)
        for said, counts in (
            ("a week of cases, all", city.counts(city.cases, placed | ~placed)),
            ("without those at the city hall", city.counts(city.cases, placed)),
            ("after the earthquake of 2024-04-03", city.in_event(EARTHQUAKE)),
        )
    ]
    beside(panels, "hotspots-taipei-villages")


if __name__ == "__main__":
    washington()
    taipei()
