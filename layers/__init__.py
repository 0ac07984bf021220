"""The storing: layers and reference data, declared once for PostGIS and SQLite."""

from layers.base import Base, Layer
from layers.coverages import CountedDay, SegmentDay
from layers.facilities import Facility
from layers.frontages import DoorEvent, DoorToken, Drawing, Frontage
from layers.grids import Grid
from layers.issues import CaseEvent, EventBatch, Issue, Photo, Publication
from layers.jobs import Job, Upload
from layers.lattice import LatticeAdded, LatticeCount
from layers.marks import Mark
from layers.once import KeptAnswer
from layers.people import AuditEntry, Passage, ReporterContact, UserAccount, UserGrant
from layers.places import Place
from layers.plans import PatrolPlan, PlanEdition, PlanMark, PlanPattern
from layers.reference import Agreement, Category, Contract, Holder, Party, Shop, Tag
from layers.repeats import Repeat
from layers.snapshots import HotspotSnapshot
from layers.streets import Street
from layers.tracks import CheckIn, PatrolDay, TrackBatch
from layers.versions import CityRow, Draft, DraftChange, Revision, TerritoryVersion
from layers.walls import Wall

LAYERS: dict[str, type[Layer]] = {
    "grids": Grid,
    "streets": Street,
    "places": Place,
    "walls": Wall,
    "frontages": Frontage,
    "marks": Mark,
    "facilities": Facility,
    "coverage": SegmentDay,
    "issues": Issue,
}
"""The map's legend, in drawing order."""

TABLES: dict[str, type[Base]] = {
    **{name: model for name, model in LAYERS.items() if model is not SegmentDay},
    "categories": Category,
    "tags": Tag,
    "parties": Party,
    "holders": Holder,
    "contracts": Contract,
    "shops": Shop,
    "agreements": Agreement,
}
"""Everything ``gridwarden load`` takes."""

SCOPED: dict[str, type[Base]] = {**TABLES, **LAYERS}
"""Everything that is read as far as somebody may see it; what was walked is made of tracks and not loaded."""

__all__ = [
    "LAYERS", "SCOPED", "TABLES", "AuditEntry", "Base", "CaseEvent", "CheckIn", "CityRow", "CountedDay",
    "DoorEvent", "DoorToken", "Draft", "DraftChange", "Drawing", "EventBatch", "HotspotSnapshot", "Job",
    "KeptAnswer", "LatticeAdded", "LatticeCount", "Layer", "Passage", "PatrolDay", "PatrolPlan", "Photo", "PlanEdition",
    "PlanMark", "PlanPattern", "Publication",
    "Repeat", "ReporterContact", "Revision", "SegmentDay", "TerritoryVersion", "TrackBatch", "Upload",
    "UserAccount", "UserGrant",
]  # fmt: skip
