"""Changing a home's rows behind the program's back, as someone with the database's password could."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base import db
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
