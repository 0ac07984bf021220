"""Everything GridWarden can refuse to do, as one tree.

::

    GisError
    ├── InvalidInput   a value is outside its documented domain   (also a ValueError)
    ├── NotFound       the thing asked for does not exist         (also a LookupError)
    ├── Conflict       the request contradicts what is stored
    ├── Unauthorised   nobody knows yet who the caller is
    └── Forbidden      the caller may not do this here

An error carries a key of :data:`gis_core.texts.TEXTS` and its parameters, so that the
door it leaves by can say it in the reader's language.
"""

from functools import partial
from typing import Any

from gis_core.texts import TEXTS


class GisError(Exception):
    """Base of every error raised on purpose.

    Parameters
    ----------
    key
        Key of :data:`gis_core.texts.TEXTS`.
    params
        The values the text names: at best the field, the value given and what was expected.
    """

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(TEXTS.say(key, "en", **params))
        self.key = key
        self.params = params

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), self.key, **self.params), ()

    def text(self, locale: str) -> str:
        """Say what is wrong in ``locale`` (``"en"`` or ``"zh"``)."""
        return TEXTS.say(self.key, locale, **self.params)


class InvalidInput(GisError, ValueError):
    """A value the caller gave is outside its documented domain."""


class NotFound(GisError, LookupError):
    """The thing asked for by name or id does not exist."""


class Conflict(GisError):
    """The request contradicts what is stored."""


class Unauthorised(GisError):
    """Nobody knows yet who the caller is, or what was shown for it is not valid."""


class Forbidden(GisError):
    """The caller may not do this here."""
