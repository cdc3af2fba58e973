"""Reading releases that were made: which acts changed what is served, when, by whom and why, with what each was about."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import NotFound
from kb.release.tables import release_items, releases


class Item(msgspec.Struct, frozen=True):
    """A revision with the step that an act took with it."""

    key: str
    locale: str
    hash: str
    step: str


class Made(msgspec.Struct, frozen=True):
    """One act that changed what is served; `act` is release, emergency, rollback, schedule, withdraw, lapse and so on."""

    id: str
    position: int
    at: str
    act: str
    actor: str
    reason: str
    policy: str
    items: tuple[Item, ...]


async def find_made(connection: AsyncConnection, id_: str) -> Made:
    """A release by its id; NotFound."""
    found = await _read(connection, sa.select(releases).where(releases.c.id == id_))
    if not found:
        raise NotFound(f"there is no release {id_}")
    return found[0]


async def page_of_made(connection: AsyncConnection, act: str, before: int | None, limit: int) -> list[Made]:
    """Releases of one act, or of all, the newest first, made before a position."""
    statement = sa.select(releases).order_by(releases.c.position.desc()).limit(limit)
    if act:
        statement = statement.where(releases.c.act == act)
    if before is not None:
        statement = statement.where(releases.c.position < before)
    return await _read(connection, statement)


async def _read(connection: AsyncConnection, statement: Any) -> list[Made]:
    rows = (await connection.execute(statement)).all()
    items: dict[str, list[Item]] = {row.id: [] for row in rows}
    chosen = sa.select(release_items).where(release_items.c.release.in_(sorted(items)))
    for row in await connection.execute(chosen.order_by(release_items.c.key, release_items.c.locale)):
        items[row.release].append(Item(row.key, row.locale, row.hash, row.step))
    return [_made(row, items[row.id]) for row in rows]


def _made(row: Any, items: Sequence[Item]) -> Made:
    return Made(row.id, row.position, row.at, row.act, row.actor, row.reason, row.policy, tuple(items))
