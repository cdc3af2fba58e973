"""The journal: one append-only, hash-chained line per act, at dense positions; everything else follows it.

A line's hash is SHA-256(previous hash ‖ canonical line), where the canonical line is RFC 8785 JSON of
{position, at, event, actor, data}. The first line's previous hash is 64 zeros. Lines hold ids and hashes, never free or
personal text. Triggers refuse UPDATE and DELETE; the one-row head is what writers lock.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.db import metadata
from kb.base.hashing import canonical, digest, instant

FIRST_HASH = "0" * 64

journal = sa.Table(
    "journal",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(24), nullable=False),
    sa.Column("event", sa.String(40), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("ix_journal_at", "at", "position"),
)

journal_head = sa.Table(
    "journal_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("at", sa.String(24), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)


class Head(msgspec.Struct, frozen=True):
    """The last line's position, time and hash; position 0 is the empty journal."""

    position: int
    at: str
    hash: str


class Line(msgspec.Struct, frozen=True):
    """One line as stored; `data` is the RFC 8785 text that was hashed."""

    position: int
    at: str
    event: str
    actor: str
    data: str
    hash: str


class Fault(msgspec.Struct, frozen=True):
    """The first line that doesn't follow from the ones before it."""

    position: int
    message: str


def line_after(head: Head, at: datetime, event: str, actor: str, data: Mapping[str, Any]) -> Line:
    """The line that follows `head`. Time never goes backwards along the journal: an earlier clock is held at the head's."""
    moment = max(instant(at), head.at)
    line = Line(head.position + 1, moment, event, actor, canonical(data).decode(), "")
    return msgspec.structs.replace(line, hash=line_hash(head.hash, line))


def line_hash(previous: str, line: Line) -> str:
    body = {
        "position": line.position,
        "at": line.at,
        "event": line.event,
        "actor": line.actor,
        "data": msgspec.json.decode(line.data),
    }
    return digest(previous.encode() + canonical(body))


async def read_head(connection: AsyncConnection, *, lock: bool = False) -> Head:
    """The head; `lock` holds it until the transaction ends (SQLite's writers already hold the whole database)."""
    statement = sa.select(journal_head.c.position, journal_head.c.at, journal_head.c.hash)
    if lock:
        statement = statement.with_for_update()
    row = (await connection.execute(statement)).one()
    return Head(*row)


async def append(connection: AsyncConnection, lines: Sequence[Line]) -> None:
    """Write lines that follow the locked head, and move the head."""
    if not lines:
        return
    await connection.execute(journal.insert(), [msgspec.structs.asdict(line) for line in lines])
    last = lines[-1]
    await connection.execute(journal_head.update().values(position=last.position, at=last.at, hash=last.hash))


async def read_lines(connection: AsyncConnection, after: int, limit: int = 1000) -> list[Line]:
    """Lines behind position `after`, in order."""
    statement = sa.select(journal).where(journal.c.position > after).order_by(journal.c.position).limit(limit)
    return [Line(*row) for row in await connection.execute(statement)]


async def time_of(connection: AsyncConnection, position: int) -> str | None:
    """The time of the line at a position, None where there is no such line."""
    return await connection.scalar(sa.select(journal.c.at).where(journal.c.position == position))


async def verify(connection: AsyncConnection) -> Fault | None:
    """Walk the whole chain; the first line that was changed, removed, added or moved, or None when all is well."""
    head = Head(0, "", FIRST_HASH)
    while lines := await read_lines(connection, head.position):
        for line in lines:
            if fault := _fault(head, line):
                return fault
            head = Head(line.position, line.at, line.hash)
    stored = await read_head(connection)
    if (stored.position, stored.hash) != (head.position, head.hash):
        return Fault(head.position + 1, f"the head stands at {stored.position}, the last line at {head.position}")
    return None


def _fault(head: Head, line: Line) -> Fault | None:
    if line.position != head.position + 1:
        return Fault(head.position + 1, f"line {head.position + 1} is missing: {line.position} comes next")
    if line.at < head.at:
        return Fault(line.position, f"line {line.position} is dated before the line above it")
    try:
        written = canonical(msgspec.json.decode(line.data)).decode()
    except (msgspec.DecodeError, TypeError):  # a number that no line of ours holds is a TypeError
        written = None
    if written != line.data or line_hash(head.hash, line) != line.hash:
        return Fault(line.position, f"line {line.position} or its hash was changed after it was written")
    return None
