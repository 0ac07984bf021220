"""Issues: report one, read, list, look around, ask why."""

from typing import Annotated, Literal

from fastapi import Path, Query, Request, Response

from api.callers import Asking, Here
from api.documents import answer_document, answered, issue_at, issue_document, parsed_place, place_of
from api.explanation import explained, names_of, seen_of, told
from api.filing import file, source_of
from api.languages import preferred
from api.repeat_schemas import SuspectList
from api.repeats import check_repeats, hints_before, hints_of, is_blind
from api.routing import Router
from api.schemas import (
    CodeQuery,
    Cursor,
    EventList,
    ExplanationDocument,
    Filed,
    IssueDocument,
    IssuePage,
    Key,
    Latitude,
    Limit,
    Longitude,
    Moment,
    OwnReport,
    Report,
)
from gis_core.errors import NotFound
from layers.finding import Wanted, events_of, find_issues, issue_of, issues_near
from layers.suspecting import relations

router = Router(prefix="/api/v1/issues", tags=["issues"])
Number = Annotated[str, Path(max_length=100, description="Case number.")]
Status = Annotated[Literal["open", "closed"] | None, Query()]


@router.post("", status_code=201, summary="Report an issue", responses={201: {"model": Filed}})
def report(request: Request, context: Here, asking: Asking, said: OwnReport, key: Key = None) -> Response:
    """Store a report and say who answers for it, and which earlier reports it may repeat.

    A report from anywhere in the city is taken, so that it reaches whoever answers; who that is, is told to those in
    whose area it lies. The same `Idempotency-Key` with the same report stores it once; with another report it is
    refused with 409. So is a report that may repeat one in sight, with these as `suspected`, where `insist` is false.
    """
    asking.sight("report")
    if not said.insist:
        check_repeats(context, asking, said, key, preferred(request))
    filed = file(context, source_of(asking.user.name), said, key, context.now())
    answer = answer_document(filed.answer) if asking.admits(filed.answer) else None
    hints = hints_of(context, asking, filed, preferred(request))
    document = {"code": filed.code, "new": filed.new, "answer": answer, "suspected": hints}
    return answered(document, 201, Location=issue_at(filed.code))


@router.post("/suspected", summary="What a report may repeat", responses={200: {"model": SuspectList}})
def suspected(request: Request, context: Here, asking: Asking, said: Report) -> Response:
    """Earlier reports in one's area that may be of the same problem, so that a phone can ask "is it this one?" before
    anything is stored. Who may not see issues is told of which class they are, roughly how far away and when, of
    where they may report, and may ask 20 times a minute.
    """
    asking.sight("report")
    return answered({"suspected": hints_before(context, asking, said, preferred(request))})


@router.get("", summary="Issues, newest first", responses={200: {"model": IssuePage}})
def issues(
    asking: Asking,
    status: Status = None,
    grid: CodeQuery | None = None,
    party: CodeQuery | None = None,
    kind: Annotated[Literal["matter", "component"] | None, Query()] = None,
    category: CodeQuery | None = None,
    since: Annotated[Moment | None, Query(description="Reported from then on.")] = None,
    until: Annotated[Moment | None, Query(description="Reported before then.")] = None,
    limit: Limit = 100,
    cursor: Cursor | None = None,
) -> Response:
    """The issues in one's area. `grid` is a cell of any level, `party` anybody with a part in the answer."""
    after = parsed_place(cursor) if cursor else None
    wanted = Wanted(
        status=status, grid=grid, party=party, kind=kind, category=category, since=since, until=until, after=after
    )
    with asking.reading() as store:
        found = find_issues(store, wanted, limit)
    return answered({"issues": [issue_document(one) for one in found], "next": place_of(found, limit)})


@router.get("/nearby", summary="Issues around a place, nearest first", responses={200: {"model": IssuePage}})
def nearby(
    asking: Asking,
    lon: Longitude,
    lat: Latitude,
    radius_m: Annotated[float, Query(gt=0, le=5_000)] = 200,
    status: Status = "open",
    limit: Limit = 100,
) -> Response:
    """The issues in one's area within `radius_m`, with their distance, to see whether it was reported already."""
    with asking.reading() as store:
        found = issues_near(store, lon, lat, radius_m, Wanted(status=status), limit)
    return answered({"issues": [issue_document(one) for one in found], "next": None})


@router.get("/{code}", summary="One issue", responses={200: {"model": IssueDocument}})
def issue(asking: Asking, code: Number) -> Response:
    """The issue of a case number, if it lies in one's area, and those there that it repeats or that repeat it."""
    with asking.reading() as store:
        found = issue_of(store, code)
        if found is None:
            raise NotFound("issue_missing", value=code)
        return answered({**issue_document(found), **relations(store, code, is_blind(asking))})


@router.get("/{code}/events", summary="What happened to an issue", responses={200: {"model": EventList}})
def events(asking: Asking, code: Number) -> Response:
    """Its events in order: reported, assigned, reassigned with the former answer, closed."""
    with asking.reading() as store:
        found = events_of(store, code)
    if found is None:
        raise NotFound("issue_missing", value=code)
    return answered({"events": found})


@router.get("/{code}/explanation", summary="Why an issue has its answer",
            responses={200: {"model": ExplanationDocument}})  # fmt: skip
def explanation(request: Request, context: Here, asking: Asking, code: Number) -> Response:
    """Every candidate considered, with the reason it won or lost, by the territory the issue was assigned with.

    What lies outside one's area is left out, and persons who hold nothing there are told by code only.
    """
    with asking.reading() as store:
        found = store.issues(codes=[code])
        if not len(found):
            raise NotFound("issue_missing", value=code)
        lang = preferred(request) or store.city.locale
    with context.stores.read() as store:
        why, territory = explained(store, context.territories, found, code)
    names = names_of(territory)
    if not asking.sight("see").everything:
        with asking.reading() as store:
            why, names = seen_of(why, names, store)
    considered = [vars(one) for one in why.considered]
    return answered(
        {"answer": answer_document(why.answer), "considered": considered, "told": list(told(why, names, lang))}
    )
