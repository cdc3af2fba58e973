"""Engines: how SQLite is tuned, which transactions lock, and lists that fit a statement."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from kb.base import db
from tests.builders import Home


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
async def test_sqlite_is_safe_against_power_cuts_and_dangling_keys(home: Home, pragma: str, value: object) -> None:
    async with home.reading() as connection:
        assert (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar() == value


async def test_a_writer_holds_the_lock_before_its_first_statement(home: Home) -> None:
    other = db.connect(home.url)
    sa.event.listen(other.sync_engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=0"))
    async with db.writing(home.sessions.engine):
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            async with db.writing(other):
                pass
        async with db.reading(other) as connection:
            assert (await connection.exec_driver_sql("SELECT position FROM journal_head")).scalar() == 0
    await other.dispose()


def test_the_file_of_a_sqlite_url_is_known_and_other_databases_have_none() -> None:
    assert db.sqlite_path("sqlite+aiosqlite:////a/kb.db") == Path("/a/kb.db")
    assert db.sqlite_path("postgresql+psycopg://host/kb") is None


def test_chunks_hold_every_item_once_and_in_order() -> None:
    items = list(range(2001))
    runs = db.chunks(items)
    assert [item for run in runs for item in run] == items
    assert max(len(run) for run in runs) <= db.VARIABLES
    assert db.chunks([]) == []
