"""Judging in several processes says what judging in one says, and goes on in one where there are no others."""

from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest

from kb.base.hashing import instant
from kb.channels.types import Severity
from kb.channels.values import Duration, Unit
from kb.release import crew
from kb.release.crew import judge_all
from kb.release.gate import Rulings
from kb.release.prepare import rulings_of, silent
from kb.release.types import At, Judged, World
from kb.release.world import fetch
from kb.review.standing import policy_in_force
from tests.builders import BEGINNING, Home, a_claim, a_fact, a_translation, an_answer, live, written


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_processors", lambda: 2)


async def a_world(home: Home) -> tuple[World, Rulings]:
    """Live entries, and written ones that lean on them: a text with a fact and a claim, a translation, a dead way on."""
    await live(home, a_fact("card.delivery", Duration(5, Unit.DAYS)), a_claim("free-atm"))
    source = an_answer(text="It comes within {{fact:card.delivery}}. {{claim:free-atm}}")
    broken = an_answer("no-fact", "It comes within {{fact:no.such}}.")
    revisions = await written(home, source, a_translation(source, "Llega en {{fact:card.delivery}}."), broken)
    async with home.sessions.reading() as connection:
        world = await fetch(connection, [one.hash for one in revisions], everything=True)
        return world, rulings_of(world, await policy_in_force(connection))


async def judged(world: World, rulings: Rulings, many: int) -> dict[At, Judged]:
    places = [*sorted(world.affected), ("gone", "en-GB")]
    revisions = (world.get(*at) for at in places)
    verified = {one.hash: instant(BEGINNING) for one in revisions if one is not None}
    return await judge_all(world, rulings, places, verified, silent, many=many)


async def test_other_processes_judge_alike(house: Home) -> None:
    world, rulings = await a_world(house)
    here = await judged(world, rulings, many=1_000)
    assert here.keys() == world.affected
    assert any(issue.severity is Severity.BLOCKS for issue in here["no-fact", "en-GB"].issues)
    elsewhere = await judged(world, rulings, many=1)
    assert elsewhere == here
    assert all(elsewhere[at].revision is world.get(*at) for at in elsewhere)


async def test_where_no_process_can_be_had_this_one_goes_on(house: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    world, rulings = await a_world(house)

    def refuse(*_: Any, **__: Any) -> None:
        raise BrokenProcessPool("a process ended at once")

    monkeypatch.setattr(crew, "ProcessPoolExecutor", refuse)
    assert (await judged(world, rulings, many=1)).keys() == world.affected
