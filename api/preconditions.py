"""That nobody writes over what somebody else has changed meanwhile."""

from fastapi import Request

from gis_core.errors import Conflict, GisError


class PreconditionRequired(GisError):
    """A change does not say over what it is made."""


class PreconditionFailed(GisError):
    """A change is made over what is no longer there."""


class NotEditable(GisError):
    """What is not changed at this address."""


class Impossible(GisError):
    """What is asked for is understood and cannot be done; the text says the least that helps."""


class MayRepeat(Conflict):
    """A report may be of a problem that was reported before, and its sender wants to know first: ``suspected`` are the
    earlier reports, as documents.
    """


def row_tag(digest: str, shown: str = '""') -> str:
    """The tag of a row by the digest of what it says, and by how it is shown; changes look at the former only."""
    return f'"{digest}.{shown[1:-1]}"'


def check_match(request: Request, digest: str) -> None:
    """Let only those go on who have seen the row as it is.

    Raises
    ------
    PreconditionRequired, PreconditionFailed
        When ``If-Match`` is missing, or names another state.
    """
    written = request.headers.get("if-match")
    if written is None:
        raise PreconditionRequired("match_needed", field="If-Match", expected=row_tag(digest))
    named = [part.strip().removeprefix("W/").strip('"').partition(".")[0] for part in written.split(",")]
    if "*" not in named and digest not in named:
        raise PreconditionFailed("match_failed", field="If-Match", value=written[:100])
