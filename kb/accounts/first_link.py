"""The first way in: a link that signs in an admin while no admin has ever had a way to sign in.

Nothing is stored when it is made: its token is an HMAC under the installation's secret, so that starting a home again and
again adds nothing to it. It works once, since whoever has used it has a session, and there is a way in from then on.
"""

import hmac
import re
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.links import SHORT
from kb.accounts.openid_tables import identities
from kb.accounts.people import add_account
from kb.accounts.queries import everyone, someone
from kb.accounts.rules import manages_people
from kb.accounts.signing import Sealer
from kb.accounts.tables import passwords
from kb.accounts.types import Origin, Role, RoleGrant
from kb.base.errors import Unknown
from kb.base.hashing import digest
from kb.base.journal import journal
from kb.base.work import Work

TOKEN = re.compile(r"kb_ln_(?P<id>first(?P<until>[0-9]{10}))_[0-9a-f]{64}")
ADMIN = (RoleGrant(Role.ADMIN),)


async def first_link(connection: AsyncConnection, sealer: Sealer, now: datetime) -> str | None:
    """The token of a link that holds for 15 minutes; None where an admin has a way to sign in, or ever had one."""
    admin = await _waiting_admin(connection, now)
    return None if admin is None else _token(sealer, admin, int((now + SHORT).timestamp()))


def is_first(token: str) -> bool:
    """Whether a token looks like one of these."""
    return TOKEN.fullmatch(token) is not None


async def owner_of(connection: AsyncConnection, sealer: Sealer, token: str, now: datetime) -> str | None:
    """Whom a first link would sign in now, None where it holds no more: a waiting admin, or an account yet to be made."""
    shape = TOKEN.fullmatch(token)
    admin = await _waiting_admin(connection, now)
    if shape is None or admin is None or now.timestamp() >= int(shape["until"]):
        return None
    if not hmac.compare_digest(token, _token(sealer, admin, int(shape["until"]))):
        return None
    if admin:
        return admin
    made = f"p-{digest(token.encode())[:32]}"
    return None if await someone(connection, made) else made  # it was used, whatever became of its admin since


async def use_first_link(work: Work, sealer: Sealer, token: str) -> str:
    """Use a first link up and return whose it was, making their account where the home has none; Unknown if it's over."""
    person = await owner_of(work.connection, sealer, token, work.now)
    if person is None:
        raise Unknown("this link was used or has expired: start `kb up` again, or ask an admin for another")
    if await someone(work.connection, person) is None:
        await add_account(work, person, ADMIN)
    await work.record("link.used", {"person": person, "link": digest(token.encode())[:32]})
    return person


async def _waiting_admin(connection: AsyncConnection, now: datetime) -> str | None:
    """The admin whom a first link is for, empty for one yet to be made; None where some admin has had a way in.

    The people of a trust file are themselves wherever they sign: whoever starts the server is given an account of their own.
    """
    admins = {person.id: person for person in (await everyone(connection)).values() if manages_people(person, now)}
    ways = (
        sa.select(passwords.c.person).where(passwords.c.person.in_(admins)),
        sa.select(identities.c.person).where(identities.c.person.in_(admins)),
        sa.select(journal.c.actor).where(journal.c.event == "session.started", journal.c.actor.in_(admins)),
    )
    for way in ways:
        if await connection.scalar(way.limit(1)) is not None:
            return None
    return next((name for name, one in sorted(admins.items()) if one.origin != Origin.TRUST_FILE), "")


def _token(sealer: Sealer, admin: str, until: int) -> str:
    said = f"kb.first-link/1 {admin} {until}".encode()
    return f"kb_ln_first{until}_{sealer.mark(said)}"
