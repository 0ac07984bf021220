"""Walls: what front-of-door strips end at, and the lots that buildings stand on."""

from geoalchemy2 import WKBElement
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import LINES_OR_AREAS, Layer, Revised, Shape, Style, geometry_index, given, unique_while_open

LOT = "lot"
"""The kind whose lines a strip's sides may follow; at all others it ends."""
KINDS = ("building", "fence", LOT)


class Wall(Revised, Layer):
    """Footprints of buildings, columns of arcades, fences, and lots."""

    __tablename__ = "wall"
    title = ("Walls and lots", "建筑、围墙与宗地")
    style = Style(colour="#6c757d", label="code", weight=1)

    code: Mapped[str] = given()
    kind: Mapped[str] = given(choices=KINDS, default="building")
    geom: Mapped[WKBElement] = mapped_column(Shape(LINES_OR_AREAS))

    __table_args__ = (unique_while_open("wall", "revision_to", "code"), geometry_index("wall"))
