"""The phone page of patrollers, and the script that keeps it for a shift without a network."""

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api.callers import Asking, Here
from api.languages import preferred
from api.middleware import ASSETS
from api.routing import Router
from map_ui.phone import PAGE, WORKER, phone_page, worker_script

READING = ["GET", "HEAD"]

router = Router(include_in_schema=False)


@router.api_route(PAGE, methods=READING, response_class=HTMLResponse)
def page(request: Request, context: Here, asking: Asking) -> HTMLResponse:
    """The page of whoever patrols; the plan it asks for itself."""
    asking.sight("patrol")
    with context.stores.read() as store:
        city = store.city
    user = asking.user
    html = phone_page(
        preferred(request) or city.locale, account=user.name, name=user.title or user.name, city=city.name,
        zone=city.timezone, assets=ASSETS,
    )  # fmt: skip
    return HTMLResponse(html)


@router.api_route(WORKER, methods=READING)
def worker() -> Response:
    """The script; it holds nothing of anybody, and may answer for the page, which is not below it."""
    headers = {"Service-Worker-Allowed": PAGE, "Cache-Control": "no-cache"}
    return Response(worker_script(ASSETS), headers=headers, media_type="text/javascript")
