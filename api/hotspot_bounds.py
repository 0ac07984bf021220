"""How much an answer about hot spots may ask for: units times steps are bounded together, not only each alone."""

import numpy as np

from api.hotspot_questions import CELLS_M, LATTICE, SEGMENT, STEPS_DAYS, Question
from gis_core.errors import InvalidInput
from gis_core.hotspots.asking import Support
from gis_core.hotspots.emerging import FEWEST_STEPS
from gis_core.hotspots.methods import Method

MOST_COUNTS = {"steps": 1_500_000, "days": 600_000}
"""Units times steps, by the steps of a method, where there are several: an answer in seconds."""
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
        When there are too many steps for so many units; it says what would do.
    """
    units = len(support.codes)
    most = most_steps(method, question, units)
    if steps == 1 or steps <= most:
        return
    said = {"found": units, "steps": steps}
    if method.steps == "steps" and most >= FEWEST_STEPS:
        days = (question.until - question.since).days + 1
        least = next(step for step in range(question.step_days, STEPS_DAYS[1] + 1) if days // step <= most)
        raise InvalidInput("hotspot_work", field="step_days", value=question.step_days, expected=f"≥ {least}", **said)
    counts = MOST_COUNTS[method.steps]
    fewest = FEWEST_STEPS if method.steps == "steps" else steps
    if question.support in (LATTICE, None):
        wider = question.cell_m * np.sqrt(units * fewest / counts)
        least_m = min(float(np.ceil(wider * 1.1)), CELLS_M[1])
        raise InvalidInput("hotspot_work", field="cell_m", value=question.cell_m, expected=f"≥ {least_m:g}", **said)
    expected = f"≤ {counts // fewest}"
    raise InvalidInput("hotspot_work", field="support", value=question.support, expected=expected, **said)
