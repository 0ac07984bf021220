"""Whatever looks again and again whether a job is to be written down."""

import datetime as dt
import logging
from abc import ABC, abstractmethod

from layers.stores import Stores

LOG = logging.getLogger("gridwarden.jobs")


class Watching(ABC):
    """Looks whether there is something to do, and never raises."""

    asks: str
    """What it looks for, as its complaint says it."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._fault: str | None = None
        """What the last look failed by."""

    def look(self, now: dt.datetime) -> bool:
        """Write down a job where there is something to do; whether one waits to be done.

        It never raises: whoever looks has other things to do, and looks again. The same fault is complained of once.
        """
        try:
            waits = self._look(now)
        except Exception as fault:
            if (name := f"{type(fault).__name__}: {getattr(fault, 'orig', fault)}") != self._fault:
                LOG.error("%s cannot be told: %s", self.asks, name)
            self._fault = name
            return False
        self._fault = None
        return waits

    @abstractmethod
    def _look(self, now: dt.datetime) -> bool:
        """The look itself."""
