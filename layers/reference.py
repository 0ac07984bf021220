"""Reference data without a map layer of their own: categories, tags, parties, holders, contracts."""

import datetime as dt
from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy.orm import Mapped, mapped_column

from layers.base import Base, Json, Revised, Shape, geometry_index, given, unique_while_open

CATEGORY_KINDS = ("component", "matter")
PARTY_KINDS = ("unit", "firm", "person")
HOLDER_SUBJECTS = ("grid", "street", "place")
CONTRACT_KINDS = ("road", "section", "area", "block", "point", "grid", "city")
SIDES = ("both", "left", "right")


class Category(Revised, Base):
    """A class of component (部件) or matter (事项): the key is (scheme, kind, code)."""

    __tablename__ = "category"
    scheme: Mapped[str] = given()
    kind: Mapped[str] = given(choices=CATEGORY_KINDS, default="matter")
    code: Mapped[str] = given()
    name: Mapped[str] = given()
    names: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    major: Mapped[str | None] = given()
    component: Mapped[str | None] = given()
    """For a matter: code of the component it is a fault of."""
    radius_m: Mapped[float | None] = given()
    """For a component: how far from the report the one meant may stand."""
    status: Mapped[str | None] = given()
    """How sure the code is, for example ``single transcription``."""

    __table_args__ = (unique_while_open("category", "revision_to", "scheme", "kind", "code"),)


class Tag(Revised, Base):
    """Member of a tag group such as the eight disorders (八乱): a name for several categories."""

    __tablename__ = "tag"
    tag_group: Mapped[str] = given()
    tag: Mapped[str] = given()
    scheme: Mapped[str] = given()
    kind: Mapped[str] = given(choices=CATEGORY_KINDS, default="matter")
    code: Mapped[str] = given()

    __table_args__ = (unique_while_open("tag", "revision_to", "tag_group", "tag", "scheme", "kind", "code"),)


class Party(Revised, Base):
    """Whoever can answer for something: a unit of the organisation tree, a firm or a person."""

    __tablename__ = "party"
    code: Mapped[str] = given()
    kind: Mapped[str] = given(choices=PARTY_KINDS, default="unit")
    name: Mapped[str] = given()
    names: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    parent: Mapped[str | None] = given()
    """Party one step up the organisation tree."""

    __table_args__ = (unique_while_open("party", "revision_to", "code"),)


class Holder(Revised, Base):
    """Who holds a grid, street or place: one party and a deputy, with dates."""

    __tablename__ = "holder"
    subject: Mapped[str] = given(choices=HOLDER_SUBJECTS)
    subject_code: Mapped[str] = given()
    holder: Mapped[str] = given()
    deputy: Mapped[str | None] = given()

    __table_args__ = (unique_while_open("holder", "revision_to", "subject", "subject_code", "holder", "valid_from"),)


class Contract(Revised, Base):
    """A duty of somebody over a road, section, area, block, point or grid, for given categories and dates."""

    __tablename__ = "contract"
    code: Mapped[str] = given()
    name: Mapped[str] = given(default="")
    kind: Mapped[str] = given(choices=CONTRACT_KINDS)
    contractor: Mapped[str | None] = given()
    """Firm that does the work; a contract may lack one."""
    responsible: Mapped[str | None] = given()
    """Party that answers; empty: the contractor does. One of the two is always there."""
    supervisor: Mapped[str | None] = given()
    duties: Mapped[list[str]] = given(type_=Json)
    """Items ``*``, ``CODE``, ``component:CODE``, ``tag:GROUP`` or ``tag:GROUP/TAG``."""
    scheme: Mapped[str] = given()
    street: Mapped[str | None] = given()
    """Road: street code or name. Section: street code."""
    from_m: Mapped[float | None] = given()
    to_m: Mapped[float | None] = given()
    side: Mapped[str] = given(choices=SIDES, default="both")
    left_m: Mapped[float | None] = given()
    """How far the duty reaches to the left of the line, wall to wall."""
    right_m: Mapped[float | None] = given()
    radius_m: Mapped[float | None] = given()
    grid: Mapped[str | None] = given()
    document: Mapped[str | None] = given()
    tendered_area_m2: Mapped[float | None] = given()
    area_m2: Mapped[float | None]
    """Area from the geometry, beside the tendered one."""
    geom: Mapped[WKBElement | None] = mapped_column(Shape("GEOMETRY"))

    __table_args__ = (unique_while_open("contract", "revision_to", "code"), geometry_index("contract"))


class Shop(Revised, Base):
    """What the register of front doors says of a place of type ``shop``."""

    __tablename__ = "shop"
    code: Mapped[str] = given(index=True)
    """The place's."""
    trade: Mapped[str | None] = given()
    person: Mapped[str | None] = given()
    """Who is in charge (负责人): shown to those who may see how to reach people."""
    owner: Mapped[str | None] = given()
    """Who let the house, and answers beside the shop (第二责任人)."""
    plate: Mapped[str | None] = given()
    """Number of the plate on its wall (门前责任牌)."""

    __table_args__ = (unique_while_open("shop", "revision_to", "code"),)


class Agreement(Revised, Base):
    """A letter of front-door duties (门前三包责任书) that a shop signed, from ``valid_from`` to ``valid_to``."""

    __tablename__ = "agreement"
    code: Mapped[str] = given()
    shop: Mapped[str] = given(index=True)
    """The place's code."""
    duties: Mapped[list[str]] = given(type_=Json, default=list)
    """Items as in a contract; empty: the city's usual ones."""
    party: Mapped[str | None] = given()
    """Who signed for the city: the enforcement team or the subdistrict."""
    signed_on: Mapped[dt.date | None] = given()
    document: Mapped[str | None] = given()

    __table_args__ = (unique_while_open("agreement", "revision_to", "code"),)


class CaseNumber(Base):
    """Last sequence number given out per area and local day."""

    __tablename__ = "case_number"
    area: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    last: Mapped[int]
