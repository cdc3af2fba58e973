"""Proof from the inside: the journal's chain, and that every row is what its hash, signature or journal line says."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.db import chunks
from kb.base.journal import FIRST_HASH, Fault, Head, journal, journal_head, read_head, verify
from kb.release.audit_noted import noted
from kb.release.audit_proof import proof
from kb.release.audit_released import released
from kb.release.audit_written import written
from kb.release.finding import Finding
from kb.release.replay import replayed

CHECKS = (written, released, replayed, noted, proof)
"""Each yields what it finds, for one connection."""

MOST = 1000
"""Findings that are told; whoever changed more than that is found by fewer."""


async def verify_all(
    connection: AsyncConnection, checkpoints: Mapping[int, str] | None = None
) -> tuple[Fault | None, tuple[Finding, ...]]:
    """The first bad line of the journal, and every row that isn't what was signed, written or released.

    `checkpoints` are hashes by position that left the database before: lines cut off since, or written anew from one of
    them on, are faults too. Each table is read once in order; what is held in memory is what is live, not what ever was.
    """
    findings: dict[Finding, None] = {}
    for check in CHECKS:
        async for finding in check(connection):
            if len(findings) < MOST:
                findings[finding] = None
    return await _first_bad(connection, checkpoints or {}), tuple(findings)


async def last_line(connection: AsyncConnection) -> Head:
    """Where the journal ends, by its lines alone."""
    statement = sa.select(journal.c.position, journal.c.at, journal.c.hash).order_by(journal.c.position.desc())
    row = (await connection.execute(statement.limit(1))).one_or_none()
    return Head(*row) if row is not None else Head(0, "", FIRST_HASH)


async def _first_bad(connection: AsyncConnection, checkpoints: Mapping[int, str]) -> Fault | None:
    if await connection.scalar(sa.select(journal_head.c.id)) is None:
        return Fault((await last_line(connection)).position + 1, "the journal's head is gone")
    faults = [fault for fault in (await verify(connection), await _against(connection, checkpoints)) if fault]
    if not faults and (fault := await _dated(connection)):
        return fault
    return min(faults, key=lambda fault: fault.position, default=None)


async def _against(connection: AsyncConnection, checkpoints: Mapping[int, str]) -> Fault | None:
    """The first line that isn't the one a checkpoint signed."""
    last = await connection.scalar(sa.select(sa.func.max(journal.c.position))) or 0
    before = 0
    for chunk in chunks(sorted(checkpoints)):
        statement = sa.select(journal.c.position, journal.c.hash).where(journal.c.position.in_(chunk))
        there = {row.position: row.hash for row in await connection.execute(statement)}
        for position in chunk:
            if position > last:
                return Fault(last + 1, f"line {last + 1} is missing: a checkpoint was signed of line {position}")
            if there.get(position) != checkpoints[position]:
                message = f"line {position} isn't the one that was signed: a line from {before + 1} on was written anew"
                return Fault(position, message)
            before = position
    return None


async def _dated(connection: AsyncConnection) -> Fault | None:
    """The head tells the time of the last line."""
    head = await read_head(connection)
    at = await connection.scalar(sa.select(journal.c.at).where(journal.c.position == head.position)) or ""
    if at != head.at:
        return Fault(head.position, f"the head is dated {head.at}, the last line {at}")
    return None
