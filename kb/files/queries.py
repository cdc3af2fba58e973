"""What a load has to know of the database before it decides anything."""

from collections.abc import Collection

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.db import chunks
from kb.entries import queries as entries
from kb.entries.tables import entries as entry_rows
from kb.entries.types import Kind
from kb.files.plan import At, Stored
from kb.files.tables import files_seen
from kb.review.standing import BEEN_LIVE
from kb.review.tables import reviews, signoffs, waivers
from kb.review.types import State

Statement = tuple[str, ...]
"""What tells a statement from another of the same hash: (hash, role, by) or (hash, code, field, by)."""


class Reviewed(msgspec.Struct, frozen=True):
    """The state of each revision by (key, locale, hash), its number, and the highest number that was ever live."""

    states: dict[tuple[str, str, str], State]
    numbers: dict[tuple[str, str, str], int]
    live: dict[At, int]

    def releasable(self, key: str, locale: str, hash_: str) -> bool:
        """Whether it is approved and newer than anything that was ever live at its place: nothing is undone."""
        name = (key, locale, hash_)
        newer = self.numbers.get(name, 0) > self.live.get((key, locale), 0)
        return newer and self.states.get(name) is State.APPROVED


async def stored(connection: AsyncConnection) -> Stored:
    """Every revision there is by place, which came from files, and the kind of every key."""
    hashes: dict[At, list[str]] = {}
    for key, locale, _, hash_ in await entries.places(connection):
        hashes.setdefault((key, locale), []).append(hash_)
    columns = (files_seen.c.key, files_seen.c.locale, files_seen.c.hash)
    seen = frozenset((row.key, row.locale, row.hash) for row in await connection.execute(sa.select(*columns)))
    kinds = await connection.execute(sa.select(entry_rows.c.key, entry_rows.c.kind))
    return Stored(hashes, seen, {row.key: Kind(row.kind) for row in kinds})


async def seen(connection: AsyncConnection, keys: Collection[str]) -> frozenset[tuple[str, str, str]]:
    """What files have said of these keys, as (key, locale, hash)."""
    columns = (files_seen.c.key, files_seen.c.locale, files_seen.c.hash)
    found: set[tuple[str, str, str]] = set()
    for chunk in chunks(sorted(keys)):
        rows = await connection.execute(sa.select(*columns).where(files_seen.c.key.in_(chunk)))
        found.update((row.key, row.locale, row.hash) for row in rows)
    return frozenset(found)


async def reviewed(connection: AsyncConnection) -> Reviewed:
    """The state of every revision."""
    found = Reviewed({}, {}, {})
    columns = (reviews.c.key, reviews.c.locale, reviews.c.hash, reviews.c.number, reviews.c.state)
    for key, locale, hash_, number, state in await connection.execute(sa.select(*columns)):
        found.states[key, locale, hash_] = State(state)
        found.numbers[key, locale, hash_] = number
        if found.states[key, locale, hash_] in BEEN_LIVE:
            found.live[key, locale] = max(number, found.live.get((key, locale), 0))
    return found


async def recorded(connection: AsyncConnection) -> frozenset[Statement]:
    """Every sign-off and waiver there is."""
    signed = await connection.execute(sa.select(signoffs.c.hash, signoffs.c.role, signoffs.c.by))
    waived = await connection.execute(sa.select(waivers.c.hash, waivers.c.code, waivers.c.field, waivers.c.by))
    return frozenset(tuple(map(str, row)) for row in (*signed, *waived))
