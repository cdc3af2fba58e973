"""Outside experts in a review: invited by a link to one revision, to comment on it or to sign it."""

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.experts import Invited, invite_expert
from kb.accounts.links import revoke_link
from kb.accounts.queries import someone
from kb.accounts.signing import Sealer
from kb.accounts.types import Origin
from kb.base.errors import NotFound
from kb.base.hashing import instant
from kb.base.work import Work
from kb.review.cases import case_of
from kb.review.rules import may_not_invite, refuse, why_not, why_not_in_place
from kb.review.tables import invitations
from kb.review.types import Act


class Invitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whom to ask, in which role (legal, brand or product), until when (30 days at most), and whether they may sign."""

    role: str
    expires_at: datetime
    signs: bool = False
    name: str = ""
    email: str = ""


class InvitedFor(msgspec.Struct, frozen=True):
    """What an expert was invited for: a role, until when, and whether they may sign."""

    hash: str
    role: str
    signs: bool
    expires_at: str


async def invitation_of(connection: AsyncConnection, person: str) -> InvitedFor:
    """What an expert was invited for: in a review, or by accounts alone, which is to sign. NotFound for anybody else."""
    columns = [invitations.c[name] for name in InvitedFor.__struct_fields__]
    row = (await connection.execute(sa.select(*columns).where(invitations.c.person == person))).one_or_none()
    if row is not None:
        return InvitedFor(*row)
    expert = await someone(connection, person)
    for held in expert.roles if expert is not None and expert.origin == Origin.EXPERT else ():
        for topic in held.topics:
            return InvitedFor(topic.removeprefix("#"), held.role, True, instant(held.until) if held.until else "")
    raise NotFound(f"no invitation of {person}")


async def invite(work: Work, sealer: Sealer, hash_: str, asked: Invitation) -> Invited:
    """Invite someone from outside to a revision in review; the answer holds the link's token, shown this once.

    Conflict or Forbidden with the reasons why it can't be; Invalid for another role, or a time that is past or too far.
    """
    dossier, someone = await case_of(work, hash_)
    refuse(why_not(dossier, someone, Act.INVITE, work.now))
    if asked.signs:
        refuse(why_not_in_place(dossier, someone, asked.role, work.now))
    made = await invite_expert(work, hash_, asked.role, asked.expires_at, sealer, name=asked.name, email=asked.email)
    review = dossier.review
    row = {"person": made.person, "link": made.link, "hash": hash_, "role": asked.role, "signs": asked.signs}
    row |= {"expires_at": made.expires_at}
    position = await work.record("review.invited", {**row, "key": review.key, "locale": review.locale})
    about = {"by": work.actor.id, "at": work.stamp, "position": position}
    await work.connection.execute(invitations.insert().values(**row, **about))
    return made


async def revoke(work: Work, hash_: str, link: str) -> None:
    """End an expert's link to a revision before its time; NotFound where none of this id is open there."""
    dossier, someone = await case_of(work, hash_)
    refuse(may_not_invite(dossier, someone))
    its = sa.select(invitations.c.link).where(invitations.c.hash == hash_, invitations.c.link == link)
    if await work.connection.scalar(its) is None:
        raise NotFound(f"no invitation {link}")
    await revoke_link(work, link)
