"""Making a release from the outside: prepared on a reading connection, committed in a work, tried anew when it was overtaken."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Conflict, Invalid, NotFound
from kb.base.journal import Head, read_head
from kb.base.work import Sessions
from kb.entries.queries import by_hashes
from kb.release.actions import differences
from kb.release.made import Item
from kb.release.moving import items_of
from kb.release.prepare import prepare
from kb.release.rollback import details
from kb.release.types import Blocked, Closing, Prepared

ATTEMPTS = 3
"""How often something is prepared anew when it was overtaken."""

Planned = TypeVar("Planned")
Result = TypeVar("Result")


class ForeseenRelease(msgspec.Struct, frozen=True):
    """What a release would do: what ends with it first, what goes live, what stays behind and why, what is rendered anew.

    `changes` are (key, locale) of every entry whose renditions would change.
    """

    closing: tuple[Closing, ...]
    items: tuple[Item, ...]
    blocked: tuple[Blocked, ...]
    changes: tuple[tuple[str, str], ...]


async def overtaking(
    sessions: Sessions,
    plan: Callable[[AsyncConnection], Awaitable[Planned]],
    commit: Callable[[Planned], Awaitable[Result]],
) -> Result:
    """Plan on a reading connection and commit; planned anew a few times where the commit meets a Conflict.

    Where nothing was written since it was planned, planning anew would meet the same.
    """
    for attempt in range(1, ATTEMPTS + 1):
        async with sessions.reading() as connection:
            planned, seen = await plan(connection), await read_head(connection)
        try:
            return await commit(planned)
        except Conflict:
            if attempt == ATTEMPTS or not await _went_on(sessions, seen):
                raise
    raise AssertionError("every attempt returns or raises")


async def _went_on(sessions: Sessions, seen: Head) -> bool:
    async with sessions.reading() as connection:
        return await read_head(connection) != seen


async def plan_release(
    connection: AsyncConnection, hashes: Collection[str], now: datetime, *, emergency: bool = False
) -> Prepared:
    """All of these revisions, or none: Conflict with everything that keeps any of them behind; NotFound for an unknown one."""
    await _known(connection, hashes)
    prepared = await prepare(connection, hashes, now, emergency=emergency)
    if prepared.blocked:
        raise Conflict(
            f"{len(prepared.blocked)} of {len(set(hashes))} revisions can't go live, so none does",
            errors=details(prepared.blocked),
        )
    return prepared


async def foresee_release(
    connection: AsyncConnection, hashes: Collection[str], now: datetime, *, emergency: bool = False
) -> ForeseenRelease:
    """What releasing these would do, as far as it would go."""
    await _known(connection, hashes)
    prepared = await prepare(connection, hashes, now, emergency=emergency)
    items = tuple(Item(place.key, place.locale, place.hash, step.value) for place, step in items_of(prepared))
    return ForeseenRelease(prepared.closing, items, prepared.blocked, await differences(connection, prepared))


async def _known(connection: AsyncConnection, hashes: Collection[str]) -> None:
    if not hashes:
        raise Invalid("name at least one revision by its hash")
    if unknown := sorted(set(hashes) - (await by_hashes(connection, hashes)).keys()):
        raise NotFound(f"no revision has the hash {unknown[0]}")
