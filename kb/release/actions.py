"""Releasing: one transaction in which revisions go live, renditions open and close, and the journal says so."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.work import Right, Work
from kb.channels.render import RENDERER
from kb.delivery import actions as delivery
from kb.delivery.types import Change
from kb.release import merkle
from kb.release.comparing import Changes, compare, findables
from kb.release.leaves import commitments, leaves_of, ruling_bodies, store_leaves
from kb.release.moving import Item, close_live, items_of, move_revisions, note_items
from kb.release.rechecking import recheck
from kb.release.tables import releases
from kb.release.types import At, Prepared, Released
from kb.review.policy import emergency_until
from kb.review.standing import policy_in_force

__all__ = ["close_live", "differences", "release"]


async def release(
    work: Work, prepared: Prepared, reason: str = "", act: str = "release", *, always: bool = False
) -> Released | None:
    """Commit what was prepared, at one position; None when it changes nothing, unless it is to have its line `always`.

    Forbidden where the actor may not release all its topics; Conflict when anything it was made from has changed since:
    prepare again.
    """
    work.actor.must(Right.RELEASE, *sorted(prepared.topics))
    await recheck(work, prepared)
    return await commit(work, prepared, reason, act, always=always)


async def commit(
    work: Work, prepared: Prepared, reason: str = "", act: str = "release", *, always: bool = False
) -> Released | None:
    """The same for whoever has checked already that it may be and still holds."""
    changes = await compare(work.connection, prepared)
    if not (always or prepared.steps or prepared.closing or changes.fresh or changes.gone):
        return None
    act = "emergency" if prepared.emergency and act == "release" else act
    items, told = items_of(prepared), findables(prepared, changes)
    leaf_rows, root = leaves_of(prepared)
    release_id = work.ids.new()
    data = _line(prepared, release_id, act, root, items) | await _until(work, prepared)
    data |= commitments(prepared, changes, told, reason)
    position = await work.record("release.made", data)
    row = {"id": release_id, "position": position, "at": work.head.at, "act": act, "actor": work.actor.id}
    row |= {"reason": reason, "policy": prepared.policy, "renderer": RENDERER, "root": root}
    await work.connection.execute(releases.insert().values(**row))
    await note_items(work, release_id, items)
    await store_leaves(work, release_id, leaf_rows, prepared)
    await move_revisions(work, prepared, position)
    await _close(work, prepared, changes, position)
    await delivery.open_rows(work, changes.fresh, position)
    await delivery.open_findable(work, told, position)
    for name, body in ruling_bodies(prepared).items():
        await delivery.rule(work, name, body, position)
    closed = len(changes.replaced) + len(changes.gone)
    return Released(release_id, position, tuple(place for place, _ in items), len(changes.fresh), closed)


async def differences(connection: AsyncConnection, prepared: Prepared) -> tuple[At, ...]:
    """The entries whose renditions a release of this would open, close or replace."""
    return tuple(sorted((await compare(connection, prepared)).touched))


def _line(prepared: Prepared, release_id: str, act: str, root: str, items: list[Item]) -> dict[str, Any]:
    listed = [f"{step} {place.key} {place.locale} {place.hash}" for place, step in items]
    line: dict[str, Any] = {
        "release": release_id,
        "act": act,
        "policy": prepared.policy,
        "renderer": RENDERER,
        "root": root,
        "items": merkle.inputs_hash(listed),
        "count": len(items),
    }
    return line | ({"schedule": prepared.schedule} if prepared.schedule else {})


async def _until(work: Work, prepared: Prepared) -> dict[str, str]:
    """When the reviews are due of what goes live in an emergency: review keeps it, and a replay needs it."""
    if not prepared.emergency:
        return {}
    return {"until": emergency_until((await policy_in_force(work.connection)).policy, work.now)}


async def _close(work: Work, prepared: Prepared, changes: Changes, position: int) -> None:
    await delivery.close_replaced(work, [row.id for row in changes.replaced], position)
    for change in sorted({row.told for row in changes.gone}):
        await delivery.close_rows(
            work, [row.id for row in changes.gone if row.told == change], position, Change(change)
        )
    await delivery.close_findable(work, [(one.key, one.locale) for one in prepared.closing], position)
