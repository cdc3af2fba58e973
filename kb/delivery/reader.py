"""The leanest way each database has to read: a connection of its own with prepared statements.

A SQLite read of an indexed row takes some 12 µs on the loop's own thread and 600 through the async engine, so delivery
reads there; PostgreSQL has a small pool of psycopg connections in autocommit.
"""

import asyncio
import re
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa

from kb.base.db import BUSY_MILLISECONDS, sqlite_path
from kb.base.errors import Unavailable

Values = Mapping[str, Any]


class Reader(Protocol):
    """Runs a SELECT written with `:name` parameters and returns all its rows.

    Each call sees the latest commit. Raises Unavailable when the database can't answer. `look_every` is how many
    seconds a look at the head holds: none where `changed` is cheap and sure.
    """

    look_every: float

    async def rows(self, statement: str, values: Values) -> Sequence[tuple[Any, ...]]: ...

    async def changed(self) -> bool:
        """Whether anything may have been committed since this was last asked."""
        ...

    async def close(self) -> None: ...


def open_reader(url: str) -> Reader:
    """A reader for a SQLAlchemy URL; the database must be migrated."""
    path = sqlite_path(url)
    return SqliteReader(path) if path else PostgresReader(url)


class SqliteReader:
    """Reads on the calling thread: one connection, read only."""

    look_every = 0.0

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, cached_statements=256
        )
        self._connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS // 10}")
        self._connection.execute("PRAGMA cache_size=-32000")
        self._connection.execute("PRAGMA mmap_size=268435456")
        self._version = -1

    async def rows(self, statement: str, values: Values) -> Sequence[tuple[Any, ...]]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise _told(error) from error

    async def changed(self) -> bool:
        try:
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise _told(error) from error
        same, self._version = version == self._version, version
        return not same

    async def close(self) -> None:
        self._connection.close()


def _told(error: sqlite3.DatabaseError) -> Exception:
    """A file that is locked, damaged or gone is Unavailable; a statement that is wrong stays our own mistake."""
    if isinstance(error, sqlite3.ProgrammingError | sqlite3.NotSupportedError):
        return error
    return Unavailable("the database can't be read right now")


class PostgresReader:
    """Reads over a few psycopg connections, each used by one call at a time and reopened when it broke."""

    look_every = 0.025

    def __init__(self, url: str, connections: int = 4) -> None:
        self._url = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._free: asyncio.LifoQueue[psycopg.AsyncConnection[Any] | None] = asyncio.LifoQueue()
        for _ in range(connections):
            self._free.put_nowait(None)
        self._statements: dict[str, str] = {}

    async def rows(self, statement: str, values: Values) -> Sequence[tuple[Any, ...]]:
        translated = self._statements.get(statement)
        if translated is None:
            translated = self._statements[statement] = re.sub(r":([a-z_0-9]+)", r"%(\1)s", statement)
        connection = await self._free.get()
        try:
            if connection is None or connection.closed:
                connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True, prepare_threshold=2)
            cursor = await connection.execute(translated, values)
            return await cursor.fetchall()
        except psycopg.OperationalError as error:
            raise Unavailable("the database can't be read right now") from error
        finally:
            self._free.put_nowait(connection)

    async def changed(self) -> bool:
        return True

    async def close(self) -> None:
        while not self._free.empty():
            if connection := self._free.get_nowait():
                await connection.close()
