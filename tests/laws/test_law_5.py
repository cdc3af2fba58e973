"""Law 5: one act, one journal line; rows and journal commit together, and nobody sees half a release."""

import asyncio
from collections import Counter

import pytest
import sqlalchemy as sa

from kb.base.journal import journal, read_head, read_lines, verify
from kb.delivery import queries as delivery
from kb.entries.tables import revisions
from kb.release.actions import release
from kb.release.tables import releases
from kb.review.tables import reviews, signoffs
from tests.builders import (
    Home,
    a_fact,
    a_live_answer,
    an_answer,
    asked,
    changed,
    committed,
    live,
    prepared,
    read,
    signed,
    text,
    withdrawn,
    written,
)

pytestmark = pytest.mark.both_databases

ROWS = {
    "entry.written": revisions.c.position,
    "review.signed": signoffs.c.position,
    "release.made": releases.c.position,
    "release.withdraw": releases.c.position,
}


async def test_every_row_has_its_line_and_every_line_its_row(house: Home) -> None:
    await live(house, a_fact(), an_answer(text="In {{fact:card.delivery}}."))
    await withdrawn(house, "card.delivery")
    events = {line.position: line.event for line in await read(house, read_lines, 0)}
    told: Counter[int] = Counter()
    async with house.reading() as connection:
        for event, column in ROWS.items():
            statement = sa.select(column).join(journal, journal.c.position == column).where(journal.c.event == event)
            told.update((await connection.execute(statement)).scalars())
        states = (await connection.execute(sa.select(reviews.c.position))).scalars().all()
    assert set(told) == {position for position, event in events.items() if event in ROWS}
    assert set(told.values()) == {1}
    assert set(states) <= set(events)


async def test_a_release_that_fails_half_way_leaves_nothing(house: Home) -> None:
    revisions_of = await written(house, *(an_answer(f"a{number}") for number in range(5)))
    await signed(house, *revisions_of)
    ready = await prepared(house, *revisions_of)
    head = await read(house, read_head)

    async def half() -> None:
        async with house.work() as work:
            await release(work, ready)
            await work.flush()
            raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError):
        await half()
    assert [await text(house, f"a{number}") for number in range(5)] == [None] * 5
    assert await read(house, read_head) == head
    assert await read(house, verify) is None
    assert await committed(house, ready) is not None
    assert await text(house, "a4") is not None


async def test_a_reader_sees_all_of_a_release_or_nothing_of_it(house: Home) -> None:
    await live(house, *(an_answer(f"a{number}", "Old.") for number in range(4)))
    revisions_of = await written(house, *(changed(an_answer(f"a{number}"), text="New.") for number in range(4)))
    await signed(house, *revisions_of)
    ready = await prepared(house, *revisions_of)
    async with house.work() as work:
        await release(work, ready)
        await work.flush()
        assert {await text(house, f"a{number}") for number in range(4)} == {"Old."}
    assert {await text(house, f"a{number}") for number in range(4)} == {"New."}


async def test_readers_meet_a_text_at_every_moment_while_writers_write(house: Home) -> None:
    await a_live_answer(house)
    seen: list[int] = []

    async def reading() -> None:
        for _ in range(40):
            found = await delivery.many(house.reader, ["card-arrival"], asked(), house.now)
            seen.append(len(found))
            await asyncio.sleep(0)

    async def writing() -> None:
        for way in ("post", "bike", "drone"):
            await live(house, an_answer(text=f"It comes by {way}."))

    await asyncio.gather(reading(), writing())
    assert seen == [1] * 40
