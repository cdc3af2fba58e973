"""One-time links: a person's way in without a password, and an outside expert's way to one revision."""

import hmac
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.queries import someone
from kb.accounts.tables import links
from kb.accounts.ways import must_open
from kb.base.errors import Conflict, NotFound, Unknown
from kb.base.hashing import digest, instant
from kb.base.work import Actor, Right, Work

SHORT = timedelta(minutes=15)
INVITATION = timedelta(hours=24)
"""How long a link printed at a start holds, and one that is sent to somebody."""

TOKEN = re.compile(r"kb_ln_(?P<id>[a-z0-9]{4,40})_(?P<secret>[A-Za-z0-9-]{40,64})")
PATTERN = TOKEN.pattern
"""For leak scanners: a link as a token."""


class Link(msgspec.Struct, frozen=True):
    """A link that was just made: `token` is what opens it, and nobody will see it again."""

    id: str
    person: str
    token: str
    expires_at: str


async def link_actor(connection: AsyncConnection, token: str, now: datetime) -> Actor | None:
    """The actor of an outside expert's link: may look at, comment on and sign the one revision it was made for.

    `limits[Right.INVITED]` holds that revision as `#<hash>`. None for a sign-in link, and for one that ended.
    """
    row = await _opened(connection, token, now)
    if row is None or row.kind != "expert":
        return None
    person = await someone(connection, row.person)
    if person is None or person.suspended:
        return None
    limits = {Right.INVITED.value: frozenset({f"#{row.subject}"})}
    return Actor(row.person, rights=frozenset({Right.INVITED}), limits=limits, credential=row.id)


async def make_link(work: Work, person: str, lasting: timedelta = INVITATION) -> Link:
    """A one-time sign-in link for a person; those made for them before end.

    NotFound for an unknown person, Conflict for one who can't sign in, Forbidden for whoever may open no way in
    (`kb.accounts.ways.must_open`).
    """
    work.actor.must(Right.PEOPLE)
    found = await someone(work.connection, person)
    if found is None:
        raise NotFound(f"no person {person}")
    if found.suspended or found.origin == "expert":
        raise Conflict(f"{person} can't sign in: reinstate them first, or add an account")
    await must_open(work, person)
    await end_links(work, person)
    link = await add_link(work, person, work.now + lasting)
    await work.record("link.made", {"person": person, "link": link.id, "expires_at": link.expires_at})
    return link


async def add_link(work: Work, person: str, expires_at: datetime, subject: str = "") -> Link:
    """The row of a link, within an act that is recorded elsewhere; with a `subject` it is an expert's."""
    link = work.ids.new()
    token = f"kb_ln_{link}_{secrets.token_hex(24)}"
    row = {
        "id": link,
        "person": person,
        "kind": "expert" if subject else "sign-in",
        "subject": subject,
        "token": digest(token.encode()),
        "made_at": work.stamp,
        "expires_at": instant(expires_at),
    }
    await work.connection.execute(links.insert().values(**row))
    return Link(link, person, token, row["expires_at"])


async def owner_of(connection: AsyncConnection, token: str, now: datetime) -> str | None:
    """Whom a sign-in link would sign in now; None where it holds no more. Looks, and uses nothing up."""
    row = await _opened(connection, token, now)
    return row.person if row is not None and row.kind == "sign-in" else None


async def use_link(work: Work, token: str) -> str:
    """Use a sign-in link up and return whose it was; Unknown where it holds no more."""
    row = await _opened(work.connection, token, work.now)
    if row is None or row.kind != "sign-in":
        raise Unknown("this link was used, has expired or was never made: ask for another")
    await work.connection.execute(links.update().where(links.c.id == row.id).values(ended_at=work.stamp))
    await work.record("link.used", {"person": row.person, "link": row.id})
    return str(row.person)


async def revoke_link(work: Work, link: str) -> None:
    """End an expert's link before its time; NotFound where none of this id is open."""
    open_one = (links.c.id == link) & (links.c.kind == "expert") & links.c.ended_at.is_(None)
    if (await work.connection.execute(links.update().where(open_one).values(ended_at=work.stamp))).rowcount != 1:
        raise NotFound(f"no open link {link}")
    await work.record("link.revoked", {"link": link})


async def open_links(connection: AsyncConnection, asked: Collection[str], now: datetime) -> frozenset[str]:
    """Those of these links, by public id, that would still open."""
    still = links.c.ended_at.is_(None) & (links.c.expires_at > instant(now))
    found = await connection.execute(sa.select(links.c.id).where(links.c.id.in_(asked), still))
    return frozenset(found.scalars())


async def end_links(work: Work, person: str, kind: str = "") -> None:
    """End all open links of a person, or those of one kind, within an act that is recorded elsewhere."""
    open_ones = (links.c.person == person) & links.c.ended_at.is_(None)
    if kind:
        open_ones &= links.c.kind == kind
    await work.connection.execute(links.update().where(open_ones).values(ended_at=work.stamp))


async def _opened(connection: AsyncConnection, token: str, now: datetime) -> Any:
    """The row of a link whose token this is and which still holds, else None."""
    shape = TOKEN.fullmatch(token)
    if shape is None:
        return None
    row = (await connection.execute(sa.select(links).where(links.c.id == shape["id"]))).one_or_none()
    if row is None or not hmac.compare_digest(row.token, digest(token.encode())):
        return None
    return row if row.ended_at is None and instant(now) < row.expires_at else None
