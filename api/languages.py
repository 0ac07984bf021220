"""The reader's language."""

from fastapi import Request

from gis_core.city import LOCALES


def preferred(request: Request) -> str | None:
    """What the address asks for, else the browser's first that we speak."""
    if (asked := request.query_params.get("lang")) in LOCALES:
        return asked
    weighed = []
    for choice in request.headers.get("accept-language", "").lower().split(","):
        name, _, weight = choice.strip().partition(";q=")
        if name[:2] in LOCALES:
            weighed.append((float(weight) if _is_number(weight) else 1.0, name[:2]))
    # The first of equals: what comes earlier in the header is liked better.
    return max(weighed, key=lambda pair: pair[0])[1] if weighed else None


def _is_number(written: str) -> bool:
    # Headers are Latin-1, in which ² is a digit and no number.
    return written.isascii() and written.replace(".", "", 1).isdigit()
