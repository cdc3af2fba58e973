"""The past of one key: what happened to it in words, and the exact intervals of each of its states."""

from datetime import UTC, datetime

import pytest

from kb.base.errors import NotFound
from kb.delivery import queries
from kb.release.intervals import Interval, intervals
from kb.release.timeline import Happening, Timeline, timeline
from kb.review.types import State
from tests.builders import (
    Home,
    a_claim,
    an_answer,
    asked,
    changed,
    lapsed,
    live,
    read,
    withdrawn,
    written,
)

pytestmark = pytest.mark.both_databases

SOON = datetime(2026, 1, 10, 12, tzinfo=UTC)
ENDS = "2026-01-10T12:00:00.000Z"


async def told(home: Home, key: str) -> list[Interval]:
    found: tuple[Interval, ...] = await read(home, intervals, key, home.now)
    return list(found)


async def happened(home: Home, key: str, **how: int) -> Timeline:
    found = await read(home, timeline, key, **how)
    assert isinstance(found, Timeline)
    return found


async def test_a_life_is_told_in_words_and_in_order(house: Home) -> None:
    await live(house, an_answer("a", "Call us."))
    await live(house, changed(an_answer("a", "Call us."), text="Write to us."))
    await withdrawn(house, "a")
    found = await happened(house, "a")
    words = [one.words for one in found.items]
    assert [one.position for one in found.items] == sorted(one.position for one in found.items)
    for expected in (
        "number 1 was written in en-GB",
        "number 1 in en-GB was handed in for review",
        "number 1 in en-GB was signed as legal",
        "number 1 in en-GB was released",
        "number 2 in en-GB was released",
        "number 2 in en-GB was withdrawn",
    ):
        assert expected in words
    signed = next(one for one in found.items if one.words.endswith("signed as legal"))
    assert signed.by == "lea"
    assert next(one for one in found.items if "withdrawn" in one.words).reason == "a test"


async def test_a_timeline_comes_in_pages_of_whole_positions(house: Home) -> None:
    await live(house, an_answer("a", "Call us."))
    whole = (await happened(house, "a")).items
    joined: list[Happening] = []
    after = 0
    for _ in range(len(whole) + 1):
        page = await happened(house, "a", after=after, limit=2)
        joined += page.items
        if page.next is None:
            break
        after = page.next
    assert tuple(joined) == whole


async def test_a_key_that_begins_alike_is_another(house: Home) -> None:
    await live(house, an_answer("a"), an_answer("a-b"))
    assert {one.number for one in (await happened(house, "a")).items} <= {1, None}
    with pytest.raises(NotFound):
        await happened(house, "b")


async def test_intervals_follow_each_other_without_gaps(house: Home) -> None:
    first = an_answer("a", "Call us.")
    one = await live(house, first)
    house.clock.move(days=1)
    two = await live(house, changed(first, text="Write to us."))
    house.clock.move(days=1)
    gone = await withdrawn(house, "a")
    found = await told(house, "a")
    assert [(one.number, one.state, one.position, one.ended_at) for one in found] == [
        (1, State.LIVE, one.position, two.position),
        (1, State.SUPERSEDED, two.position, None),
        (2, State.LIVE, two.position, gone.position),
        (2, State.WITHDRAWN, gone.position, None),
    ]
    assert found[0].until == found[1].since == found[2].since


async def test_what_sleeps_and_comes_back_is_told(house: Home) -> None:
    await live(house, a_claim(), an_answer("news", "Good. {{claim:free-atm}}"))
    gone = await withdrawn(house, "free-atm")
    back = await live(house, changed(a_claim(), text="It is free."))
    assert [(one.state, one.position, one.ended_at) for one in (await told(house, "news"))[1:]] == [
        (State.SUSPENDED, gone.position, back.position),
        (State.LIVE, back.position, None),
    ]


async def test_a_lapse_counts_from_its_instant_before_and_after_its_line_is_written(house: Home) -> None:
    await live(house, an_answer("a", "Call us.", valid_until=SOON), a_claim(valid_until=SOON))
    await live(house, an_answer("leans", "Good. {{claim:free-atm}}"))
    house.clock.move(days=10)
    before = [(one.state, one.since, one.until) for one in await told(house, "a")]
    assert before[0][0::2] == (State.LIVE, ENDS)
    assert before[1] == (State.EXPIRED, ENDS, None)
    assert [(one.state, one.since) for one in await told(house, "leans")][1:] == [(State.SUSPENDED, ENDS)]
    done = await lapsed(house)
    assert done is not None
    after = await told(house, "a")
    assert [(one.state, one.since, one.until) for one in after] == before
    assert after[1].position == done.position
    assert [(one.state, one.since) for one in await told(house, "leans")][1:] == [(State.SUSPENDED, ENDS)]


async def test_as_of_agrees_with_the_intervals(house: Home) -> None:
    await live(house, an_answer("a", "Call us.", valid_until=SOON))
    house.clock.move(days=10)
    await lapsed(house)
    (alive, _) = await told(house, "a")
    assert alive.until == ENDS
    for at, there in (("2026-01-10T11:59:59.999Z", True), (ENDS, False)):
        moment = await queries.instant_at(house.reader, at)
        assert moment is not None
        assert (await queries.get_then(house.reader, "a", asked(), moment) is not None) is there


async def test_a_draft_has_no_intervals_and_no_entry_is_not_found(house: Home) -> None:
    await written(house, an_answer("a"))
    assert await told(house, "a") == []
    with pytest.raises(NotFound):
        await told(house, "nothing")
