"""Bringing a database to the current schema; migrations come with the package, in `versions/`."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from kb.base.db import sqlite_path


def upgrade(url: str) -> bool:
    """Run every migration that is missing; whether there was one. Blocks: call it from a worker thread."""
    engine = sa.create_engine(sync_url(url))
    try:
        if (path := sqlite_path(url)) is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        with engine.connect() as connection:
            if path is not None:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                connection.exec_driver_sql("PRAGMA busy_timeout=15000")
                connection.commit()
            if current(connection) == newest():
                return False
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
            return True
    finally:
        engine.dispose()


def current(connection: sa.Connection) -> str | None:
    """The revision the database stands at, None for an empty one."""
    found: str | None = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    return found


def newest() -> str | None:
    """The newest revision this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def sync_url(url: str) -> str:
    """The same database for a synchronous engine."""
    return url.replace("sqlite+aiosqlite:", "sqlite:")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
