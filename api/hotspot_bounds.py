"""How much an answer about hot spots may ask for: units times steps are bounded together, not only each alone."""

import numpy as np

from api.hotspot_questions import CELLS_M, LATTICE, SEGMENT, STEPS_DAYS, Question
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import Support
from gis_core.hotspots.emerging import FEWEST_STEPS
from gis_core.hotspots.methods import Method

MOST_COUNTS = {"steps": 1_500_000, "days": 600_000}
"""Units times steps, by the steps of a method, where there are several: an answer in seconds."""
MOST_SCANNED = 60_000
"""Units of an alarm with a comparison: circles round more, on as few simulated maps as tell anything, take too long."""
MOST_PAIRS = 150_000_000
"""Units times steps times steps of methods that compare every step with every other."""
MOST_OF_STREETS = 104
"""Steps of segments, as each is counted by itself: two years of weeks."""


def most_steps(method: Method, question: Question, units: int) -> int:
    """How many steps so many units may be looked at in."""
    most = MOST_COUNTS.get(method.steps, units) // max(units, 1)
    if method.steps == "steps":
        most = min(most, int(np.sqrt(MOST_PAIRS / max(units, 1))))
    return min(most, MOST_OF_STREETS) if question.support == SEGMENT else most


def check_work(method: Method, question: Question, support: Support, steps: int) -> None:
    """Refuse what would keep a server busy for long.

    Raises
    ------
    InvalidInput
        When there are too many units, or steps for so many; it says what would do.
    """
    units = len(support.codes)
    if steps == 1:
        if method.steps == "days" and units > MOST_SCANNED:
            raise _too_many(question, units, steps, MOST_SCANNED)
        return
    most = most_steps(method, question, units)
    if steps <= most:
        return
    if method.steps == "steps" and most >= FEWEST_STEPS:
        days = (question.until - question.since).days + 1
        least = next(step for step in range(question.step_days, STEPS_DAYS[1] + 1) if days // step <= most)
        raise _refused("step_days", question.step_days, f"≥ {least}", units, steps)
    fewest = FEWEST_STEPS if method.steps == "steps" else steps
    raise _too_many(question, units, steps, MOST_COUNTS[method.steps] // fewest)


def _too_many(question: Question, units: int, steps: int, most: int) -> InvalidInput:
    """A refusal of more units than so many: of squares it names a side that would do."""
    if question.support not in (LATTICE, None):
        return _refused("support", question.support, f"≤ {most}", units, steps)
    least_m = np.ceil(question.cell_m * np.sqrt(units / max(most, 1)) * 1.1)
    return _refused("cell_m", question.cell_m, f"≥ {min(float(least_m), CELLS_M[1]):g}", units, steps)


def _refused(field: str, value: object, expected: str, units: int, steps: int) -> InvalidInput:
    return InvalidInput("hotspot_work", field=field, value=value, expected=expected, found=units, steps=steps)
