"""Reading what is live: revisions by place, who leans on whom among them, and what was ever released."""

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.db import chunks
from kb.entries.queries import REVISION, revision_of
from kb.entries.tables import revisions, uses
from kb.entries.types import Revision
from kb.release.tables import live_revisions, release_items, releases
from kb.release.types import At
from kb.review.tables import reviews
from kb.review.types import State

IS_LIVE = live_revisions.c.closed_at.is_(None)
TEXT_USES = ("fact", "claim", "disclosure")
"""Uses that put words into a text; a way on (`entry`) only leads somewhere."""


async def live(connection: AsyncConnection, keys: Collection[str] | None = None) -> dict[At, Revision]:
    """The live revisions of these keys in every locale, or of all."""
    same = (revisions.c.hash == live_revisions.c.hash) & (revisions.c.key == live_revisions.c.key)
    base = sa.select(*REVISION).join(live_revisions, same & (revisions.c.locale == live_revisions.c.locale))
    found: dict[At, Revision] = {}
    for statement in by_keys(base.where(IS_LIVE), live_revisions.c.key, keys):
        for row in await connection.execute(statement):
            found[row.key, row.locale] = revision_of(row)
    return found


async def live_hashes(connection: AsyncConnection, keys: Collection[str] | None = None) -> dict[At, str]:
    """The hashes of the live revisions of these keys, or of all."""
    base = sa.select(live_revisions.c.key, live_revisions.c.locale, live_revisions.c.hash).where(IS_LIVE)
    found: dict[At, str] = {}
    for statement in by_keys(base, live_revisions.c.key, keys):
        found.update({(row.key, row.locale): row.hash for row in await connection.execute(statement)})
    return found


async def suspended(connection: AsyncConnection, keys: Collection[str]) -> dict[At, Revision]:
    """The suspended revisions of these keys that nothing newer has replaced."""
    same = (revisions.c.hash == reviews.c.hash) & (revisions.c.key == reviews.c.key)
    base = sa.select(*REVISION).join(reviews, same & (revisions.c.locale == reviews.c.locale))
    found: dict[At, Revision] = {}
    for statement in by_keys(base.where(reviews.c.state == State.SUSPENDED), reviews.c.key, keys):
        for row in await connection.execute(statement.order_by(revisions.c.number)):
            found[row.key, row.locale] = revision_of(row)
    return found


async def dependents(connection: AsyncConnection, keys: Iterable[str], *, asleep: bool = False) -> frozenset[At]:
    """Every live entry that holds the words of one of these keys, transitively, and the translations of each.

    `asleep` looks among suspended ones too.
    """
    found: set[At] = set()
    waiting = set(keys)
    seen = set(waiting)
    while waiting:
        users = await _users(connection, sorted(waiting), asleep=asleep)
        found |= users
        waiting = {key for key, _ in users} - seen
        seen |= waiting
    return frozenset(found)


async def leant_on(connection: AsyncConnection, hashes: Iterable[str]) -> set[tuple[str, str]]:
    """What these revisions refer to directly, as (kind, key)."""
    found: set[tuple[str, str]] = set()
    for chunk in chunks(sorted(set(hashes))):
        statement = sa.select(uses.c.kind, uses.c.target).where(uses.c.hash.in_(chunk)).distinct()
        found.update((row.kind, row.target) for row in await connection.execute(statement))
    return found


async def last_position(connection: AsyncConnection, act: str) -> int:
    """The position of the last act of this kind; 0 before the first."""
    statement = sa.select(sa.func.max(releases.c.position)).where(releases.c.act == act)
    return await connection.scalar(statement) or 0


async def ever_released(connection: AsyncConnection) -> frozenset[tuple[str, str, str]]:
    """Every (key, locale, hash) that a release ever made live."""
    statement = sa.select(release_items.c.key, release_items.c.locale, release_items.c.hash).where(
        release_items.c.step.in_(("release", "reopen", "roll_back"))
    )
    return frozenset((row.key, row.locale, row.hash) for row in await connection.execute(statement))


async def _users(connection: AsyncConnection, keys: list[str], *, asleep: bool) -> set[At]:
    found: set[At] = set()
    for chunk in chunks(keys):
        used = sa.select(uses.c.key, uses.c.locale).where(uses.c.target.in_(chunk), uses.c.kind.in_(TEXT_USES))
        found |= await _standing(connection, used, uses.c.hash, uses.c.key, asleep=asleep)
    return found | await _translations(connection, found, asleep=asleep)


async def _translations(connection: AsyncConnection, found: set[At], *, asleep: bool) -> set[At]:
    """The translations of these: they stand and fall with their source."""
    translations: set[At] = set()
    for chunk in chunks(sorted({key for key, _ in found})):
        made = sa.select(revisions.c.key, revisions.c.locale).where(
            revisions.c.key.in_(chunk), revisions.c.source != ""
        )
        translations |= await _standing(connection, made, revisions.c.hash, revisions.c.key, asleep=asleep)
    sources = {key for key, _ in found - translations}
    return {at for at in translations if at[0] in sources}


async def _standing(connection: AsyncConnection, base: Any, hash_: Any, key: Any, *, asleep: bool) -> set[At]:
    """The places a select of (key, locale) gives whose revision is live, or suspended where `asleep` asks for it."""
    awake = base.join(live_revisions, (live_revisions.c.hash == hash_) & (live_revisions.c.key == key))
    rows = list(await connection.execute(awake.where(IS_LIVE)))
    if asleep:
        resting = base.join(reviews, (reviews.c.hash == hash_) & (reviews.c.key == key))
        rows += list(await connection.execute(resting.where(reviews.c.state == State.SUSPENDED)))
    return {(row.key, row.locale) for row in rows}


def by_keys(base: Any, column: Any, keys: Collection[str] | None) -> list[Any]:
    """A select as it stands, or split so that each part asks for keys that fit one `IN (…)`."""
    if keys is None:
        return [base]
    return [base.where(column.in_(chunk)) for chunk in chunks(sorted(set(keys)))]
