"""The rows that proof itself leans on: keys of the installation, and what was redacted, against their lines."""

from collections.abc import AsyncIterator

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import digest
from kb.base.journal import journal
from kb.release.finding import Finding, streamed, told
from kb.release.installation import Introduction, introduces
from kb.release.tables import installation_keys, redactions

WRITTEN_BY = (
    ("installation-key.introduced", installation_keys, installation_keys.c.position),
    ("redaction.asked", redactions, redactions.c.asked_at),
    ("redaction.confirmed", redactions, redactions.c.confirmed_at),
)
"""Events with the table, and its column, that holds the position of each."""


async def proof(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Keys and redactions that their lines don't know, or that are missing."""
    for event, table, column in WRITTEN_BY:
        gone = sa.select(journal.c.position).join(table, column == journal.c.position, isouter=True)
        async for row in streamed(connection, gone.where(journal.c.event == event, column.is_(None))):
            yield Finding(str(table.name), f"line {row.position}", "the journal tells of a row that isn't there")
    for check in (_keys, _asked, _confirmed):
        async for finding in check(connection):
            yield finding


async def _keys(connection: AsyncConnection) -> AsyncIterator[Finding]:
    statement = sa.select(installation_keys, journal.c.event, journal.c.data)
    joined = statement.join(journal, journal.c.position == installation_keys.c.position, isouter=True)
    previous = ""
    async for row in streamed(connection, joined.order_by(installation_keys.c.position)):
        line = told(row.data)
        said = (row.event, line.get("key"), line.get("previous"), line.get("statement"))
        if said != ("installation-key.introduced", row.public_key, previous, digest(row.statement.encode())):
            yield Finding("installation_keys", row.public_key, "the journal introduces another key")
        elif not _introduced(row.statement, row.public_key, previous):
            yield Finding("installation_keys", row.public_key, "its introduction doesn't hold")
        previous = row.public_key


def _introduced(statement: str, key: str, previous: str) -> bool:
    try:
        made = msgspec.json.decode(statement, type=Introduction)
    except msgspec.DecodeError:
        return False
    return (made.key, made.previous) == (key, previous) and introduces(made)


async def _asked(connection: AsyncConnection) -> AsyncIterator[Finding]:
    statement = sa.select(redactions, journal.c.event, journal.c.actor, journal.c.data)
    async for row in streamed(
        connection, statement.join(journal, journal.c.position == redactions.c.asked_at, isouter=True)
    ):
        line = told(row.data)
        said = [line.get(name) for name in ("redaction", "key", "locale", "hash", "reason")]
        stands = [row.id, row.key, row.locale, row.hash, digest(row.reason.encode())]
        if (row.event, row.actor, said) != ("redaction.asked", row.asked_by, stands):
            yield Finding("redactions", row.id, "the journal knows another request")


async def _confirmed(connection: AsyncConnection) -> AsyncIterator[Finding]:
    statement = sa.select(redactions, journal.c.event, journal.c.actor, journal.c.data)
    joined = statement.join(journal, journal.c.position == redactions.c.confirmed_at, isouter=True)
    marked = sa.or_(*(redactions.c[name].is_not(None) for name in ("confirmed_at", "confirmed_by", "kept", "quoting")))
    async for row in streamed(connection, joined.where(marked)):
        line = told(row.data)
        said = (row.event, row.actor, *(line.get(name) for name in ("redaction", "hash", "kept", "quoting")))
        digests = [digest((one or "").encode()) for one in (row.kept, row.quoting)]
        stands = ("redaction.confirmed", row.confirmed_by, row.id, row.hash, *digests)
        if said != stands or row.confirmed_by == row.asked_by:
            yield Finding("redactions", row.id, "the journal knows no such confirmation by somebody else")
