"""Bringing a database to the current schema; migrations come with the package, in `versions/`."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from kb.base.db import BUSY_MILLISECONDS, begin_sqlite, sqlite_path

LOCK = 1_802_264_000
"""The advisory lock that migrations of PostgreSQL hold; any number nobody else takes."""


def upgrade(url: str) -> bool:
    """Run every migration that is missing; whether there was one. Blocks: call it from a worker thread.

    All of them are one transaction behind one lock: a process that dies half way leaves nothing of it, and of two that
    start together the second finds the work done.
    """
    engine = _engine(url)
    try:
        if (path := sqlite_path(url)) is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # a new one is its owner's alone: names, addresses and hashes stand in it
        with engine.connect() as connection:
            if current(connection) == newest():
                return False
        with engine.connect().execution_options(kb_writes=True) as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            if current(connection) == newest():
                return False
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            return True
    finally:
        engine.dispose()


def current(connection: sa.Connection) -> str | None:
    """The revision the database stands at, None for an empty one."""
    found: str | None = MigrationContext.configure(connection).get_current_revision()
    return found


def newest() -> str | None:
    """The newest revision this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def sync_url(url: str) -> str:
    """The same database for a synchronous engine."""
    return url.replace("sqlite+aiosqlite:", "sqlite:")


def _engine(url: str) -> sa.Engine:
    engine = sa.create_engine(sync_url(url))
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own would commit before each CREATE TABLE
    connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    connection.execute("PRAGMA journal_mode=WAL")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
