"""Content files into the database and, as far as they are signed, live: one load is one release.

What is stored is remembered before anything is released, in transactions of their own; a load that is killed in between
is carried on by the next one, which finds the revisions approved and not yet live.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from kb.base.db import chunks
from kb.base.errors import Conflict
from kb.base.work import Actor, Sessions, Work, open_work
from kb.entries import actions as entries
from kb.files import queries
from kb.files.plan import Decision, Outcome, Stored, decide, fresh
from kb.files.queries import Reviewed
from kb.files.read import read
from kb.files.report import Did, finished, planned
from kb.files.tables import files_seen
from kb.files.types import LoadReport, Reading
from kb.release import actions as release
from kb.release.prepare import prepare
from kb.release.types import Prepared, Released
from kb.review import actions as review
from kb.review.types import Refusal, SignOff, State, Waiver

Progress = Callable[[str, int, int], None]
"""Told (stage, done, total) as long work goes on."""

BATCH = 500
"""Drafts a transaction: few enough that other writers wait well under a second."""
ATTEMPTS = 3
"""How often a release is prepared anew when something else went live meanwhile."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


async def load(
    sessions: Sessions, actor: Actor, folder: Path, *, dry_run: bool = False, progress: Progress = silent
) -> LoadReport:
    """Read a content folder, store what is new, record its sign-offs, and release all that is approved.

    The actor must be allowed to load and to release. FileNotFoundError when there is no such folder; Conflict when the
    release met another one three times over (everything stays stored, and the next load releases it).
    """
    actor.must("load")
    progress("reading", 0, 1)
    reading = await asyncio.to_thread(read, folder)
    progress("reading", 1, 1)
    async with sessions.reading() as connection:
        before = await queries.stored(connection)
    decisions = decide(reading, before)
    if dry_run:
        return await planned(sessions, reading, decisions)
    await _store(sessions, actor, fresh(decisions), progress)
    await _remember(sessions, actor, decisions, before)
    refusals = await _sign(sessions, actor, reading, decisions, progress)
    reading = msgspec.structs.replace(reading, signoffs=())  # they are stored, and memory is wanted for rendering
    prepared, released = await _release(sessions, actor, decisions, progress)
    return await finished(sessions, reading, decisions, Did(tuple(refusals), prepared, released))


async def _store(sessions: Sessions, actor: Actor, decisions: Sequence[Decision], progress: Progress) -> None:
    done = 0
    for batch in chunks(decisions, BATCH):
        async with open_work(sessions, actor) as work:
            revisions = await entries.write(work, [one.read.draft for one in batch])
            await review.submit(work, revisions)
            positions = {one.hash: one.position for one in revisions}
            await _note(work, batch, positions)
        done += len(batch)
        progress("storing", done, len(decisions))


async def _remember(sessions: Sessions, actor: Actor, decisions: Sequence[Decision], before: Stored) -> None:
    """Note revisions that another door wrote first and that files now hold too."""
    known = [
        one
        for one in decisions
        if one.outcome in {Outcome.UNCHANGED, Outcome.SEEN_BEFORE}
        and (*one.read.place, one.read.hash) not in before.seen
    ]
    for batch in chunks(known, BATCH):
        async with open_work(sessions, actor) as work:
            positions = {}
            for one in batch:
                data = {"key": one.read.draft.key, "locale": one.read.draft.locale, "hash": one.read.hash}
                positions[one.read.hash] = await work.record("files.seen", data)
            await _note(work, batch, positions)


async def _note(work: Work, decisions: Sequence[Decision], positions: dict[str, int]) -> None:
    """Remember what files have said; another load of the same files may have been a moment faster."""
    noted = await queries.seen(work.connection, {one.read.draft.key for one in decisions})
    rows = [
        {
            "key": one.read.draft.key,
            "locale": one.read.draft.locale,
            "hash": one.read.hash,
            "position": positions[one.read.hash],
        }
        for one in decisions
        if (*one.read.place, one.read.hash) not in noted
    ]
    if rows:
        await work.connection.execute(files_seen.insert(), rows)


async def _sign(
    sessions: Sessions, actor: Actor, reading: Reading, decisions: Sequence[Decision], progress: Progress
) -> list[Refusal]:
    """Offer each statement of a stored revision that isn't recorded; approve what has waited for another policy.

    In the order of decisions: in an empty home the policy has to be approved before it can ask anything of the rest.
    """
    async with sessions.reading() as connection:
        known = await queries.reviewed(connection)
        recorded = await queries.recorded(connection)
    offered = [one.value for one in reading.signoffs if _is_news(one.value, known, recorded)]
    waived = [one.value for one in reading.waivers if _is_news(one.value, known, recorded)]
    waiting = [
        one.read.hash for one in decisions if known.states.get((*one.read.place, one.read.hash)) is State.IN_REVIEW
    ]
    refusals: list[Refusal] = []
    spoken_of = {one.hash for one in offered} | {one.hash for one in waived}
    hashes = list(dict.fromkeys([*waiting, *sorted(spoken_of)]))
    for number, batch in enumerate(chunks(hashes, BATCH), 1):
        chosen = set(batch)
        async with open_work(sessions, actor) as work:
            refusals += await review.sign(
                work,
                [one for one in offered if one.hash in chosen],
                [one for one in waived if one.hash in chosen],
            )
            await review.settle(work, chosen - spoken_of)
        progress("signing", min(number * BATCH, len(hashes)), len(hashes))
    return refusals


def _is_news(statement: SignOff | Waiver, known: Reviewed, recorded: frozenset[queries.Statement]) -> bool:
    if (statement.key, statement.locale, statement.hash) not in known.states:
        return False
    if isinstance(statement, SignOff):
        return (statement.hash, statement.role, statement.by) not in recorded
    return (statement.hash, statement.code, statement.field, statement.by) not in recorded


async def _release(
    sessions: Sessions, actor: Actor, decisions: Sequence[Decision], progress: Progress
) -> tuple[Prepared | None, Released | None]:
    for attempt in range(1, ATTEMPTS + 1):
        async with sessions.reading() as connection:
            known = await queries.reviewed(connection)
            ready = [one.read.hash for one in decisions if known.releasable(*one.read.place, one.read.hash)]
            if not ready:
                return None, None
            prepared = await prepare(connection, ready, sessions.clock.now(), progress=progress)
        if not prepared.steps:
            return prepared, None
        try:
            async with open_work(sessions, actor) as work:
                return prepared, await release.release(work, prepared, reason="content files loaded")
        except Conflict:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("every attempt returns or raises")
