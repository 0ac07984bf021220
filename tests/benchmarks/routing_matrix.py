"""What shortest ways between many places cost, on a town of 108,900 crossings."""

import sys

import numpy as np

from gis_core.patrol.network import StreetNetwork
from gis_core.routing.matrices import Ways
from gis_core.routing.topology import order_of
from tests.benchmarks.spending import measured

SIDE, APART_M, LEFT_OUT, PLACES = 330, 80.0, 0.2, 500
HEAD = """
{nodes:,} nodes, {edges:,} edges; {places} places to {places} others, beside streets.

| work | CPU s |
|---|---:|
"""


def grid(side: int = SIDE) -> StreetNetwork:
    """A jittered grid of which a fifth of the blocks is left out, without arterials: what contraction likes least."""
    random = np.random.default_rng(7)
    node = np.arange(side * side).reshape(side, side)
    node_xy = np.column_stack([each.ravel() for each in np.indices(node.shape)]) * APART_M
    node_xy += random.normal(0.0, 15.0, node_xy.shape) + [500_000.0, 3_400_000.0]
    u = np.concatenate([node[:-1].ravel(), node[:, :-1].ravel()])
    v = np.concatenate([node[1:].ravel(), node[:, 1:].ravel()])
    kept = random.random(len(u)) >= LEFT_OUT
    u, v = u[kept], v[kept]
    size, length_m = len(u), np.hypot(*(node_xy[u] - node_xy[v]).T)
    names = np.array([f"s{nth}" for nth in range(size)], object)
    return StreetNetwork(
        code=names, name=names, kind=np.full(size, "backstreet", object), width_m=np.full(size, np.nan),
        street=np.arange(size), part=np.arange(size), from_m=np.zeros(size), to_m=length_m,
        u=u, v=v, one_way=np.zeros(size, np.int64), node_xy=node_xy,
        xy=np.stack([node_xy[u], node_xy[v]], axis=1).reshape(-1, 2), begin=2 * np.arange(size),
        end=2 * np.arange(size) + 1, srid=4547,
    )  # fmt: skip


def matrix_rows() -> str:
    """A table of what each step costs; refuses to be made where the metres are not those of scipy, or a leg does not
    add up.
    """
    network, random = grid(), np.random.default_rng(1)
    rows, low, high = [], network.node_xy.min(axis=0), network.node_xy.max(axis=0)

    def told(name: str, spent: float) -> None:
        rows.append(f"| {name} | {spent:.2f} |")

    with measured() as spent:
        order = order_of(network)
    told("order, once for a network", spent.ours)
    ways, plain = Ways(network, order=order), Ways(network)
    with measured() as spent:
        sources, targets = (ways.spots(random.uniform(low, high, (PLACES, 2))) for _ in range(2))
    told(f"{2 * PLACES} places found on streets, with their index", spent.ours)
    with measured() as spent:
        ways.nodes_matrix(np.array([0]), np.array([1]))
    told("contraction with the order kept, and lengths", spent.ours)
    with measured() as spent:
        matrix = ways.matrix(sources, targets)
    told("matrix", spent.ours)
    with measured() as spent:
        closed = ways.closing(random.choice(len(network.u), 500, replace=False))
        closed.matrix(sources, targets)
    told("500 edges closed, and the matrix again", spent.ours)
    with measured() as spent:
        legs = ways.paths(sources, targets)
    told(f"{PLACES} legs edge by edge", spent.ours)
    with measured() as spent:
        reference = plain.matrix(sources, targets)
    told("matrix by scipy", spent.ours)
    assert np.array_equal(matrix, reference), "not the metres of scipy"
    for nth, leg in enumerate(legs):
        assert leg.length_m == matrix[nth, nth], "not the entry of the matrix"
        assert not np.isfinite(leg.length_m) or round(100 * np.abs(leg.to_m - leg.from_m).sum()) == round(
            100 * leg.length_m
        )
    head = HEAD.format(nodes=len(network.node_xy), edges=len(network.u), places=PLACES)
    return "\n".join([head.strip(), *rows]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(matrix_rows())
