"""What followers read: changes with tombstones, the snapshot, and what search may know."""

import pytest

from kb.channels.profiles import CHANNELS
from kb.channels.types import Staff
from kb.channels.values import Duration, Unit
from kb.delivery import feed
from kb.delivery.feed import Cursor, decode_cursor, encode_cursor
from kb.delivery.queries import Instant
from kb.delivery.types import Change, ChangeItem, Findable
from kb.entries.types import Audience
from tests.builders import (
    ENGLISH,
    EVERY_AUDIENCE,
    PUBLIC,
    SPANISH,
    Home,
    a_claim,
    a_fact,
    a_live_answer,
    a_translation,
    an_answer,
    asked,
    body,
    changed,
    head,
    lapsed,
    live,
    withdrawn,
)

pytestmark = pytest.mark.both_databases

START = Cursor(0, 0, 0)


async def everything(
    home: Home, limit: int = 1000, audiences: frozenset[str] = PUBLIC, channel: str = "", locale: str = ""
) -> list[ChangeItem]:
    """All changes, read in runs of `limit` to the end; whatever `complete_through` covers was told by then."""
    found: list[ChangeItem] = []
    claimed: list[tuple[int, int]] = []
    cursor, upto = START, await head(home)
    while True:
        told = await feed.changes(home.reader, cursor, upto, limit, audiences, channel, locale)
        assert len(told.items) <= limit
        found += told.items
        claimed.append((told.complete_through, len(found)))
        if told.complete_through == upto:
            break
        cursor = decode_cursor(told.next)
    assert claimed == sorted(claimed)
    for complete, count in claimed:
        assert sum(item.position <= complete for item in found) <= count
    return found


async def a_full_life(home: Home) -> None:
    """Releases, a changed fact, a withdrawal, a lapse, another audience, and a return."""
    source = an_answer(text="It takes {{fact:card.delivery}}.")
    await live(home, a_fact(), source, a_translation(source, "Son {{fact:card.delivery}}."), a_claim())
    await live(home, changed(a_fact(), fact=Duration(3, Unit.DAYS)))
    await live(home, an_answer("b", "Good. {{claim:free-atm}}"), an_answer("c", audience=Audience.STAFF))
    await withdrawn(home, "free-atm")
    await live(home, an_answer("d", valid_until=home.clock.now()))
    home.clock.move(days=1)
    await lapsed(home)
    await live(home, changed(a_claim(), text="Cash is free."))
    await live(home, an_answer("b", "Good.", audience=Audience.STAFF))


# ---- changes ---------------------------------------------------------------------------------------------------------


async def test_changes_read_in_small_runs_are_the_whole(house: Home) -> None:
    await a_full_life(house)
    whole = await everything(house)
    assert len(whole) > 50
    for limit in (1, 2, 7, 50):
        assert await everything(house, limit) == whole


async def test_complete_through_moves_over_whole_positions_only(house: Home) -> None:
    start = await head(house)
    outcome = await live(house, an_answer())
    first = await feed.changes(house.reader, Cursor(start + 1, 0, 0), outcome.position, 3, PUBLIC)
    assert {item.position for item in first.items} == {outcome.position}
    assert first.complete_through < outcome.position
    rest = await feed.changes(house.reader, decode_cursor(first.next), outcome.position, 4, PUBLIC)
    assert len(rest.items) == 4
    assert rest.complete_through == outcome.position


async def test_a_follower_that_replays_changes_ends_with_what_is_served(house: Home) -> None:
    await a_full_life(house)
    live_places: dict[tuple[str, str, str, str], int] = {}
    for item in await everything(house, 5):
        place = (item.key, item.locale, item.channel, item.profile)
        if item.change is Change.RELEASED:
            live_places[place] = item.version
        else:
            live_places.pop(place, None)
    for channel in CHANNELS:
        for locale in (ENGLISH, SPANISH):
            question = asked(channel, locale)
            served = {one.key: one.version async for one in feed.snapshot(house.reader, question, await now(house))}
            told = {
                key: version
                for (key, of, channel_of, profile), version in live_places.items()
                if (of, channel_of, profile) == (locale, channel, question.profile)
            }
            assert told == served


async def test_nothing_behind_the_head_is_no_change_and_the_cursor_waits_there(house: Home) -> None:
    at = await head(house)
    end = await feed.changes(house.reader, Cursor(at + 1, 0, 0), at, 10, PUBLIC)
    assert (end.items, end.complete_through) == ((), at)
    outcome = await live(house, an_answer())
    more = await feed.changes(house.reader, decode_cursor(end.next), outcome.position, 100, PUBLIC)
    assert len(more.items) == 7
    assert {item.change for item in more.items} == {Change.RELEASED}


async def test_a_change_of_a_fact_is_one_change_of_each_rendition_at_one_position(house: Home) -> None:
    await live(house, a_fact(), an_answer(text="It takes {{fact:card.delivery}}."), an_answer("b"))
    outcome = await live(house, changed(a_fact(), fact=Duration(3, Unit.DAYS)))
    told = [item for item in await everything(house) if item.position == outcome.position]
    assert sorted((item.key, item.channel, item.change) for item in told) == sorted(
        ("card-arrival", channel, Change.RELEASED) for channel in CHANNELS
    )
    assert {item.at for item in told} == {house.now}


async def test_a_tombstone_is_told_to_those_who_were_told_of_the_life(house: Home) -> None:
    await live(house, an_answer("a"), an_answer("b", audience=Audience.STAFF))
    done = await withdrawn(house, "a", "b")
    for audiences, keys in ((PUBLIC, {"a"}), (EVERY_AUDIENCE, {"a", "b"})):
        told = [item for item in await everything(house, 1000, audiences) if item.position == done.position]
        assert {(item.key, item.change) for item in told} == {(key, Change.WITHDRAWN) for key in keys}


async def test_the_public_is_told_that_an_answer_went_to_staff_as_retired(house: Home) -> None:
    await a_live_answer(house)
    outcome = await live(house, an_answer(audience=Audience.STAFF))
    told = [item for item in await everything(house) if item.position == outcome.position]
    assert {item.change for item in told} == {Change.RETIRED}


async def test_the_staff_part_is_no_change_to_the_public(house: Home) -> None:
    await live(house, an_answer(staff=Staff(notes="Be kind.")))
    public = [item for item in await everything(house) if item.key == "card-arrival"]
    assert len(public) == len(CHANNELS)
    staff = [item for item in await everything(house, 1000, EVERY_AUDIENCE) if item.key == "card-arrival"]
    assert len(staff) == len(CHANNELS) + 1


async def test_changes_can_be_followed_for_one_channel_and_locale(house: Home) -> None:
    await a_full_life(house)
    whole = await everything(house)
    narrowed = await everything(house, 2, PUBLIC, "sms", SPANISH)
    assert narrowed == [item for item in whole if (item.channel, item.locale) == ("sms", SPANISH)]
    assert narrowed


@pytest.mark.parametrize("cursor", [START, Cursor(12, 1, 345)])
def test_a_cursor_goes_there_and_back(cursor: Cursor) -> None:
    assert decode_cursor(encode_cursor(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "1", "1-2", "1-2-x", "1-0-2-3", "a-b-c", "-1-0-0", "1-7-3"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        decode_cursor(text)


# ---- the snapshot ----------------------------------------------------------------------------------------------------


async def test_a_snapshot_is_every_live_payload_as_it_is_delivered(house: Home) -> None:
    await a_full_life(house)
    found = [one async for one in feed.snapshot(house.reader, asked("sms"), await now(house))]
    assert [one.key for one in found] == sorted({one.key for one in found})
    for one in found:
        assert one.body == await body(house, one.key, asked("sms"))
    assert {one.key for one in found} == {"card-arrival", "free-atm", "say-handover", "say-repeat"}


async def test_a_snapshot_longer_than_one_run_misses_nothing(house: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "SNAPSHOT_RUN", 4)
    drafts = [an_answer(f"a{number}", alternates=(an_answer().content.wording,) * 2) for number in range(5)]
    await live(house, *drafts)
    found = [one.key async for one in feed.snapshot(house.reader, asked(), await now(house))]
    assert found == ["a0", "a1", "a2", "a3", "a4", "say-handover", "say-repeat"]


async def test_a_snapshot_is_of_one_position_whatever_is_released_meanwhile(
    house: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "SNAPSHOT_RUN", 2)
    await live(house, an_answer("a1"), an_answer("a2"), an_answer("a3"))
    lines = feed.snapshot(house.reader, asked(), await now(house))
    first = await anext(lines)
    await live(house, an_answer("a2", "Now it says something else."), an_answer("a4"))
    rest = [one async for one in lines]
    assert [one.key for one in (first, *rest)] == ["a1", "a2", "a3", "say-handover", "say-repeat"]
    assert {one.version for one in rest} == {1}


# ---- what search may know --------------------------------------------------------------------------------------------


async def now(home: Home) -> Instant:
    return Instant(await head(home), home.now)


async def found(home: Home, key: str) -> list[Findable]:
    return await feed.findables(home.reader, [key])


async def test_search_knows_the_delivered_words_and_the_phrasings(house: Home) -> None:
    await live(house, a_fact(), an_answer(text="It takes {{fact:card.delivery}}.", phrasings=("where is it",)))
    (one,) = await found(house, "card-arrival")
    assert (one.title, one.phrasings, one.audience) == ("Where is my card?", ("where is it",), "public")
    assert "working days" in one.text
    assert set(one.channels) == set(CHANNELS)


async def test_search_follows_words_facts_and_phrasings(house: Home) -> None:
    await live(house, a_fact(), an_answer(text="It takes {{fact:card.delivery}}."), an_answer("b"))
    before = await head(house)
    await live(house, changed(a_fact(), fact=Duration(3, Unit.DAYS)))
    middle = await head(house)
    assert await feed.changed_keys(house.reader, before, middle) == [("card-arrival", ENGLISH)]
    (one,) = await found(house, "card-arrival")
    assert "3 days" in one.text or "three days" in one.text
    await live(house, an_answer("b", phrasings=("card on its way",)))
    assert await feed.changed_keys(house.reader, middle, await head(house)) == [("b", ENGLISH)]


async def test_search_forgets_what_is_withdrawn_suspended_or_lapsed(house: Home) -> None:
    await live(
        house, a_claim(), an_answer("a", "Good. {{claim:free-atm}}"), an_answer("b", valid_until=house.clock.now())
    )
    before = await head(house)
    await withdrawn(house, "free-atm")
    await lapsed(house)
    assert await feed.findables(house.reader, ["free-atm", "a", "b"]) == []
    after = await head(house)
    assert await feed.changed_keys(house.reader, before, after) == [
        ("a", ENGLISH),
        ("b", ENGLISH),
        ("free-atm", ENGLISH),
    ]
    assert await feed.closed_keys(house.reader, before, after) == {"a", "b", "free-atm"}


async def test_everything_findable_comes_in_runs_and_once(house: Home) -> None:
    source = an_answer("a")
    await live(house, source, a_translation(source, "En camino."), an_answer("b"))
    runs = [run async for run in feed.all_findables(house.reader, 2)]
    keys = [(one.key, one.locale) for run in runs for one in run]
    assert len(keys) == len(set(keys)) == 7
    assert max(len(run) for run in runs) == 2


async def test_without_its_engine_search_still_finds_words(house: Home) -> None:
    await live(
        house, an_answer("a", "Your card is lost."), an_answer("b", "Your card_x.", phrasings=("wallet", "100% lost"))
    )
    assert await feed.scan(house.reader, ["card", "LOST"], ENGLISH, 10) == ["a", "b"]
    assert await feed.scan(house.reader, ["wallet"], ENGLISH, 10) == ["b"]
    assert await feed.scan(house.reader, ["%"], ENGLISH, 10) == ["b"]
    assert await feed.scan(house.reader, ["_x"], ENGLISH, 10) == ["b"]
    assert await feed.scan(house.reader, [], ENGLISH, 10) == []
