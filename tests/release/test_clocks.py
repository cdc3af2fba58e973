"""Clocks that change their offset, and servers whose workers are stopped: nothing is served a moment too early or too late."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from kb.base.hashing import instant
from kb.release.audit import verify_all
from tests.builders import Home, a_claim, an_answer, changed, head, live, prepared, read, text
from tests.release.scheduling import approved_revisions, scheduled, worked
from tests.web.callers import open_doors

pytestmark = pytest.mark.both_databases

OLD, NEW = "Your card is on its way.", "Your card comes by post."
LONDON = "Europe/London"
MOMENT = timedelta(milliseconds=1)
OFFER = "/v1/channels/chat/entries/card-arrival"


@pytest.fixture
async def door(house: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The whole app over HTTP, with no worker: nothing that is due is ever done."""
    async with open_doors(house, tmp_path) as (client, _):
        yield client


def turned_to(home: Home, at: datetime | str) -> None:
    """Move the clock to an instant."""
    home.clock.move(seconds=(datetime.fromisoformat(str(at)) - home.clock.now()).total_seconds())


async def served(door: httpx.AsyncClient) -> str | None:
    """What chat is served of the offer; None for a 404, which comes with no word of it."""
    answer = await door.get(OFFER)
    if answer.status_code == 404:
        assert "card" not in answer.text
        return None
    return str(answer.json()["text"])


# ---- changes of the clocks -------------------------------------------------------------------------------------------


async def test_a_schedule_made_in_winter_keeps_its_hour_in_summer(house: Home) -> None:
    await live(house, an_answer())
    (revision,) = await approved_revisions(house, changed(an_answer(), text=NEW))
    made = await scheduled(house, "2026-03-29T09:00", revision, zone=LONDON, hard=True)
    assert made.at == "2026-03-29T08:00:00.000Z"
    turned_to(house, datetime.fromisoformat(made.at) - MOMENT)
    assert (await worked(house)).released == ()
    assert await text(house) == OLD
    turned_to(house, made.at)
    assert (await worked(house)).released == (made.id,)
    assert await text(house) == NEW


async def test_an_hour_that_comes_twice_releases_once_at_the_reading_that_was_chosen(house: Home) -> None:
    await live(house, an_answer())
    (revision,) = await approved_revisions(house, changed(an_answer(), text=NEW))
    made = await scheduled(house, "2026-10-25T01:30:00Z", revision, zone=LONDON)
    assert made.local == "2026-10-25T01:30:00"
    turned_to(house, "2026-10-25T00:30:00Z")  # the first half past one there
    assert (await worked(house)).released == ()
    turned_to(house, made.at)
    assert (await worked(house)).released == (made.id,)
    before = await head(house)
    turned_to(house, "2026-10-25T00:30:00Z")  # somebody sets the clock back too
    assert (await worked(house)).released == ()
    turned_to(house, "2026-10-25T01:30:01Z")
    assert (await worked(house)).released == ()
    assert await head(house) == before


@pytest.mark.parametrize(
    ("written", "ends"),
    [
        ("2026-10-25T01:30:00+01:00", "2026-10-25T00:30:00.000Z"),
        ("2026-10-25T01:30:00+00:00", "2026-10-25T01:30:00.000Z"),
    ],
)
async def test_a_text_ends_at_the_half_past_one_that_was_meant(house: Home, written: str, ends: str) -> None:
    await live(house, an_answer(valid_until=datetime.fromisoformat(written)))
    turned_to(house, datetime.fromisoformat(ends) - MOMENT)
    assert await text(house) == OLD
    turned_to(house, ends)
    assert await text(house) is None
    assert (await worked(house)).lapsed is not None


async def test_a_text_that_holds_from_a_summer_hour_on_goes_live_then_and_not_an_hour_before(house: Home) -> None:
    begins = datetime.fromisoformat("2026-03-29T02:00:00+01:00")  # 01:00Z, the very instant at which the clocks change
    (revision,) = await approved_revisions(house, an_answer(valid_from=begins))
    ready = await prepared(house, revision)
    assert [issue.code for issue in ready.blocked[0].issues] == ["not-yet-valid"]
    made = await scheduled(house, instant(begins), revision, zone=LONDON)
    assert made.local == "2026-03-29T02:00:00"
    turned_to(house, begins - MOMENT)
    assert (await worked(house)).released == ()
    turned_to(house, begins)
    assert (await worked(house)).released == (made.id,)
    assert await text(house) == OLD


# ---- workers that are stopped ----------------------------------------------------------------------------------------


async def test_a_server_whose_worker_is_stopped_serves_no_lapsed_offer_nor_what_says_it(
    house: Home, door: httpx.AsyncClient
) -> None:
    ends = house.clock.now() + timedelta(hours=1)
    await live(house, a_claim(valid_until=ends), an_answer(text="Good news. {{claim:free-atm}}"))
    assert await served(door) == "Good news. Taking out cash is free."
    turned_to(house, ends - MOMENT)
    assert await served(door) is not None
    turned_to(house, ends)
    assert await served(door) is None
    listed = (await door.get("/v1/channels/chat/entries")).json()["items"]
    assert {one["key"] for one in listed} == {"say-handover", "say-repeat"}
    assert (await door.get("/v1/channels/chat/lookup?key=card-arrival&key=free-atm")).json()["items"] == []
    found = (await door.get("/v1/channels/chat/search?q=cash")).json()
    assert (found["hits"], found["total"]) == ([], 0)
    stale = await door.get(OFFER, headers={"If-None-Match": "*"})
    assert stale.status_code == 404


async def test_a_server_whose_worker_is_stopped_serves_nothing_that_was_not_released(
    house: Home, door: httpx.AsyncClient
) -> None:
    await live(house, an_answer())
    (revision,) = await approved_revisions(house, changed(an_answer(), text=NEW))
    await scheduled(house, house.clock.now() + timedelta(hours=1), revision)
    assert await served(door) == OLD
    house.clock.move(days=3)
    assert await served(door) == OLD
    await worked(house)
    assert await served(door) == NEW


async def test_a_server_whose_worker_is_stopped_serves_nothing_past_a_hard_replacement(
    house: Home, door: httpx.AsyncClient
) -> None:
    await live(house, an_answer())
    (revision,) = await approved_revisions(house, changed(an_answer(), text=NEW))
    made = await scheduled(house, house.clock.now() + timedelta(hours=1), revision, hard=True)
    assert await served(door) == OLD
    turned_to(house, datetime.fromisoformat(made.at) - MOMENT)
    assert await served(door) == OLD
    turned_to(house, made.at)
    assert await served(door) is None
    house.clock.move(days=3)
    assert await served(door) is None
    await worked(house)
    assert await served(door) == NEW
    assert await read(house, verify_all) == (None, ())
