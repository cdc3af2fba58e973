"""A unit of work: one actor, one transaction, one or more acts, each with its journal line.

`async with open_work(sessions, actor) as work` commits rows and lines together on leaving and rolls both back on raise;
actions never commit. Reading uses `sessions.reading()` and can't record.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kb.base import db
from kb.base.clock import Clock, Ids
from kb.base.errors import Forbidden
from kb.base.hashing import instant
from kb.base.journal import Head, Line, append, line_after, read_head

OPERATOR_STEPS = frozenset({"load", "release", "withdraw"})


class Actor(msgspec.Struct, frozen=True):
    """Who acts: an opaque id, the audiences they may read, and the steps they may take (`*` is every step).

    Roles are read per topic where a step asks for one; an actor made from a credential carries no more than it grants.
    """

    id: str
    audiences: frozenset[str] = frozenset({"public"})
    steps: frozenset[str] = frozenset()

    def must(self, step: str) -> None:
        """Raise Forbidden unless this actor may take the step."""
        if step not in self.steps:
            raise Forbidden(f"{self.id} may not {step}")


ANONYMOUS = Actor("anonymous")
OPERATOR = Actor("operator", frozenset({"public", "customer", "staff"}), OPERATOR_STEPS)
"""The local command line: may load, release and withdraw, never sign."""


class Sessions(msgspec.Struct, frozen=True):
    """Where works and readings come from: the engine with the clock and ids they are given."""

    engine: AsyncEngine
    clock: Clock
    ids: Ids

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return db.reading(self.engine)


class Work:
    """One transaction in progress, behind the lock on the journal's head; `now` is fixed for all of it."""

    def __init__(self, connection: AsyncConnection, head: Head, actor: Actor, now: datetime, ids: Ids) -> None:
        self.connection = connection
        self.actor = actor
        self.now = now
        self.ids = ids
        self._head = head
        self._lines: list[Line] = []

    @property
    def stamp(self) -> str:
        """`now` as it is stored."""
        return instant(self.now)

    async def record(self, event: str, data: Mapping[str, Any]) -> int:
        """Add the journal line of an act and return its position."""
        line = line_after(self._head, self.now, event, self.actor.id, data)
        self._head = Head(line.position, line.at, line.hash)
        self._lines.append(line)
        return line.position

    async def flush(self) -> None:
        lines, self._lines = self._lines, []
        await append(self.connection, lines)


@asynccontextmanager
async def open_work(sessions: Sessions, actor: Actor) -> AsyncIterator[Work]:
    """One transaction that commits on leaving and rolls back on raise.

    It opens by locking the head, so that what it reads is what the work before it left: writers go one by one on
    PostgreSQL as they do on SQLite, and a rule that was checked still holds when its rows are written.
    """
    async with db.writing(sessions.engine) as connection:
        head = await read_head(connection, lock=True)
        work = Work(connection, head, actor, sessions.clock.now(), sessions.ids)
        yield work
        await work.flush()
