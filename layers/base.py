"""What a layer is: one mapped class that says what is stored, what it means and how it looks."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import shapely
from geoalchemy2 import Geometry
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

SRID = 4326
LINES_OR_AREAS = "LINES OR AREAS"
"""Kind of a column that holds lines and polygons, and no points."""

Json = JSON().with_variant(JSONB(), "postgresql")
"""JSON text on SQLite, ``jsonb`` on PostgreSQL."""

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""64-bit integer key; SQLite numbers rows by itself only for ``INTEGER``."""


class Shape(TypeDecorator[shapely.Geometry]):
    """A shapely geometry in EPSG:4326: ``geometry`` on PostGIS, WKB bytes on SQLite."""

    impl = Geometry
    cache_ok = True

    def __init__(self, kind: str = "GEOMETRY") -> None:
        super().__init__("GEOMETRY" if kind == LINES_OR_AREAS else kind, srid=SRID, spatial_index=False)
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect | None) -> TypeEngine[Any]:
        """The column type on ``dialect``; GeoAlchemy2 may ask with ``None``."""
        if dialect is not None and dialect.name == "sqlite":
            return LargeBinary()
        return self.impl_instance

    def process_bind_param(self, value: shapely.Geometry | None, dialect: Dialect) -> Any:
        """Shapely geometry to what the driver takes."""
        if value is None:
            return None
        return shapely.to_wkb(value) if dialect.name == "sqlite" else from_shape(value, srid=SRID)

    def process_result_value(self, value: Any, dialect: Dialect) -> shapely.Geometry | None:
        """What the driver gives to a shapely geometry."""
        if value is None:
            return None
        return shapely.from_wkb(value) if dialect.name == "sqlite" else to_shape(value)


class Instant(TypeDecorator[dt.datetime]):
    """An instant in UTC; naive datetimes are refused because they name no instant."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Aware datetime to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("an instant needs a time zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Whatever the driver gives, as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a layer looks: CSS colour, stroke weight in pixels and the column that labels a feature."""

    colour: str
    label: str = "name"
    weight: float = 1.0


class Base(DeclarativeBase):
    """Root of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


def given(*, choices: Sequence[str] = (), **column: Any) -> MappedColumn[Any]:
    """A column that a file may fill; a value outside ``choices`` (if any) is refused at load."""
    return mapped_column(info={"given": True, "choices": tuple(choices)}, **column)


def unique_while_open(table: str, ended: str, *columns: str) -> Index:
    """Unique index over the rows that no version has ended: ``columns`` name one thing at a time."""
    still_open = text(f"{ended} IS NULL")
    return Index(f"uq_{table}_open", *columns, unique=True, postgresql_where=still_open, sqlite_where=still_open)


class Source:
    """Where a row came from: identity is (``source``, ``key``), so that loading twice changes nothing."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    feature_id: Mapped[int] = mapped_column(BigId, index=True)
    """Stays the same through all versions of one thing."""
    source: Mapped[str]
    key: Mapped[str]
    valid_from: Mapped[dt.date | None] = given()
    """First day it holds in the world; empty: always did."""
    valid_to: Mapped[dt.date | None] = given()
    """Last day it holds; empty: until further notice."""
    extra: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What the file said beyond our columns."""
    digest: Mapped[str]
    """Of everything the file said about it, so that an equal row is known when it comes again."""


class Territorial(Source):
    """Row of a territory layer: seen by the versions from ``version_from`` up to but not including ``version_to``."""

    @declared_attr
    def version_from(cls) -> Mapped[int]:
        """The territory version, or the state of the draft, that brought the row; drafts are no versions, hence no
        foreign key.
        """
        return mapped_column(BigId, index=True)

    @declared_attr
    def version_to(cls) -> Mapped[int | None]:
        """The territory version that ended or replaced it."""
        return mapped_column(BigId)


class Revised(Source):
    """Row of reference data: seen by the revisions from ``revision_from`` up to but not including ``revision_to``."""

    @declared_attr
    def revision_from(cls) -> Mapped[int]:
        """The revision that brought the row."""
        return mapped_column(ForeignKey("revision.id"), index=True)

    @declared_attr
    def revision_to(cls) -> Mapped[int | None]:
        """The revision that ended or replaced it."""
        return mapped_column(ForeignKey("revision.id"))


class Layer(Base):
    """A mapped class with a geometry that people see on the map."""

    __abstract__ = True
    title: ClassVar[tuple[str, str]]
    """The layer's name in English and Chinese."""
    style: ClassVar[Style]


def geometry_index(table: str) -> Index:
    """Spatial index of ``table.geom``; SQLite has none."""
    return Index(f"ix_{table}_geom", "geom", postgresql_using="gist").ddl_if(dialect="postgresql")
