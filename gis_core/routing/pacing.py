"""How many steps of a search go into a time, by a clock that the caller brings."""

from collections.abc import Callable

from gis_core.routing.arcs import ArcProblem, Tours

FEW, MANY = 1_000, 6_000
"""Steps of two searches whose difference tells what a step takes."""


def steps_within(problem: ArcProblem, search: Callable[..., Tours], seconds: float, clock: Callable[[], float]) -> int:
    """Steps of :func:`gis_core.routing.arcs.solve` or ``min_max`` that take so many seconds, at least :data:`FEW`.

    A search cools down over its steps, so that one which is stopped long before them is worse than one that was given
    fewer; steps are therefore reckoned beforehand, and kept with the plan, so that it can be made again.

    Parameters
    ----------
    problem, search
        What is to be searched, and by what.
    seconds
        How long it may take.
    clock
        Seconds from some beginning on: of the wall, or of the thread that calls.
    """
    search(problem, steps=1)  # compiles, where nobody has yet
    spent = []
    for steps in (FEW, MANY):
        begun = clock()
        search(problem, steps=steps)
        spent.append(clock() - begun)
    pace = max((spent[1] - spent[0]) / (MANY - FEW), spent[1] / MANY / 4)
    return max(FEW, int(seconds / pace))
