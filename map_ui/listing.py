"""Documents of the feature service as pages for people: its links to follow, its features as a table."""

import json
from collections.abc import Mapping
from typing import Any

from map_ui.pages import LANGUAGES, TEMPLATES
from map_ui.texts import TEXTS, page_texts


def listing_page(document: Mapping[str, Any], locale: str, path: str, *, assets: str) -> str:
    """A document as a page.

    Parameters
    ----------
    document
        As programs get it; ``features`` as the text of a JSON list without its brackets.
    path
        Path of the address that was asked for.
    assets
        Address of the assets folder.
    """
    features = json.loads(f"[{document['features']}]") if "features" in document else []
    columns = list(features[0]["properties"]) if features else []
    rest = {name: value for name, value in document.items() if name not in ("links", "features", "collections")}
    return TEMPLATES.get_template("listing.html").render(
        title=str(document.get("title") or path),
        path=path,
        steps=_steps(path),
        links=document.get("links", []),
        collections=document.get("collections", []),
        columns=columns,
        features=features,
        rest=json.dumps(rest, ensure_ascii=False, indent=2, default=str) if rest else "",
        texts=page_texts(locale),
        heading=TEXTS.say("feature_service", locale),
        language=LANGUAGES[locale],
        assets=assets,
    )


def _steps(path: str) -> list[tuple[str, str]]:
    """The way from the first page to this one."""
    parts = path.strip("/").split("/")
    return [(part, "/" + "/".join(parts[: place + 1])) for place, part in enumerate(parts)]
