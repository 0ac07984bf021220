"""The search for good rounds: iterated local search with late acceptance on the neighbourhoods of PyVRP.

PyVRP brings the moves; what accepts them and when the search begins anew is kept here, so that a search can be stopped
after any iteration, told about and gone on with, and is the same search whatever the clock says.
"""

import warnings
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyvrp import CostEvaluator, PenaltyManager, ProblemData, Solution
    from pyvrp.search import BinaryOperator, UnaryOperator

RESTART_AFTER = 10_000
"""Iterations without a better plan, after which the search goes back to the best."""
HISTORY = 50
"""How many iterations ago a plan must have been worse than the one at hand, for it to be gone on with: few, since the
days of a district are searched through in few.
"""
LATE_COST = (1.0, 10_000_000.0)
"""What a second too late costs while plans that are late are passed through, at least and at most."""
LOAD_COST = 5_000_000.0
"""What one load too many costs at first: a break on the wrong round is never passed through for a few prizes."""


class Search:
    """Good rounds for one problem.

    Parameters
    ----------
    data
        The problem.
    seed
        The same seed finds the same, iteration by iteration.
    start
        What is known already, as the clients of each vehicle type that has a round.
    late_cost
        What a second too late costs at first.
    history
        How many iterations ago a plan must have been worse than the one at hand, for it to be gone on with.
    """

    def __init__(
        self,
        data: "ProblemData",
        seed: int,
        start: Sequence[tuple[int, Sequence[int]]] = (),
        late_cost: float = 200.0,
        history: int = HISTORY,
    ) -> None:
        from pyvrp import RandomNumberGenerator, Solution
        from pyvrp.search import LocalSearch, NeighbourhoodParams, compute_neighbours

        rng = RandomNumberGenerator(seed=seed)
        self.data = data
        self._penalties = _penalties(data, late_cost)
        self._moves: LocalSearch = LocalSearch(data, rng, compute_neighbours(data, NeighbourhoodParams()))
        for operator in _operators():
            if operator.supports(data):
                self._moves.add_operator(operator(data))
        if start:
            begin = _solution(data, start)
        else:
            begin = self._moves(Solution.make_random(data, rng), self._penalties.max_cost_evaluator(), exhaustive=True)
        self.best: Solution = begin
        self._begin: Solution = begin
        self._now: Solution = begin
        self._history: deque[Solution | None] = deque([None] * history, history)
        self._idle = 0
        self.iterations = 0

    @property
    def found(self) -> bool:
        """Whether there is a plan in which nobody is late."""
        return bool(self.best.is_feasible())

    def run(self, iterations: int, *, until_found: bool = False) -> None:
        """Search on for so many iterations, or until there is a plan in which nobody is late."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what cannot be found is told by `found`
            for _ in range(iterations):
                if until_found and self.found:
                    return
                self._step()

    def _step(self) -> None:
        self.iterations += 1
        if self._idle == RESTART_AFTER:
            self._history.extend([None] * len(self._history))
            self._now, self._idle = self.best, 0
        cost = self._penalties.cost_evaluator()
        candidate = self._moves(self._now, cost, exhaustive=False)
        self._penalties.register(candidate)
        self._idle += 1
        if cost.cost(candidate) < cost.cost(self.best):
            candidate = self._better(candidate, cost)
        value, late = cost.penalised_cost(candidate), self._history[0]
        before = cost.penalised_cost(self._now)
        past = cost.penalised_cost(late or self._begin)
        if value < past or value < before:
            self._now, before = candidate, value
        # What was taken some iterations ago stays a measure while nothing better was taken since.
        self._history.append(self._now if before < past or late is None else late)

    def _better(self, candidate: "Solution", cost: "CostEvaluator") -> "Solution":
        """A new best plan, looked at once more from all sides."""
        self.best, self._idle = candidate, 0
        candidate = self._moves(candidate, cost, exhaustive=True)
        if candidate.is_feasible():
            self.best = candidate
        return candidate

    def rounds(self) -> list[tuple[int, list[int]]]:
        """Of each round its vehicle type and its clients in order."""
        return [
            (int(route.vehicle_type()), [int(one.idx) for one in route.schedule() if one.is_client()])
            for route in self.best.routes()
        ]


def _operators() -> "list[type[UnaryOperator | BinaryOperator]]":
    from pyvrp.search import OPERATORS, Relocate3, Swap31, Swap32, Swap33

    return [*OPERATORS, Relocate3, Swap31, Swap32, Swap33]


def _penalties(data: "ProblemData", late_cost: float) -> "PenaltyManager":
    from pyvrp import PenaltyManager, PenaltyParams

    least, most = LATE_COST
    # Looked at every 100 plans instead of 500: a day's plan is searched for in a few thousand.
    params = PenaltyParams(solutions_between_updates=100, min_penalty=least, max_penalty=most)
    loads = [LOAD_COST] * int(data.num_load_dimensions)
    return PenaltyManager((loads, late_cost, late_cost), params)


def _solution(data: "ProblemData", rounds: Sequence[tuple[int, Sequence[int]]]) -> "Solution":
    from pyvrp import Route, Solution

    return Solution(data, [Route(data, list(clients), kind) for kind, clients in rounds])
