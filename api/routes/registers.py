"""Registers: places, parties, contractors, contracts, holders and categories, in pages."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query, Response

from api.callers import Asking
from api.documents import answered
from api.routing import Router
from api.schemas import CodeQuery, Limit
from api.territory_schemas import register_page
from layers import TABLES
from layers.finding import rows_of
from layers.frames import table_of

router = Router(prefix="/api/v1", tags=["territory"])
_DATED = ("valid_from", "valid_to")
REGISTERS: dict[str, tuple[str, str, tuple[str, ...], dict[str, str]]] = {
    "places": ("places", "code", ("code", "name", "type", "operator", "supervisor", "address", *_DATED), {}),
    "parties": ("parties", "code", ("code", "kind", "name", "parent"), {}),
    "contractors": ("parties", "code", ("code", "kind", "name", "parent"), {"kind": "firm"}),
    "contracts": (
        "contracts",
        "code",
        (
            "code", "name", "kind", "contractor", "responsible", "supervisor", "duties", "scheme", "street", "from_m",
            "to_m", "side", "grid", "document", "tendered_area_m2", "area_m2", *_DATED,
        ),
        {},
    ),
    "agreements": (
        "agreements", "shop", ("code", "shop", "duties", "party", "signed_on", "document", *_DATED), {}
    ),
    "holders": ("holders", "subject_code", ("subject", "subject_code", "holder", "deputy", *_DATED), {}),
    "categories": ("categories", "code", ("scheme", "kind", "code", "name", "major", "component", "radius_m"), {}),
}  # fmt: skip
"""By address: the table, the column that `code` asks for, the columns shown, and what rows must say."""
After = Annotated[int, Query(ge=0, le=2**62, description="`next` of the page before.")]


def _register(name: str) -> Callable[..., Response]:
    table, key, columns, said = REGISTERS[name]

    def register(asking: Asking, code: CodeQuery | None = None, limit: Limit = 100, after: After = 0) -> Response:
        column = table_of(TABLES[table]).c
        asked = [column[name] == value for name, value in said.items()]
        asked += [] if code is None else [column[key] == code]
        with asking.reading() as store:
            rows = rows_of(store, table, columns, *asked, after=after, limit=limit)
        last = rows[-1]["id"] if len(rows) == limit else None
        return answered({name: [{one: row[one] for one in columns} for row in rows], "next": last})

    return register


for _name, _said in REGISTERS.items():
    _page: dict[int | str, Any] = {200: {"model": register_page(_name, _said[0], _said[2])}}
    router.get(f"/{_name}", name=_name, summary=f"The {_name} in one's area", responses=_page)(_register(_name))
