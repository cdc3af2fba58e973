"""Reading entries: revisions by place or hash, and who refers to whom."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.db import chunks
from kb.entries.tables import entries, latest_revisions, revisions, uses
from kb.entries.types import Content, Draft, Kind, Revision

REVISION = (
    revisions.c.key,
    revisions.c.locale,
    revisions.c.number,
    revisions.c.hash,
    revisions.c.body,
    revisions.c.position,
    revisions.c.at,
)


HAS_TEXT = sa.func.length(revisions.c.body) > 0
"""A revision that was redacted has its columns still, and no text: nobody reads, signs or releases it again."""


class Signed(msgspec.Struct, frozen=True):
    """The bytes of a revision, as `rules.signed_bytes` wrote them."""

    format: str
    key: str
    kind: Kind
    locale: str
    source: str
    author: str
    editors: tuple[str, ...]
    content: Content
    again: int = 0


_decode = msgspec.json.Decoder(Signed).decode


def revision_of(row: Any) -> Revision:
    """A revision from a row with the columns of `REVISION`."""
    signed = _decode(row.body)
    draft = Draft(
        key=signed.key,
        kind=signed.kind,
        locale=signed.locale,
        author=signed.author,
        content=signed.content,
        editors=signed.editors,
        source=signed.source,
        again=signed.again,
    )
    return Revision(draft, row.number, row.hash, row.position, datetime.fromisoformat(row.at))


async def by_hashes(connection: AsyncConnection, hashes: Iterable[str]) -> dict[str, Revision]:
    """The revisions with these content hashes; one that isn't stored, or whose text was redacted, is left out."""
    found: dict[str, Revision] = {}
    for chunk in chunks(sorted(set(hashes))):
        for row in await connection.execute(sa.select(*REVISION).where(revisions.c.hash.in_(chunk), HAS_TEXT)):
            found[row.hash] = revision_of(row)
    return found


async def all_of(connection: AsyncConnection, key: str) -> list[Revision]:
    """Every revision of a key, by locale and number."""
    wanted = sa.select(*REVISION).where(revisions.c.key == key, HAS_TEXT)
    statement = wanted.order_by(revisions.c.locale, revisions.c.number)
    return [revision_of(row) for row in await connection.execute(statement)]


async def latest(connection: AsyncConnection, key: str, locale: str) -> Revision | None:
    """The newest revision at a place."""
    return await _one(connection, _at(key, locale).order_by(revisions.c.number.desc()).limit(1))


async def numbered(connection: AsyncConnection, key: str, locale: str, number: int) -> Revision | None:
    """The revision of this number at a place."""
    return await _one(connection, _at(key, locale).where(revisions.c.number == number))


async def at_place(connection: AsyncConnection, key: str, locale: str, below: int, limit: int) -> list[Revision]:
    """The revisions at a place numbered below `below`, the newest first."""
    statement = _at(key, locale).where(revisions.c.number < below).order_by(revisions.c.number.desc()).limit(limit)
    return [revision_of(row) for row in await connection.execute(statement)]


async def is_stored(connection: AsyncConnection, key: str, locale: str, hash_: str) -> bool:
    """Whether a place has a revision with this content hash."""
    statement = sa.select(revisions.c.number).where(
        revisions.c.key == key, revisions.c.locale == locale, revisions.c.hash == hash_
    )
    return (await connection.execute(statement)).first() is not None


async def locales_of(connection: AsyncConnection, key: str) -> tuple[str, ...]:
    """The locales in which an entry was ever written."""
    statement = sa.select(latest_revisions.c.locale).where(latest_revisions.c.key == key)
    return tuple((await connection.execute(statement.order_by(latest_revisions.c.locale))).scalars())


def _at(key: str, locale: str) -> sa.Select[Any]:
    return sa.select(*REVISION).where(revisions.c.key == key, revisions.c.locale == locale, HAS_TEXT)


async def _one(connection: AsyncConnection, statement: sa.Select[Any]) -> Revision | None:
    row = (await connection.execute(statement)).first()
    return revision_of(row) if row is not None else None


async def places(connection: AsyncConnection) -> list[tuple[str, str, int, str]]:
    """Every revision as (key, locale, number, hash), in order of writing."""
    columns = (revisions.c.key, revisions.c.locale, revisions.c.number, revisions.c.hash)
    statement = sa.select(*columns).order_by(revisions.c.key, revisions.c.locale, revisions.c.number)
    return [tuple(row) for row in await connection.execute(statement)]


async def users_of(connection: AsyncConnection, targets: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """Revisions that refer to these keys directly, as (target, kind, key, hash), ways on included."""
    found: list[tuple[str, str, str, str]] = []
    columns = (uses.c.target, uses.c.kind, uses.c.key, uses.c.hash)
    for chunk in chunks(sorted(set(targets))):
        found += [tuple(row) for row in await connection.execute(sa.select(*columns).where(uses.c.target.in_(chunk)))]
    return found


async def kinds_of(connection: AsyncConnection, keys: Iterable[str]) -> dict[str, Kind]:
    """The kind of each known key."""
    found: dict[str, Kind] = {}
    for chunk in chunks(sorted(set(keys))):
        statement = sa.select(entries.c.key, entries.c.kind).where(entries.c.key.in_(chunk))
        found.update({row.key: Kind(row.kind) for row in await connection.execute(statement)})
    return found


async def authors_between(connection: AsyncConnection, key: str, locale: str, after: int, upto: int) -> frozenset[str]:
    """Who wrote the revisions numbered above `after` and up to `upto`: the contributors since the last live one."""
    statement = sa.select(revisions.c.author).where(
        revisions.c.key == key, revisions.c.locale == locale, revisions.c.number > after, revisions.c.number <= upto
    )
    return frozenset((await connection.execute(statement)).scalars())
