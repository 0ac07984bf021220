"""Every operation of the OpenAPI documents, asked by every role as its description allows and as it does not: the
answers are what is described, and never a fault of the server.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from PIL import Image
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from api.jobs import Worker
from api.settings import Settings
from gis_core.mvt import EXTENT, tile_units
from gis_core.permissions import ROLES, Area, Grant
from layers.check_ins import put_check_ins
from layers.drafts import begin_draft
from layers.engine import connect, upgrade
from layers.files import FILES_VARIABLE, files_of
from layers.stores import Stores
from tests import town
from tests.serving import SECRET, Server, join, serving

DOCUMENTS = ("/api/v1/openapi.json", "/ogc/api")
AS_DESCRIBED = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
FEW, MANY = 1, 10
"""Requests of each kind to each operation by each role."""
NOBODY = "nobody"
ALL = [*ROLES, NOBODY]
ISSUE = "012026060100001"
TILE = (tile_units(np.array([[town.WEST, town.SOUTH]]), 16, 0, 0)[0] // EXTENT).astype(int).tolist()
THERE = {
    "code": "0101", "number": 1, "id": 1, "feature": 2, "layer": "issues", "z": 16, "x": TILE[0], "y": TILE[1],
    "method": "surface",
}  # fmt: skip
"""What stands in the paths to what the town has."""


@pytest.fixture(scope="module")
def asked(module_store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """The town with issues, a photo, a draft and an export, as every role is served with it."""
    engine = connect(module_store_url)
    upgrade(engine)
    stores = Stores(engine)
    town.found(stores)
    with stores.publishing() as store:
        town.publish(store, places=town.rows(code=["M1"], type=["market"], geometry=[town.cell(0.2, 0.2, 0.2, 0.2)]))
    with stores.write() as store:
        store.add_issues(town.answered(store, town.issues(3)), town.NOW)
        visit = {"place": "M1", "carrier": "inspector", "body": None, "by": "qr"}
        put_check_ins(store.session, [{**visit, "arrived_at": town.NOW, "left_at": town.NOW}], town.NOW)
    with stores.publishing() as store:
        begin_draft(store, "draft", "somebody", town.NOW)
    keys = {role: join(stores, role, Grant(role, Area("city"))) for role in ROLES}
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(FILES_VARIABLE, str(tmp_path_factory.mktemp("files")))
        with serving(stores, settings=Settings(SECRET, works=False)) as up:
            prepare(up.by(keys["commander"]))
            assert Worker(stores, files_of(stores.address), lambda: town.NOW).work()
            yield {role: up.by(key) for role, key in keys.items()} | {NOBODY: up}
    engine.dispose()


def prepare(server: Server) -> None:
    """A photo, a change in the draft, and an export."""
    into = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(into, "PNG")
    photo = server.ask(f"/api/v1/issues/{ISSUE}/photos", "POST", body=into.getvalue(), Content_Type="image/png")
    grade = {"properties": {"grade": "1"}}
    edited = server.send("/ogc/collections/grids/items/2?version=draft-1", grade, "PATCH", If_Match="*")
    export = server.send("/api/v1/exports", {"layer": "issues", "format": "geojson"})
    assert (photo.status, edited.status, export.status) == (201, 200, 202)


def operations(server: Server) -> Iterator[Any]:
    """Of all documents."""
    for document in DOCUMENTS:
        schema = schemathesis.openapi.from_url(server.root + document, headers=dict(server.shown))
        for found in schema.get_all_operations():
            yield found.ok()


def there(path: str) -> dict[str, Any]:
    """The parameters in a path, of what there is."""
    named = {name: value for name, value in THERE.items() if f"{{{name}}}" in path}
    return named | ({"code": ISSUE} if "/issues/{code}" in path else {})


def kinds_of_requests(operation: Any) -> Iterator["st.SearchStrategy[Any]"]:
    """What fits the description, of anything and of what there is, and what does not fit it."""
    yield operation.as_strategy()
    if named := there(operation.path):
        yield operation.as_strategy(path_parameters=named)
    yield operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


def told(operation: Any, shown: Mapping[str, str], examples: int) -> list[str]:
    """What an operation answered that is not as described."""
    found: list[str] = []

    def ask(case: Any) -> None:
        if operation.path == "/api/v1/stream":
            case.query = {**case.query, "follow": "false"}
        answer = case.call(headers=dict(shown))
        try:
            case.validate_response(answer, checks=AS_DESCRIBED)
        except FailureGroup as failures:
            found.extend(f"{operation.method} {operation.path}: {one}" for one in failures.exceptions)

    rules = settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    for kind in kinds_of_requests(operation):
        # Where nothing is asked for, nothing can be wrong.
        with suppress(Unsatisfiable):
            seed(1)(rules(given(kind)(ask)))()
    return found


@pytest.mark.parametrize("role", ALL)
def test_every_answer_is_as_described(asked: dict[str, Server], role: str, request: pytest.FixtureRequest) -> None:
    """A program made by the description would break at what it does not say."""
    full = request.config.getoption("--full")
    described = list(operations(asked["commander"]))
    assert len(described) > 80
    if not full and role != "commander":
        # A third of them each: every one is asked by three roles more.
        described = described[ALL.index(role) % 3 :: 3]
    assert [line for one in described for line in told(one, asked[role].shown, MANY if full else FEW)] == []


def test_an_answer_that_is_not_as_described_is_seen(asked: dict[str, Server]) -> None:
    """The checks would prove nothing."""
    by_path = {(one.method, one.path): one for one in operations(asked["commander"])}
    drafts, me = (by_path["get", f"/api/v1/{name}"] for name in ("drafts", "me"))
    answer = drafts.Case().call(headers=dict(asked["commander"].shown))
    drafts.Case().validate_response(answer, checks=AS_DESCRIBED)
    with pytest.raises(FailureGroup):
        me.Case().validate_response(answer, checks=AS_DESCRIBED)
