"""Credentials are remembered only while nothing was committed, and nothing that was made for one reader reaches another."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from kb.accounts.api_keys import revoke_key
from kb.accounts.key_queries import read_key
from kb.app import House
from kb.base.errors import Forbidden, Unknown
from kb.base.work import ANONYMOUS, Right
from kb.entries.types import Audience
from kb.web.answers import Answer
from kb.web.credentials import Kind, Shown, shown_in
from kb.web.door import Call, Route
from kb.web.gate import Gate
from tests.builders import Home, a_live_answer, an_answer, live
from tests.web.callers import (
    PAGE,
    Headers,
    a_publishable_key,
    a_secret_key,
    a_session,
    key_id,
    open_doors,
    suspended,
)

ENTRY = "/v1/channels/chat/entries/card-arrival"


@pytest.fixture
async def doors(house: Home, tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, House]]:
    async with open_doors(house, tmp_path) as opened:
        yield opened


def _gate(opened: House) -> Gate:
    return Gate(opened.services)


def _route(access: str) -> Route:
    async def handle(_: Call) -> Answer:
        return Answer(b"{}")

    return Route("/v1/things", handle, "Things", access)


def shown(headers: Headers) -> Shown:
    found = shown_in([(name.lower().encode(), value.encode()) for name, value in headers.items()])
    assert found is not None
    return found


async def test_a_key_is_judged_once_while_nothing_happens(
    house: Home, doors: tuple[httpx.AsyncClient, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = shown(await a_secret_key(house, "ana"))
    credentials = doors[1].services.credentials
    first = await credentials.caller(key, 7)
    monkeypatch.setattr("kb.web.credentials.key_actor", None)
    assert await credentials.caller(key, 7) is first
    with pytest.raises(TypeError):
        await credentials.caller(key, 8)


async def test_a_key_that_is_remembered_still_ends_at_its_time(
    house: Home, doors: tuple[httpx.AsyncClient, House]
) -> None:
    key = shown(await a_secret_key(house, "ana", days=1))
    credentials = doors[1].services.credentials
    assert (await credentials.caller(key, 7)).kind is Kind.SECRET
    house.clock.move(days=1)
    with pytest.raises(Unknown):
        await credentials.caller(key, 7)


async def test_a_revoked_key_is_refused_by_the_next_request(
    house: Home, doors: tuple[httpx.AsyncClient, House]
) -> None:
    client, _ = doors
    await a_live_answer(house)
    key = await a_secret_key(house, "ana")
    assert (await client.get(ENTRY, headers=key)).status_code == 200
    async with house.work() as work:
        await revoke_key(work, key_id(key))
    assert (await client.get(ENTRY, headers=key)).status_code == 401


@pytest.mark.parametrize("make", [a_secret_key, a_session])
async def test_a_suspended_person_is_refused_by_the_next_request(
    house: Home, doors: tuple[httpx.AsyncClient, House], make: object
) -> None:
    client, _ = doors
    await a_live_answer(house)
    headers = await (a_session(house, "ana") if make is a_session else a_secret_key(house, "ana"))
    assert (await client.get(ENTRY, headers=headers)).status_code == 200
    await suspended(house, "ana")
    assert (await client.get(ENTRY, headers=headers)).status_code == 401


async def test_when_a_key_was_last_used_is_written_now_and_then(
    house: Home, doors: tuple[httpx.AsyncClient, House]
) -> None:
    client, opened = doors
    key = await a_secret_key(house, "ana")
    house.clock.move(hours=1)
    await client.get("/v1/changes", headers=key)
    await opened.services.credentials.flush_used()
    async with house.reading() as connection:
        found = await read_key(connection, key_id(key), house.now)
    assert found is not None
    assert found.last_used_at == house.now


async def test_a_session_that_is_used_does_not_end_by_standing_idle(
    house: Home, doors: tuple[httpx.AsyncClient, House]
) -> None:
    client, opened = doors
    used, idle = await a_session(house, "ana"), await a_session(house, "ben")
    for _ in range(4):
        house.clock.move(hours=7)
        assert (await client.get("/v1/keys", headers=used)).status_code == 200
        await opened.services.credentials.flush_used()
    assert (await client.get("/v1/keys", headers=used)).status_code == 200
    assert (await client.get("/v1/keys", headers=idle)).status_code == 401


async def test_an_answer_to_a_credential_is_private_and_never_given_to_anyone_else(
    house: Home, doors: tuple[httpx.AsyncClient, House]
) -> None:
    client, _ = doors
    await live(house, an_answer("for-staff", "Staff only.", audience=Audience.STAFF))
    staff = await a_secret_key(house, "ana", audiences=("public", "staff"))
    path = "/v1/channels/chat/entries/for-staff"
    answer = await client.get(path, headers=staff)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert (await client.get(path)).status_code == 404
    tag = answer.headers["etag"]
    assert (await client.get(path, headers={"If-None-Match": tag})).status_code == 404
    assert (await client.get(path, headers={"If-None-Match": "*"})).status_code == 404
    public = await client.get("/v1/channels/chat/entries?limit=100")
    assert b"for-staff" not in public.content
    assert b"for-staff" in (await client.get("/v1/channels/chat/entries?limit=100", headers=staff)).content
    assert (await client.get("/v1/channels/chat/entries?limit=100")).content == public.content


async def test_an_answer_for_everyone_is_not_taken_from_memory_for_a_key(
    house: Home, doors: tuple[httpx.AsyncClient, House]
) -> None:
    client, _ = doors
    await a_live_answer(house)
    narrow = await a_publishable_key(house, "ada", PAGE, channels=("sms",))
    assert (await client.get(ENTRY)).status_code == 200
    assert (await client.get(ENTRY, headers={**narrow, "Origin": PAGE})).status_code == 404


async def test_who_acts_is_judged_once_more_in_the_transaction(
    house: Home, doors: tuple[httpx.AsyncClient, House]
) -> None:
    """Between the look at the door and the lock on the journal somebody may be suspended, or lose a role."""
    _, opened = doors
    key = shown(await a_secret_key(house, "ada", Right.READ, Right.KEYS))
    caller = await opened.services.credentials.caller(key, 7)
    assert caller.actor.may(Right.KEYS)
    await suspended(house, "ada")
    async with house.reading() as connection:
        with pytest.raises(Unknown):
            await _gate(opened).again(_route(Right.KEYS), key)(connection)
        assert await _gate(opened).again(_route("public"), None)(connection) is ANONYMOUS


async def test_who_lost_a_right_meanwhile_does_not_act(house: Home, doors: tuple[httpx.AsyncClient, House]) -> None:
    _, opened = doors
    key = shown(await a_secret_key(house, "ana"))
    async with house.reading() as connection:
        with pytest.raises(Forbidden):
            await _gate(opened).again(_route(Right.KEYS), key)(connection)
