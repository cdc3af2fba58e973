"""The journal: dense, chained, written once, and telling on whoever touched it."""

import asyncio
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from kb.base import db
from kb.base.errors import Unavailable
from kb.base.journal import FIRST_HASH, Fault, Line, journal, journal_head, line_hash, read_head, read_lines, verify
from kb.base.work import OPERATOR, Actor
from tests.builders import Home, read
from tests.tampering import behind_its_back

pytestmark = pytest.mark.both_databases

LINES = 6


async def some_lines(home: Home, count: int = LINES) -> None:
    for number in range(count):
        async with home.work() as work:
            await work.record("test.noted", {"number": number})


async def fault_of(home: Home) -> Fault | None:
    found = await read(home, verify)
    assert found is None or isinstance(found, Fault)
    return found


def forged(position: int, previous: Line) -> dict[str, Any]:
    """The row of a line that follows `previous` rightly, and that no work wrote."""
    line = Line(position, previous.at, "test.forged", "nobody", "{}", "")
    return msgspec.structs.asdict(msgspec.structs.replace(line, hash=line_hash(previous.hash, line)))


async def lines_of(home: Home) -> list[Line]:
    async with home.reading() as connection:
        return await read_lines(connection, 0)


async def test_positions_are_dense_and_the_head_stands_at_the_last_line(home: Home) -> None:
    await some_lines(home)
    lines = await lines_of(home)
    assert [line.position for line in lines] == list(range(1, LINES + 1))
    head = await read(home, read_head)
    assert (head.position, head.at, head.hash) == (LINES, lines[-1].at, lines[-1].hash)


async def test_every_line_is_chained_to_the_one_before_it(home: Home) -> None:
    await some_lines(home)
    previous = FIRST_HASH
    for line in await lines_of(home):
        assert line.hash == line_hash(previous, line)
        previous = line.hash
    assert await fault_of(home) is None


async def test_an_empty_journal_is_a_good_one(home: Home) -> None:
    assert await fault_of(home) is None


async def test_several_acts_of_one_work_stand_in_one_transaction(home: Home) -> None:
    async with home.work() as work:
        assert [await work.record("test.noted", {"number": number}) for number in range(3)] == [1, 2, 3]
    assert len(await lines_of(home)) == 3


async def test_a_work_that_fails_leaves_no_line_and_no_gap(home: Home) -> None:
    await some_lines(home, 2)

    async def half() -> None:
        async with home.work() as work:
            await work.record("test.noted", {})
            await work.flush()
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        await half()
    await some_lines(home, 1)
    assert [line.position for line in await lines_of(home)] == [1, 2, 3]
    assert await fault_of(home) is None


async def test_a_line_says_who_did_it(home: Home) -> None:
    async with home.work(Actor("ana")) as work:
        await work.record("test.noted", {"b": 1, "a": "é"})
    (line,) = await lines_of(home)
    assert (line.event, line.actor, line.data, line.at) == ("test.noted", "ana", '{"a":"é","b":1}', home.now)


async def test_time_never_goes_backwards_when_the_clock_does(home: Home) -> None:
    await some_lines(home, 1)
    before = home.now
    home.clock.move(hours=-3)
    await some_lines(home, 1)
    home.clock.move(hours=4)
    await some_lines(home, 1)
    assert [line.at for line in await lines_of(home)] == [before, before, home.now]
    assert await fault_of(home) is None


async def test_eight_works_at_once_all_commit_at_dense_positions(home: Home) -> None:
    async def one(number: int) -> None:
        async with home.work() as work:
            await asyncio.sleep(0)
            await work.record("test.noted", {"number": number})
            await asyncio.sleep(0)
            await work.record("test.noted", {"number": number})

    await asyncio.gather(*(one(number) for number in range(8)))
    lines = await lines_of(home)
    assert [line.position for line in lines] == list(range(1, 17))
    assert [first.data for first in lines[::2]] == [second.data for second in lines[1::2]]
    assert await fault_of(home) is None


async def test_a_reading_sees_one_state_throughout(home: Home) -> None:
    await some_lines(home, 2)
    async with home.reading() as connection:
        assert (await read_head(connection)).position == 2
        await some_lines(home, 1)
        assert (await read_head(connection)).position == 2
        assert len(await read_lines(connection, 0)) == 2


async def test_who_reads_cannot_write(home: Home) -> None:
    """On PostgreSQL no reading transaction can; on SQLite delivery's own connection can't."""
    if home.sessions.engine.dialect.name == "sqlite":
        with pytest.raises(Unavailable):
            await home.reader.rows("UPDATE journal_head SET position = 9", {})
    else:
        async with home.reading() as connection:
            with pytest.raises(sa.exc.DBAPIError, match="read-only"):
                await connection.execute(journal_head.update().values(position=9))


@pytest.mark.parametrize("act", ["UPDATE journal SET event = 'x'", "DELETE FROM journal"])
async def test_the_database_itself_refuses_to_change_or_remove_a_line(home: Home, act: str) -> None:
    await some_lines(home)
    with pytest.raises(sa.exc.DBAPIError, match="journal is written once"):
        async with db.writing(home.sessions.engine) as connection:
            await connection.execute(sa.text(act))
    assert await fault_of(home) is None


@pytest.mark.parametrize(
    "column", [{"event": "x"}, {"actor": "x"}, {"data": '{"number":9}'}, {"data": "not json"}, {"hash": "0" * 64}]
)
async def test_verify_names_a_changed_line(home: Home, column: dict[str, str]) -> None:
    await some_lines(home)
    async with behind_its_back(home) as connection:
        await connection.execute(journal.update().where(journal.c.position == 3).values(**column))
    assert await fault_of(home) == Fault(3, "line 3 or its hash was changed after it was written")


async def test_verify_names_a_line_dated_before_the_one_above_it(home: Home) -> None:
    await some_lines(home)
    async with behind_its_back(home) as connection:
        await connection.execute(journal.update().where(journal.c.position == 3).values(at="2000-01-01T00:00:00.000Z"))
    assert await fault_of(home) == Fault(3, "line 3 is dated before the line above it")


async def test_verify_names_a_removed_line(home: Home) -> None:
    await some_lines(home)
    async with behind_its_back(home) as connection:
        await connection.execute(journal.delete().where(journal.c.position == 3))
    assert await fault_of(home) == Fault(3, "line 3 is missing: 4 comes next")


async def test_verify_notices_that_the_end_was_cut_off(home: Home) -> None:
    await some_lines(home)
    async with behind_its_back(home) as connection:
        await connection.execute(journal.delete().where(journal.c.position >= 5))
    assert await fault_of(home) == Fault(5, "the head stands at 6, the last line at 4")


async def test_verify_notices_a_line_added_at_the_end(home: Home) -> None:
    await some_lines(home)
    last = (await lines_of(home))[-1]
    async with behind_its_back(home) as connection:
        await connection.execute(journal.insert().values(**forged(7, last)))
    assert await fault_of(home) == Fault(8, "the head stands at 6, the last line at 7")


async def test_verify_names_lines_that_changed_places(home: Home) -> None:
    await some_lines(home)
    async with behind_its_back(home) as connection:
        for old, new in ((3, 99), (4, 3), (99, 4)):
            await connection.execute(journal.update().where(journal.c.position == old).values(position=new))
    assert await fault_of(home) == Fault(3, "line 3 or its hash was changed after it was written")


async def test_verify_names_a_line_put_in_between(home: Home) -> None:
    await some_lines(home)
    lines = await lines_of(home)
    async with behind_its_back(home) as connection:
        for position in range(LINES, 2, -1):
            await connection.execute(
                journal.update().where(journal.c.position == position).values(position=position + 1)
            )
        await connection.execute(journal.insert().values(**forged(3, lines[1])))
    assert await fault_of(home) == Fault(4, "line 4 or its hash was changed after it was written")


async def test_verify_walks_a_journal_longer_than_one_run(home: Home) -> None:
    async with home.work() as work:
        for number in range(1001):
            await work.record("test.noted", {"number": number})
    assert await fault_of(home) is None
    async with behind_its_back(home) as connection:
        await connection.execute(journal.update().where(journal.c.position == 1001).values(actor="x"))
    assert await fault_of(home) == Fault(1001, "line 1001 or its hash was changed after it was written")


def test_the_operator_may_load_release_and_withdraw_and_never_sign() -> None:
    assert not OPERATOR.rights & {"sign", "write", "redact"}
