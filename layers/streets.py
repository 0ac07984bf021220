"""Streets: the segments that issues are near, contracts run along and patrols walk."""

from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Json, Layer, Shape, Style, Territorial, geometry_index, given, unique_while_open

STREET_CLASSES = ("arterial", "secondary", "branch", "backstreet", "other")


class Street(Territorial, Layer):
    """Street centre lines, from arterial road to back lane."""

    __tablename__ = "street"
    title = ("Streets", "道路")
    style = Style(colour="#8d99ae", label="name", weight=2)

    code: Mapped[str] = given()
    name: Mapped[str] = given(default="")
    names: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    class_: Mapped[str] = given(name="class", choices=STREET_CLASSES, default="other")
    width_m: Mapped[float | None] = given()
    """Carriageway from kerb to kerb."""
    footway_m: Mapped[float | None] = given()
    """Footway on each side."""
    cleaning_grade: Mapped[str | None] = given()
    belongs_to: Mapped[str | None] = given()
    """Grid that a border street belongs to whole, whichever side an issue lies on (解放街 rule)."""
    length_m: Mapped[float]
    geom: Mapped[WKBElement] = mapped_column(Shape("MULTILINESTRING"))

    __table_args__ = (unique_while_open("street", "version_to", "code"), geometry_index("street"))
