"""Rows that stand beside a line of their own: comments, takes, invitations and schedules, column by column."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import digest
from kb.base.journal import journal
from kb.entries.tables import revisions
from kb.release import merkle
from kb.release.finding import ByPosition, Finding, streamed, told
from kb.release.tables import redactions, schedule_items, schedules
from kb.review.comments import place_digest, said_digest
from kb.review.tables import comment_resolutions, comment_texts, comments, invitations, takes


def _none(_: Any) -> dict[str, Any]:
    return {}


class Noted(msgspec.Struct, frozen=True):
    """How rows of a table are told by an event: columns that the line names (by its name there), and those of the line itself.

    `worked_out` gives what the line must say of columns that it holds as a hash; lists are compared as they are.
    """

    event: str
    position: sa.Column[Any]
    named: Mapping[str, str]
    actor: str = ""
    at: str = ""
    worked_out: Callable[[Any], dict[str, Any]] = _none

    @property
    def table(self) -> sa.Table:
        return self.position.table


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _ended(row: Any) -> dict[str, Any]:
    """What the line that ended a schedule says of it."""
    return {"release": row.release, "issues": digest(row.issues.encode()) if row.issues is not None else None}


PLACE = _same("key", "locale", "hash")
NOTED = (
    Noted(
        "comment.written",
        comments.c.position,
        {"id": "comment", **PLACE, **_same("blocks", "digest")},
        actor="by",
        at="at",
        worked_out=lambda row: {"place": place_digest(row.field, row.start, row.end)},
    ),
    Noted("comment.resolved", comment_resolutions.c.position, _same("comment"), actor="by", at="at"),
    Noted("review.taken", takes.c.position, {**PLACE, **_same("role", "by")}, at="at"),
    Noted("review.handed-back", takes.c.ended_at, {**PLACE, **_same("role", "by")}),
    Noted(
        "review.invited",
        invitations.c.position,
        _same("person", "link", "hash", "role", "signs", "expires_at"),
        actor="by",
        at="at",
    ),
    Noted(
        "schedule.made",
        schedules.c.made_at,
        {"id": "schedule", **_same("at", "zone", "local", "hard")},
        actor="actor",
        worked_out=lambda row: {"reason": digest(row.reason.encode())},
    ),
    *(
        Noted(f"schedule.{state}", schedules.c.ended_at, {"id": "schedule"}, worked_out=_ended)
        for state in ("released", "failed", "cancelled")
    ),
)
STATES = {"schedule.released": "released", "schedule.failed": "failed", "schedule.cancelled": "cancelled"}


async def noted(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Every such row that its line tells otherwise, that has none, or that is missing."""
    for one in NOTED:
        async for finding in _against_lines(connection, one):
            yield finding
    for check in (_schedules, _schedule_items, _numbers, _texts):
        async for finding in check(connection):
            yield finding


async def _against_lines(connection: AsyncConnection, one: Noted) -> AsyncIterator[Finding]:
    name = str(one.table.name)
    gone = sa.select(journal.c.position).join(one.table, one.position == journal.c.position, isouter=True)
    async for row in streamed(connection, gone.where(journal.c.event == one.event, one.position.is_(None))):
        yield Finding(name, f"line {row.position}", "the journal tells of a row that isn't there")
    columns = (journal.c.event.label("line_event"), journal.c.actor.label("line_actor"), journal.c.at.label("line_at"))
    statement = sa.select(one.table, *columns, journal.c.data.label("line_data"))
    statement = statement.join(journal, journal.c.position == one.position, isouter=True)
    async for row in streamed(connection, statement.where(one.position.is_not(None))):
        if row.line_event != one.event and STATES.get(row.line_event) and one.event in STATES:
            continue  # it ended otherwise, which is looked at with the others of that kind
        line = told(row.line_data)
        said = {column: line.get(there) for column, there in one.named.items()}
        wanted = {column: getattr(row, column) for column in one.named}
        worked_out = one.worked_out(row)
        said |= {there: line.get(there) for there in worked_out}
        said |= {one.actor: row.line_actor} if one.actor else {}
        said |= {one.at: row.line_at} if one.at else {}
        wanted |= {column: getattr(row, column) for column in (one.actor, one.at) if column}
        if row.line_event != one.event or said != wanted | worked_out:
            yield Finding(name, f"line {getattr(row, one.position.name)}", "the journal tells otherwise of this row")


async def _schedules(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Schedules whose state isn't that of the line which ended them; pending ones have none, and became nothing."""
    statement = sa.select(schedules, journal.c.event.label("line_event"))
    statement = statement.join(journal, journal.c.position == schedules.c.ended_at, isouter=True)
    async for row in streamed(connection, statement):
        state = "pending" if row.ended_at is None else STATES.get(row.line_event or "")
        stray = row.ended_at is None and (row.release, row.issues) != (None, None)
        if state != row.state or stray:
            yield Finding("schedules", row.id, "the journal knows another end of it, or none")


async def _schedule_items(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """What a schedule is bound to, against the list in its line."""
    bound = sa.select(schedules.c.made_at, schedule_items).join(schedules, schedules.c.id == schedule_items.c.schedule)
    items = ByPosition(connection, bound.order_by(schedules.c.made_at))
    lines = sa.select(schedules.c.made_at, schedules.c.id, journal.c.data)
    lines = lines.join(journal, journal.c.position == schedules.c.made_at, isouter=True)
    async for row in streamed(connection, lines.order_by(schedules.c.made_at)):
        _, listed = await items.upto(row.made_at)
        names = sorted(f"{one.key} {one.locale} {one.hash}" for one in listed)
        line = told(row.data)
        if (line.get("items"), line.get("count")) != (merkle.inputs_hash(names), len(names)):
            yield Finding("schedule_items", row.id, "its line holds other revisions")
    for stray in await items.rest():
        yield Finding("schedule_items", stray.schedule, "no line made this schedule")


async def _numbers(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Rows that name a revision by hash and number, where there is no such revision."""
    for table in (comments, schedule_items):
        same = sa.and_(*(revisions.c[name] == table.c[name] for name in ("key", "locale", "hash", "number")))
        alone = sa.select(table.c.key, table.c.locale).join(revisions, same, isouter=True)
        async for row in streamed(connection, alone.where(revisions.c.hash.is_(None))):
            yield Finding(str(table.name), f"{row.key} {row.locale}", "there is no such revision")


async def _texts(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """What people wrote, against its digest; it may be missing only where it was erased, or its revision redacted."""
    erased = await _erased(connection)
    gone = sa.select(redactions.c.hash).where(redactions.c.confirmed_at.is_not(None))
    redacted = frozenset((await connection.execute(gone)).scalars())
    columns = (comments.c.id, comments.c.hash, comments.c.digest, comment_texts.c.text, comment_texts.c.quote)
    statement = sa.select(*columns).join(comment_texts, comment_texts.c.comment == comments.c.id, isouter=True)
    async for row in streamed(connection, statement):
        if row.text is None:
            if row.id not in erased and row.hash not in redacted:
                yield Finding("comment_texts", row.id, "it is missing, and nobody erased it")
        elif said_digest(row.id, row.text, row.quote) != row.digest:
            yield Finding("comment_texts", row.id, "the journal knows other words")


async def _erased(connection: AsyncConnection) -> frozenset[str]:
    statement = sa.select(journal.c.data).where(journal.c.event == "comment.erased")
    return frozenset([str(told(row.data).get("comment")) async for row in streamed(connection, statement)])
