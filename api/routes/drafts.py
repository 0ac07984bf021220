"""Drafts: prepare changes to the territory, look at what they do, and let them count."""

import hashlib
from contextlib import suppress
from typing import Annotated, Any

from fastapi import Path, Query, Response
from pydantic import Field

from api.callers import Asking, Here, everywhere
from api.documents import answered
from api.drafting import findings, publish_draft
from api.impacting import document, impact_of
from api.indexing import index_version
from api.loading import Terms
from api.routing import Router
from api.schemas import Key, Line, Moment, Sent
from api.territory_schemas import DraftDocument, DraftList, FindingList, ImpactDocument, Published
from gis_core.validity import local_day
from layers.drafts import DRAFTED, begin_draft, changes_of, close, draft_of, go_back, look_at, open_drafts, undo
from layers.once import once
from layers.store import Store

router = Router(prefix="/api/v1/drafts", tags=["drafts"])
Number = Annotated[int, Path(ge=1, le=2**53, description="Number of the draft.")]
From = Annotated[Moment | None, Query(description="When it would begin to count.")]


class NewDraft(Sent):
    """A draft to begin."""

    note: Line = Field(description="What it is for.", examples=["解放街北侧划归一网格"], min_length=1)
    back_to: int | None = Field(
        None, ge=1, le=2**53, description="Number of the version whose territory it brings back."
    )


class Publication(Sent):
    """How a draft is published."""

    effective_from: Moment | None = Field(None, description="From when it answers; now if not given.")
    override: Line | None = Field(
        None, description="Why it is published although the checks find errors.", min_length=1
    )


@router.post("", status_code=201, summary="Begin a draft", responses={201: {"model": DraftDocument}})
def begin(context: Here, asking: Asking, said: NewDraft, key: Key = None) -> Response:
    """Begin a draft of the territory. Its features are edited at `/ogc/collections/{layer}/items?version=draft-N`. With
    `back_to` it holds whatever makes the territory what it was in that version, for those who may draft everywhere.
    """
    if said.back_to is not None:
        everywhere(asking, "draft")
    now = context.now()

    def start(store: Store) -> int:
        number = begin_draft(store, said.note, asking.user.name, now)
        if said.back_to is not None:
            go_back(store, number, said.back_to, asking.user.name, now)
        return number

    with context.stores.publishing(asking.sight("draft")) as store:
        asked = hashlib.sha256(said.model_dump_json().encode()).hexdigest()
        number = once(store.session, asking.user.name, key, asked, now, lambda: start(store))
        begun = _document(store, number)
    return answered(begun, 201, Location=f"/api/v1/drafts/{number}")


@router.get("", summary="Open drafts, newest first", responses={200: {"model": DraftList}})
def drafts(asking: Asking) -> Response:
    """The open drafts; `changes` counts what they change in one's area."""
    with asking.reading("draft") as store:
        return answered({"drafts": [_head(one) for one in open_drafts(store)]})


@router.get("/{number}", summary="What a draft changes", responses={200: {"model": DraftDocument}})
def draft(asking: Asking, number: Number) -> Response:
    """A draft with its changes in one's area. One that is `outdated` was made over what is no longer published:
    make it again, or undo it.
    """
    with asking.reading("draft") as store:
        return answered(_document(store, number))


@router.get("/{number}/findings", summary="What the checks say of it", responses={200: {"model": FindingList}})
def checked(context: Here, asking: Asking, number: Number) -> Response:
    """Gaps, overlaps and faults of the grids as the draft has them, in one's area; errors keep it from being
    published without a reason.
    """
    with asking.reading("draft") as store:
        look_at(store, number)
        found = findings(store, number, local_day(context.now(), store.city.zone))
    return answered({"findings": found.astype(object).where(found.notna(), None).to_dict("records")})


@router.get("/{number}/impact", summary="What it would move", responses={200: {"model": ImpactDocument}})
def moved(context: Here, asking: Asking, number: Number, at: From = None) -> Response:
    """Open issues, streets, places, contracts and ground that would go from one cell to another, were the draft
    published to count from a moment on, now if not said; in one's area. Of each kind at most 1,000 are listed; `totals`
    and `moves` count all. One that is `outdated` cannot be published as it is.
    """
    with asking.reading("draft") as store:
        found = impact_of(store, number, at or context.now())
        outdated = any(one["outdated"] for one in changes_of(Store(store.session), number))
    return answered({"outdated": outdated, **document(found)})


@router.post("/{number}/publication", status_code=201, summary="Publish a draft",
             responses={201: {"model": Published}})  # fmt: skip
def publish(context: Here, asking: Asking, number: Number, said: Publication, key: Key = None) -> Response:
    """Let a draft count, as a version of its own, from a moment on. It is checked first; what it was made over must
    still be as it was.
    """
    everywhere(asking, "enact")
    now = context.now()
    terms = Terms(now=now, effective_from=said.effective_from or now, override=said.override, note=f"draft-{number}")

    def enact(store: Store) -> dict[str, Any]:
        loaded = publish_draft(store, number, terms)
        asking.note(store, "draft_published", f"draft-{number}", now, version=loaded.version)
        return {"version": loaded.version, "counts": loaded.counts}

    with context.stores.publishing() as store:
        asked = hashlib.sha256(f"{number} {said.model_dump_json()}".encode()).hexdigest()
        published = once(store.session, asking.user.name, key, asked, now, lambda: enact(store))
    with suppress(OSError):
        # Else every process builds them for itself.
        index_version(context.stores, published["version"], max(now, terms.effective_from or now), lambda _: None)
    return answered(published, 201)


@router.delete("/{number}", status_code=204, summary="Throw a draft away")
def discard(context: Here, asking: Asking, number: Number) -> Response:
    """End a draft without publishing it: by whoever began it, or may publish it."""
    with context.stores.publishing(asking.sight("draft")) as store:
        if draft_of(store, number)["created_by"] != asking.user.name:
            everywhere(asking, "enact")
        close(store, number, None, context.now())
        asking.note(store, "draft_discarded", f"draft-{number}", context.now())
    return Response(status_code=204)


@router.delete("/{number}/changes/{layer}/{feature}", status_code=204, summary="Undo one change")
def undone(
    context: Here,
    asking: Asking,
    number: Number,
    layer: Annotated[str, Path(max_length=40, description="One of: " + ", ".join(DRAFTED))],
    feature: Annotated[int, Path(ge=1, le=2**53)],
) -> Response:
    """Let the draft show a feature as it is published."""
    with context.stores.publishing(asking.sight("draft")) as store:
        look_at(store, number)
        undo(store, number, layer, feature)
    return Response(status_code=204)


def _head(one: dict[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in ("id", "note", "created_at", "created_by", "changes")}


def _document(store: Store, number: int) -> dict[str, Any]:
    found = draft_of(store, number)
    look_at(store, number)
    return {**_head({**found, "changes": changes_of(store, number)}), "version": f"draft-{number}"}
