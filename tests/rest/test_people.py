"""REST of people and of signing in, through the whole app: strangers, wrong bodies, wrong people, and those who may."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kb.accounts.actions import trust
from kb.accounts.first_link import first_link
from kb.accounts.signing import KeyProof, Sealer, signed_bytes
from kb.accounts.types import Role
from kb.app import build, web
from kb.base.hashing import from_base64url, instant, to_base64url
from kb.base.journal import verify
from kb.review.signatures import new_keys
from kb.settings import Settings
from tests.accounts.people import PASSWORD, a_link, an_account, signed_in, with_password
from tests.builders import Home, head, read
from tests.doors.answers import assert_points_at, assert_problem

COOKIE = "__Host-kb-session"
HERE = {"origin": "http://kb.example", "sec-fetch-site": "same-origin"}
PEOPLE = (
    ("GET", "/v1/people"),
    ("POST", "/v1/people"),
    ("GET", "/v1/people/lea"),
    ("PUT", "/v1/people/lea/roles"),
    ("POST", "/v1/people/lea/suspend"),
    ("POST", "/v1/people/lea/reinstate"),
    ("POST", "/v1/people/lea/erase"),
    ("POST", "/v1/people/lea/link"),
)
OWN = (
    ("GET", "/v1/me"),
    ("PUT", "/v1/me/password"),
    ("GET", "/v1/me/signing-keys"),
    ("POST", "/v1/me/signing-keys"),
    ("POST", "/v1/me/signing-keys/retire"),
    ("DELETE", "/v1/sessions/current"),
    ("POST", "/v1/sessions/current/reauthenticate"),
)


@pytest.fixture
async def door(house: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser before the doors of a house whose clock the test moves."""
    opened = await build(Settings(home=tmp_path, database_url=house.url), house.clock)
    try:
        transport = httpx.ASGITransport(app=cast(Any, web(opened)))
        async with httpx.AsyncClient(transport=transport, base_url="http://kb.example", headers=HERE) as client:
            yield client
    finally:
        await opened.close()


async def enter(house: Home, door: httpx.AsyncClient, person: str) -> None:
    """Let all further requests come from this person's browser."""
    door.headers["cookie"] = f"{COOKIE}={(await signed_in(house, person)).token}"


async def an_admin(house: Home, door: httpx.AsyncClient) -> str:
    person = await an_account(house, Role.ADMIN, name="Ada Admin")
    await enter(house, door, person)
    return person


async def send(door: httpx.AsyncClient, method: str, path: str, **rest: Any) -> httpx.Response:
    if method in {"POST", "PUT"}:
        rest.setdefault("json", {})
    return await door.request(method, path, **rest)


# ---- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), [*PEOPLE, *OWN])
async def test_a_stranger_is_asked_who_they_are(door: httpx.AsyncClient, method: str, path: str) -> None:
    assert_problem(await send(door, method, path), 401, "unauthenticated")


@pytest.mark.parametrize(("method", "path"), PEOPLE)
async def test_a_reviewer_manages_nobody_whoever_they_ask_for(
    house: Home, door: httpx.AsyncClient, method: str, path: str
) -> None:
    await enter(house, door, await an_account(house, Role.LEGAL))
    here = await send(door, method, path)
    nowhere = await send(door, method, path.replace("lea", "p-none"))
    assert_problem(here, 403, "forbidden")
    assert here.content == nowhere.content


@pytest.mark.parametrize(
    "body",
    [{}, {"link": ""}, {"link": "a", "person": "b"}, {"person": "a", "email": "b@c.example"}, {"name": "a"}, [], "x"],
)
async def test_a_sign_in_that_says_nothing_clear_is_refused(door: httpx.AsyncClient, body: Any) -> None:
    assert_problem(await door.post("/v1/sessions", json=body), 400, "invalid")


# ---- signing in ------------------------------------------------------------------------------------------------------


async def test_a_link_sets_a_cookie_that_no_script_and_no_other_host_gets(house: Home, door: httpx.AsyncClient) -> None:
    link = await a_link(house, await an_account(house))
    answer = await door.post("/v1/sessions", json={"link": link.token})
    assert answer.status_code == 201
    cookie, *rules = answer.headers["set-cookie"].split("; ")
    assert cookie.startswith(f"{COOKIE}=")
    assert set(rules) == {"Path=/", "Max-Age=604800", "Secure", "HttpOnly", "SameSite=Lax"}
    assert cookie.partition("=")[2] not in answer.text
    again = await door.post("/v1/sessions", json={"link": link.token})
    assert_problem(again, 401, "unauthenticated")
    assert "set-cookie" not in again.headers


async def test_a_password_signs_in_and_what_is_wrong_is_not_told(house: Home, door: httpx.AsyncClient) -> None:
    mia = await an_account(house, email="mia@larkfield.example")
    await enter(house, door, mia)
    assert (await door.put("/v1/me/password", json={"password": PASSWORD})).status_code == 200
    del door.headers["cookie"]
    answer = await door.post("/v1/sessions", json={"email": "Mia@larkfield.example", "password": PASSWORD})
    assert (answer.status_code, answer.json()["person"]) == (201, mia)
    wrong = await door.post("/v1/sessions", json={"email": "mia@larkfield.example", "password": "another password"})
    nobody = await door.post("/v1/sessions", json={"person": "p-none", "password": PASSWORD})
    assert_problem(wrong, 401, "unauthenticated")
    assert wrong.content == nobody.content


async def test_a_page_of_another_site_signs_nobody_in(house: Home, door: httpx.AsyncClient) -> None:
    link = await a_link(house, await an_account(house))
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    refused = await door.post("/v1/sessions", json={"link": link.token}, headers=foreign)
    assert refused.status_code == 403
    assert (await door.post("/v1/sessions", json={"link": link.token})).status_code == 201


async def test_the_first_link_works_once_and_acts_as_its_admin(
    house: Home, door: httpx.AsyncClient, tmp_path: Path
) -> None:
    token = await read(house, first_link, Sealer(tmp_path / "secret"), house.clock.now())
    first = await door.post("/v1/sessions", json={"link": token})
    assert first.status_code == 201
    door.headers["cookie"] = first.headers["set-cookie"].partition(";")[0]
    me = (await door.get("/v1/me")).json()
    assert me["account"]["origin"] == "account"
    assert {"people", "keys"} <= set(me["rights"])
    del door.headers["cookie"]
    assert_problem(await door.post("/v1/sessions", json={"link": token}), 401, "unauthenticated")


async def test_a_repeated_sign_in_gives_the_cookie_once(house: Home, door: httpx.AsyncClient) -> None:
    link = await a_link(house, await an_account(house))
    await enter(house, door, await an_account(house))
    key = {"idempotency-key": "sign-in-once"}
    first = await door.post("/v1/sessions", json={"link": link.token}, headers=key)
    again = await door.post("/v1/sessions", json={"link": link.token}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert "set-cookie" in first.headers
    assert "set-cookie" not in again.headers


async def test_signing_out_ends_the_session_and_takes_the_cookie_back(house: Home, door: httpx.AsyncClient) -> None:
    await enter(house, door, await an_account(house))
    answer = await door.delete("/v1/sessions/current")
    assert answer.status_code == 200
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert_problem(await door.get("/v1/me"), 401, "unauthenticated")


async def test_who_was_away_proves_again_who_they_are_before_keys_and_passwords_change(
    house: Home, door: httpx.AsyncClient
) -> None:
    mia = await an_account(house)
    await with_password(house, mia, PASSWORD)
    await enter(house, door, mia)
    house.clock.move(minutes=6)
    for method, path, body in (
        ("PUT", "/v1/me/password", {"password": "another password"}),
        ("POST", "/v1/me/signing-keys", {}),
    ):
        assert_problem(await door.request(method, path, json=body), 403, "reauthenticate")
    wrong = await door.post("/v1/sessions/current/reauthenticate", json={"password": "another password"})
    assert_problem(wrong, 401, "unauthenticated")
    assert (await door.post("/v1/sessions/current/reauthenticate", json={"password": PASSWORD})).status_code == 200
    assert (await door.post("/v1/me/signing-keys", json={})).status_code == 201


async def test_a_password_that_is_too_short_is_told_with_its_place(house: Home, door: httpx.AsyncClient) -> None:
    await enter(house, door, await an_account(house))
    assert_points_at(await door.put("/v1/me/password", json={"password": "short"}), "/password")


# ---- signing keys ----------------------------------------------------------------------------------------------------


async def test_keys_are_made_brought_and_retired_by_their_owner(house: Home, door: httpx.AsyncClient) -> None:
    mia = await an_account(house)
    await enter(house, door, mia)
    kept = (await door.post("/v1/me/signing-keys", json={})).json()
    public_key, private_key = new_keys()
    proof = KeyProof(mia, public_key, instant(house.clock.now()))
    signature = Ed25519PrivateKey.from_private_bytes(from_base64url(private_key)).sign(signed_bytes(proof))
    proof = msgspec.structs.replace(proof, signature=to_base64url(signature))
    brought = await door.post("/v1/me/signing-keys", json={"proof": msgspec.to_builtins(proof)})
    assert brought.status_code == 201, brought.text
    listed = (await door.get("/v1/me/signing-keys")).json()["items"]
    assert {(key["public_key"], key["kind"]) for key in listed} == {
        (kept["public_key"], "kept"),
        (public_key, "brought"),
    }
    after = await door.post("/v1/me/signing-keys/retire", json={"public_key": public_key})
    assert {key["public_key"] for key in after.json()["items"] if key["until"] is None} == {kept["public_key"]}
    assert_problem(await door.post("/v1/me/signing-keys/retire", json={"public_key": public_key}), 404, "not-found")


# ---- people ----------------------------------------------------------------------------------------------------------


async def test_an_admin_adds_a_person_and_sends_them_a_link(house: Home, door: httpx.AsyncClient) -> None:
    await an_admin(house, door)
    roles = [{"role": "legal", "topics": ["cards"]}]
    added = await door.post("/v1/people", json={"name": "Mia Moss", "email": "mia@larkfield.example", "roles": roles})
    assert added.status_code == 201, added.text
    person = added.json()["id"]
    assert added.headers["location"] == f"/v1/people/{person}"
    assert (await door.get(added.headers["location"])).json() == added.json()
    link = await door.post(f"/v1/people/{person}/link", json={})
    assert link.status_code == 201
    path, _, token = link.json()["address"].partition("#")
    assert path == "/sign-in"
    del door.headers["cookie"]
    assert (await door.post("/v1/sessions", json={"link": token})).json()["person"] == person


async def test_a_repeated_invitation_shows_its_link_once(house: Home, door: httpx.AsyncClient) -> None:
    await an_admin(house, door)
    path, key = f"/v1/people/{await an_account(house)}/link", {"idempotency-key": "invite-once"}
    first, again = [await door.post(path, json={}, headers=key) for _ in range(2)]
    assert first.json()["address"].startswith("/sign-in#kb_ln_")
    assert again.json() == first.json() | {"address": None}


async def test_roles_change_only_for_who_read_the_person_as_they_are(house: Home, door: httpx.AsyncClient) -> None:
    await an_admin(house, door)
    mia = await an_account(house, Role.LEGAL)
    path, body = f"/v1/people/{mia}/roles", {"roles": [{"role": "brand"}]}
    tag = (await door.get(f"/v1/people/{mia}")).headers["etag"]
    assert_problem(await door.put(path, json=body), 428, "precondition-required")
    changed = await door.put(path, json=body, headers={"if-match": tag})
    assert changed.status_code == 200
    held = {(one["role"], one["until"] is None) for one in changed.json()["roles"]}
    assert held == {("legal", False), ("brand", True)}
    stale = await door.put(path, json=body, headers={"if-match": tag})
    assert stale.status_code == 412
    assert stale.headers["etag"] == changed.headers["etag"]
    assert (await door.put(path, json=body, headers={"if-match": changed.headers["etag"]})).status_code == 200


async def test_who_is_suspended_is_out_with_the_next_request(house: Home, door: httpx.AsyncClient) -> None:
    mia = await an_account(house, Role.LEGAL)
    session = await signed_in(house, mia)
    await an_admin(house, door)
    theirs = {"cookie": f"{COOKIE}={session.token}"}
    assert (await door.get("/v1/me", headers=theirs)).status_code == 200
    assert (await door.post(f"/v1/people/{mia}/suspend", json={})).json()["state"] == "suspended"
    assert_problem(await door.get("/v1/me", headers=theirs), 401, "unauthenticated")
    assert (await door.post(f"/v1/people/{mia}/reinstate", json={})).json()["state"] == "active"
    assert_problem(await door.get("/v1/me", headers=theirs), 401, "unauthenticated")


async def test_erasing_leaves_nothing_personal_and_the_chain_whole(house: Home, door: httpx.AsyncClient) -> None:
    await an_admin(house, door)
    mia = await an_account(house, Role.LEGAL, email="mia@larkfield.example")
    erased = (await door.post(f"/v1/people/{mia}/erase", json={})).json()
    assert (erased["state"], erased["name"], erased["email"]) == ("erased", "", "")
    assert "mia@" not in (await door.get("/v1/people?limit=100")).text
    assert await read(house, verify) is None


async def test_the_list_filters_and_pages_and_refuses_what_it_doesnt_know(house: Home, door: httpx.AsyncClient) -> None:
    await an_admin(house, door)
    ids: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (await door.get(f"/v1/people?origin=trust-file&limit=3&cursor={cursor}")).json()
        ids += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert ids == ["ada", "adi", "ana", "bea", "ben", "lea", "leo"]
    assert [one["id"] for one in (await door.get("/v1/people?role=brand")).json()["items"]] == ["bea"]
    assert_points_at(await door.get("/v1/people?state=gone"), "state")
    assert_points_at(await door.get("/v1/people?name=Mia"), "name", "unknown-parameter")
    assert_points_at(await door.get("/v1/people?cursor=x"), "cursor")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "Eve", "roles": [{"role": "king"}]}, 400),
        ({"name": "Eve", "roles": [{"role": "legal", "topics": []}]}, 400),
        ({"name": ""}, 400),
        ({"name": "Eve", "email": "eve"}, 400),
        ({"name": "Eve", "colour": "red"}, 400),
        ({}, 400),
    ],
)
async def test_a_person_who_cant_be_is_refused_and_nothing_happens(
    house: Home, door: httpx.AsyncClient, body: dict[str, Any], status: int
) -> None:
    await an_admin(house, door)
    before = await head(house)
    assert_problem(await door.post("/v1/people", json=body), status, "invalid")
    assert await head(house) == before


async def test_nobody_there_is_a_404(house: Home, door: httpx.AsyncClient) -> None:
    await an_admin(house, door)
    for method, path in PEOPLE[2:]:
        body: dict[str, Any] = {"roles": []} if path.endswith("roles") else {}
        headers = {"if-match": "*"}
        answer = await send(
            door,
            method,
            path.replace("lea", "p-none"),
            headers=headers,
            **({} if method == "GET" else {"json": body}),
        )
        assert_problem(answer, 404, "not-found")


# ---- one's own name and address ----------------------------------------------------------------------------------------


async def test_a_person_reads_and_describes_themselves_and_nobody_else(house: Home, door: httpx.AsyncClient) -> None:
    mia, leo = await an_account(house, Role.LEGAL), await an_account(house, name="Leo Lark")
    await enter(house, door, mia)
    wanted = {"name": "Mia Marsh", "email": "mia@larkfield.example"}
    assert_problem(await door.put(f"/v1/people/{mia}", json=wanted), 428, "precondition-required")
    tag = (await door.get(f"/v1/people/{mia}")).headers["etag"]
    changed = await door.put(f"/v1/people/{mia}", json=wanted, headers={"if-match": tag})
    assert changed.status_code == 200
    assert {name: changed.json()[name] for name in wanted} == wanted
    late = await door.put(f"/v1/people/{mia}", json={"name": "Mia"}, headers={"if-match": tag})
    assert late.status_code == 412
    assert late.headers["etag"] == changed.headers["etag"]
    calls: list[tuple[str, dict[str, Any]]] = [("GET", {}), ("PUT", {"json": wanted, "headers": {"if-match": "*"}})]
    for method, rest in calls:
        there = await door.request(method, f"/v1/people/{leo}", **rest)
        nowhere = await door.request(method, "/v1/people/p-none", **rest)
        assert_problem(there, 403, "forbidden")
        assert there.content == nowhere.content


async def test_an_admin_mends_a_name_and_an_address(house: Home, door: httpx.AsyncClient) -> None:
    await an_admin(house, door)
    mia = await an_account(house)
    headers = {"if-match": (await door.get(f"/v1/people/{mia}")).headers["etag"]}
    wanted = {"name": "Mia Marsh", "email": "mia@larkfield.example"}
    assert (await door.put(f"/v1/people/{mia}", json=wanted, headers=headers)).json()["email"] == wanted["email"]
    assert_problem(await door.put("/v1/people/p-none", json=wanted, headers={"if-match": "*"}), 404, "not-found")


async def test_the_last_admin_is_told_what_to_do_first(house: Home, door: httpx.AsyncClient) -> None:
    async with house.work() as work:
        await trust(work, [], "trust-file")
    ada = await an_admin(house, door)
    refused = await door.post(f"/v1/people/{ada}/suspend", json={})
    assert_problem(refused, 409, "conflict")
    assert "give somebody else the role admin" in refused.json()["detail"]


async def test_signing_out_everywhere_takes_the_cookie_back_and_ends_every_session(
    house: Home, door: httpx.AsyncClient
) -> None:
    mia = await an_account(house)
    other = {"cookie": f"{COOKIE}={(await signed_in(house, mia)).token}"}
    await enter(house, door, mia)
    answer = await door.delete("/v1/sessions")
    assert answer.status_code == 200
    assert "Max-Age=0" in answer.headers["set-cookie"]
    for headers in ({}, other):
        assert_problem(await door.get("/v1/me", headers=headers), 401, "unauthenticated")
