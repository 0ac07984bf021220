"""The page that the QR code of a place opens which is visited: how often it was today, and a button to check in."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from map_ui.pages import LANGUAGES, TEMPLATES
from map_ui.texts import TEXTS, page_texts


def place_page(
    document: Mapping[str, Any], visitor: Mapping[str, Any] | None, locale: str, *, city: str,
    local: Callable[[dt.datetime], str], path: str, assets: str,
) -> str:  # fmt: skip
    """The page of a place for whoever scans its code; it names nobody.

    Parameters
    ----------
    document
        As :func:`api.visiting.opened_place` tells it.
    visitor
        As :func:`api.visiting.visitor_of` tells it; ``None`` for whoever is not signed in.
    local
        Tells an instant as the city's clocks show it.
    path
        Address of this page, to which the button sends.
    """
    other, quota = "en" if locale == "zh" else "zh", document["quota"]
    since = visitor and visitor["since"]
    return TEMPLATES.get_template("place.html").render(
        title=document["name"], address=document["address"], quota=quota, city=city, texts=page_texts(locale),
        language=LANGUAGES[locale], other_language=LANGUAGES[other], other_address=f"?lang={other}", assets=assets,
        heading=TEXTS.say(f"visit_{quota['period']}", locale), state=TEXTS.say(f"quota_{quota['state']}", locale),
        done=TEXTS.say("visit_done", locale, **quota),
        next_due=quota["next_due"] and TEXTS.say("visit_next", locale, time=local(quota["next_due"])),
        action=path if visitor and visitor["permitted"] else None,
        sign_in=None if visitor else f"/login?next={path}",
        event="leave" if since else "arrive",
        since=since and TEXTS.say("visit_since", locale, time=local(since), minutes=document["dwell_min"]),
        visits=_told(visitor["visits"], locale, local) if visitor else (),
    )  # fmt: skip


def _told(
    visits: Sequence[Mapping[str, Any]], locale: str, local: Callable[[dt.datetime], str]
) -> list[tuple[str, str, bool]]:
    """Times, and whether each counts or why not."""
    return [
        (
            local(one["arrived_at"]) + (f" – {local(one['left_at'])[-5:]}" if one["left_at"] else ""),
            TEXTS.say(f"visit_{one['reason'] or 'counts'}", locale), one["reason"] is None,
        )
        for one in visits
    ]  # fmt: skip
