"""Ten years of weekly changes: what history costs in rows and disk, and that asking for the past stays as quick as for now."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import instant
from kb.channels.values import Duration, Unit
from kb.delivery import queries
from kb.delivery.tables import payloads, renditions
from kb.entries.types import Draft
from kb.migrations import upgrade
from tests.bench.figures import Figure, middle, spread
from tests.builders import Home, a_fact, a_house, an_answer, an_open_home, asked, live, read

WEEKS, ENTRIES, FACTS = 520, 1_000, 50
ROUNDS, READS = 9, 200
SECTION = f"{WEEKS // 52} years of weekly changes of a fact, {ENTRIES:,} entries"


class Size(msgspec.Struct, frozen=True):
    rows: int
    bodies: int
    seconds: float


def measure(folder: Path, weeks: int = WEEKS) -> Iterator[Figure]:
    """Live through the years in one home, then read now and then."""
    path = folder / "years.db"
    url = f"sqlite+aiosqlite:///{path}"
    upgrade(url)
    size = asyncio.run(_live_through(url, weeks))
    yield Figure(
        SECTION, "renditions", size.rows, "rows", note=f"{size.bodies:,} payloads, made in {size.seconds:.0f} s"
    )
    yield Figure(SECTION, "disk", path.stat().st_size / 1e6, "MB")
    ratios, microseconds = asyncio.run(_compare(url, weeks))
    note = f"{microseconds:.0f} µs; {spread(ratios)}"
    yield Figure(SECTION, "as of then, as a multiple of now", middle(ratios), "×", 2, most=True, note=note)


async def _live_through(url: str, weeks: int) -> Size:
    await a_house(url)
    started = time.perf_counter()
    async with an_open_home(url) as home:
        await live(home, *[_fact(number, 0) for number in range(FACTS)])
        await live(home, *[_answer(number) for number in range(ENTRIES)])
        for week in range(1, weeks + 1):
            home.clock.move(days=7)
            await live(home, _fact(week % FACTS, week))
        counts = [await read(home, _count, table) for table in (renditions, payloads)]
    return Size(counts[0], counts[1], time.perf_counter() - started)


async def _count(connection: AsyncConnection, table: sa.Table) -> int:
    return int(await connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def _compare(url: str, weeks: int) -> tuple[list[float], float]:
    """The ratio of each round, now and then in turn, and what a read of the past took in the last one."""
    ratios, took = [], 0.0
    async with an_open_home(url) as home:
        home.clock.move(days=7 * weeks)
        moments = [instant(home.clock.now() - timedelta(days=7 * (week % weeks))) for week in range(READS)]
        for _ in range(ROUNDS):
            now = await _timed(lambda number: queries.get(home.reader, _key(number), asked(), home.now))
            took = await _timed(lambda number: _then(home, _key(number), moments[number]))
            ratios.append(took / now)
    return ratios, took * 1e6


async def _then(home: Home, key: str, at: str) -> object:
    moment = await queries.instant_at(home.reader, at)
    assert moment is not None
    return await queries.get_then(home.reader, key, asked(), moment)


async def _timed(ask: Callable[[int], Awaitable[object]]) -> float:
    started = time.perf_counter()
    for number in range(READS):
        assert await ask(number) is not None
    return (time.perf_counter() - started) / READS


def _fact(number: int, week: int) -> Draft:
    return a_fact(f"delivery-{number}", Duration(3 + week % 5, Unit.WORKING_DAYS, 9 + (week + FACTS - 1) // FACTS))


def _key(number: int) -> str:
    return f"answer-{number * 5 % ENTRIES}"


def _answer(number: int) -> Draft:
    return an_answer(f"answer-{number}", f"Card {number} comes within {{{{fact:delivery-{number % FACTS}}}}}.")
