"""Actors and works: who may take which step, and what a work gives its actions."""

import asyncio

import pytest

from kb.base.clock import RandomIds, SystemClock
from kb.base.errors import Forbidden
from kb.base.hashing import instant
from kb.base.journal import read_head
from kb.base.work import ANONYMOUS, OPERATOR, Actor
from tests.builders import Home

MANY = 40
"""More than there are connections."""


def test_an_actor_takes_only_the_steps_it_has() -> None:
    Actor("ana", rights=frozenset({"load"})).must("load")
    with pytest.raises(Forbidden, match="operator may not sign"):
        OPERATOR.must("sign")


def test_a_stranger_sees_the_public_and_may_do_nothing() -> None:
    assert ANONYMOUS.audiences == {"public"}
    assert ANONYMOUS.rights == {"read"}


async def test_a_work_has_one_time_from_beginning_to_end(home: Home) -> None:
    async with home.work() as work:
        before = work.stamp
        home.clock.move(minutes=5)
        assert work.stamp == before


@pytest.mark.both_databases
async def test_writers_of_a_process_come_in_turn_and_readers_do_not_wait_for_them(home: Home) -> None:
    came: list[int] = []

    async def write(number: int) -> None:
        async with home.work() as work:
            came.append(number)
            await work.record("test.done", {"number": number})

    async with home.work():
        writers = [asyncio.create_task(write(number)) for number in range(MANY)]
        await asyncio.sleep(0.2)
        async with asyncio.timeout(5), home.reading() as connection:
            assert (await read_head(connection)).position == 0
    await asyncio.gather(*writers)
    assert came == list(range(MANY))


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert instant(SystemClock().now()).endswith("Z")


def test_random_ids_are_unique_and_sort_by_time() -> None:
    ids = [RandomIds().new() for _ in range(500)]
    assert len(set(ids)) == 500
    assert [one[:12] for one in ids] == sorted(one[:12] for one in ids)
