"""Browser sessions: who a cookie stands for, how a session begins and ends, and whether its owner was there just now."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.queries import someone
from kb.accounts.rules import FRESH, actor_of, session_end
from kb.accounts.tables import browser_sessions, links
from kb.base.errors import Forbidden, NotFound
from kb.base.hashing import digest, instant
from kb.base.work import Actor, Work

PREFIX = "s-"


class Started(msgspec.Struct, frozen=True):
    """A session that began: its public id, whose it is, and the token for the cookie, which nobody will see again."""

    session: str
    person: str
    token: str


async def session_actor(connection: AsyncConnection, token: str, now: datetime) -> Actor | None:
    """The actor of the session a cookie's value opens; None where it ended or its person may not act.

    Sessions end by time alone too: ask for each request, and give `note_seen` those that were used.
    """
    statement = sa.select(browser_sessions).where(browser_sessions.c.token == digest(token.encode()))
    row = (await connection.execute(statement)).one_or_none()
    if row is None or row.ended_at is not None:
        return None
    if now >= session_end(datetime.fromisoformat(row.started_at), datetime.fromisoformat(row.seen_at)):
        return None
    person = await someone(connection, row.person)
    return actor_of(person, now, row.id) if person is not None and not person.suspended else None


async def fresh(connection: AsyncConnection, actor: Actor, now: datetime) -> bool:
    """Whether the person proved who they are within the last five minutes, in the session they act by.

    Never of an API key: what is left lying in a script proves no presence.
    """
    authenticated = await connection.scalar(
        sa.select(browser_sessions.c.authenticated_at).where(
            browser_sessions.c.id == actor.credential,
            browser_sessions.c.person == actor.id,
            browser_sessions.c.ended_at.is_(None),
        )
    )
    return authenticated is not None and instant(now - FRESH) <= authenticated


async def start_session(work: Work, person: str, how: str) -> Started:
    """Begin a browser session of a person who proved who they are; `how` is `link`, `password` or `openid`.

    Forbidden where the person is suspended.
    """
    found = await someone(work.connection, person)
    if found is None or found.suspended:
        raise Forbidden("this account can't sign in: ask an admin")
    session, token = PREFIX + work.ids.new(), secrets.token_urlsafe(32)
    times = dict.fromkeys(("started_at", "seen_at", "authenticated_at"), work.stamp)
    row = {"id": session, "person": person, "token": digest(token.encode()), "how": how, **times}
    await work.connection.execute(browser_sessions.insert().values(**row))
    data = {name: row[name] for name in ("person", "token", "how")}
    await work.record("session.started", {"session": session, **data})
    return Started(session, person, token)


async def confirm_session(work: Work) -> None:
    """Note that the actor has just proved who they are again; NotFound where they act by no session."""
    _only(
        await work.connection.execute(
            _open(browser_sessions.update(), work.actor).values(authenticated_at=work.stamp, seen_at=work.stamp)
        )
    )
    await work.record("session.confirmed", {"person": work.actor.id, "session": work.actor.credential})


async def end_session(work: Work) -> None:
    """Sign out: end the session the actor acts by; NotFound where they act by none."""
    ended = _open(browser_sessions.update(), work.actor).values(ended_at=work.stamp)
    _only(await work.connection.execute(ended))
    await work.record("session.ended", {"person": work.actor.id, "session": work.actor.credential})


async def end_all_sessions(work: Work) -> None:
    """Sign out everywhere: end every session of the actor's, this one too; NotFound where they act by none."""
    _only(await work.connection.execute(_open(browser_sessions.update(), work.actor).values(seen_at=work.stamp)))
    theirs = (browser_sessions.c.person == work.actor.id) & browser_sessions.c.ended_at.is_(None)
    found = await work.connection.execute(
        sa.select(browser_sessions.c.id).where(theirs).order_by(browser_sessions.c.id)
    )
    for session in found.scalars():
        await work.record("session.ended", {"person": work.actor.id, "session": session})
    await end_sessions(work, work.actor.id)


async def end_sessions(work: Work, person: str, *, but: str = "") -> None:
    """End all open sessions of a person (`but` one) within an act that is recorded elsewhere."""
    theirs = (browser_sessions.c.person == person) & browser_sessions.c.ended_at.is_(None)
    ended = browser_sessions.update().where(theirs, browser_sessions.c.id != but)
    await work.connection.execute(ended.values(ended_at=work.stamp))


async def note_seen(connection: AsyncConnection, seen: Mapping[str, str]) -> None:
    """Push back the idle end of sessions, by public id, to the stored instants they were last used at.

    No act, and so no journal line; other credentials among them are passed over.
    """
    for session, at in seen.items():
        if session.startswith(PREFIX):
            later = (browser_sessions.c.id == session) & (browser_sessions.c.seen_at < at)
            await connection.execute(browser_sessions.update().where(later).values(seen_at=at))


async def forget_ended(connection: AsyncConnection, now: datetime, days: int) -> None:
    """Delete sessions and sign-in links that ended more than `days` ago; the journal keeps that they were."""
    before = instant(now - timedelta(days=days))
    over = sa.func.coalesce(browser_sessions.c.ended_at, browser_sessions.c.seen_at) < before
    await connection.execute(browser_sessions.delete().where(over))
    spent = sa.func.coalesce(links.c.ended_at, links.c.expires_at) < before
    await connection.execute(links.delete().where(spent, links.c.kind == "sign-in"))


def _open(statement: sa.Update, actor: Actor) -> sa.Update:
    return statement.where(
        browser_sessions.c.id == actor.credential,
        browser_sessions.c.person == actor.id,
        browser_sessions.c.ended_at.is_(None),
    )


def _only(result: Any) -> None:
    if result.rowcount != 1:
        raise NotFound("no browser session")
