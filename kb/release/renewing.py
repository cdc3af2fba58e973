"""Rendering again what stands longer than it was rendered for: verified since, or signed in full after an emergency."""

import logging

from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Conflict
from kb.base.hashing import instant
from kb.base.work import Actor, Sessions, open_work
from kb.release.actions import release
from kb.release.caps import known_better
from kb.release.crew import Progress
from kb.release.lapse import lapsing_by
from kb.release.prepare import prepare
from kb.release.queries import last_position
from kb.release.types import Released

ACT = "verify"

log = logging.getLogger(__name__)


async def renew(sessions: Sessions, actor: Actor, progress: Progress) -> Released | None:
    """Give what was verified its new times, with all that leans on it: the words stay, the times move.

    A fact has no row of its own to tell that it was seen to, so each such act has its line, even where no row of a dependent
    moves since something else ends it sooner.
    """
    async with sessions.reading() as connection:
        better = await _since_the_last(connection)
        outlived = {key for key, _ in (await lapsing_by(connection, instant(sessions.clock.now()))).prolonged}
        if not better and not outlived:
            return None
        prepared = await prepare(connection, (), sessions.clock.now(), keys={*better, *outlived}, progress=progress)
    try:
        async with open_work(sessions, actor) as work:
            waiting = await _since_the_last(work.connection)
            if not waiting <= better:
                raise Conflict("more was verified meanwhile")
            return await release(work, prepared, act=ACT, always=bool(waiting))
    except Conflict as conflict:
        log.info("what was verified is rendered again next time: %s", conflict.message)
        return None


async def _since_the_last(connection: AsyncConnection) -> frozenset[str]:
    return await known_better(connection, await last_position(connection, ACT))
