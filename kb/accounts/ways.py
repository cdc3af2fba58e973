"""Ways in: what somebody signs in by, and who may open one for them.

Whoever opens a way in to an account could go through it. So it takes a person who has just proved who they are; an API key,
which proves no presence, opens one for newcomers alone: a leaked one makes nobody sign in another's name.
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.openid_tables import identities
from kb.accounts.sign_in import PREFIX
from kb.accounts.signing import must_be_fresh
from kb.accounts.tables import browser_sessions, passwords, person_keys
from kb.base.errors import Forbidden
from kb.base.work import OPERATOR, Work


async def must_open(work: Work, person: str) -> None:
    """Raise Forbidden unless the actor may open a way in for a person: a link, or the address their provider knows them by.

    With code REAUTHENTICATE for a session whose owner proved who they are too long ago.
    """
    if by_operator(work):
        return
    if work.actor.credential.startswith(PREFIX):
        await must_be_fresh(work)
    elif await has_been_in(work.connection, person):
        raise Forbidden("an API key opens no other way in for somebody who has one: sign in and do it yourself")


def by_operator(work: Work) -> bool:
    """Whether it is the local command line that acts, which shows no credential."""
    return work.actor.id == OPERATOR.id and not work.actor.credential


async def has_been_in(connection: AsyncConnection, person: str) -> bool:
    """Whether somebody has signed in, or has what they sign in or sign by."""
    for table in (browser_sessions, passwords, identities, person_keys):
        if await connection.scalar(sa.select(table.c.person).where(table.c.person == person).limit(1)) is not None:
            return True
    return False
