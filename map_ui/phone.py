"""The phone page: one patroller's round as a list, which works without a network for a shift."""

import hashlib
from functools import cache
from typing import Any

from map_ui.draw import script_json
from map_ui.offline import asset_path, offline
from map_ui.pages import LANGUAGES, TEMPLATES
from map_ui.phone_texts import PHONE
from map_ui.texts import TEXTS

PAGE, WORKER = "/m", "/m/worker.js"
"""Addresses of the page and of what keeps it; a browser keeps both as long as neither changes."""
MINE, MARKS = "/api/v1/plans/mine", "/api/v1/plans/{number}/marks"
FILES = ("phone.css", "phone-queue.js", "phone-sketch.js", "phone-round.js", "phone.js")
PREFIX = "phone_"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "worker-src 'self'; form-action 'self'; base-uri 'none'"
)
"""What the page may ask for; it has no inline script or style at all."""


def phone_page(locale: str, *, account: str, name: str, city: str, zone: str, assets: str) -> str:
    """The page without the plan, which it fetches and keeps for itself; so it may be kept, too.

    Parameters
    ----------
    locale
        The language it begins in; it speaks both.
    account, name
        Whose page it is: marks are sent for nobody else. And what to call them.
    zone
        Time zone of the city, whose day it shows.
    assets
        Address of the assets folder.

    Raises
    ------
    ForeignAddress
        When the page would ask another machine for something.
    """
    facts: dict[str, Any] = {
        "account": account, "name": name, "zone": zone, "locale": locale, "worker": WORKER, "page": PAGE,
        "mine": MINE, "marks": MARKS,
        "texts": {one: _texts(one) for one in LANGUAGES},
    }  # fmt: skip
    html = TEMPLATES.get_template("phone.html").render(
        csp=CSP, city=city, language=LANGUAGES[locale], texts=_texts(locale),
        no_script=TEXTS.say("no_script", locale), facts=script_json(facts),
        files=[_linked(assets, file) for file in FILES],
    )  # fmt: skip
    return offline(html, assets)


def worker_script(assets: str) -> str:
    """The script that keeps the page and its files; another text, and so another worker, when any of them changes."""
    files = '", "'.join(_linked(assets, file) for file in FILES)
    return _asset("phone-worker.js").replace("{version}", version()).replace("{files}", files)


@cache
def version() -> str:
    """What the page and its files are, in short."""
    template = (asset_path().parent / "templates" / "phone.html").read_text("utf-8")
    parts = [template, str([_texts(one) for one in LANGUAGES]), *map(_asset, (*FILES, "phone-worker.js"))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _linked(assets: str, file: str) -> str:
    return f"{assets}/{file}?v={version()}"


def _asset(file: str) -> str:
    return (asset_path() / file).read_text("utf-8")


def _texts(locale: str) -> dict[str, str]:
    """The page's texts, by the rest of their keys."""
    return {key.removeprefix(PREFIX): pair[locale == "zh"] for key, pair in PHONE.items()}
