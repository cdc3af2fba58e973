"""REST of releases and schedules, through the whole app: what goes live when, what is refused, and what a repetition does."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from kb.accounts.types import Role
from kb.base.hashing import instant
from kb.review.signatures import new_keys
from tests.builders import Home, a_signer, an_answer, changed, head, live, text, trusted, written
from tests.doors.answers import assert_problem
from tests.release.scheduling import approved_revisions, worked
from tests.web.callers import FROM_OURS, Headers, a_session, open_doors

pytestmark = pytest.mark.both_databases

OLD, NEW = "Your card is on its way.", "Your card comes by post."


@pytest.fixture
async def door(house: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with open_doors(house, tmp_path) as (client, _):
        yield client


async def pat(house: Home, *topics: str) -> Headers:
    """A publisher at a page of ours."""
    await trusted(house, a_signer("pat", Role.PUBLISHER, topics=topics or ("*",), key=new_keys()[0]))
    return await a_session(house, "pat") | FROM_OURS


async def test_an_approved_revision_is_released_and_rolled_back(house: Home, door: httpx.AsyncClient) -> None:
    await live(house, an_answer())
    (revision,) = await approved_revisions(house, changed(an_answer(), text=NEW))
    headers, order = await pat(house), {"hashes": [revision.hash], "reason": "why not"}
    foreseen = await door.post("/v1/releases/prepare", json=order, headers=headers)
    assert foreseen.json()["changes"] == [["card-arrival", "en-GB"]]
    assert await text(house) == OLD
    made = await door.post("/v1/releases", json=order, headers=headers)
    assert made.status_code == 201
    assert await text(house) == NEW
    shown = await door.get(made.headers["location"], headers=headers)
    assert (shown.json()["act"], shown.json()["reason"]) == ("release", "why not")
    back = await door.post(f"{made.headers['location']}/rollback", json={}, headers=headers)
    assert back.status_code == 201
    assert await text(house) == OLD
    listed = await door.get("/v1/releases?limit=1", headers=headers)
    assert [one["act"] for one in listed.json()["items"]] == ["rollback"]
    behind = await door.get(f"/v1/releases?limit=1&cursor={listed.json()['next']}", headers=headers)
    assert [one["id"] for one in behind.json()["items"]] == [made.json()["id"]]


async def test_a_repeated_release_has_one_effect(house: Home, door: httpx.AsyncClient) -> None:
    (revision,) = await approved_revisions(house, an_answer())
    headers = await pat(house) | {"Idempotency-Key": "once"}
    first = await door.post("/v1/releases", json={"hashes": [revision.hash]}, headers=headers)
    before = await head(house)
    second = await door.post("/v1/releases", json={"hashes": [revision.hash]}, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert await head(house) == before


async def test_what_stays_behind_is_told_with_every_issue(house: Home, door: httpx.AsyncClient) -> None:
    (revision,) = await written(house, an_answer())
    answer = await door.post("/v1/releases", json={"hashes": [revision.hash]}, headers=await pat(house))
    assert_problem(answer, 409, "conflict")
    assert [one["code"] for one in answer.json()["errors"]] == ["not-approved"]


async def test_who_may_not_release_a_topic_or_anything_is_refused(house: Home, door: httpx.AsyncClient) -> None:
    (revision,) = await approved_revisions(house, an_answer())
    order = {"hashes": [revision.hash]}
    assert_problem(await door.post("/v1/releases", json=order), 401, "unauthenticated")
    author = await a_session(house, "ana") | FROM_OURS
    assert_problem(await door.post("/v1/releases", json=order, headers=author), 403, "forbidden")
    answer = await door.post("/v1/releases", json=order, headers=await pat(house, "savings"))
    assert_problem(answer, 404, "not-found")  # whoever may not know of it is told what a hash of nothing is told
    assert await text(house) is None


async def test_a_schedule_is_made_shown_and_cancelled(house: Home, door: httpx.AsyncClient) -> None:
    (revision,) = await approved_revisions(house, an_answer())
    headers = await pat(house)
    order = {"hashes": [revision.hash], "at": "2026-07-01T09:00", "zone": "Europe/London", "hard": True}
    made = await door.post("/v1/schedules", json=order, headers=headers)
    assert (made.status_code, made.json()["blocked"]) == (201, [])
    shown = (await door.get(made.headers["location"], headers=headers)).json()
    assert (shown["state"], shown["at"]) == ("pending", "2026-07-01T08:00:00.000Z")
    cancelled = await door.post(f"{made.headers['location']}/cancel", json={}, headers=headers)
    assert cancelled.json()["state"] == "cancelled"
    listed = await door.get("/v1/schedules?state=pending", headers=headers)
    assert listed.json() == {"items": [], "next": None}


async def test_a_scheduled_text_is_served_from_its_time(house: Home, door: httpx.AsyncClient) -> None:
    (revision,) = await approved_revisions(house, an_answer())
    at = instant(house.clock.now() + timedelta(hours=1))
    headers = await pat(house)
    made = await door.post("/v1/schedules", json={"hashes": [revision.hash], "at": at}, headers=headers)
    assert made.status_code == 201
    house.clock.move(hours=1)
    await worked(house)
    assert await text(house) == OLD


async def test_a_time_that_does_not_exist_is_refused_with_its_readings(house: Home, door: httpx.AsyncClient) -> None:
    (revision,) = await approved_revisions(house, an_answer())
    order = {"hashes": [revision.hash], "at": "2026-03-29T01:30", "zone": "Europe/London"}
    answer = await door.post("/v1/schedules", json=order, headers=await pat(house))
    assert answer.status_code == 400
    assert "doesn't exist" in answer.json()["detail"]


async def test_a_hash_that_nothing_has_is_not_found(house: Home, door: httpx.AsyncClient) -> None:
    headers = await pat(house)
    for path in ("/v1/releases", "/v1/releases/prepare"):
        answer = await door.post(path, json={"hashes": ["0" * 64]}, headers=headers)
        assert_problem(answer, 404, "not-found")
    assert_problem(await door.get("/v1/releases/none", headers=headers), 404, "not-found")
    assert_problem(await door.get("/v1/schedules/none", headers=headers), 404, "not-found")
