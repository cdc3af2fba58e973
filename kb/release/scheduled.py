"""Reading schedules: what is to go live when, what is due, and which places a hard one will end."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import NotFound
from kb.channels.types import Issue
from kb.release.tables import schedule_items, schedules
from kb.release.types import At
from kb.review.types import RevisionAt

PENDING = "pending"


class Stopped(msgspec.Struct, frozen=True):
    """A revision that stopped its schedule, and why."""

    key: str
    locale: str
    hash: str
    issues: tuple[Issue, ...]


class Schedule(msgspec.Struct, frozen=True):
    """What goes live at `at` (UTC), which is `local` in `zone`; a `hard` one ends what it replaces at that very instant.

    `state` is pending, released, failed or cancelled; `release` is what it became, `stopped` what made it fail.
    """

    id: str
    at: str
    zone: str
    local: str
    hard: bool
    state: str
    actor: str
    reason: str
    made_at: int
    ended_at: int | None
    release: str | None
    items: tuple[RevisionAt, ...]
    numbers: tuple[int, ...]
    stopped: tuple[Stopped, ...] = ()


async def find(connection: AsyncConnection, id_: str) -> Schedule:
    """A schedule by its id; NotFound."""
    found = await _read(connection, sa.select(schedules).where(schedules.c.id == id_))
    if not found:
        raise NotFound(f"there is no schedule {id_}")
    return found[0]


async def pending(connection: AsyncConnection) -> list[Schedule]:
    """What is still to come, the soonest first."""
    statement = sa.select(schedules).where(schedules.c.state == PENDING)
    return await _read(connection, statement.order_by(schedules.c.at, schedules.c.made_at))


async def page(connection: AsyncConnection, state: str, before: int | None, limit: int) -> list[Schedule]:
    """Schedules of one state, or of all, the newest first, made before a position."""
    statement = sa.select(schedules).order_by(schedules.c.made_at.desc()).limit(limit)
    if state:
        statement = statement.where(schedules.c.state == state)
    if before is not None:
        statement = statement.where(schedules.c.made_at < before)
    return await _read(connection, statement)


async def due(connection: AsyncConnection, now: str) -> list[str]:
    """The ids of pending schedules whose time has come, in order."""
    statement = sa.select(schedules.c.id).where(schedules.c.state == PENDING, schedules.c.at <= now)
    return list((await connection.execute(statement.order_by(schedules.c.at, schedules.c.made_at))).scalars())


async def hashes_of(connection: AsyncConnection, id_: str) -> frozenset[str]:
    """The hashes a schedule is bound to."""
    statement = sa.select(schedule_items.c.hash).where(schedule_items.c.schedule == id_)
    return frozenset((await connection.execute(statement)).scalars())


async def hard_ends(connection: AsyncConnection, but: str = "") -> dict[At, str]:
    """The places that pending hard schedules end, each at the earliest instant; `but` leaves one schedule out."""
    items = schedule_items.c
    statement = (
        sa.select(items.key, items.locale, sa.func.min(schedules.c.at))
        .join(schedules, schedules.c.id == items.schedule)
        .where(schedules.c.state == PENDING, schedules.c.hard, schedules.c.id != but)
        .group_by(items.key, items.locale)
    )
    return {(key, locale): at for key, locale, at in await connection.execute(statement)}


async def _read(connection: AsyncConnection, statement: Any) -> list[Schedule]:
    rows = (await connection.execute(statement)).all()
    items: dict[str, list[Any]] = {row.id: [] for row in rows}
    chosen = sa.select(schedule_items).where(schedule_items.c.schedule.in_(sorted(items)))
    for item in await connection.execute(chosen.order_by(schedule_items.c.key, schedule_items.c.locale)):
        items[item.schedule].append(item)
    return [_schedule(row, items[row.id]) for row in rows]


def _schedule(row: Any, items: Sequence[Any]) -> Schedule:
    stopped = msgspec.json.decode(row.issues, type=tuple[Stopped, ...]) if row.issues else ()
    return Schedule(
        id=row.id,
        at=row.at,
        zone=row.zone,
        local=row.local,
        hard=bool(row.hard),
        state=row.state,
        actor=row.actor,
        reason=row.reason,
        made_at=row.made_at,
        ended_at=row.ended_at,
        release=row.release,
        items=tuple(RevisionAt(item.key, item.locale, item.hash) for item in items),
        numbers=tuple(item.number for item in items),
        stopped=stopped,
    )
