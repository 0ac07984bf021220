"""The audit trail."""

from typing import Annotated, Any

from fastapi import Query

from api.callers import Asking, Here, everywhere
from api.people_schemas import AuditPage
from api.routing import Router

router = Router(prefix="/api/v1", tags=["people"])


@router.get("/audit", summary="Logins, exports and changes of permissions, newest first",
            responses={200: {"model": AuditPage}})  # fmt: skip
def audit(
    context: Here,
    asking: Asking,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="Go on with the entries before this id.")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> dict[str, Any]:
    """Entries of the trail; for auditors and administrators of the whole city."""
    everywhere(asking, "audit")
    with context.stores.people() as accounts:
        entries = accounts.trail(before=before, limit=limit)
    return {"entries": entries, "next": entries[-1]["id"] if len(entries) == limit else None}
