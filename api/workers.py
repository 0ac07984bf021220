"""Several server processes of one city: each makes the application for itself, from what the first was told."""

import json
import os

from fastapi import FastAPI

from api.app import create_app
from api.settings import settings
from layers.engine import connect
from layers.stores import Stores

TOLD_VARIABLE = "GRIDWARDEN_SERVED"
"""Environment variable by which the first process tells the others what to serve."""


def tell(url: str, host: str, names: tuple[str, ...], *, demo: bool) -> None:
    """Say what the processes started from here on serve; the secret they take from where we took it."""
    os.environ[TOLD_VARIABLE] = json.dumps({"url": url, "host": host, "names": names, "demo": demo})


def served() -> FastAPI:
    """The application, in a process of its own."""
    told = json.loads(os.environ[TOLD_VARIABLE])
    stores = Stores(connect(told["url"], serving=True))
    return create_app(stores, settings(told["host"], tuple(told["names"]), demo=told["demo"]))
