"""Who refers to an entry: live or not, directly or through others."""

from typing import Any

import pytest

from kb.base.work import Actor
from kb.channels.types import Next
from kb.entries.actions import write
from kb.entries.types import Draft
from kb.release.referrers import Referrer, referrers
from tests.builders import ENGLISH, Home, a_claim, a_fact, an_answer, changed, live, read
from tests.entries.people import a_writer

pytestmark = pytest.mark.both_databases


async def stored(home: Home, *drafts: Draft) -> None:
    async with home.work() as work:
        await write(work, drafts)


async def found(home: Home, key: str, actor: Actor | None = None, **rest: Any) -> list[tuple[str, str, bool, bool]]:
    items: list[Referrer] = await read(home, referrers, actor or a_writer("ana"), ENGLISH, key, **rest)
    return [(one.key, one.uses, one.newest, one.live) for one in items]


async def test_the_live_and_the_newest_revision_are_told_apart(house: Home) -> None:
    answer = an_answer(text="It takes {{fact:card.delivery}}.")
    await live(house, a_fact(), answer)
    assert await found(house, "card.delivery") == [("card-arrival", "fact", True, True)]
    await stored(house, changed(answer, text="Up to {{fact:card.delivery}}."))
    assert await found(house, "card.delivery") == [
        ("card-arrival", "fact", False, True),
        ("card-arrival", "fact", True, False),
    ]
    await stored(house, changed(answer, text="It takes a while."))
    assert await found(house, "card.delivery") == [("card-arrival", "fact", False, True)]


async def test_texts_are_followed_on_request_and_ways_on_never(home: Home) -> None:
    way = (Next("atm", "Cash", "entry:cash"),)
    await stored(
        home,
        a_fact("atm.fee"),
        a_claim(text="Cash costs {{fact:atm.fee}}."),
        an_answer("cash", "{{claim:free-atm}}"),
        an_answer("menu", next=way),
    )
    assert await found(home, "atm.fee") == [("free-atm", "fact", True, False)]
    assert await found(home, "atm.fee", transitive=True) == [
        ("cash", "claim", True, False),
        ("free-atm", "fact", True, False),
        ("menu", "entry", True, False),
    ]
    assert await found(home, "menu", transitive=True) == []


async def test_a_circle_of_references_ends(home: Home) -> None:
    await stored(home, a_claim("a", "{{claim:b}}"), a_claim("b", "{{claim:a}}"))
    assert [one[0] for one in await found(home, "a", transitive=True)] == ["a", "b"]


async def test_what_the_one_who_asks_may_not_see_is_left_out(home: Home) -> None:
    await stored(home, a_fact(), an_answer("a", "{{fact:card.delivery}}"))
    await stored(home, an_answer("b", "{{fact:card.delivery}}", topic="cash"))
    assert [one[0] for one in await found(home, "card.delivery", a_writer("ana", "cash"))] == ["b"]
