"""Places: markets first, and every other kind of place somebody operates."""

from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Json, Layer, Shape, Style, Territorial, geometry_index, given, unique_while_open


class Place(Territorial, Layer):
    """Markets, malls, estates, schools, stations, parks, sites, shops …: points or polygons with an operator."""

    __tablename__ = "place"
    title = ("Places", "场所")
    style = Style(colour="#b5651d", label="name", weight=1)

    code: Mapped[str] = given(index=True)
    name: Mapped[str] = given(default="")
    names: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    type: Mapped[str] = given()
    """Code of a place type (``data/reference/place_types.csv``)."""
    operator: Mapped[str | None] = given()
    """Party that answers for everything inside."""
    supervisor: Mapped[str | None] = given()
    """Party of the trade that supervises it (行业监督)."""
    address: Mapped[str | None] = given()
    geom: Mapped[WKBElement] = mapped_column(Shape("GEOMETRY"))

    __table_args__ = (unique_while_open("place", "version_to", "code"), geometry_index("place"))
