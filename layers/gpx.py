"""GPX, read by its elements as they come: no entity is made, no document type read, so none can be led elsewhere."""

from contextlib import suppress
from pathlib import Path
from xml.parsers import expat

from gis_core.errors import InvalidInput
from layers.opened import reading

_BLOCK_BYTES, _FIRST_BYTES = 1 << 20, 1 << 16
_BETWEEN = " "
_DEEPEST = 64
"""Elements within each other; nine are what GPX needs."""
MOST_POINTS = 5_000_000


class _Points:
    """What a parser tells, as the points of tracks."""

    def __init__(self) -> None:
        self.lon: list[str] = []
        self.lat: list[str] = []
        self.time: list[str] = []
        self._path: list[str] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._path.append(name.rpartition(_BETWEEN)[2])
        if len(self._path) > _DEEPEST:
            raise ValueError("elements too deep within each other")
        if self._path[-3:] == ["trk", "trkseg", "trkpt"]:
            self.lon.append(attributes.get("lon", ""))
            self.lat.append(attributes.get("lat", ""))
            self.time.append("")
            if len(self.lon) > MOST_POINTS:
                raise ValueError(f"more than {MOST_POINTS} points")

    def end(self, name: str) -> None:
        """It ends."""
        self._path.pop()

    def text(self, said: str) -> None:
        """Text within it."""
        if self._path[-2:] == ["trkpt", "time"] and self.time and len(self.time[-1]) < 100:
            self.time[-1] += said


def is_gpx(path: Path) -> bool:
    """Whether a file is GPX: by its name, or because its first element says so, in whatever encoding."""
    if path.suffix.lower() == ".gpx":
        return True
    found: list[str] = []
    parser = expat.ParserCreate(namespace_separator=_BETWEEN)
    parser.StartElementHandler = lambda name, attributes: found.append(name.rpartition(_BETWEEN)[2])
    with path.open("rb") as file, suppress(expat.ExpatError):
        while not found and (block := file.read(_FIRST_BYTES)):
            parser.Parse(block, False)
    return found[:1] == ["gpx"]


def read_gpx(path: Path) -> dict[str, list[str]]:
    """The points of the tracks of a GPX file (1.0 and 1.1) as they are written: ``lon``, ``lat``, ``time``.

    Waypoints and routes are no tracks and left out.

    Raises
    ------
    InvalidInput
        When it is damaged, or declares a document type, which no GPX file has and which could name other files or
        grow without end.
    """
    points = _Points()
    parser = expat.ParserCreate(namespace_separator=_BETWEEN)
    parser.StartElementHandler, parser.EndElementHandler = points.begin, points.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = points.text, _refuse
    with reading(path, expat.ExpatError, ValueError), path.open("rb") as file:
        try:
            while block := file.read(_BLOCK_BYTES):
                parser.Parse(block, False)
            parser.Parse(b"", True)
        except _DocumentType:
            raise InvalidInput("gpx_document_type", file=path.name) from None
    return {"lon": points.lon, "lat": points.lat, "time": points.time}


class _DocumentType(Exception):
    """A document type is declared."""


def _refuse(*_: object) -> None:
    raise _DocumentType
