"""One revision together with who would act on it: found, or never admitted to exist."""

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.queries import someone
from kb.accounts.sign_in import fresh
from kb.base.errors import NotFound
from kb.base.work import Actor, Right, Work
from kb.review.invitations import stood_in_for
from kb.review.rules import invited, may_see
from kb.review.standing import dossiers, policy_in_force
from kb.review.tables import invitations
from kb.review.types import Dossier, Someone


async def case_of(work: Work, hash_: str) -> tuple[Dossier, Someone]:
    """The dossier of a revision and the actor as they stand in this transaction; NotFound for what they may not see."""
    return await case(work.connection, work.actor, hash_, work.now)


async def case(connection: AsyncConnection, actor: Actor, hash_: str, now: datetime) -> tuple[Dossier, Someone]:
    """The same on a reading connection. One who may not see drafts of its topic, audience and locale is told nothing of it."""
    force = await policy_in_force(connection)
    dossier = (await dossiers(connection, [hash_], force.policy)).get(hash_)
    if dossier is None or not (may_see(actor, dossier) or invited(actor, dossier)):
        raise NotFound(f"no revision {hash_[:12]}")
    found = await someone_of(connection, actor, now)
    asked = await stood_in_for(connection, hash_, actor.id, {one.by for one in dossier.standing.signed}, now)
    return dossier, msgspec.structs.replace(found, stood_in_for=asked)


async def someone_of(connection: AsyncConnection, actor: Actor, now: datetime) -> Someone:
    """Who an actor is. An outside expert has nothing but their link to prove who they are, so the link proves it."""
    person = await someone(connection, actor.id)
    if Right.INVITED in actor.rights:
        asked = sa.select(invitations.c.signs).where(invitations.c.person == actor.id)
        return Someone(actor, person, fresh=True, signs=await connection.scalar(asked) is not False)
    return Someone(actor, person, await fresh(connection, actor, now))
