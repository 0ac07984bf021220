"""The commands about people, on both databases."""

import io

import pytest

from layers.stores import Stores
from tests.api.conftest import Ran, Run
from tests.serving import serving


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password on standard input, for every command."""
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n" * 20))


def made(run: Run, *options: str) -> Ran:
    """The account of li.wei."""
    return run("user", "add", "li.wei", "--password-stdin", *options)


def test_an_account_with_a_role_comes_in(town_store: Run, stores: Stores, typed: None) -> None:
    """The commands would make what the door does not know."""
    assert made(town_store, "--title", "李伟", "--organisation", "U01").status == 0
    assert town_store("user", "grant", "li.wei", "grid_manager", "grid:0101").status == 0
    key = town_store("--json", "user", "key", "li.wei", "phone").answer["key"]
    with serving(stores) as up:
        me = up.by(key).ask("/api/v1/me").document
        assert me["title"] == "李伟" and me["organisation"] == "U01"
        assert me["grants"] == [{"role": "grid_manager", "area": "grid", "code": "0101"}]
        entered = up.post("/login", {"name": "li.wei", "password": "correct horse"})
        assert entered.status == 303
        assert town_store("user", "key", "li.wei", "phone", "--drop").status == 0
        assert up.by(key).ask("/api/v1/me").status == 401
    assert town_store("user", "revoke", "li.wei", "grid_manager", "grid:0101").status == 0
    listed = town_store("--json", "user", "list").answer["users"]
    assert [(one["name"], one["grants"], one["keys"]) for one in listed] == [("li.wei", [], [])]
    assert town_store("user", "leave", "li.wei").status == 0
    assert town_store("--json", "user", "list").answer["users"] == []


def test_changes_of_permissions_are_in_the_trail(town_store: Run, stores: Stores, typed: None) -> None:
    """Nobody could tell who was given what, and when."""
    made(town_store)
    town_store("user", "grant", "li.wei", "commander")
    town_store("user", "password", "li.wei", "--password-stdin")
    with stores.people() as accounts:
        trail = accounts.trail(before=None, limit=10)
    assert [(one["actor"], one["action"], one["subject"]) for one in trail] == [
        ("command line", action, "li.wei") for action in ("password_set", "role_given", "user_added")
    ]
    assert trail[1]["detail"] == {"role": "commander", "area": "city"}
    assert "horse" not in str(trail)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "x", "--no-password"), "user name 'x'"),
        (("add", "public", "--no-password"), "user name 'public'"),
        (("add", "李伟", "--no-password"), "user name"),
        (("add", "li.wei", "--no-password"), "already"),
        (("add", "wang", "--no-password", "--organisation", "U99"), "no party 'U99'"),
        (("add", "wang", "--no-password", "--password-stdin"), "either"),
        (("grant", "nobody", "commander"), "no user 'nobody'"),
        (("grant", "li.wei", "king"), "commander"),
        (("grant", "li.wei", "inspector", "grid:9999"), "no such code"),
        (("grant", "li.wei", "inspector", "planet:1"), "expected city, grid:CODE"),
        (("grant", "li.wei", "inspector", "city:1"), "expected city, grid:CODE"),
        (("grant", "li.wei", "inspector", "grid:"), "expected city, grid:CODE"),
        (("revoke", "li.wei", "inspector"), "has no role inspector"),
        (("key", "li.wei", "none", "--drop"), "no key called 'none'"),
        (("key", "li.wei", "phone"), "already"),
        (("password", "nobody", "--password-stdin"), "no user 'nobody'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    town_store: Run, stores: Stores, typed: None, arguments: tuple[str, ...], said: str
) -> None:
    """A slip would give somebody else a role, or nothing would be said."""
    made(town_store)
    town_store("user", "key", "li.wei", "phone")
    with stores.people() as accounts:
        before = accounts.trail(before=None, limit=50)
    ran = town_store("user", *arguments)
    assert ran.status == 2 and said in ran.err and ran.err.count("\n") == 1
    with stores.people() as accounts:
        assert accounts.trail(before=None, limit=50) == before


def test_a_short_password_is_refused(town_store: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account would be open to whoever tries the shortest words."""
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    ran = made(town_store)
    assert ran.status == 2 and "10 or more" in ran.err
