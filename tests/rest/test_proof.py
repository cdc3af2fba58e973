"""REST of proof with people at browsers: two admins erase a text, a publisher moves a release, and a person is forgotten."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from kb.accounts.types import Role
from kb.app import build, web
from kb.base.db import empty_log, sqlite_path
from kb.base.journal import read_head
from kb.channels.values import Duration, Unit
from kb.release.audit import verify_all
from kb.review import actions as review
from kb.review.comments import Remark
from kb.settings import Settings
from tests.accounts.people import an_account, signed_in
from tests.builders import (
    Home,
    a_claim,
    a_fact,
    a_house,
    an_answer,
    an_open_home,
    changed,
    live,
    read,
    text,
    trusted,
    written,
)
from tests.databases import Templates
from tests.doors.answers import assert_problem
from tests.review.acting import acting

HERE = {"origin": "http://kb.example", "sec-fetch-site": "same-origin"}
SECRET = "Jane Doe takes out cash for nothing."
ANSWER = an_answer(text="Good to know: {{claim:free-atm}}")


@asynccontextmanager
async def door_of(home: Home, place: Path) -> AsyncIterator[httpx.AsyncClient]:
    opened = await build(Settings(home=place, database_url=home.url), home.clock)
    try:
        transport = httpx.ASGITransport(app=cast(Any, web(opened)))
        async with httpx.AsyncClient(transport=transport, base_url="http://kb.example", headers=HERE) as client:
            yield client
    finally:
        await opened.close()


@pytest.fixture
async def door(house: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser before the doors of a house whose clock the test moves."""
    async with door_of(house, tmp_path / "one") as client:
        yield client


async def enter(home: Home, door: httpx.AsyncClient, *roles: Role) -> str:
    """Let all further requests come from the browser of a new person with these roles; their id."""
    person = await an_account(home, *roles)
    door.headers["cookie"] = f"__Host-kb-session={(await signed_in(home, person)).token}"
    return person


async def a_claim_that_says_too_much(home: Home) -> str:
    """A claim with words that must go, quoted by an answer; its hash."""
    outcome = await live(home, a_claim(text=SECRET), ANSWER)
    return next(one.hash for one in outcome.revisions if one.draft.key == "free-atm")


# ---- redaction -------------------------------------------------------------------------------------------------------


async def test_two_admins_erase_a_text_and_everything_that_quoted_it(house: Home, door: httpx.AsyncClient) -> None:
    hash_ = await a_claim_that_says_too_much(house)
    said_at = (await read(house, read_head)).position
    await enter(house, door, Role.ADMIN)
    request = {"hash": hash_, "reason": "it names a customer"}
    assert_problem(await door.post("/v1/redactions", json=request), 409, "conflict")
    await live(house, a_claim(text="Taking out cash is free."))
    asked = await door.post("/v1/redactions", json=request)
    assert asked.status_code == 201, asked.text
    assert {(one["key"], one["live"]) for one in asked.json()["quoting"]} == {("card-arrival", False)}
    path = asked.headers["location"]
    assert_problem(await door.post(f"{path}/confirm"), 403, "forbidden")
    then = f"/v1/channels/chat/entries/card-arrival?as_of={said_at}"
    assert SECRET in (await door.get(then)).text
    first = dict(door.headers)
    await enter(house, door, Role.ADMIN)
    done = await door.post(f"{path}/confirm")
    assert done.status_code == 200, done.text
    assert done.json()["quoting"] == asked.json()["quoting"]
    assert_problem(await door.get(then), 404, "not-found")
    listed = (await door.get("/v1/redactions")).json()["items"]
    assert [one["confirmed_by"] for one in listed] == [done.json()["confirmed_by"]]
    assert await text(house) == "Good to know: Taking out cash is free."
    assert await read(house, verify_all) == (None, ())
    assert first["cookie"] != door.headers["cookie"]
    assert SECRET.encode() not in await everything_in(house)


async def test_a_value_that_was_said_through_a_claim_goes_too(house: Home, door: httpx.AsyncClient) -> None:
    outcome = await live(
        house, a_fact("atm.fee", Duration(5, Unit.WORKING_DAYS, 7)), a_claim(text="Free in {{fact:atm.fee}}."), ANSWER
    )
    await live(house, a_fact("atm.fee", Duration(2, Unit.WORKING_DAYS, 3)))
    hash_ = next(one.hash for one in outcome.revisions if one.draft.key == "atm.fee")
    await enter(house, door, Role.ADMIN)
    asked = await door.post("/v1/redactions", json={"hash": hash_, "reason": "a wrong promise"})
    assert {one["key"] for one in asked.json()["quoting"]} == {"card-arrival", "free-atm"}
    await enter(house, door, Role.ADMIN)
    assert (await door.post(f"{asked.headers['location']}/confirm")).status_code == 200
    assert b"5\xe2\x80\x937 working days" not in await everything_in(house)
    assert await read(house, verify_all) == (None, ())


async def test_only_admins_look_at_redactions(house: Home, door: httpx.AsyncClient) -> None:
    for method, path in (("GET", "/v1/redactions"), ("POST", "/v1/redactions"), ("GET", "/v1/redactions/none")):
        assert_problem(await door.request(method, path, json={}), 401, "unauthenticated")
    await enter(house, door, Role.AUDITOR)
    assert_problem(await door.get("/v1/redactions"), 403, "forbidden")
    await enter(house, door, Role.ADMIN)
    assert_problem(await door.get("/v1/redactions/none"), 404, "not-found")
    assert_problem(await door.post("/v1/redactions", json={"hash": "0" * 64, "reason": "no"}), 404, "not-found")


# ---- a person is erased ----------------------------------------------------------------------------------------------


async def test_nothing_is_left_of_a_person_who_is_erased_but_an_id(house: Home, door: httpx.AsyncClient) -> None:
    admin = await enter(house, door, Role.ADMIN)
    wanted = {"name": "Mildred Quux", "email": "mildred@quux.example", "roles": [{"role": "legal"}]}
    made = await door.post("/v1/people", json=wanted, headers={"idempotency-key": "a-key"})
    person = made.json()["id"]
    (revision,) = await written(house, an_answer())
    async with house.work(await acting(house, person)) as work:
        await review.comment(work, revision.hash, Remark(text="Ask my sister Ermintrude."))
    key = {"kind": "secret", "name": "Mildred's laptop", "owner": person, "scope": {"actions": ["read"]}}
    assert (await door.post("/v1/keys", json=key)).status_code == 201
    for word in (b"Mildred", b"mildred@quux", b"Ermintrude"):
        assert word in await everything_in(house)
    assert (await door.post(f"/v1/people/{person}/erase", json={})).status_code == 200
    for word in (b"Mildred", b"mildred@quux", b"Ermintrude"):
        assert word not in await everything_in(house)
        assert word not in await files_of(house), "what is deleted is overwritten"
    assert await read(house, verify_all) == (None, ())
    assert admin != person


async def everything_in(home: Home) -> bytes:
    """Every value of every table."""
    found = []
    async with home.reading() as connection:
        for table in (await connection.run_sync(_tables)).sorted_tables:
            for row in await connection.execute(table.select()):
                found += [one if isinstance(one, bytes) else str(one).encode() for one in row]
    return b"\n".join(found)


def _tables(connection: sa.Connection) -> sa.MetaData:
    """The tables that are there, whatever this process has heard of."""
    found = sa.MetaData()
    found.reflect(connection)
    return found


async def files_of(home: Home) -> bytes:
    """The bytes of the database and its log, when that was emptied as it is now and then."""
    path = sqlite_path(home.url)
    assert path is not None
    await empty_log(home.sessions.engine)
    return b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))


# ---- moving a release ------------------------------------------------------------------------------------------------


@pytest.fixture
async def elsewhere(databases: Templates, tmp_path: Path) -> AsyncIterator[tuple[Home, httpx.AsyncClient]]:
    """Another installation, with doors of its own."""
    async with an_open_home(await databases.built("house", a_house)) as home, door_of(home, tmp_path / "two") as door:
        yield home, door


async def test_a_publisher_moves_a_release_to_another_installation(
    house: Home, door: httpx.AsyncClient, elsewhere: tuple[Home, httpx.AsyncClient]
) -> None:
    other, there = elsewhere
    released = (await live(house, a_claim(), ANSWER)).released
    assert released is not None
    path = f"/v1/releases/{released.id}/bundle"
    assert_problem(await door.get(path), 401, "unauthenticated")
    await enter(house, door, Role.AUDITOR)
    assert_problem(await door.get(path), 403, "forbidden")
    await enter(house, door, Role.PUBLISHER)
    assert_problem(await door.get("/v1/releases/none/bundle"), 404, "not-found")
    whole = await door.get(path)
    assert whole.status_code == 200
    assert_problem(await send(there, whole.content), 401, "unauthenticated")
    await enter(other, there, Role.PUBLISHER)
    taken = await send(there, whole.content, "once")
    assert taken.status_code == 200, taken.text
    assert (taken.json()["fresh"], taken.json()["refused"], taken.json()["blocked"]) == (2, [], [])
    assert await text(other) == await text(house)
    again = await send(there, whole.content, "once")
    assert (again.content, again.headers["idempotency-replayed"]) == (taken.content, "true")
    assert (await send(there, whole.content)).json() == {"fresh": 0, "refused": [], "blocked": [], "released": None}
    assert await read(other, verify_all) == (None, ())


async def test_the_people_there_are_asked_and_say_why_not(
    house: Home, door: httpx.AsyncClient, elsewhere: tuple[Home, httpx.AsyncClient]
) -> None:
    other, there = elsewhere
    released = (await live(house, a_claim(), ANSWER)).released
    assert released is not None
    await trusted(other, people=["ana", "ben", "leo", "bea", "ada", "adi"])
    await enter(house, door, Role.PUBLISHER)
    await enter(other, there, Role.PUBLISHER)
    taken = (await send(there, (await door.get(f"/v1/releases/{released.id}/bundle")).content)).json()
    assert taken["released"] is None
    assert {(one["by"], one["role"]) for one in taken["refused"]} == {("lea", "legal")}
    assert all(one["message"] for one in taken["refused"])
    assert {one["key"] for one in taken["blocked"]} == {"free-atm", "card-arrival"}


async def test_a_bundle_may_be_large_and_must_be_whole(house: Home, door: httpx.AsyncClient) -> None:
    await enter(house, door, Role.PUBLISHER)
    large = b"{" + b" " * (5 * 1024 * 1024) + b"}"
    assert_problem(await send(door, large), 400, "invalid")
    assert_problem(await send(door, b"[" * 100_000), 400, "invalid")
    headers = {"content-type": "application/json"}
    assert_problem(await door.post("/v1/releases", content=large, headers=headers), 413, "too-large")
    assert_problem(
        await door.post("/v1/bundles", content=b"{}", headers={"content-type": "text/plain"}),
        415,
        "unsupported-media-type",
    )


async def send(door: httpx.AsyncClient, data: bytes, key: str = "") -> httpx.Response:
    headers = {"content-type": "application/json"} | ({"idempotency-key": key} if key else {})
    return await door.post("/v1/bundles", content=data, headers=headers)


# ---- receipts --------------------------------------------------------------------------------------------------------


async def test_a_printed_receipt_is_only_ever_text(house: Home, door: httpx.AsyncClient) -> None:
    await live(house, an_answer(text="Say \\<script>alert(1)\\</script> & wait.", title='"><img src=x>'))
    await enter(house, door, Role.AUDITOR)
    shown = await door.get("/v1/receipts?key=card-arrival&channel=chat&format=html")
    assert shown.status_code == 200, shown.text
    assert "<script" not in shown.text.lower()
    assert "<img" not in shown.text.lower()
    policy = shown.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


async def test_what_was_replaced_has_a_receipt_as_of_its_time(house: Home, door: httpx.AsyncClient) -> None:
    await live(house, an_answer(text="One."))
    at = (await read(house, read_head)).position
    await live(house, changed(an_answer(), text="Two."))
    await enter(house, door, Role.AUDITOR)
    path = "/v1/receipts?key=card-arrival&channel=chat"
    now, then = (await door.get(path)).json(), (await door.get(f"{path}&as_of={at}")).json()
    texts = [msgspec.json.decode(one["payload"])["text"] for one in (now, then)]
    assert texts == ["Two.", "One."]
    assert [one["served"]["closed_as"] for one in (now, then)] == [None, "replaced"]
    assert_problem(await door.get("/v1/receipts?key=none&channel=chat"), 404, "not-found")
