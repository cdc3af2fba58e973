"""A unit of work: one actor, one transaction, one or more acts, each with its journal line.

`async with open_work(sessions, actor) as work` commits rows and lines together on leaving and rolls both back on raise;
actions never commit. Reading uses `sessions.reading()` and can't record.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kb.base import db
from kb.base.clock import Clock, Ids
from kb.base.errors import Forbidden
from kb.base.hashing import instant
from kb.base.journal import Head, Line, append, line_after, read_head


class Right(StrEnum):
    """What an actor may do; roles of people and scopes of keys grant these, and each route of the web doors names one."""

    READ = "read"
    HISTORY = "history"
    PREVIEW = "preview"
    DRAFTS = "drafts"
    WRITE = "write"
    COMMENT = "comment"
    SIGN = "sign"
    RELEASE = "release"
    WITHDRAW = "withdraw"
    LOAD = "load"
    AUDIT = "audit"
    PEOPLE = "people"
    KEYS = "keys"
    REDACT = "redact"
    INVITED = "invited"


class Actor(msgspec.Struct, frozen=True):
    """Who acts: an opaque id, the audiences they may read, and what they may do.

    `limits` names the topics to which a right is limited (no entry: every topic); `channels` and `locales` those that may
    be read (none: all). `credential` is the public id of the key or session it was made from: what a journal line names
    beside the person. Roles that a sign-off needs are read from the person, per topic, where it is judged.
    """

    id: str
    audiences: frozenset[str] = frozenset({"public"})
    rights: frozenset[str] = frozenset()
    limits: Mapping[str, frozenset[str]] = {}
    channels: frozenset[str] = frozenset()
    locales: frozenset[str] = frozenset()
    credential: str = ""

    def may(self, right: str, *topics: str) -> bool:
        """Whether this actor has a right, on all of these topics."""
        limit = self.limits.get(right)
        return right in self.rights and (limit is None or all(topic in limit for topic in topics))

    def must(self, right: str, *topics: str) -> None:
        """Raise Forbidden unless this actor has the right on all of these topics."""
        if not self.may(right, *topics):
            where = f" on {', '.join(sorted(set(topics)))}" if topics and right in self.rights else ""
            raise Forbidden(f"{self.id} may not {right}{where}: ask an admin for a role that may")


EVERY_AUDIENCE = frozenset({"public", "customer", "staff"})

ANONYMOUS = Actor("anonymous", rights=frozenset({Right.READ}))
"""Whoever shows no credential: reads what audience public may see."""

_PERSONAL = {Right.SIGN, Right.REDACT, Right.WRITE, Right.COMMENT, Right.INVITED}

OPERATOR = Actor("operator", EVERY_AUDIENCE, frozenset(Right) - _PERSONAL)
"""The local command line: may do all that asks for no person's own judgement; it never writes a text and never signs."""


class Sessions(msgspec.Struct, frozen=True):
    """Where works and readings come from: the engine with the clock and ids they are given.

    Writers of one process wait for their `turn` in the order in which they came, and hold no connection meanwhile: SQLite
    gives its lock to whoever happens to ask next, and an urgent act could be overtaken for minutes.
    """

    engine: AsyncEngine
    clock: Clock
    ids: Ids
    turn: asyncio.Lock = msgspec.field(default_factory=asyncio.Lock)

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

    @property
    def head(self) -> Head:
        """The journal's last line, those of this work included."""
        return self._head

    async def record(self, event: str, data: Mapping[str, Any]) -> int:
        """Add the journal line of an act and return its position."""
        via = {"via": self.actor.credential} if self.actor.credential else {}
        line = line_after(self._head, self.now, event, self.actor.id, {**data, **via})
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
    async with sessions.turn, db.writing(sessions.engine) as connection:
        head = await read_head(connection, lock=True)
        now = sessions.clock.now()
        if head.at:  # a clock set back must not date rows before the lines that tell of them
            now = max(now, datetime.fromisoformat(head.at))
        work = Work(connection, head, actor, now, sessions.ids)
        yield work
        await work.flush()
