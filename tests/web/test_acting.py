"""A request that is repeated has one effect and one answer, however many come at once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from kb.app import House
from kb.base.errors import Conflict
from kb.base.work import Right, Work
from kb.web.acting import Done, act, answered, must_match
from kb.web.answers import Answer, json_answer
from kb.web.door import Call, Handle, Route
from kb.web.front import Front
from kb.web.tables import repeats
from tests.builders import Home, head
from tests.web.callers import FROM_OURS, a_secret_key, a_session, open_doors

pytestmark = pytest.mark.both_databases

KEYS = "/v1/keys"
WANTED = {"kind": "secret", "name": "a script"}


@pytest.fixture
async def doors(house: Home, tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, House]]:
    async with open_doors(house, tmp_path) as opened:
        yield opened


@pytest.fixture
async def ana(house: Home, doors: tuple[httpx.AsyncClient, House]) -> httpx.AsyncClient:
    """A client of Ana's browser."""
    client, _ = doors
    client.headers.update({**await a_session(house, "ana"), **FROM_OURS})
    return client


async def test_a_repeated_request_gets_the_first_answer_and_has_no_second_effect(
    house: Home, ana: httpx.AsyncClient
) -> None:
    once = {"Idempotency-Key": "order 42"}
    first = await ana.post(KEYS, json=WANTED, headers=once)
    assert first.status_code == 201, first.text
    at = await head(house)
    again = await ana.post(KEYS, json=WANTED, headers=once)
    assert await head(house) == at
    assert again.status_code == 201
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["cache-control"] == "private, no-store"
    assert again.json()["key"] == first.json()["key"]


async def test_a_secret_is_shown_to_the_first_request_alone(ana: httpx.AsyncClient) -> None:
    once = {"Idempotency-Key": "k"}
    first, again = [await ana.post(KEYS, json=WANTED, headers=once) for _ in range(2)]
    assert first.json()["token"].startswith("kb_sk_")
    assert again.json()["token"] is None


@pytest.mark.parametrize("other", [{"name": "another"}, {"name": "a script "}])
async def test_a_changed_request_under_the_same_key_is_a_422(ana: httpx.AsyncClient, other: dict[str, str]) -> None:
    once = {"Idempotency-Key": "k"}
    assert (await ana.post(KEYS, json=WANTED, headers=once)).status_code == 201
    changed = await ana.post(KEYS, json={**WANTED, **other}, headers=once)
    assert (changed.status_code, changed.json()["code"]) == (422, "idempotency-key-reused")
    elsewhere = await ana.post(f"{KEYS}/0/rotate", json={}, headers=once)
    assert elsewhere.status_code == 422


async def test_two_requests_at_once_have_one_effect(house: Home, ana: httpx.AsyncClient) -> None:
    at = await head(house)
    once = {"Idempotency-Key": "k"}
    answers = await asyncio.gather(*(ana.post(KEYS, json=WANTED, headers=once) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert await head(house) == at + 1


async def test_an_error_is_not_kept(house: Home, ana: httpx.AsyncClient) -> None:
    once = {"Idempotency-Key": "k"}
    refused = await ana.post(KEYS, json={**WANTED, "owner": "lea"}, headers=once)
    assert refused.status_code == 403, refused.text
    assert (await ana.post(KEYS, json=WANTED, headers=once)).status_code == 201


async def test_what_someone_else_did_under_the_same_key_is_not_told(
    house: Home, doors: tuple[httpx.AsyncClient, House]
) -> None:
    client, _ = doors
    locations = set()
    for person in ("ana", "ben"):
        headers = {**await a_session(house, person), **FROM_OURS, "Idempotency-Key": "k"}
        answer = await client.post(KEYS, json=WANTED, headers=headers)
        assert answer.status_code == 201
        locations.add(answer.headers["location"])
    assert len(locations) == 2


@pytest.mark.parametrize("key", ["", "a" * 256, "naïve", "tab\tbed"])
async def test_a_key_is_a_short_printable_text(ana: httpx.AsyncClient, key: str) -> None:
    answer = await ana.post(KEYS, json=WANTED, headers=[(b"Idempotency-Key", key.encode())])
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]


async def test_answers_are_forgotten_after_their_time(house: Home, ana: httpx.AsyncClient) -> None:
    once = {"Idempotency-Key": "k"}
    first = await ana.post(KEYS, json=WANTED, headers=once)
    house.clock.move(hours=25)
    later = await a_session(house, "ana")
    again = await ana.post(KEYS, json=WANTED, headers={**later, **once})
    assert again.headers["location"] != first.headers["location"]
    async with house.reading() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(repeats)) == 1


# ---- what a handler leans on -----------------------------------------------------------------------------------------


def things(opened: House, handle: Handle, access: str = Right.READ) -> httpx.AsyncClient:
    """A client of a door with one route, which writes."""
    route = Route("/v1/things", handle, "Things", access, methods=("PUT",))
    front: Any = Front(None, [route], opened.services, "/v1/")
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=front), base_url="http://kb.example")


async def test_an_effect_that_fails_leaves_nothing_and_may_be_tried_again(
    house: Home, doors: tuple[httpx.AsyncClient, House]
) -> None:
    tried: list[int] = []

    async def handle(call: Call) -> Answer:
        async def do(work: Work) -> Done:
            await work.record("thing.made", {"thing": str(len(tried))})
            tried.append(1)
            if len(tried) == 1:
                raise Conflict("not yet")
            return Done(json_answer({"tries": len(tried)}))

        return await act(call, do)

    at = await head(house)
    headers = {**await a_secret_key(house, "ana"), "Idempotency-Key": "k"}
    async with things(doors[1], handle) as client:
        statuses = [(await client.put("/v1/things", headers=headers)).status_code for _ in range(3)]
        last = await client.put("/v1/things", headers=headers)
    assert statuses == [409, 200, 200]
    assert last.json() == {"tries": 2}
    assert await head(house) == at + 2  # the key that was made, and one thing


async def test_a_long_preparation_is_spared_who_was_answered_before(
    house: Home, doors: tuple[httpx.AsyncClient, House]
) -> None:
    prepared: list[int] = []

    async def handle(call: Call) -> Answer:
        if stored := await answered(call):
            return stored
        prepared.append(1)

        async def do(_: Work) -> Done:
            return Done(json_answer({"prepared": len(prepared)}, tag=True))

        return await act(call, do)

    headers = {**await a_secret_key(house, "ana"), "Idempotency-Key": "k"}
    async with things(doors[1], handle) as client:
        first, again = [await client.put("/v1/things", headers=headers) for _ in range(2)]
        other = await client.put("/v1/things", headers=headers, json={"more": 1})
    assert (first.json(), again.json()) == ({"prepared": 1}, {"prepared": 1})
    assert again.headers["etag"] == first.headers["etag"]
    assert other.status_code == 422
    assert len(prepared) == 1


async def test_what_signs_somebody_in_is_never_replayed_and_guests_repeat_nothing(
    house: Home, doors: tuple[httpx.AsyncClient, House]
) -> None:
    async def handle(call: Call) -> Answer:
        async def do(_: Work) -> Done:
            return Done(Answer(b"{}", headers=((b"set-cookie", b"secret"), (b"location", b"/here"))))

        return await act(call, do)

    headers = {**await a_secret_key(house, "ana"), "Idempotency-Key": "k"}
    async with things(doors[1], handle) as client:
        first, again = [await client.put("/v1/things", headers=headers) for _ in range(2)]
    assert first.headers["set-cookie"] == "secret"
    assert "set-cookie" not in again.headers
    assert again.headers["location"] == "/here"
    async with things(doors[1], handle, "guest") as client:
        guests = [await client.put("/v1/things", headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert all("idempotency-replayed" not in guest.headers for guest in guests)


@pytest.mark.parametrize(
    ("given", "status"),
    [(None, 428), ('"other"', 412), ('W/"now"', 412), ("", 412), ('"now"', 200), ('"other", "now"', 200), ("*", 200)],
)
async def test_a_change_is_made_only_to_what_was_read(
    house: Home, doors: tuple[httpx.AsyncClient, House], given: str | None, status: int
) -> None:
    async def handle(call: Call) -> Answer:
        async def do(_: Work) -> Done:
            must_match(call, '"now"', "/v1/things/diff?from=1&to=2")
            return Done(json_answer({}))

        return await act(call, do)

    headers = await a_secret_key(house, "ana") | ({} if given is None else {"If-Match": given})
    async with things(doors[1], handle) as client:
        answer = await client.put("/v1/things", headers=headers)
    assert answer.status_code == status
    if status == 412:
        assert answer.headers["etag"] == '"now"'
        assert answer.headers["link"] == '</v1/things/diff?from=1&to=2>; rel="diff"'
        assert answer.json()["diff"] == "/v1/things/diff?from=1&to=2"
        assert answer.json()["code"] == "stale"
