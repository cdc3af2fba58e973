"""Invitations of outside experts to a revision: who was asked by whom, listed and revoked while they are open."""

from collections.abc import Set
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.directory import names_of
from kb.accounts.links import open_links
from kb.review.tables import invitations


class Asked(msgspec.Struct, frozen=True):
    """An expert who was asked to judge a revision: by which link, in which role, by whom, and whether it still opens.

    `state` is `open`, or `ended`: revoked, expired, or gone with the expert's account. `name` is empty where nobody gave one.
    """

    link: str
    person: str
    name: str
    role: str
    signs: bool
    by: str
    at: str
    expires_at: str
    state: str


class InvitationList(msgspec.Struct, frozen=True):
    """The invitations to one revision, the oldest first."""

    items: tuple[Asked, ...]


async def invitations_of(connection: AsyncConnection, hash_: str, now: datetime) -> tuple[Asked, ...]:
    """All invitations to the revision with this content hash, the oldest first."""
    statement = sa.select(invitations).where(invitations.c.hash == hash_).order_by(invitations.c.position)
    rows = list(await connection.execute(statement))
    names = await names_of(connection, [row.person for row in rows])
    still = await open_links(connection, [row.link for row in rows], now)
    return tuple(
        Asked(
            row.link,
            row.person,
            names.get(row.person, ""),
            row.role,
            row.signs,
            row.by,
            row.at,
            row.expires_at,
            "open" if row.link in still else "ended",
        )
        for row in rows
    )


async def stood_in_for(connection: AsyncConnection, hash_: str, by: str, signed: Set[str], now: datetime) -> bool:
    """Whether somebody let an outside expert sign this revision, who has done so or still may."""
    asked = sa.select(invitations.c.person, invitations.c.link).where(
        invitations.c.hash == hash_, invitations.c.by == by, invitations.c.signs.is_(True)
    )
    rows = list(await connection.execute(asked))
    return any(row.person in signed for row in rows) or bool(
        await open_links(connection, [row.link for row in rows], now)
    )
