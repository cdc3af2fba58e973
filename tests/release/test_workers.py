"""Workers as real processes: two at once do due work once, and one that is killed leaves all of it or nothing."""

import asyncio
import multiprocessing
import os
import signal
import time
from datetime import timedelta

import sqlalchemy as sa

from kb.base.work import OPERATOR
from kb.release.audit import verify_all
from kb.release.due import run_due
from kb.release.tables import releases
from tests.builders import Home, an_answer, an_open_home, changed, live, read, text
from tests.release.scheduling import approved_revisions, scheduled, worked

SPAWN = multiprocessing.get_context("spawn")
OLD, NEW = "Your card is on its way.", "Your card comes by post."
DAYS = 3


def work_in_a_process(url: str) -> None:
    """Do what is due some days after the house was opened, again and again."""

    async def work() -> None:
        async with an_open_home(url) as home:
            home.clock.move(days=DAYS)
            for _ in range(3):
                await run_due(home.sessions, OPERATOR)

    asyncio.run(work())


async def acts(home: Home, act: str) -> int:
    async with home.reading() as connection:
        chosen = sa.select(sa.func.count()).select_from(releases).where(releases.c.act == act)
        return int(await connection.scalar(chosen) or 0)


async def a_due_schedule(house: Home, *, hard: bool = False) -> None:
    await live(house, an_answer())
    (revision,) = await approved_revisions(house, changed(an_answer(), text=NEW))
    await scheduled(house, house.clock.now() + timedelta(days=1), revision, hard=hard)


async def test_two_processes_at_once_release_a_schedule_once(house: Home) -> None:
    await a_due_schedule(house, hard=True)
    before = await acts(house, "release")
    workers = [SPAWN.Process(target=work_in_a_process, args=(house.url,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        await asyncio.to_thread(worker.join)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert await acts(house, "release") == before + 1
    house.clock.move(days=DAYS)
    assert await text(house) == NEW
    assert await acts(house, "lapse") == 0
    assert await read(house, verify_all) == (None, ())


async def test_a_worker_that_is_killed_leaves_all_or_nothing_and_the_next_one_carries_on(house: Home) -> None:
    await a_due_schedule(house)
    before = await acts(house, "release")
    for after in (1.2, 1.6, 2.0):
        worker = SPAWN.Process(target=work_in_a_process, args=(house.url,))
        worker.start()
        await asyncio.to_thread(time.sleep, after)
        if worker.is_alive() and worker.pid is not None:
            os.kill(worker.pid, signal.SIGKILL)
        await asyncio.to_thread(worker.join)
        assert await text(house) in {OLD, NEW}
        assert await read(house, verify_all) == (None, ())
    house.clock.move(days=DAYS)
    await worked(house)
    assert await text(house) == NEW
    assert await acts(house, "release") == before + 1
    assert await read(house, verify_all) == (None, ())
