"""Daily coverage: what was walked of each segment on each day."""

import datetime as dt

from geoalchemy2 import WKBElement
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Base, BigId, Instant, Layer, Shape, Style, geometry_index


class SegmentDay(Layer):
    """Streets from crossing to crossing, by local day: one row for each that somebody passed."""

    __tablename__ = "segment_day"
    title = ("Patrol coverage by day", "每日巡查覆盖")
    style = Style(colour="#2a9d8f", label="street", weight=2)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day: Mapped[dt.date]
    street: Mapped[str]
    """Code of the street; with ``from_m`` and ``to_m`` it names the segment."""
    from_m: Mapped[float]
    to_m: Mapped[float]
    """Metres from the street's beginning, to the centimetre."""
    class_: Mapped[str] = mapped_column("class")
    grid: Mapped[str | None] = mapped_column(index=True)
    """Lowest grid that most of it lies in."""
    walked_m: Mapped[float]
    """Metres surely passed at least once."""
    visits: Mapped[int]
    """Sure passes over at least half of it."""
    passes: Mapped[int]
    """Passes of any length and certainty."""
    carriers: Mapped[int]
    """People who passed it."""
    patrol_m: Mapped[float]
    """Metres walked on it, all passes together."""
    patrol_s: Mapped[float]
    """Seconds that people spent on it, all together."""
    last_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    """The hour (UTC) in which it was last surely passed, from its beginning."""
    geom: Mapped[WKBElement] = mapped_column(Shape("LINESTRING"))

    __table_args__ = (
        Index("uq_segment_day", "day", "street", "from_m", unique=True),
        geometry_index("segment_day"),
    )


class CountedDay(Base):
    """A local day whose carriers' days are counted in :class:`SegmentDay`, and up to which of them."""

    __tablename__ = "counted_day"
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigId)
    """Greatest position of the day's :class:`layers.tracks.PatrolDay` that is counted."""
    state: Mapped[int] = mapped_column(BigId, unique=True)
    """Above that of all days that were counted before."""
