"""Due work: schedules whose time has come, ends that were reached, verifications, escalations; once, however many do it.

Everything is prepared outside the transaction and looked at again behind the head's lock, so that of several processes one
does it and the others find it done. What can't be done now is left for the next time.
"""

import logging

import msgspec

from kb.base.errors import Conflict
from kb.base.hashing import instant
from kb.base.work import Actor, Sessions, Work, open_work
from kb.release.actions import release
from kb.release.crew import Progress
from kb.release.lapse import anything_lapsed, lapse
from kb.release.prepare import prepare, silent
from kb.release.rechecking import recheck
from kb.release.renewing import renew
from kb.release.scheduled import PENDING, Schedule, Stopped, due, find
from kb.release.schedules import conclude
from kb.release.types import Prepared, Released
from kb.review.overdue import escalate, overdue_reviews

ATTEMPTS = 3
"""How often a schedule is prepared anew when something else went live meanwhile; then it waits for the next time."""

log = logging.getLogger(__name__)


class Done(msgspec.Struct, frozen=True):
    """What due work did: schedules that were released, and those that failed, by id; what lapsed, what was verified,
    and how many reviews were told to be overdue.
    """

    released: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    lapsed: Released | None = None
    verified: Released | None = None
    escalated: int = 0


async def run_due(sessions: Sessions, actor: Actor, progress: Progress = silent) -> Done:
    """Do whatever is due now: schedules in the order of their times, then lapses, what was verified, escalations."""
    async with sessions.reading() as connection:
        waiting = await due(connection, instant(sessions.clock.now()))
    states = {id_: await _carry_out(sessions, actor, id_, progress) for id_ in waiting}
    return Done(
        released=tuple(id_ for id_, state in states.items() if state == "released"),
        failed=tuple(id_ for id_, state in states.items() if state == "failed"),
        lapsed=await _lapse(sessions, actor),
        verified=await renew(sessions, actor, progress),
        escalated=await _escalate(sessions, actor),
    )


async def _carry_out(sessions: Sessions, actor: Actor, id_: str, progress: Progress) -> str:
    """Release a schedule, or say why it can't be; the state this process brought it to, empty where another did."""
    for _ in range(ATTEMPTS):
        async with sessions.reading() as connection:
            found = await find(connection, id_)
            hashes = [one.hash for one in found.items]
            prepared = await prepare(connection, hashes, sessions.clock.now(), schedule=id_, progress=progress)
        try:
            async with open_work(sessions, actor) as work:
                return await _conclude(work, id_, prepared)
        except Conflict as conflict:
            log.info("schedule %s met something else and is prepared again: %s", id_, conflict.message)
    return ""


async def _conclude(work: Work, id_: str, prepared: Prepared) -> str:
    found = await find(work.connection, id_)
    if found.state != PENDING or found.at > work.stamp:
        return ""
    if prepared.blocked:
        await recheck(work, prepared)
        await _fail(work, found, prepared)
        return "failed"
    made = await release(work, prepared, found.reason)
    await conclude(work, found, "released", release=made.id if made else "")
    return "released"


async def _fail(work: Work, found: Schedule, prepared: Prepared) -> None:
    """Give its revisions back as approved with what stopped them; what a hard one ended stays ended."""
    stopped = tuple(Stopped(one.key, one.locale, one.hash, one.issues) for one in prepared.blocked)
    await conclude(work, found, "failed", stopped=stopped)
    if found.hard:
        await lapse(work, {(one.key, one.locale) for one in found.items})


async def _lapse(sessions: Sessions, actor: Actor) -> Released | None:
    async with sessions.reading() as connection:
        if not await anything_lapsed(connection, instant(sessions.clock.now())):
            return None
    async with open_work(sessions, actor) as work:
        return await lapse(work)


async def _escalate(sessions: Sessions, actor: Actor) -> int:
    async with sessions.reading() as connection:
        if not await overdue_reviews(connection, sessions.clock.now()):
            return 0
    async with open_work(sessions, actor) as work:
        return len(await escalate(work))
