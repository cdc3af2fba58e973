"""Every column of every table: whoever changes one value, or takes one row away, is found; what isn't is listed with why."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.signing import Sealer
from kb.base.db import metadata
from kb.base.journal import read_lines
from kb.release.audit import CHECKS, verify_all
from tests.builders import Home, a_house, an_open_home, read
from tests.databases import Templates
from tests.release.living import everything
from tests.tampering import UNPROVEN, another, behind_its_back, unproven


async def a_full_life(url: str) -> None:
    """Fill an empty home with all that can happen; the secret isn't needed again."""
    await a_house(url)
    async with an_open_home(url) as home:
        await everything(home, Sealer(Path(f"{url.rpartition('/')[2]}.secret")))


@pytest.fixture
async def lived_in(databases: Templates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Home]:
    """A home in which everything has happened that leaves rows to be proved."""
    monkeypatch.chdir(tmp_path)
    async with an_open_home(await databases.built("a full life", a_full_life)) as home:
        yield home


async def found(connection: AsyncConnection) -> bool:
    """Whether verifying finds anything; the first thing is enough."""
    for check in CHECKS:
        if [one async for one in check(connection)]:
            return True
    return (await verify_all(connection)) != (None, ())


async def told_after(connection: AsyncConnection, statement: sa.Executable) -> bool:
    """Whether verifying tells of a statement, which is undone afterwards; one that the schema itself refuses is told too."""
    saved = await connection.begin_nested()
    try:
        changed_rows = await connection.execute(statement)
        assert changed_rows.rowcount > 0, statement
        return await found(connection)
    except sa.exc.IntegrityError:
        return True
    finally:
        await saved.rollback()


def only(table: sa.Table, row: sa.Row[tuple[object, ...]]) -> sa.ColumnElement[bool]:
    return sa.and_(*(column == getattr(row, column.name) for column in table.primary_key))


async def a_row(connection: AsyncConnection, column: sa.Column[object]) -> sa.Row[tuple[object, ...]]:
    """A row of the column's table, one in which it has a value if there is any."""
    statement = sa.select(column.table).order_by(column.is_(None), *column.table.primary_key)
    row = (await connection.execute(statement.limit(1))).one_or_none()
    assert row is not None, f"nothing that happened left a row in {column.table.name}"
    return row


@pytest.mark.both_databases
async def test_a_home_in_which_everything_happened_is_clean(lived_in: Home) -> None:
    assert await read(lived_in, verify_all) == (None, ())
    events = {line.event for line in await read(lived_in, read_lines, 0, 10_000)}
    assert len(events) > 40, sorted(events)


@pytest.mark.both_databases
async def test_a_changed_value_is_found_in_every_column(lived_in: Home) -> None:
    missed = []
    async with behind_its_back(lived_in) as connection:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if unproven(column):
                    continue
                row = await a_row(connection, column)
                value = another(column, getattr(row, column.name))
                statement = table.update().where(only(table, row)).values({column.name: value})
                if not await told_after(connection, statement):
                    missed.append(str(column))
    assert missed == []


async def test_a_value_is_found_where_there_was_none_and_the_other_way_about(lived_in: Home) -> None:
    missed = []
    async with behind_its_back(lived_in) as connection:
        for column in (one for table in metadata.sorted_tables for one in table.columns if one.nullable):
            if unproven(column):
                continue
            for condition, value in ((column.is_(None), another(column, None)), (column.is_not(None), None)):
                statement = sa.select(column.table).where(condition).order_by(*column.table.primary_key).limit(1)
                if (row := (await connection.execute(statement)).one_or_none()) is None:
                    continue
                changed = column.table.update().where(only(column.table, row)).values({column.name: value})
                if not await told_after(connection, changed):
                    missed.append(f"{column} {'had none' if row._mapping[column.name] is None else 'had one'}")
    assert missed == []


@pytest.mark.both_databases
async def test_a_row_that_is_taken_away_is_found_in_every_table(lived_in: Home) -> None:
    missed = []
    async with behind_its_back(lived_in) as connection:
        for table in metadata.sorted_tables:
            if table.name in UNPROVEN or table.name in FORGOTTEN:
                continue
            row = await a_row(connection, next(iter(table.primary_key)))
            if not await told_after(connection, table.delete().where(only(table, row))):
                missed.append(table.name)
    assert missed == []


FORGOTTEN = {"browser_sessions"}
"""Tables whose rows are deleted some time after their end: that one is missing says nothing."""


def test_what_is_not_proved_is_there_to_be_proved() -> None:
    known = set(metadata.tables) | {str(column) for table in metadata.sorted_tables for column in table.columns}
    assert UNPROVEN.keys() - known == set()
