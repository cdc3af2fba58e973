"""Letting lapse what has reached its end: readers see it at once, here it gets its journal line and its change."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.work import Work
from kb.delivery.tables import renditions
from kb.delivery.types import Change
from kb.entries.types import Revision
from kb.release import queries
from kb.release.ending import end
from kb.release.inputs import end_of
from kb.release.types import At, Released


async def anything_lapsed(connection: AsyncConnection, now: str) -> bool:
    """Whether any live row has reached its end; costs one indexed read."""
    over = (renditions.c.closed_at.is_(None)) & (renditions.c.valid_until <= now)
    return await connection.scalar(sa.select(renditions.c.id).where(over).limit(1)) is not None


async def lapse(work: Work) -> Released | None:
    """End what has reached its end by now: the lapsed entries as expired, what leans on them as suspended.

    Readers see a lapse at its instant without this; here it gets its journal line and its change. None: nothing lapsed.
    """
    now = work.stamp
    over = (renditions.c.closed_at.is_(None)) & (renditions.c.valid_until <= now)
    rows = await work.connection.execute(sa.select(renditions.c.key).where(over).distinct())
    keys = set(rows.scalars())
    if not keys:
        return None
    leaning = await queries.live(work.connection, keys)
    lapsed = await _lapsed(work, leaning, now)
    touched = await queries.dependents(work.connection, {key for key, _ in lapsed})
    ends: dict[At, Change] = dict.fromkeys(touched, Change.SUSPENDED)
    ends |= dict.fromkeys(lapsed, Change.EXPIRED)
    return await end(work, ends, "lapse", "")


async def _lapsed(work: Work, leaning: Mapping[At, Revision], now: str) -> set[At]:
    """The live entries, among these and all they lean on, whose own end has come, in every locale they are live in."""
    found = dict(leaning)
    waiting = {one.hash for one in leaning.values()}
    while waiting:
        targets = {key for kind, key in await queries.leant_on(work.connection, waiting) if kind != "entry"}
        more = await queries.live(work.connection, targets - {key for key, _ in found})
        found |= more
        waiting = {one.hash for one in more.values()}
    over = {key for (key, _), one in found.items() if (over_at := end_of(one.draft.content)) and over_at <= now}
    return set(await queries.live_hashes(work.connection, over))
