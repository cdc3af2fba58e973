"""Judging many entries: in this process when they are few, in one for each processor when they are many.

Judging is pure, so it can be done anywhere: a process is given the revisions that others lean on when it starts, and
with each part the revisions to judge. It yields to readers, and goes when the process that started it goes.
"""

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from multiprocessing.connection import wait

import msgspec

from kb.base.db import chunks
from kb.entries.texts import uses_of
from kb.release.gate import Rulings, judge
from kb.release.inputs import SAYS
from kb.release.types import At, Judged, World

Progress = Callable[[str, int, int], None]
"""Told (stage, done, total) as long work goes on."""

MANY = 1_000
"""From so many entries on it pays to start processes, which takes each half a second."""
PART = 50
MOST_PROCESSES = 4
NICE = 10

log = logging.getLogger(__name__)


async def judge_all(
    world: World,
    rulings: Rulings,
    places: Sequence[At],
    verified: Mapping[str, str],
    progress: Progress,
    *,
    many: int = MANY,
) -> dict[At, Judged]:
    """Those of these entries that the world has, judged; `verified` tells by hash when each was last signed."""
    present = [at for at in places if world.get(*at) is not None]
    processes = min(_processors(), MOST_PROCESSES)
    parts = [_part(world, rulings, chunk, verified) for chunk in chunks(present, PART)]
    if len(present) >= many and processes > 1:
        try:
            return await _elsewhere(world, rulings, parts, progress, processes)
        except (OSError, NotImplementedError, BrokenExecutor) as error:
            log.warning("no other process can be used, so rendering takes longer: %s", error)
    judged: dict[At, Judged] = {}
    for number, part in enumerate(parts):
        progress("rendering", number * PART, len(present))
        judged.update((at, judge(world, rulings, at, verified_at)) for at, verified_at in part.places)
        await asyncio.sleep(0)
    progress("rendering", len(present), len(present))
    return judged


class Part(msgspec.Struct, frozen=True):
    """Some entries to judge, each with the time it was verified, and the world as far as it is about them alone."""

    places: tuple[tuple[At, str], ...]
    world: World


async def _elsewhere(
    world: World, rulings: Rulings, parts: Sequence[Part], progress: Progress, processes: int
) -> dict[At, Judged]:
    judged: dict[At, Judged] = {}
    start = (_leant_on(world), rulings)
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_begin, initargs=start)
    try:
        loop = asyncio.get_running_loop()
        for number, task in enumerate([loop.run_in_executor(pool, _judge_part, part) for part in parts]):
            progress("rendering", number * PART, len(parts) * PART)
            for one in await task:  # its revision came back as a copy: only the one that is here already is kept
                judged[one.at] = msgspec.structs.replace(one, revision=world.get(*one.at))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    progress("rendering", len(judged), len(judged))
    return judged


def _part(world: World, rulings: Rulings, places: Sequence[At], verified: Mapping[str, str]) -> Part:
    """A part of the work; a translation needs its source."""
    timed = tuple((at, verified[one.hash]) for at in places if (one := world.get(*at)) is not None)
    sources = [(key, rulings.default_locale) for key, _ in places]
    return Part(timed, _only(world, {*places, *sources}))


def _leant_on(world: World) -> World:
    """The entries that any other refers to, in every locale, and those that every rendition leans on unnamed."""
    keys = {*SAYS}
    for revisions in (world.live, world.candidates, world.reopening):
        keys |= {target for one in revisions.values() for _, target in uses_of(one.draft.content)}
    places = {at for revisions in (world.live, world.candidates, world.reopening) for at in revisions if at[0] in keys}
    return _only(world, places)


def _only(world: World, places: Iterable[At]) -> World:
    """The world as far as it is at these places."""
    live, candidates, reopening = (
        {at: revisions[at] for at in places if at in revisions}
        for revisions in (world.live, world.candidates, world.reopening)
    )
    hashes = {one.hash for revisions in (live, candidates, reopening) for one in revisions.values()}
    waived = {hash_: found for hash_, found in world.waived.items() if hash_ in hashes}
    caps = {at: world.caps[at] for at in (*live, *candidates, *reopening) if at in world.caps}
    sources = {one.draft.source for revisions in (live, candidates, reopening) for one in revisions.values()}
    pinned = {hash_: world.pinned[hash_] for hash_ in sources if hash_ in world.pinned}
    return World(live, candidates, reopening, frozenset(), waived, caps, pinned)


# ---- in the other process --------------------------------------------------------------------------------------------


_given: list[tuple[World, Rulings]] = []
"""What this process was given when it started."""


def _begin(world: World, rulings: Rulings) -> None:
    """Make a fresh process one of a crew: an interrupt is for the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_go_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(NICE)
    _given.append((world, rulings))


def _go_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _judge_part(part: Part) -> list[Judged]:
    shared, rulings = _given[0]
    world = World(
        live={**shared.live, **part.world.live},
        candidates={**shared.candidates, **part.world.candidates},
        reopening={**shared.reopening, **part.world.reopening},
        affected=frozenset(),
        waived={**shared.waived, **part.world.waived},
        caps={**shared.caps, **part.world.caps},
        pinned={**shared.pinned, **part.world.pinned},
    )
    return [judge(world, rulings, at, verified_at) for at, verified_at in part.places]


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
