"""What there is to work on: lists of entries with their states, filtered by what the one who asks may see."""

from typing import Any

import pytest

from kb.base.errors import Invalid
from kb.base.work import ANONYMOUS, EVERY_AUDIENCE, Actor, Right
from kb.entries.actions import write
from kb.entries.types import Audience, Draft, Stage
from kb.release.catalogue import EntryPage, Wanted, last_live, listed, one, states_of
from kb.review.types import State
from tests.builders import ENGLISH, SPANISH, Home, a_fact, a_translation, an_answer, changed, live, read, written
from tests.entries.people import a_writer

pytestmark = pytest.mark.both_databases

ALL = a_writer("ana")


async def stored(home: Home, *drafts: Draft) -> None:
    async with home.work() as work:
        await write(work, drafts)


async def page(home: Home, actor: Actor = ALL, sort: str = "key", limit: int = 100, **wanted: Any) -> EntryPage:
    cursor = wanted.pop("cursor", "")
    found = await read(home, listed, actor, ENGLISH, Wanted(**wanted), sort, cursor, limit)
    assert isinstance(found, EntryPage)
    return found


async def keys(home: Home, actor: Actor = ALL, **wanted: Any) -> list[str]:
    return [item.key for item in (await page(home, actor, **wanted)).items]


async def test_an_entry_shows_the_newest_revision_of_each_locale_and_what_is_live(house: Home) -> None:
    english = an_answer()
    await live(house, english, a_translation(english, "Está en camino."))
    await stored(house, changed(english, title="Has my card left?", author="ben"))
    item = await read(house, one, ALL, ENGLISH, "card-arrival")
    assert (item.kind, item.title, item.topic, item.owner) == ("answer", "Has my card left?", "cards", "team-cards")
    here, there = item.locales
    assert (here.locale, here.number, here.state, here.author) == (ENGLISH, 2, State.DRAFT, "ben")
    assert here.live.number == 1
    assert (there.locale, there.number, there.state) == (SPANISH, 1, State.LIVE)
    assert there.live.hash == there.hash


async def test_lists_are_filtered_by_every_field(home: Home) -> None:
    await stored(
        home,
        an_answer("a-one", product="gold", stage=Stage.BEFORE),
        an_answer("b-two", topic="cash", owner="team-cash", title="100% free_of fees?"),
        an_answer("c-three", audience=Audience.STAFF),
        a_fact("card.fee"),
    )
    assert await keys(home) == ["a-one", "b-two", "c-three", "card.fee"]
    cases: tuple[tuple[dict[str, Any], list[str]], ...] = (
        ({"kind": "fact"}, ["card.fee"]),
        ({"topic": "cash"}, ["b-two"]),
        ({"product": "gold"}, ["a-one"]),
        ({"stage": "before"}, ["a-one"]),
        ({"owner": "team-cash"}, ["b-two"]),
        ({"audience": "staff"}, ["c-three"]),
        ({"locale": "und"}, ["card.fee"]),
        ({"q": "TWO"}, ["b-two"]),
        ({"q": "100%"}, ["b-two"]),
        ({"q": "e_o"}, ["b-two"]),
        ({"q": "where"}, ["a-one", "c-three"]),
        ({"q": "no such thing"}, []),
        ({"kind": "answer", "topic": "cards", "audience": "public"}, ["a-one"]),
    )
    for wanted, found in cases:
        assert await keys(home, **wanted) == found, wanted


async def test_lists_are_filtered_by_state_and_by_what_is_live(house: Home) -> None:
    english = an_answer("a-live")
    await live(house, english)
    await written(house, an_answer("b-waiting"))
    await stored(house, a_translation(english, "Está en camino."), an_answer("c-draft"))
    cards: dict[str, Any] = {"topic": "cards"}
    assert await keys(house, **cards, state="live") == ["a-live"]
    assert await keys(house, **cards, state="in_review") == ["b-waiting"]
    assert await keys(house, **cards, state="draft") == ["a-live", "c-draft"]
    assert await keys(house, **cards, state="draft", locale=ENGLISH) == ["c-draft"]
    assert await keys(house, **cards, live=True) == ["a-live"]
    assert await keys(house, **cards, live=True, locale=SPANISH) == []
    assert await keys(house, **cards, live=False) == ["b-waiting", "c-draft"]


@pytest.mark.parametrize("sort", ["key", "-key", "updated", "-updated"])
async def test_pages_hold_every_entry_once_in_order(home: Home, sort: str) -> None:
    await stored(home, *(an_answer(f"answer-{number}") for number in (3, 1, 4, 2, 5)))
    await stored(home, an_answer("answer-4", "Written again."))
    order = {"key": [1, 2, 3, 4, 5], "updated": [3, 1, 2, 5, 4]}[sort.removeprefix("-")]
    expected = [f"answer-{number}" for number in (order[::-1] if sort.startswith("-") else order)]
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        part = await page(home, sort=sort, limit=2, cursor=cursor)
        found += [item.key for item in part.items]
        cursor = part.next
    assert found == expected


async def test_a_cursor_of_another_list_is_refused(home: Home) -> None:
    await stored(home, an_answer("a"), an_answer("b"))
    by_key = await page(home, limit=1)
    with pytest.raises(Invalid, match="no cursor of this list"):
        await page(home, sort="updated", cursor=by_key.next)


async def test_nobody_sees_drafts_beyond_their_topics_audiences_and_locales(home: Home) -> None:
    english = an_answer("a-cards")
    await stored(home, english, an_answer("b-cash", topic="cash"), an_answer("c-staff", audience=Audience.STAFF))
    await stored(home, a_translation(english, "Está en camino.", title="¿Y mi tarjeta?"), a_fact("card.fee"))
    assert await keys(home, a_writer("ana", "cash")) == ["b-cash"]
    assert await keys(home, a_writer("ana", audiences=frozenset({"public"}))) == ["a-cards", "b-cash", "card.fee"]
    assert await keys(home, ANONYMOUS) == []
    assert await keys(home, Actor("p", EVERY_AUDIENCE, frozenset({Right.READ, Right.PREVIEW}))) == []
    spanish = a_writer("ana", locales=(SPANISH,))
    assert await keys(home, spanish) == ["a-cards", "card.fee"]
    assert await keys(home, spanish, q="where is my") == []
    assert await keys(home, spanish, locale=ENGLISH) == []
    item = await read(home, one, spanish, ENGLISH, "a-cards")
    assert (item.title, [place.locale for place in item.locales]) == ("¿Y mi tarjeta?", [SPANISH])
    assert await read(home, one, spanish, ENGLISH, "b-cash") is None


async def test_the_last_revision_that_was_ever_live_is_known(house: Home) -> None:
    draft = an_answer()
    assert await read(house, last_live, "card-arrival", ENGLISH) == 0
    await live(house, draft)
    await written(house, changed(draft, text="B."))
    assert await read(house, last_live, "card-arrival", ENGLISH) == 1
    states = await read(house, states_of, "card-arrival", ENGLISH)
    assert sorted(states.values()) == [State.IN_REVIEW, State.LIVE]
