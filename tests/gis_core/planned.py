"""A town of straight streets, and days in it that are drawn by chance."""

import numpy as np

from gis_core.patrol.network import StreetNetwork, build_network
from gis_core.planning.tasks import Break, Day, Lane, Patroller, Stop
from gis_core.routing import matrices
from gis_core.routing.matrices import Ways
from tests.gis_core import truth_patrol as truth

BLOCK_M = 120.0
H = 3_600


def town(blocks: int = 12) -> StreetNetwork:
    """So many blocks each way; every third street that runs east is one-way for who drives."""
    size = blocks * BLOCK_M
    lines = {f"h{at}": [(0, at * BLOCK_M), (size, at * BLOCK_M)] for at in range(blocks + 1)}
    lines |= {f"v{at}": [(at * BLOCK_M, 0), (at * BLOCK_M, size)] for at in range(blocks + 1)}
    way = ["yes" if name.startswith("h") and int(name[1:]) % 3 == 1 else "no" for name in lines]
    return build_network(truth.layer(lines, oneway=way), truth.SRID)


def place(x: float, y: float) -> tuple[float, float]:
    """A place of the town in metres of its CRS."""
    return truth.EAST_M + x, truth.NORTH_M + y


def area(x: float, y: float, size_m: float, parts: int) -> str:
    """The grid a place of the town lies in."""
    column, row = (min(int(value / size_m * parts), parts - 1) for value in (x, y))
    return f"g{column}{row}"


def lane(network: StreetNetwork, edge: int, **more: object) -> Lane:
    """An edge of the network as a lane."""
    street = str(network.code[network.street[edge]])
    told = {"street": street, "from_m": network.from_m[edge], "to_m": network.to_m[edge], "edge": edge}
    return Lane(code=f"lane:{edge}", kind="lane", length_m=float(network.length_m[edge]), **{**told, **more})  # type: ignore[arg-type]


def random_day(
    network: StreetNetwork, seed: int = 1, *, people: int = 4, stops: int = 40, lanes: int = 20, parts: int = 2,
    movers: tuple[str, ...] = ("walking",), **more: object,
) -> Day:  # fmt: skip
    """A day with windows, skills, musts, breaks and areas."""
    random = np.random.default_rng(seed)
    size = float(network.node_xy.max(axis=0)[0] - truth.EAST_M)
    spots = random.uniform(0, size, (stops, 2))
    windows = [(), ((9 * H, 11 * H),), ((8 * H, 9 * H), (13 * H, 15 * H))]
    drawn = [
        Stop(
            code=f"stop:{at}", kind="issue", x=place(x, y)[0], y=place(x, y)[1], area=area(x, y, size, parts),
            service_s=int(random.integers(2, 20)) * 60, must=bool(random.random() < 0.1),
            prize=float(random.integers(10, 200)), windows=windows[int(random.integers(3))],
            skills=frozenset({"law"} if random.random() < 0.15 else ()),
        )
        for at, (x, y) in enumerate(spots)
    ]  # fmt: skip
    edges = random.choice(len(network.u), lanes, replace=False)
    middle = (network.node_xy[network.u[edges]] + network.node_xy[network.v[edges]]) / 2 - place(0, 0)
    walked = [
        lane(
            network, int(edge), area=area(*xy, size, parts), prize=float(random.integers(20, 90)),
            both_sides=bool(random.random() < 0.2),
        )
        for edge, xy in zip(edges, middle, strict=True)
    ]  # fmt: skip
    grids = [f"g{column}{row}" for column in range(parts) for row in range(parts)]
    patrollers = tuple(
        Patroller(
            code=f"p{at}", start=place(*random.uniform(0, size, 2)), shift=(8 * H, 12 * H + (at % 3) * H),
            breaks=(Break(1_800, 10 * H, 11 * H),) if at % 2 else (), mover=movers[at % len(movers)],
            skills=frozenset({"law"} if at % 2 else ()), areas=frozenset({grids[at % len(grids)]}),
        )
        for at in range(people)
    )  # fmt: skip
    return Day(stops=tuple(drawn), lanes=tuple(walked), patrollers=patrollers, **more)  # type: ignore[arg-type]


def ways_of(network: StreetNetwork, day: Day) -> dict[str, Ways]:
    """The ways of all who are there."""
    return matrices.ways_of(network, {who.mover for who in day.patrollers})
