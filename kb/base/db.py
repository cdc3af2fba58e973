"""The database: one metadata, engines for SQLite and PostgreSQL, and reading connections.

SQLite runs in WAL with synchronous FULL and foreign keys on; a transaction that writes begins IMMEDIATE, since a plain
BEGIN that upgrades later fails with "database is locked" whatever the busy timeout (SQLite, "Transactions", §2.2).
"""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from kb.base.errors import Invalid, Unavailable

T = TypeVar("T")

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BUSY_MILLISECONDS = 15_000
VARIABLES = 900
"""How many values one `IN (…)` holds at most: below SQLite's oldest limit of 999 variables a statement."""


def connect(url: str) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:///path` or `postgresql+psycopg://…`; nothing is opened yet."""
    engine = create_async_engine(url, hide_parameters=True)  # errors are logged, and values may be personal
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine.sync_engine, "connect", _tune_sqlite)
        sa.event.listen(engine.sync_engine, "begin", begin_sqlite)
    return engine


def sqlite_path(url: str) -> Path | None:
    """The file behind a SQLite URL, or None for another database."""
    parsed = sa.make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection whose transaction sees one state of the database throughout, and writes nothing."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    async with engine.connect() as connection:
        yield await connection.execution_options(**options)


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction that writes: committed on leaving, rolled back on raise."""
    async with engine.connect() as connection:
        await connection.execution_options(kb_writes=True)
        async with connection.begin():
            yield connection


@contextmanager
def plain_errors() -> Iterator[None]:
    """What a whole command can't mend, in our own words: a database or a home that can't be used, and what to do.

    Raises Invalid for an address that is none, Unavailable for everything that may be better the next time.
    """
    try:
        yield
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        kinds = "sqlite+aiosqlite:///PATH or postgresql+psycopg://USER@HOST/NAME"
        raise Invalid(f"KB_DATABASE_URL is no address of a database we know: write {kinds}") from error
    except (sa.exc.DBAPIError, sqlite3.DatabaseError) as error:
        reason = " ".join(str(getattr(error, "orig", error)).split())
        action = "look at its address, its disk and its rights, and run this again: nothing is half done"
        raise Unavailable(f"the database can't be used ({reason}): {action}") from error
    except BrokenPipeError:
        raise  # whoever reads our output has seen enough: that is no trouble
    except OSError as error:
        place = error.filename or "a file"
        action = "give another place, or mend this one (free space, rights), and run this again"
        raise Unavailable(f"{place} can't be used ({error.strerror}): {action}") from error


async def empty_log(engine: AsyncEngine) -> None:
    """Bring SQLite's write-ahead log into the database and empty it, so that nothing erased stays behind in it.

    Readers in the way make it wait a second, and then it is for the next time. PostgreSQL keeps its own house.
    """
    if engine.dialect.name != "sqlite":
        return
    async with engine.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await plain.exec_driver_sql("PRAGMA busy_timeout=1000")
        await plain.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        await plain.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")


def chunks(items: Sequence[T], size: int = VARIABLES) -> list[Sequence[T]]:
    """The items in runs that fit one `IN (…)`."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def _tune_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would come too late and be the wrong kind
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",  # what is erased is overwritten, not just forgotten
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MILLISECONDS}",
        "cache_size=-32000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_sqlite(connection: sa.Connection) -> None:
    """Begin as SQLite needs it: at once with the write lock where the connection is to write."""
    writes = connection.get_execution_options().get("kb_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
