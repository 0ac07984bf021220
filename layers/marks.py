"""Marks: lines that the authority has painted, inside of which goods or vehicles are in order, or never are."""

from geoalchemy2 import WKBElement
from sqlalchemy.orm import Mapped, mapped_column

from gis_core.front_doors import MARK_KINDS
from layers.base import Layer, Revised, Shape, Style, geometry_index, given, unique_while_open


class Mark(Revised, Layer):
    """Marked ground: for goods, for parking, or against parking."""

    __tablename__ = "mark"
    title = ("Marked ground", "划线区域")
    style = Style(colour="#003f5c", label="code", weight=1)

    code: Mapped[str] = given()
    name: Mapped[str] = given(default="")
    kind: Mapped[str] = given(choices=MARK_KINDS)
    document: Mapped[str | None] = given()
    area_m2: Mapped[float]
    geom: Mapped[WKBElement] = mapped_column(Shape("MULTIPOLYGON"))

    __table_args__ = (unique_while_open("mark", "revision_to", "code"), geometry_index("mark"))
