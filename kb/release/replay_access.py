"""Browser sessions and API keys, recomputed from the journal: who may come in by which credential, and until when."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.key_tables import api_key_secrets, api_keys
from kb.accounts.key_types import Scope
from kb.accounts.tables import browser_sessions
from kb.base.journal import journal
from kb.release.finding import Finding, streamed, told

SESSION = ("person", "token", "how", "started_at", "authenticated_at", "ended_at")
KEY = ("kind", "owner", "scope", "origins", "made_at", "expires_at", "revoked_at", "position")
SECRET = ("key", "since", "until")

Row = dict[str, Any]


class Known(msgspec.Struct):
    """Sessions, keys and secrets as the lines so far make them, by id or hash; `kept` are the sessions that still stand.

    A session that ended long ago is forgotten, so one that is missing says nothing; one that nobody started says all.
    """

    kept: frozenset[str]
    sessions: dict[str, Row] = {}
    keys: dict[str, Row] = {}
    secrets: dict[str, Row] = {}


class Line(msgspec.Struct, frozen=True):
    """One line about credentials."""

    position: int
    at: str
    said: Mapping[str, Any]


async def access_replayed(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Sessions, keys and secrets that aren't what the journal makes them."""
    kept = frozenset((await connection.execute(sa.select(browser_sessions.c.id))).scalars())
    known = Known(kept)
    columns = (journal.c.position, journal.c.at, journal.c.event, journal.c.data)
    statement = sa.select(*columns).where(journal.c.event.in_(EVENTS)).order_by(journal.c.position)
    async for row in streamed(connection, statement):
        try:
            EVENTS[row.event](known, Line(row.position, row.at, told(row.data)))
        except (KeyError, TypeError, AttributeError):
            yield Finding("journal", f"line {row.position}", "it tells of credentials in a way that no version wrote")
    for name, expected, columns_, table in (
        ("id", known.sessions, SESSION, browser_sessions),
        ("id", known.keys, KEY, api_keys),
        ("hash", known.secrets, SECRET, api_key_secrets),
    ):
        async for finding in _compared(connection, table, name, columns_, expected):
            yield finding


async def _compared(
    connection: AsyncConnection, table: sa.Table, name: str, columns: tuple[str, ...], expected: Mapping[str, Row]
) -> AsyncIterator[Finding]:
    there = set()
    async for row in streamed(connection, sa.select(table.c[name], *(table.c[column] for column in columns))):
        there.add(row[0])
        if (wanted := expected.get(row[0])) is None:
            yield Finding(str(table.name), row[0], "no line of the journal made it")
        elif tuple(row[1:]) != tuple(wanted[column] for column in columns):
            yield Finding(str(table.name), row[0], "the journal makes it otherwise")
    for lost in expected.keys() - there:
        yield Finding(str(table.name), lost, "the journal tells of it, and it isn't there")


def _started(known: Known, line: Line) -> None:
    if (id_ := line.said["session"]) in known.kept:
        row = {name: line.said.get(name) for name in ("person", "token", "how")}
        known.sessions[id_] = row | {"started_at": line.at, "authenticated_at": line.at, "ended_at": None}


def _confirmed(known: Known, line: Line) -> None:
    if session := known.sessions.get(line.said["session"]):
        session["authenticated_at"] = line.at


def _ended(known: Known, line: Line) -> None:
    if session := known.sessions.get(line.said["session"]):
        session["ended_at"] = line.at


def _all_ended(known: Known, line: Line) -> None:
    """A person's sessions end with their suspension, and with a new password: then all but the one it was set in."""
    for id_, session in known.sessions.items():
        if session["person"] == line.said["person"] and session["ended_at"] is None and id_ != line.said.get("via"):
            session["ended_at"] = line.at


def _made(known: Known, line: Line) -> None:
    said = line.said
    row = {name: said[name] for name in ("kind", "owner", "expires_at")}
    row["origins"] = msgspec.json.encode(said["origins"]).decode()
    row |= {"scope": _scope(said["scope"]), "made_at": line.at, "revoked_at": None, "position": line.position}
    known.keys[said["key"]] = row
    known.secrets[said["hash"]] = {"key": said["key"], "since": line.at, "until": None}


def _scope(said: Mapping[str, Any]) -> str:
    """A scope as its row holds it: the journal orders names otherwise."""
    return msgspec.json.encode(msgspec.convert(said, Scope)).decode()


def _rotated(known: Known, line: Line) -> None:
    end = line.said["old_until"]
    for secret in known.secrets.values():
        if secret["key"] == line.said["key"] and (secret["until"] is None or secret["until"] > end):
            secret["until"] = end
    known.secrets[line.said["hash"]] = {"key": line.said["key"], "since": line.at, "until": None}


def _revoked(known: Known, line: Line) -> None:
    known.keys[line.said["key"]]["revoked_at"] = line.at


EVENTS: Mapping[str, Callable[[Known, Line], None]] = {
    "session.started": _started,
    "session.confirmed": _confirmed,
    "session.ended": _ended,
    "account.suspended": _all_ended,
    "password.set": _all_ended,
    "key.made": _made,
    "key.rotated": _rotated,
    "key.revoked": _revoked,
}
"""What each event makes of the credentials known so far."""
