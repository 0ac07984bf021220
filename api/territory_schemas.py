"""What programs are answered about cells, drafts and registers, as the OpenAPI document describes it."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model
from sqlalchemy import Date, Float, Integer, String

from layers import TABLES
from layers.frames import table_of


class Cell(BaseModel):
    """A cell of the territory."""

    code: str
    name: str
    level: str
    parent: str | None
    organisation: str | None
    grade: str | None
    area_m2: float


class CellList(BaseModel):
    """Cells, from the top level down."""

    grids: list[Cell]


class CellHolder(BaseModel):
    """Who holds a cell, and when."""

    holder: str | None
    deputy: str | None
    valid_from: dt.date | None
    valid_to: dt.date | None


class CellDocument(Cell):
    """A cell with its holders and figures."""

    holders: list[CellHolder]
    issues: dict[str, int] = Field(description="How many are `open` and `closed`.")
    cells_below: int


class CellBranch(Cell):
    """A cell and those below it."""

    cells_below: int
    below: "list[CellBranch] | None" = Field(description="None where no more levels were asked for.")


class CellTree(BaseModel):
    """Cells with those below them."""

    grids: list[CellBranch]


class TileLayer(BaseModel):
    """What a layer's features say in tiles."""

    id: str
    fields: dict[str, str]


class TileDocument(BaseModel):
    """TileJSON 3.0."""

    tilejson: str
    name: str
    description: str
    tiles: list[str]
    minzoom: int
    maxzoom: int
    bounds: list[float] = Field(min_length=4, max_length=4)
    vector_layers: list[TileLayer]


class DraftChangeDocument(BaseModel):
    """A feature that a draft changes."""

    layer: str
    id: int = Field(description="The feature's number at `/ogc/collections/{layer}/items`.")
    operation: Literal["create", "replace", "delete"]
    code: str
    name: str
    changed_at: dt.datetime
    changed_by: str
    outdated: bool = Field(description="Made over what is no longer published: make it again, or undo it.")


class DraftHead(BaseModel):
    """A draft of the territory."""

    id: int
    note: str
    created_at: dt.datetime
    created_by: str
    changes: int


class DraftList(BaseModel):
    """Open drafts."""

    drafts: list[DraftHead]


class DraftDocument(BaseModel):
    """A draft and what it changes."""

    id: int
    note: str
    created_at: dt.datetime
    created_by: str
    changes: list[DraftChangeDocument]
    version: str = Field(description="Its name as `version` at `/ogc/collections/{layer}/items`.", examples=["draft-1"])


class Finding(BaseModel):
    """What a check says."""

    check: str
    severity: Literal["error", "warning"]
    layer: str
    level: str | None
    code: str | None = Field(description="Empty for a gap.")
    other: str | None = Field(description="Another cell, or what the check compares with; empty out of one's area.")
    amount: float | None
    unit: str | None
    lon: float | None
    lat: float | None


class FindingList(BaseModel):
    """What the checks say."""

    findings: list[Finding]


class FindingFeature(BaseModel):
    """A finding with its place."""

    type: Literal["Feature"]
    geometry: dict[str, Any] | None = Field(description="GeoJSON, WGS 84.")
    properties: Finding


class FindingFeatures(BaseModel):
    """What the checks find, as GeoJSON."""

    type: Literal["FeatureCollection"]
    count: int = Field(description="How many there are.")
    features: list[FindingFeature]


class LaneFigures(BaseModel):
    """Facilities along the lanes of a street or cell."""

    code: str
    name: str | None
    due_m: float = Field(description="Metres under patrol.")
    toilets: int = Field(description="Toilets and signs to them beside these metres.")
    toilets_share: float | None = Field(description="Of the metres those from which the walk to one is short enough.")
    bins: int
    bins_share: float | None = Field(description="Of the metres those between bins that are near enough to each other.")
    lamps: int
    lamps_share: float | None = Field(description="Of the metres those between lamps that are: installed.")
    notices: int = Field(description="Public-service notices.")
    notices_share: float | None
    lit_share: float | None = Field(description="Of the lamps those that are not broken.")
    lamps_per_100_households: float | None


class LaneFiguresList(BaseModel):
    """Facilities by street or cell on a day."""

    day: dt.date
    figures: list[LaneFigures]


class ImpactTotals(BaseModel):
    """How much of each kind would change hands."""

    issues: int
    streets: int
    places: int
    contracts: int
    holders: int = Field(description="Cells of another shape than before, new or gone.")
    area_m2: float = Field(description="Ground of the lowest level that changes.")
    street_m: float


class Ends(BaseModel):
    """From which cell to which."""

    level: str | None
    from_grid: str | None = Field(description="Empty where nobody had it, or out of one's area.")
    to_grid: str | None = Field(description="Empty where nobody would have it, or out of one's area.")


class Move(Ends):
    """All that goes from one cell to another."""

    area_m2: float
    issues: int
    street_m: float
    places: int
    contracts: int


class MovedIssue(Ends):
    """An open issue that would be in another cell; without a level it stays and somebody else answers."""

    code: str
    from_responsible: str | None
    to_responsible: str | None


class MovedStreet(Ends):
    """A street with the metres that move; without a level it belongs whole to another grid than before."""

    code: str
    name: str
    length_m: float


class MovedPlace(Ends):
    """A market, shop or other place."""

    code: str
    name: str
    type: str


class MovedContract(Ends):
    """A contract on ground that moves, and how much of it: metres, square metres, or a number of points."""

    code: str
    name: str
    contractor: str | None
    amount: float
    unit: Literal["", "m", "m2"]


class MovedHolder(BaseModel):
    """Who holds a cell that changes; empty where nobody does yet."""

    subject: str
    subject_code: str
    holder: str | None
    deputy: str | None
    from_m2: float | None = Field(description="Empty for a new cell.")
    to_m2: float | None = Field(description="Empty for a cell that goes.")


class ImpactDocument(BaseModel):
    """What a draft would move."""

    outdated: bool = Field(description="Made over what is no longer published.")
    totals: ImpactTotals
    moves: list[Move]
    issues: list[MovedIssue]
    streets: list[MovedStreet]
    places: list[MovedPlace]
    contracts: list[MovedContract]
    holders: list[MovedHolder]
    ground: dict[str, Any] = Field(description="GeoJSON: what goes from one cell to another.")


class Published(BaseModel):
    """What a draft has become."""

    version: int = Field(description="The territory version.")
    counts: dict[str, dict[str, int]] = Field(description="Rows added, changed, ended and unchanged by layer.")


KINDS: tuple[tuple[type, Any], ...] = ((Date, dt.date), (Integer, int), (Float, float), (String, str))


def register_page(name: str, table: str, columns: Iterable[str]) -> type[BaseModel]:
    """Model of a page of a register: its rows under its own name, and where the next ones begin."""
    stored = table_of(TABLES[table]).c
    fields: dict[str, Any] = {}
    for one in columns:
        kind = next((python for sort, python in KINDS if isinstance(stored[one].type, sort)), list[str])
        fields[one] = (kind | None if stored[one].nullable else kind, ...)
    row = create_model(f"{name.title()}Row", **fields)
    page: dict[str, Any] = {name: (list[row], ...), "next": (int | None, ...)}  # type: ignore[valid-type]
    return create_model(name.title(), **page)
