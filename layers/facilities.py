"""Facilities: the components (部件) of the street, each with its three bodies."""

from geoalchemy2 import WKBElement
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Layer, Revised, Shape, Style, geometry_index, given, unique_while_open


class Facility(Revised, Layer):
    """Manhole covers, lamps, bins, benches …: one point each, class by component code."""

    __tablename__ = "facility"
    title = ("Facilities", "部件")
    style = Style(colour="#5f7f5f", label="code", weight=1)

    code: Mapped[str] = given()
    name: Mapped[str] = given(default="")
    scheme: Mapped[str] = given()
    category: Mapped[str] = given()
    """Code of a category of kind ``component`` in ``scheme``."""
    supervises: Mapped[str | None] = given()
    """Supervising party (主管)."""
    owns: Mapped[str | None] = given()
    """Owning party (权属)."""
    maintains: Mapped[str | None] = given()
    """Maintaining party (养护)."""
    state: Mapped[str | None] = given()
    geom: Mapped[WKBElement] = mapped_column(Shape("POINT"))

    __table_args__ = (unique_while_open("facility", "revision_to", "code"), geometry_index("facility"))
