"""Routes of a module, found fast."""

from functools import cached_property

from fastapi import APIRouter
from starlette.routing import Match, Route
from starlette.types import Scope


class Router(APIRouter):
    """Routes of a module; an address that begins as none of them does is not held against each."""

    @cached_property
    def _begins(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """Paths without a parameter, and how the others begin; known once all are there, at the first request."""
        paths = [route.path for route in self.routes if isinstance(route, Route)]
        whole = frozenset(path for path in paths if "{" not in path)
        return whole, tuple({path.partition("{")[0] for path in paths if "{" in path})

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of the routes is meant."""
        whole, heads = self._begins
        meant = scope["path"] in whole or scope["path"].startswith(heads)
        return super().matches(scope) if meant else (Match.NONE, {})
