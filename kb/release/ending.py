"""Ending entries in one act: their revisions and renditions close, followers are told, and the journal says so."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import digest
from kb.base.work import Work
from kb.channels.render import RENDERER
from kb.delivery import actions as delivery
from kb.delivery.tables import renditions
from kb.delivery.types import Change
from kb.release import merkle, queries
from kb.release.actions import close_live
from kb.release.moving import ENDING, note_items
from kb.release.tables import releases
from kb.release.types import At, Released
from kb.review import actions as review
from kb.review.tables import reviews
from kb.review.types import RevisionAt, State


async def end(
    work: Work, ends: Mapping[At, Change], act: str, reason: str, more: Mapping[str, str] | None = None
) -> Released:
    """Close these entries and all their renditions at one position, as an act of its own with its journal line.

    `more` is what the line says of the act beside its list: keys and hashes, never text.
    """
    held = await standing(work.connection, {key for key, _ in ends}, lapsed=True)
    items = [(RevisionAt(at[0], at[1], held[at]), change) for at, change in sorted(ends.items())]
    release_id = work.ids.new()
    listed = merkle.inputs_hash([f"{change} {place.key} {place.locale} {place.hash}" for place, change in items])
    data = {"release": release_id, "act": act, "items": listed, "count": len(items), **(more or {})}
    data |= {"reason": digest(reason.encode()), "renderer": RENDERER}
    position = await work.record(f"release.{act}", data)
    row = {"id": release_id, "position": position, "at": work.head.at, "act": act, "actor": work.actor.id}
    row |= {"reason": reason, "policy": "", "renderer": RENDERER, "root": merkle.EMPTY_ROOT}
    await work.connection.execute(releases.insert().values(**row))
    steps = [(place, ENDING[change]) for place, change in items]
    await note_items(work, release_id, steps)
    await close_live(work, list(ends), position)
    await review.moved(work, {place.hash: step for place, step in steps}, position)
    closed = await _close_renditions(work, ends, position)
    await delivery.close_findable(work, list(ends), position)
    return Released(release_id, position, tuple(place for place, _ in items), 0, closed)


async def standing(connection: AsyncConnection, keys: Collection[str], *, lapsed: bool = False) -> dict[At, str]:
    """The hashes of these keys' revisions that are live, or suspended and may come back; with `lapsed` the expired too."""
    states = [State.EXPIRED.value, State.SUSPENDED.value] if lapsed else [State.SUSPENDED.value]
    columns = (reviews.c.key, reviews.c.locale, reviews.c.hash)
    base = sa.select(*columns).where(reviews.c.state.in_(states)).order_by(reviews.c.number)
    found: dict[At, str] = {}
    for statement in queries.by_keys(base, reviews.c.key, keys):
        found.update({(row.key, row.locale): row.hash for row in await connection.execute(statement)})
    return found | await queries.live_hashes(connection, keys)


async def _close_renditions(work: Work, ends: Mapping[At, Change], position: int) -> int:
    columns = (renditions.c.id, renditions.c.key, renditions.c.locale)
    base = sa.select(*columns).where(renditions.c.closed_at.is_(None))
    by_change: dict[Change, list[int]] = {}
    for statement in queries.by_keys(base, renditions.c.key, {key for key, _ in ends}):
        for row in await work.connection.execute(statement):
            if change := ends.get((row.key, row.locale)):
                by_change.setdefault(change, []).append(row.id)
    for change, ids in by_change.items():
        await delivery.close_rows(work, ids, position, change)
    return sum(len(ids) for ids in by_change.values())
