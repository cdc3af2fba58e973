"""Changing a home's rows behind the program's back, as someone with the database's password could."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base import db
from kb.files.tables import files_seen
from kb.web.tables import repeats
from tests.builders import Home


@asynccontextmanager
async def behind_its_back(home: Home) -> AsyncIterator[AsyncConnection]:
    """A writing connection on which no trigger guards anything."""
    async with db.writing(home.sessions.engine) as connection:
        if home.sessions.engine.dialect.name == "sqlite":
            names = await connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            for name in names.scalars().all():
                await connection.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            await connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        yield connection


UNPROVEN: dict[str, str] = {
    files_seen.name: "decides only whether a load asks a person first; what a load brings needs its sign-offs like all else",
    repeats.name: "answers kept for a day, for whoever repeats a request",
    "passwords": "a credential: its hash is deliberately nowhere else, and whoever comes in by it has a line for each act",
    "links": "a credential, likewise; the session or the sign-off it leads to has its line",
    "identities": "personal, and erased with the person; whoever comes in by it has a line for each act",
    "person_details": "personal, and erased with the person",
    "kept_keys": "sealed to person and key: another content opens as nothing",
    "installation_keys.sealed": "sealed to its key: another content opens as nothing",
    "api_keys.name": "somebody's words, and nothing is judged by it",
    "api_keys.last_used_at": "written without a line: a read is no act",
    "browser_sessions.seen_at": "written without a line: a read is no act",
    "findable.id": "a surrogate: closing is checked by entry",
    "rulings.id": "a surrogate",
    "replacements.id": "a surrogate",
    "live_revisions.id": "a surrogate",
    "person_roles.id": "a surrogate",
    "takes.id": "a surrogate",
    "journal_head.id": "a surrogate",
}
"""Tables and columns whose change `kb audit verify` doesn't tell, each with its reason."""


def unproven(column: sa.Column[object]) -> bool:
    """Whether a column is among those that are listed."""
    return column.table.name in UNPROVEN or f"{column.table.name}.{column.name}" in UNPROVEN


def another(column: sa.Column[object], value: object) -> object:
    """Some other value that the column can hold."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 100_000
    if isinstance(value, bytes | memoryview):
        return bytes(value) + b" "
    if isinstance(value, str):
        return f"{value[:-1]}{'b' if value.endswith('a') else 'a'}" if value else "a"
    if isinstance(column.type, sa.Integer):
        return 100_000
    return "2020-01-01T00:00:00.000Z"[: getattr(column.type, "length", None)]
