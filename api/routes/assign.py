"""Who would answer: questions that store nothing."""

from typing import Any

from fastapi import Request, Response

from api.callers import Asking, Context, Here
from api.documents import answer_document, answered
from api.filing import answer
from api.languages import preferred
from api.routing import Router
from api.schemas import Answered, Batch, BatchDocument, Question
from gis_core.errors import InvalidInput, NotFound
from layers.scoping import Scope
from layers.store import Store

router = Router(prefix="/api/v1/assign", tags=["issues"])


@router.post("", summary="Who would answer for a place and category", responses={200: {"model": Answered}})
def assign(context: Here, asking: Asking, question: Question) -> Response:
    """The answer that a report would get, stored nowhere; 404 where it lies outside one's area."""
    sight = asking.sight("see")
    with context.stores.read() as store:
        return answered({"answer": _answer(context, store, Scope(store.session, sight, store.scope.kept), question)})


@router.post("/batch", summary="Who would answer for many", responses={200: {"model": BatchDocument}})
def batch(request: Request, context: Here, asking: Asking, said: Batch) -> Response:
    """The same for up to 1,000 questions: each result has an `answer`, or a `fault` that says why not."""
    results: list[dict[str, Any]] = []
    sight = asking.sight("see")
    with context.stores.read() as store:
        scope = Scope(store.session, sight, store.scope.kept)
        lang = preferred(request) or store.city.locale
        for question in said.questions:
            try:
                results.append({"answer": _answer(context, store, scope, question), "fault": None})
            except (InvalidInput, NotFound) as fault:
                results.append({"answer": None, "fault": {"code": fault.key, "detail": fault.text(lang)}})
    return answered({"results": results})


def _answer(context: Context, store: Store, scope: Scope, question: Question) -> dict[str, Any]:
    """The answer, if it is in scope."""
    _, found = answer(context, store, question, context.now())
    if not scope.admits(found):
        raise NotFound("outside_area", lon=question.lon, lat=question.lat)
    return answer_document(found)
