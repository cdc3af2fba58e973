"""Rows that are written once, against the line that tells of each: entries, revisions, uses, statements, payloads, inputs."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.tables import person_keys
from kb.base.db import chunks
from kb.base.hashing import digest
from kb.base.journal import journal
from kb.delivery.tables import payloads, renditions
from kb.entries.queries import Signed
from kb.entries.tables import entries, latest_revisions, revisions, uses
from kb.entries.texts import uses_of
from kb.entries.types import Content
from kb.release.finding import RUN, Finding, listed, streamed, told
from kb.release.tables import leaf_inputs, leaves, redactions, releases
from kb.review.queries import SIGNOFF, VERIFICATION, WAIVER
from kb.review.signatures import signed_bytes, verifies
from kb.review.tables import carried, signoffs, verifications, waivers
from kb.review.types import SignOff, Verification, Waiver

WRITTEN_BY = (
    ("entry.created", entries),
    ("entry.written", revisions),
    ("review.signed", signoffs),
    ("review.waived", waivers),
    ("review.verified", verifications),
    ("review.carried", carried),
)
"""Events with the table in which each left a row at its position."""

CONFIRMED = redactions.c.confirmed_at.is_not(None)

_signed = msgspec.json.Decoder(Signed).decode


async def written(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Every row that isn't what its hash, its signature or its journal line says, and every one that is missing."""
    for check in (_missing, _entries, _revisions, _newest, _statements, _carried, _payloads, _inputs):
        async for finding in check(connection):
            yield finding


async def _missing(connection: AsyncConnection) -> AsyncIterator[Finding]:
    for event, table in WRITTEN_BY:
        gone = sa.select(journal.c.position).join(table, table.c.position == journal.c.position, isouter=True)
        async for row in streamed(connection, gone.where(journal.c.event == event, table.c.position.is_(None))):
            yield Finding(str(table.name), f"line {row.position}", "the journal tells of a row that isn't there")
    making = journal.c.event.like("release.%")
    gone = sa.select(journal.c.position).join(releases, releases.c.position == journal.c.position, isouter=True)
    async for row in streamed(connection, gone.where(making, releases.c.position.is_(None))):
        yield Finding("releases", f"line {row.position}", "the journal tells of a row that isn't there")


async def _entries(connection: AsyncConnection) -> AsyncIterator[Finding]:
    statement = sa.select(entries, journal.c.event, journal.c.data)
    async for row in streamed(
        connection, statement.join(journal, journal.c.position == entries.c.position, isouter=True)
    ):
        line = told(row.data)
        if (row.event, line.get("key"), line.get("kind")) != ("entry.created", row.key, row.kind):
            yield Finding("entries", row.key, "the journal knows no such entry at its position")


async def _revisions(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Revisions against their bytes and their line, and what each refers to against what it says."""
    erased = await _erased(connection)
    columns = (journal.c.event, journal.c.at.label("line_at"), journal.c.data)
    statement = sa.select(revisions, *columns).join(journal, journal.c.position == revisions.c.position, isouter=True)
    run: list[Any] = []
    async for row in streamed(connection, statement):
        run.append(row)
        if len(run) == RUN:
            for finding in await _revision_run(connection, run, erased):
                yield finding
            run = []
    for finding in await _revision_run(connection, run, erased):
        yield finding
    alone = sa.select(uses.c.key, uses.c.locale, uses.c.target).join(
        revisions, revisions.c.hash == uses.c.hash, isouter=True
    )
    async for row in streamed(connection, alone.where(revisions.c.hash.is_(None))):
        yield Finding("uses", f"{row.key} {row.locale} {row.target}", "no revision refers to it so")


async def _revision_run(
    connection: AsyncConnection, run: list[Any], erased: frozenset[tuple[str, str, str]]
) -> list[Finding]:
    found = []
    hashes = {row.hash for row in run}
    referred, listed = await _referred(connection, hashes), await _listed(connection, hashes)
    for row in run:
        name = f"{row.key} {row.locale} {row.number}"
        line = told(row.data)
        said = (row.event, *(line.get(field) for field in ("key", "locale", "number", "hash", "author")), row.line_at)
        if said != ("entry.written", row.key, row.locale, row.number, row.hash, row.author, row.at):
            found.append(Finding("revisions", name, "the journal knows another revision at its position"))
        body = _bytes(row.body)
        if not body and (row.key, row.locale, row.hash) in erased:
            continue
        if digest(body) != row.hash:
            found.append(Finding("revisions", name, "its bytes have another hash"))
            continue
        signed = _signed(body)
        if (signed.key, signed.locale, signed.kind, signed.author, signed.source) != (
            row.key,
            row.locale,
            row.kind,
            row.author,
            row.source,
        ):
            found.append(Finding("revisions", name, "its columns say something else than its bytes"))
        expected = {(kind, target, row.key, row.locale) for kind, target in uses_of(signed.content)}
        if referred.get(row.hash, set()) != expected:
            found.append(Finding("uses", name, "what it refers to is not what its text says"))
        if row.hash in listed and listed[row.hash] != _as_listed(row, signed.content):
            found.append(Finding("latest_revisions", name, "lists say something else of it than its text"))
    return found


async def _listed(connection: AsyncConnection, hashes: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    """What lists say of those of these revisions that are the newest of their places."""
    found: dict[str, tuple[Any, ...]] = {}
    for chunk in chunks(sorted(hashes)):
        statement = sa.select(latest_revisions).where(latest_revisions.c.hash.in_(chunk))
        found.update({row.hash: tuple(row) for row in await connection.execute(statement)})
    return found


def _as_listed(row: Any, content: Content) -> tuple[Any, ...]:
    stage = content.stage.value if content.stage else ""
    about = (content.title, content.topic, content.product, stage, content.owner, content.audience.value)
    return (row.key, row.locale, row.number, row.hash, row.author, row.position, row.at, *about)


async def _newest(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Places whose newest revision isn't the one that lists show."""
    columns = (revisions.c.key, revisions.c.locale, sa.func.max(revisions.c.number).label("number"))
    newest = sa.select(*columns).group_by(revisions.c.key, revisions.c.locale).subquery()
    same = (latest_revisions.c.key == newest.c.key) & (latest_revisions.c.locale == newest.c.locale)
    same &= latest_revisions.c.number == newest.c.number
    hidden = sa.select(newest.c.key, newest.c.locale).join(latest_revisions, same, isouter=True)
    async for row in streamed(connection, hidden.where(latest_revisions.c.key.is_(None))):
        yield Finding("latest_revisions", f"{row.key} {row.locale}", "lists show another revision, or none")
    own = (revisions.c.hash == latest_revisions.c.hash) & (revisions.c.key == latest_revisions.c.key)
    own &= (revisions.c.locale == latest_revisions.c.locale) & (revisions.c.number == latest_revisions.c.number)
    alone = sa.select(latest_revisions.c.key, latest_revisions.c.locale).join(revisions, own, isouter=True)
    async for row in streamed(connection, alone.where(revisions.c.key.is_(None))):
        yield Finding("latest_revisions", f"{row.key} {row.locale}", "lists show a revision that isn't there")


async def _referred(connection: AsyncConnection, hashes: Iterable[str]) -> dict[str, set[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = {}
    columns = (uses.c.hash, uses.c.kind, uses.c.target, uses.c.key, uses.c.locale)
    for chunk in chunks(sorted(hashes)):
        for row in await connection.execute(sa.select(*columns).where(uses.c.hash.in_(chunk))):
            found.setdefault(row.hash, set()).add(tuple(row[1:]))
    return found


async def _statements(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Sign-offs and waivers that their journal line doesn't know, or that no key of their signer made."""
    owned = await _owned(connection)
    for table, columns, kind, event in (
        (signoffs, SIGNOFF, SignOff, "review.signed"),
        (waivers, WAIVER, Waiver, "review.waived"),
        (verifications, VERIFICATION, Verification, "review.verified"),
    ):
        lines = (journal.c.event.label("line_event"), journal.c.data.label("line_data"))
        joined = sa.select(*columns, *lines).join(journal, journal.c.position == table.c.position, isouter=True)
        async for row in streamed(connection, joined):
            statement: SignOff | Waiver | Verification = kind(*row[: len(columns)])
            keys = owned.get(statement.by, ())
            name = f"{statement.key} by {statement.by}"
            said = told(row.line_data).get("statement")
            if (row.line_event, said) != (event, digest(signed_bytes(statement))):
                yield Finding(str(table.name), name, "the journal knows another statement")
            elif not any(verifies(statement, key) for key in keys):
                yield Finding(str(table.name), name, "its signature is not of any key of the signer")


async def _owned(connection: AsyncConnection) -> dict[str, list[str]]:
    """Every public key that was ever somebody's, by person."""
    found: dict[str, list[str]] = {}
    async for row in streamed(connection, sa.select(person_keys.c.person, person_keys.c.public_key)):
        found.setdefault(row.person, []).append(row.public_key)
    return found


async def _carried(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Sign-offs carried over that their journal line doesn't know."""
    statement = sa.select(carried, journal.c.event.label("line_event"), journal.c.data.label("line_data"))
    async for row in streamed(
        connection, statement.join(journal, journal.c.position == carried.c.position, isouter=True)
    ):
        line = told(row.line_data)
        stands = {name: getattr(row, name) for name in ("key", "locale", "hash", "role", "by", "signed", "change")}
        if row.line_event != "review.carried" or {name: line.get(name) for name in stands} != stands:
            yield Finding(
                "carried", f"{row.key} by {row.by}", "the journal knows another sign-off that was carried over"
            )


async def _payloads(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Payloads whose bytes have another hash; those of redacted revisions may be empty."""
    last = ""
    while rows := (
        await connection.execute(sa.select(payloads).where(payloads.c.hash > last).order_by(payloads.c.hash).limit(RUN))
    ).all():
        wrong = [row.hash for row in rows if digest(_bytes(row.body)) != row.hash]
        empty = {row.hash for row in rows if not row.body}
        gone = await _redacted_payloads(connection, empty) if empty else set()
        for hash_ in wrong:
            if hash_ not in gone:
                yield Finding("payloads", hash_, "its bytes have another hash")
        last = rows[-1].hash


async def _redacted_payloads(connection: AsyncConnection, hashes: Iterable[str]) -> set[str]:
    same = (redactions.c.hash == renditions.c.hash) & (redactions.c.key == renditions.c.key)
    found: set[str] = set()
    for chunk in chunks(sorted(hashes)):
        statement = sa.select(renditions.c.rendition).join(redactions, same & CONFIRMED)
        found.update((await connection.execute(statement.where(renditions.c.rendition.in_(chunk)))).scalars())
    quoting = (await connection.execute(sa.select(redactions.c.quoting).where(CONFIRMED))).scalars()
    return found | {hash_ for one in quoting for hash_ in listed(one)}


async def _inputs(connection: AsyncConnection) -> AsyncIterator[Finding]:
    async for row in streamed(connection, sa.select(leaf_inputs)):
        if digest(row.hashes.encode()) != row.hash:
            yield Finding("leaf_inputs", row.hash, "the list has another hash")
    gone = sa.select(leaves.c.inputs).join(leaf_inputs, leaf_inputs.c.hash == leaves.c.inputs, isouter=True).distinct()
    async for row in streamed(connection, gone.where(leaf_inputs.c.hash.is_(None), leaves.c.row != "")):
        yield Finding("leaf_inputs", row.inputs, "a leaf names a list that isn't there")
    lost = sa.select(renditions.c.rendition).join(payloads, payloads.c.hash == renditions.c.rendition, isouter=True)
    async for row in streamed(connection, lost.where(payloads.c.hash.is_(None)).distinct()):
        yield Finding("payloads", row.rendition, "a row serves bytes that aren't there")


async def _erased(connection: AsyncConnection) -> frozenset[tuple[str, str, str]]:
    """Revisions whose redaction two admins made, as (key, locale, hash)."""
    statement = sa.select(redactions.c.key, redactions.c.locale, redactions.c.hash).where(CONFIRMED)
    return frozenset((row.key, row.locale, row.hash) for row in await connection.execute(statement))


def _bytes(body: bytes | str) -> bytes:
    """What a column of bytes holds: SQLite keeps whatever was put there, a text too."""
    return body.encode() if isinstance(body, str) else bytes(body)
