"""Taking back: withdrawing entries with all that leans on them, and letting lapse what has reached its end."""

from collections.abc import Collection, Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Conflict, NotFound
from kb.base.work import Work
from kb.channels.render import RENDERER
from kb.delivery import actions as delivery
from kb.delivery.tables import renditions
from kb.delivery.types import Change
from kb.entries.types import Revision
from kb.release import merkle, queries
from kb.release.actions import close_live
from kb.release.inputs import end_of
from kb.release.tables import release_items, releases
from kb.release.types import At, Released, Withdrawal
from kb.review import actions as review
from kb.review.standing import POLICY_KEY
from kb.review.types import Place, Step

STEPS = {Change.WITHDRAWN: Step.WITHDRAW, Change.SUSPENDED: Step.SUSPEND, Change.EXPIRED: Step.EXPIRE}


async def foresee(connection: AsyncConnection, keys: Collection[str]) -> Withdrawal:
    """What withdrawing these keys would take, in every locale; NotFound when one of them is neither live nor suspended.

    Conflict for the policy and the channels: without them nothing could be released, so they are only ever replaced.
    """
    if ruling := sorted(set(keys) & {POLICY_KEY, "channels"}):
        raise Conflict(f"{', '.join(ruling)} can't be withdrawn: release another one in its place")
    taken = await _standing(connection, keys)
    if unknown := sorted(set(keys) - {key for key, _ in taken}):
        raise NotFound(f"nothing live has the key {', '.join(unknown)}: see `kb doctor` or check the spelling")
    leaning = await queries.dependents(connection, keys)
    return Withdrawal(tuple(sorted(taken)), tuple(sorted(leaning - taken.keys())))


async def withdraw(work: Work, keys: Collection[str], reason: str) -> Released:
    """Withdraw these keys in every locale, and suspend all that leans on them, at one position."""
    work.actor.must("withdraw")
    taken = await foresee(work.connection, keys)
    ends: dict[At, Change] = dict.fromkeys(taken.suspended, Change.SUSPENDED)
    ends |= dict.fromkeys(taken.withdrawn, Change.WITHDRAWN)
    return await _end(work, ends, "withdraw", reason)


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
    return await _end(work, ends, "lapse", "")


async def _lapsed(work: Work, leaning: Mapping[At, Revision], now: str) -> set[At]:
    """The live entries, among these and all they lean on, whose own end has come, in every locale they are live in."""
    found = dict(leaning)
    waiting = {one.hash for one in leaning.values()}
    while waiting:
        targets = {key for kind, key in await queries.leant_on(work.connection, waiting) if kind != "entry"}
        more = await queries.live(work.connection, targets - {key for key, _ in found})
        found |= more
        waiting = {one.hash for one in more.values()}
    over = {key for (key, _), one in found.items() if (end := end_of(one.draft.content)) and end <= now}
    return set(await queries.live_hashes(work.connection, over))


async def _end(work: Work, ends: Mapping[At, Change], act: str, reason: str) -> Released:
    standing = await _standing(work.connection, {key for key, _ in ends})
    items = [(Place(at[0], at[1], standing[at]), change) for at, change in sorted(ends.items())]
    release_id = work.ids.new()
    listed = merkle.inputs_hash([f"{change} {place.key} {place.locale} {place.hash}" for place, change in items])
    data = {"release": release_id, "act": act, "items": listed, "count": len(items)}
    position = await work.record(f"release.{act}", data)
    row = {"id": release_id, "position": position, "at": work.stamp, "act": act, "actor": work.actor.id}
    row |= {"reason": reason, "policy": "", "renderer": RENDERER, "root": merkle.EMPTY_ROOT}
    await work.connection.execute(releases.insert().values(**row))
    rows = [
        {"release": release_id, **msgspec.structs.asdict(place), "step": STEPS[change].value} for place, change in items
    ]
    await work.connection.execute(release_items.insert(), rows)
    await close_live(work, list(ends), position)
    await review.moved(work, {place.hash: STEPS[change] for place, change in items}, position)
    closed = await _close_renditions(work, ends, position)
    await delivery.close_findable(work, list(ends), position)
    return Released(release_id, position, tuple(place for place, _ in items), 0, closed)


async def _standing(connection: AsyncConnection, keys: Collection[str]) -> dict[At, str]:
    """The hashes of these keys' revisions that are live, or suspended and may come back."""
    asleep = {at: one.hash for at, one in (await queries.suspended(connection, keys)).items()}
    return asleep | await queries.live_hashes(connection, keys)


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
