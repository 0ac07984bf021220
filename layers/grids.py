"""Grids: the responsibility territory at every level."""

from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Json, Layer, Shape, Style, Territorial, geometry_index, given, unique_while_open


class Grid(Territorial, Layer):
    """Cells of the city's grid levels, from district down to unit grid."""

    __tablename__ = "grid"
    title = ("Grids", "网格")
    style = Style(colour="#3d5a80", label="name", weight=1.2)

    code: Mapped[str] = given()
    name: Mapped[str] = given(default="")
    names: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    level: Mapped[str] = given()
    parent: Mapped[str | None] = given()
    """Code of the cell one level up."""
    parent_by: Mapped[str | None]
    """How the parent was found: ``file``, ``code`` or ``overlap``."""
    parent_share: Mapped[float | None]
    """Share of this cell's area that lies in its parent."""
    parent_differs: Mapped[bool] = mapped_column(default=False)
    """Whether another cell one level up holds more of this cell's area."""
    organisation: Mapped[str | None] = given()
    """Party that answers for the territory where nobody else does (属地兜底)."""
    grade: Mapped[str | None] = given()
    stated_area_m2: Mapped[float | None] = given()
    bound_east: Mapped[str | None] = given()
    """Stated bounds (四至): code or name of the street that it ends at on this side."""
    bound_north: Mapped[str | None] = given()
    bound_west: Mapped[str | None] = given()
    bound_south: Mapped[str | None] = given()
    area_m2: Mapped[float]
    geom: Mapped[WKBElement] = mapped_column(Shape("MULTIPOLYGON"))

    __table_args__ = (unique_while_open("grid", "version_to", "code"), geometry_index("grid"))
