"""Coming in: by the page, by tokens, by keys; locked out, thrown out, and asked from elsewhere."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Barrier, Thread

import jwt
import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from api.limits import Limiter, TooMany
from api.security import _NOBODY, access_token, bearer_of, hashed, is_right
from api.settings import DEMO_SECRET, PROXIES_VARIABLE, SECRET_VARIABLE, Settings, settings
from gis_core.errors import InvalidInput, Unauthorised
from gis_core.permissions import Area, Grant
from layers.accounts import FREE_ATTEMPTS
from layers.stores import Stores
from tests import town
from tests.serving import PASSWORD, SECRET, Reply, Server, join, serving

HTML = {"Accept": "text/html"}
TOKEN = "/api/v1/token"


@dataclass
class Clock:
    """A clock that a test puts forward."""

    now: dt.datetime = field(default_factory=lambda: town.NOW)

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    """The server's clock."""
    return Clock()


@pytest.fixture
def stores(founded_stores: Stores) -> Stores:
    """The town with one commander and their key."""
    return founded_stores


@pytest.fixture
def key(stores: Stores) -> str:
    """A commander's key."""
    return join(stores, "li.wei", Grant("commander", Area("city")))


@pytest.fixture
def server(stores: Stores, key: str, clock: Clock) -> Iterator[Server]:
    """The town, served; nobody signed in."""
    with serving(stores, clock) as up:
        yield up


def sign_in(server: Server, password: str = PASSWORD, name: str = "li.wei", **headers: str) -> Reply:
    """The form of the page, sent."""
    form = {"name": name, "password": password, "next": "/maps/heat"}
    return server.post("/login", form, **{"Accept_Language": "en", **headers})


def cookie_of(reply: Reply) -> str:
    """What the browser sends back."""
    return reply.headers["Set-Cookie"].partition(";")[0]


def tokens(server: Server, **form: str) -> Reply:
    """The answer to a request for tokens."""
    return server.post(TOKEN, form or {"grant_type": "password", "username": "li.wei", "password": PASSWORD})


def test_the_page_lets_in_to_the_page_that_was_wanted(server: Server) -> None:
    """Somebody who follows a link would end up elsewhere, or in a loop."""
    asked = server.ask("/maps/heat?lang=en", **HTML)
    assert (asked.status, asked.headers["Location"]) == (303, "/login?next=%2Fmaps%2Fheat%3Flang%3Den")
    page = server.ask(asked.headers["Location"], **HTML)
    assert page.status == 200 and 'value="/maps/heat?lang=en"' in page.text
    entered = sign_in(server)
    assert (entered.status, entered.headers["Location"]) == (303, "/maps/heat")
    said = entered.headers["Set-Cookie"]
    assert "HttpOnly" in said and "SameSite=lax" in said
    assert server.ask("/maps/heat", Cookie=cookie_of(entered)).status == 200


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\x", "/a\nb", ""])
def test_the_way_in_leads_nowhere_else(server: Server, target: str) -> None:
    """A link to our page would send people to a copy of it after they signed in."""
    reply = server.post("/login", {"name": "li.wei", "password": PASSWORD, "next": target})
    assert reply.headers["Location"] == "/maps/overview"


def test_signing_out_ends_the_session_and_not_only_the_cookie(server: Server) -> None:
    """A cookie somebody copied would still open the door."""
    cookie = cookie_of(sign_in(server))
    out = server.ask("/logout", "POST", Cookie=cookie, Origin=server.root)
    assert (out.status, out.headers["Location"]) == (303, "/login")
    assert server.ask("/maps/heat", Cookie=cookie).status == 401


def test_a_session_ends_after_a_shift(server: Server, clock: Clock) -> None:
    """A browser left open would stay open for ever."""
    cookie = cookie_of(sign_in(server))
    clock.forward(hours=11, minutes=59)
    assert server.ask("/maps/heat", Cookie=cookie).status == 200
    clock.forward(minutes=2)
    assert server.ask("/maps/heat", Cookie=cookie).status == 401


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://[", "http://127.0.0.1:1", None])
def test_other_sites_cannot_act_for_a_visitor(server: Server, origin: str | None) -> None:
    """A page elsewhere could press a button in somebody's name."""
    cookie = cookie_of(sign_in(server))
    said = {} if origin is None else {"Origin": origin}
    assert server.ask("/logout", "POST", Cookie=cookie, **said).status == 403
    assert server.ask("/maps/heat", Cookie=cookie).status == 200
    if origin is not None:
        assert sign_in(server, Origin=origin).status == 403


def test_wrong_is_wrong_whoever_it_is(server: Server) -> None:
    """The answer would tell which names there are."""
    replies = [sign_in(server, "wrong password", name) for name in ("li.wei", "nobody", "", "'; DROP TABLE", "李\0")]
    assert {reply.status for reply in replies} == {401}
    assert all("the name or the password is wrong" in reply.text for reply in replies)
    assert "Set-Cookie" not in replies[0].headers


def test_what_is_typed_stays_text(server: Server) -> None:
    """A name would become markup of the page that refuses it."""
    assert "<b>" not in sign_in(server, name='"><b>x</b>').text


def test_guessing_locks_the_account_longer_each_time(server: Server, stores: Stores, clock: Clock) -> None:
    """A password could be guessed at leisure, its owner be locked out for good, or a stranger learn who is there."""
    for _ in range(FREE_ATTEMPTS):
        assert "wrong" in sign_in(server, "guess").text
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        clock.forward(minutes=minutes)
        assert "wrong" in sign_in(server, "guess").text
        assert tokens(server).document == tokens(server, username="nobody", password=PASSWORD).document
        clock.forward(minutes=1 if minutes < 2 else minutes - 1)
    clock.forward(minutes=60)
    assert sign_in(server).status == 303
    assert "wrong" in sign_in(server, "guess").text
    assert sign_in(server).status == 303
    with stores.people() as accounts:
        reasons = {entry["detail"].get("reason") for entry in accounts.trail(before=None, limit=100)}
    assert reasons == {None, "wrong_password", "locked_out"}


def test_guesses_at_once_are_all_counted(stores: Stores, key: str) -> None:
    """Many guesses at the same moment would all be free."""
    count, outcomes = 12, []
    barrier = Barrier(count)

    def guess() -> None:
        barrier.wait()
        try:
            with stores.people(writes=True) as accounts:
                outcomes.append(accounts.attempt("li.wei", town.NOW))
        except Unauthorised as fault:
            outcomes.append(fault)

    threads = [Thread(target=guess) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == count
    assert sum(isinstance(one, Unauthorised) for one in outcomes) == count - FREE_ATTEMPTS - 1


def test_one_client_tries_so_often_and_no_more(stores: Stores, key: str) -> None:
    """One machine could try every name there is."""
    with serving(stores) as up:
        statuses = [sign_in(up, "guess", f"name{k}").status for k in range(25)]
        assert statuses[:20] == [401] * 20 and set(statuses[20:]) == {429}
        refused = up.post(TOKEN, {"username": "x", "password": "y"})
        assert refused.status == 429 and int(refused.headers["Retry-After"]) >= 1


def test_a_bucket_fills_again() -> None:
    """A client that waits would stay shut out."""
    limiter, now = Limiter(2), town.NOW
    for _ in range(2):
        limiter.take("a", now)
    with pytest.raises(TooMany) as fault:
        limiter.take("a", now)
    assert fault.value.params["seconds"] == 30
    limiter.take("b", now)
    limiter.take("a", now + dt.timedelta(seconds=30))


def test_a_client_with_many_addresses_is_one() -> None:
    """Each household has 2^64 addresses of version 6, and could try a password by each."""
    limiter = Limiter(1)
    for client in ("2001:db8::1", "2001:db8:0:1::1", "10.0.0.1", "10.0.0.2"):
        limiter.take(client, town.NOW)
    with pytest.raises(TooMany):
        limiter.take("2001:db8::ffff:0:1", town.NOW)


def test_the_client_is_who_no_believed_proxy_speaks_for(stores: Stores, key: str) -> None:
    """A client could write any address into a header and never be counted."""
    loopback = (settings_with("127.0.0.0/8, 10.0.0.0/8")).proxies
    for proxies, said, expected in (
        ((), "9.9.9.9", "127.0.0.1"), (loopback, "9.9.9.9", "9.9.9.9"),
        (loopback, "1.1.1.1, 9.9.9.9, 10.0.0.3", "9.9.9.9"),
        (loopback, "9.9.9.9, ::ffff:10.0.0.3", "9.9.9.9"), (loopback, "::ffff:9.9.9.9", "9.9.9.9"),
        (loopback, "rubbish", "127.0.0.1"), (loopback, "10.0.0.1, 10.0.0.2", "10.0.0.1"), (loopback, "", "127.0.0.1"),
    ):  # fmt: skip
        with serving(stores, settings=Settings(SECRET, proxies=proxies)) as up:
            up.post("/login", {"name": "li.wei", "password": PASSWORD}, X_Forwarded_For=said)
            with stores.people() as accounts:
                assert accounts.trail(before=None, limit=1)[0]["address"] == expected


def settings_with(proxies: str, secret: str = SECRET) -> Settings:
    """Settings from an environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PROXIES_VARIABLE, proxies)
        patch.setenv(SECRET_VARIABLE, secret)
        return settings("0.0.0.0", (), demo=False)


def test_a_secret_everybody_knows_is_refused() -> None:
    """Anybody could sign tokens for anybody."""
    for secret in ("", "short", DEMO_SECRET):
        with pytest.raises(InvalidInput, match=SECRET_VARIABLE):
            settings_with("", secret)
    with pytest.raises(InvalidInput, match="loopback"):
        settings("0.0.0.0", (), demo=True)
    with pytest.raises(InvalidInput, match="nonsense"):
        settings_with("nonsense")
    assert settings("127.0.0.1", (), demo=True).secret == DEMO_SECRET
    assert SECRET not in repr(settings_with(""))


def test_tokens_let_a_program_in_and_are_renewed(server: Server, clock: Clock) -> None:
    """A program would have to keep a password."""
    given = tokens(server).document
    assert (given["token_type"], given["expires_in"]) == ("bearer", 900)
    shown = {"Authorization": f"Bearer {given['access_token']}"}
    assert server.ask("/api/v1/me", **shown).document["name"] == "li.wei"
    clock.forward(minutes=15)
    assert server.ask("/api/v1/me", **shown).status == 401
    renewed = tokens(server, grant_type="refresh_token", refresh_token=given["refresh_token"]).document
    shown = {"Authorization": f"Bearer {renewed['access_token']}"}
    assert server.ask("/api/v1/me", **shown).status == 200


def test_a_refresh_token_is_good_once_and_theft_voids_its_family(server: Server) -> None:
    """A copied token would go on renewing itself beside its owner's."""
    first = tokens(server).document["refresh_token"]
    second = tokens(server, grant_type="refresh_token", refresh_token=first).document["refresh_token"]
    assert tokens(server, grant_type="refresh_token", refresh_token=first).status == 401
    assert tokens(server, grant_type="refresh_token", refresh_token=second).status == 401
    assert tokens(server).status == 200


def test_a_refresh_token_shown_many_times_at_once_is_good_once(stores: Stores, key: str, server: Server) -> None:
    """Two exchanges at the same moment would both succeed, or the thief who was first keep what came of it."""
    refresh = tokens(server).document["refresh_token"]
    count, replies = 6, []
    barrier = Barrier(count)

    def renew() -> None:
        barrier.wait()
        replies.append(tokens(server, grant_type="refresh_token", refresh_token=refresh))

    threads = [Thread(target=renew) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reply.status for reply in replies) == [200] + [401] * (count - 1)
    (got,) = [reply.document["refresh_token"] for reply in replies if reply.status == 200]
    assert tokens(server, grant_type="refresh_token", refresh_token=got).status == 401


def test_a_token_must_be_ours_and_say_what_ours_say(stores: Stores, key: str) -> None:
    """A forged, foreign or half token would be believed."""
    with stores.people() as accounts:
        user = accounts.user("li.wei")
    good = access_token(user, SECRET, town.NOW)
    assert bearer_of(good, SECRET, town.NOW) == ("li.wei", 0)
    claims = {"sub": "li.wei", "epoch": 0, "exp": town.NOW + dt.timedelta(hours=1), "aud": "gridwarden"}
    other = "another secret, just as long as the first"
    bad = [
        access_token(user, other, town.NOW), good[:-2], "x", "",
        jwt.encode(claims | {"aud": "else"}, SECRET), jwt.encode(claims, "", algorithm="none"),
        *(jwt.encode({k: v for k, v in claims.items() if k != name}, SECRET) for name in claims),
        jwt.encode(claims | {"epoch": "0"}, SECRET),
    ]  # fmt: skip
    for token in bad:
        with pytest.raises(Unauthorised):
            bearer_of(token, SECRET, town.NOW)


@pytest.mark.parametrize("shown", ["Bearer", "Bearer ", "Basic bGk6d2Vp", "gwk_x", "Bearer gwk_x", "Bearer a.b.c"])
def test_what_is_no_token_is_told_so(server: Server, shown: str) -> None:
    """A program would not learn what is wrong, or find the server broken."""
    reply = server.ask("/api/v1/me", Authorization=shown)
    assert (reply.status, reply.document["code"]) == (401, "token_invalid")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_new_password_or_leaving_voids_everything(server: Server, stores: Stores, key: str) -> None:
    """Whoever was thrown out would still be in."""
    cookie, given = cookie_of(sign_in(server)), tokens(server).document
    with stores.people(writes=True) as accounts:
        accounts.set_password(accounts.user("li.wei"), "$argon2id$other")
    assert server.ask("/maps/heat", Cookie=cookie).status == 401
    assert server.ask("/api/v1/me", Authorization=f"Bearer {given['access_token']}").status == 401
    assert server.by(key).ask("/api/v1/me").status == 401
    assert tokens(server, grant_type="refresh_token", refresh_token=given["refresh_token"]).status == 401
    with stores.people(writes=True) as accounts:
        accounts.leave(accounts.user("li.wei"), town.NOW)
    assert sign_in(server).status == 401


def test_a_role_taken_back_counts_at_once(server: Server, stores: Stores, key: str) -> None:
    """A token would carry yesterday's permissions."""
    shown = {"Authorization": f"Bearer {tokens(server).document['access_token']}"}
    assert server.ask("/maps/heat", **shown).status == 200
    with stores.people(writes=True) as accounts:
        accounts.revoke(accounts.user("li.wei"), Grant("commander", Area("city")))
    assert server.ask("/maps/heat", **shown).status == 403


def test_what_is_held_counts_until_its_last_day_in_the_city_ends(server: Server, stores: Stores, clock: Clock) -> None:
    """Whoever gave a grid back would read its issues until somebody remembers to take the role."""
    with stores.publishing() as store:
        last_day = town.holders().assign(valid_to=[dt.date(2026, 7, 1)])
        store.put("holders", last_day, store.revise(town.NOW, "last day"))
    holder = server.by(join(stores, "holder", Grant("inspector", Area("contractor", "P1"))))
    path = "/ogc/collections/grids/items"
    before = holder.ask(path)
    assert [one["properties"]["code"] for one in before.document["features"]] == ["0101"]
    clock.forward(hours=12)
    after = holder.ask(path, If_None_Match=before.headers["ETag"])
    assert (after.status, after.document["features"]) == (200, [])


def test_coming_in_is_in_the_trail_and_no_password_is(server: Server, stores: Stores) -> None:
    """Nobody could tell who came in, or everybody who reads the trail could."""
    sign_in(server)
    sign_in(server, "guess")
    sign_in(server, "guess", name="a password typed for a name")
    with stores.people() as accounts:
        trail = accounts.trail(before=None, limit=10)
    assert [(one["actor"], one["action"]) for one in trail] == [
        ("", "sign_in_refused"), ("li.wei", "sign_in_refused"), ("li.wei", "sign_in"),
    ]  # fmt: skip
    assert trail[1]["detail"] == {"reason": "wrong_password"} and "typed" not in str(trail)


def test_the_trail_is_read_in_pages(server: Server, stores: Stores) -> None:
    """An auditor would see the newest page only."""
    key = join(stores, "auditor", Grant("auditor", Area("city")))
    with stores.people(writes=True) as accounts:
        for number in range(5):
            accounts.note("x", "tested", town.NOW, subject=str(number))
    auditor, seen, before = server.by(key), [], ""
    while True:
        page = auditor.ask(f"/api/v1/audit?limit=2{before}").document
        seen += [entry["subject"] for entry in page["entries"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert seen == ["4", "3", "2", "1", "0"]


def test_unknown_and_impossible_parameters_are_refused(server: Server, key: str) -> None:
    """A misspelt filter would answer with everything."""
    auditor = server.by(key)
    for query, field_ in (("limt=1", "limt"), ("limit=0", "limit"), ("limit=x", "limit"), ("before=1e9", "before")):
        reply = auditor.ask(f"/api/v1/audit?{query}", Accept_Language="en")
        assert (reply.status, reply.document["field"]) == (400, field_), query


@pytest.mark.parametrize("charset", ["unicode_escape", "punycode", "undefined", "nosuch"])
@pytest.mark.parametrize("path", [TOKEN, "/login", "/open311/v2/requests.json"])
def test_a_form_is_read_by_no_codec_it_names(server: Server, key: str, path: str, charset: str) -> None:
    """A stranger could have half a letter read, which nothing here can keep or look up."""
    parts = {"grant_type": "refresh_token", "refresh_token": r"\ud800", "password": r"\ud800", "phone": "xn--\xfc"}
    body = "".join(f'--b\r\nContent-Disposition: form-data; name="{one}"\r\n\r\n{parts[one]}\r\n' for one in parts)
    kind = f"multipart/form-data; boundary=b; charset={charset}"
    assert server.by(key).ask(path, "POST", body=f"{body}--b--\r\n".encode(), Content_Type=kind).status == 400


def test_of_nobody_s_password_none_is_right() -> None:
    """An account without a password could be entered by the one it is compared with."""
    assert not is_right("nobody's password", None)


def test_nobody_s_digest_is_as_dear_as_anybody_s() -> None:
    """How long the answer takes would tell which accounts there are; a digest not well made is refused at once."""
    assert extract_parameters(_NOBODY) == extract_parameters(hashed(PASSWORD))
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(_NOBODY, PASSWORD)
