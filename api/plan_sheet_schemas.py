"""What the addresses of sheets answer, as the OpenAPI document describes it."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, Field


class RoutesCollection(BaseModel):
    """Routes as GeoJSON: legs and lanes as lines, stops as points, in WGS 84."""

    type: Literal["FeatureCollection"]
    plan: int
    edition: int
    day: dt.date
    features: list[dict[str, Any]]


class KeptDocument(BaseModel):
    """What became of a task."""

    code: str
    name: str
    done: bool
    share: float = Field(description="Of a lane: what was surely walked of it; of a stop 1 or 0.")
    proof: Literal["track", "check_in", "mark"] | None
    at_s: float | None = Field(description="When it was begun, seconds since the day's midnight.")
    late_s: float | None = Field(description="After the plan's time; negative: early.")


class WalkedRoute(BaseModel):
    """What one patroller did of a route, and beside it."""

    patroller: str
    seen: bool = Field(description="Whether any track came in; without, what only tracks prove is not known.")
    planned: int
    done: int
    extra_m: float = Field(description="Walked and not planned.")
    tasks: list[KeptDocument]
    extra: list[list[list[float]]] = Field(description="Lines of what was walked and not planned.")


class WalkedPlan(BaseModel):
    """A plan held against what was walked."""

    number: int
    edition: int
    day: dt.date
    routes: list[WalkedRoute]
