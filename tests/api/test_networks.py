"""Street networks kept by version."""

import pytest

from api.networks import Networks
from gis_core.permissions import Area, Sight
from layers.stores import Stores
from tests import town


def test_a_network_is_built_once_for_a_version(founded_stores: Stores) -> None:
    """And its matchers with it; the oldest goes."""
    networks = Networks(size=1)
    with founded_stores.publishing() as store:
        second = town.publish(store, streets=town.streets())
    with founded_stores.read() as store:
        network = networks.at(store, 1)
        assert networks.at(store, 1) is network
        assert network.edges()["code"].tolist() == ["S1"]
        matcher = networks.matcher(store, 1)
        assert networks.matcher(store, 1) is matcher
        assert networks.matcher(store, 1, "driver") is not matcher
        assert networks.at(store, second) is not network
        assert networks.matcher(store, 1) is not matcher


def test_a_network_is_never_a_part(founded_stores: Stores) -> None:
    """What is matched on half a network is wrong."""
    with founded_stores.read(Sight((Area("grid", "0101"),))) as store, pytest.raises(ValueError, match="whole"):
        Networks().at(store, 1)
