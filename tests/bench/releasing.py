"""One large release while delivery is read: how long writers are locked out, what readers feel, and that none sees a mixture.

The release is made in a process of its own: beside the threads that read, they would wait for each other, not for the server.
"""

import asyncio
import multiprocessing
import re
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec

from kb.channels.values import Duration, Unit
from kb.entries.types import Draft
from kb.migrations import upgrade
from kb.release.actions import release
from kb.release.types import Prepared, Released
from tests.bench.asking import request, steadily
from tests.bench.figures import Figure
from tests.bench.processes import kb, serving
from tests.builders import KEYS, Home, a_fact, a_house, an_answer, an_open_home, live, prepared, signed, written

FACTS, DEPENDENTS, OTHERS = 50, 720, 450
"""Facts that change, live answers that say them (7 renditions each, some 5,000), and answers changed for themselves."""
READS_A_SECOND = 200
SETTLING = 1.0
"""Seconds of reading after the release, while the server takes it up."""
TOGETHER = 5
"""Keys to a lookup: answers that say the same fact, so that one answer with two versions of it would be a mixture."""
VERSION = re.compile(rb'"card\.delivery-\d+":\{"value":[^}]*\}?[^}]*"version":(\d+)')
SECTION = f"A release of {FACTS + OTHERS} revisions, {FACTS} of them facts, with some 5,000 dependent renditions"


class Took(msgspec.Struct, frozen=True):
    """Seconds of preparing, and of the transaction from the moment it holds the write lock until it is committed."""

    preparing: float
    locked: float
    released: Released


def measure(folder: Path) -> Iterator[Figure]:
    """Release it while a server of the same home is read."""
    home = folder / "large"
    home.mkdir()
    url = f"sqlite+aiosqlite:///{home / 'kb.db'}"
    asyncio.run(_fill(url))
    requests = [request(_lookup(number)) for number in range(FACTS)]
    elsewhere = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    with (
        elsewhere,
        serving(kb("serve", "--home", home, "--port", "0"), _lookup(0)) as server,
        steadily(server.address, requests, READS_A_SECOND, check=_is_mixed) as pace,
    ):
        took = elsewhere.submit(_release_elsewhere, url, KEYS).result()
        time.sleep(SETTLING)
    note = f"{len(took.released.items)} revisions, {took.released.opened:,} renditions opened, prepared in {took.preparing:.1f} s"
    yield Figure(SECTION, "the write lock held", took.locked, "s", 2, most=True, note=note)
    note = f"{len(pace.took):,} reads at {READS_A_SECOND} a second, {pace.failed} failed, longest {max(pace.took) * 1000:.0f} ms"
    yield Figure(SECTION, "reads meanwhile, p99", pace.percentile(0.99) * 1000, "ms", 50, most=True, note=note)
    yield Figure(SECTION, "reads that saw a mixture", pace.wrong, "", 0, most=True)


async def _fill(url: str) -> None:
    await asyncio.to_thread(upgrade, url)
    await a_house(url)
    async with an_open_home(url) as home:
        await live(home, *_facts(5))
        await live(home, *[_dependent(number) for number in range(DEPENDENTS)])
        await live(home, *[_other(number, "today") for number in range(OTHERS)])


def _release_elsewhere(url: str, keys: Mapping[str, tuple[str, str]]) -> Took:
    """The release in a process that doesn't know yet with which keys the house's people sign."""
    KEYS.update(keys)
    return asyncio.run(_release(url))


async def _release(url: str) -> Took:
    async with an_open_home(url) as home:
        home.clock.move(days=1)
        drafts = [*_facts(4), *[_other(number, "tomorrow") for number in range(OTHERS)]]
        revisions = await written(home, *drafts)
        refused = await signed(home, *revisions)
        assert not refused, refused
        started = time.perf_counter()
        ready = await prepared(home, *revisions)
        preparing = time.perf_counter() - started
        await written(home, an_answer("meanwhile"))  # so that all has to be looked at again behind the lock
        return await _committed(home, ready, preparing)


async def _committed(home: Home, ready: Prepared, preparing: float) -> Took:
    async with home.work() as work:
        started = time.perf_counter()
        released = await release(work, ready)
    locked = time.perf_counter() - started
    assert released is not None
    return Took(preparing, locked, released)


def _facts(low: int) -> list[Draft]:
    return [a_fact(f"card.delivery-{number}", Duration(low, Unit.WORKING_DAYS, 7)) for number in range(FACTS)]


def _dependent(number: int) -> Draft:
    text = f"Your card number {number} comes within {{{{fact:card.delivery-{number % FACTS}}}}}. We tell you when we send it."
    return an_answer(f"dependent-{number}", text)


def _other(number: int, when: str) -> Draft:
    return an_answer(f"other-{number}", f"We look at letter {number} {when} and write back to you.")


def _lookup(number: int) -> str:
    keys = [f"dependent-{number + FACTS * turn}" for turn in range(TOGETHER)]
    return "/v1/channels/chat/lookup?" + "&".join(f"key={key}" for key in keys)


def _is_mixed(body: bytes) -> bool:
    """Whether an answer says one fact in more than one version, or lacks it somewhere."""
    versions = VERSION.findall(body)
    return len(versions) != TOGETHER or len(set(versions)) != 1
