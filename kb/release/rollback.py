"""Rolling back: a new release that makes live again what was live before another one, at each of its places."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Code, Conflict, Detail, NotFound
from kb.base.work import Work
from kb.entries.types import NO_LOCALE
from kb.release.actions import release
from kb.release.prepare import prepare
from kb.release.queries import by_keys, live_hashes
from kb.release.tables import live_revisions, release_items, releases
from kb.release.types import At, Blocked, Prepared, Released
from kb.review.standing import POLICY_KEY
from kb.review.types import Step

LIVENING = (Step.RELEASE.value, Step.RELEASE_EMERGENCY.value, Step.ROLL_BACK.value)
TAKING = (Step.WITHDRAW.value, Step.RETIRE.value)


class Rollback(msgspec.Struct, frozen=True):
    """What rolling a release back does: places that get back what was live before, and places that were empty and will be.

    `prepared.closing` lists those with all that leans on them.
    """

    release: str
    returning: Mapping[At, str]
    emptied: tuple[At, ...]
    prepared: Prepared


async def plan_rollback(
    connection: AsyncConnection, release_id: str, now: datetime, despite: Collection[str] = ()
) -> Rollback:
    """What rolling this release back would do.

    NotFound for an unknown release. Conflict when a later one has changed one of its places, unless `despite` names that, and
    when something was withdrawn or retired there since: nothing withdrawn comes back. Conflict too when the gate or the policy
    in force now has anything against what would return, and for a policy: that is signed under the one it replaces.
    """
    position, places = await _made_live(connection, release_id)
    if (POLICY_KEY, NO_LOCALE) in places:
        raise Conflict("a policy goes back by a new revision that says the same, signed under the one in force")
    await _refuse_if_changed(connection, release_id, position, places, set(despite))
    before = await _before(connection, position, places)
    emptied = tuple(sorted(at for at in places if at not in before))
    hashes = frozenset(before.values())
    prepared = await prepare(connection, hashes, now, rollback=hashes, withdrawing=emptied)
    if prepared.blocked:
        raise Conflict(
            f"{len(prepared.blocked)} of the former revisions can't come back as they are: release new ones instead",
            errors=details(prepared.blocked),
        )
    return Rollback(release_id, before, emptied, prepared)


async def roll_back(work: Work, planned: Rollback, reason: str = "") -> Released | None:
    """Commit it, at one position; Conflict when anything has changed since it was planned."""
    return await release(work, planned.prepared, reason, "rollback")


def details(blocked: Sequence[Blocked]) -> tuple[Detail, ...]:
    """What keeps revisions behind, as the details of an error: a line for each issue."""
    return tuple(
        Detail(
            f"{one.key}.{one.locale}{'/' + issue.field if issue.field else ''}",
            issue.code if issue.code else Code.CONFLICT.value,
            f"{issue.message} {issue.action}"
            + (f" (in {one.because_of}, which leans on it)" if one.because_of else ""),
        )
        for one in blocked
        for issue in one.issues
    )


async def _made_live(connection: AsyncConnection, release_id: str) -> tuple[int, dict[At, str]]:
    position = await connection.scalar(sa.select(releases.c.position).where(releases.c.id == release_id))
    if position is None:
        raise NotFound(f"there is no release {release_id}")
    statement = sa.select(release_items).where(
        release_items.c.release == release_id, release_items.c.step.in_(LIVENING)
    )
    places = {(row.key, row.locale): row.hash for row in await connection.execute(statement)}
    if not places:
        raise Conflict("this release made nothing live: there is nothing to roll back")
    return int(position), places


async def _refuse_if_changed(
    connection: AsyncConnection, release_id: str, position: int, places: Mapping[At, str], despite: set[str]
) -> None:
    """Conflict with all that came after at these places and stands in the way."""
    later = await _later(connection, position, places)
    taken = [row for row in later if row.step in TAKING]
    if taken:
        raise Conflict(
            "what was withdrawn or retired since doesn't come back by rolling back: release it anew",
            errors=tuple(_detail(row, "was taken back") for row in taken),
        )
    live = await live_hashes(connection, {key for key, _ in places})
    moved = [row for row in later if row.release not in despite and row.release != release_id]
    if moved:
        raise Conflict(
            "a later release has changed what this one made live: roll that back first, or name it to go over it",
            errors=tuple(_detail(row, f"was changed by release {row.release}") for row in moved),
        )
    if gone := sorted(at for at in places if at not in live):
        names = ", ".join(f"{key} ({locale})" for key, locale in gone)
        raise Conflict(f"{names} is no longer live: there is nothing to roll back there")


async def _later(connection: AsyncConnection, position: int, places: Mapping[At, str]) -> list[Any]:
    """Items of later releases at these places."""
    base = sa.select(release_items).join(releases, releases.c.id == release_items.c.release)
    base = base.where(releases.c.position > position).order_by(releases.c.position)
    found = []
    for statement in by_keys(base, release_items.c.key, {key for key, _ in places}):
        found += [row for row in await connection.execute(statement) if (row.key, row.locale) in places]
    return found


async def _before(connection: AsyncConnection, position: int, places: Mapping[At, str]) -> dict[At, str]:
    """What a release at this position replaced, by place; nothing where the place was empty."""
    base = sa.select(live_revisions).where(live_revisions.c.closed_at == position)
    found: dict[At, str] = {}
    for statement in by_keys(base, live_revisions.c.key, {key for key, _ in places}):
        for row in await connection.execute(statement):
            if (row.key, row.locale) in places and row.hash != places[row.key, row.locale]:
                found[row.key, row.locale] = row.hash
    return found


def _detail(row: Any, what: str) -> Detail:
    return Detail(f"{row.key}.{row.locale}", Code.CONFLICT.value, f"{row.key} ({row.locale}) {what}")
