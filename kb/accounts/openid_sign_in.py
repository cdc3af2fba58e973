"""Signing in as who a provider says one is: nobody gets in whom an admin hasn't invited by that very address."""

import sqlalchemy as sa

from kb.accounts.openid_rules import Attempt, Proven, must_be_fresh
from kb.accounts.openid_tables import identities
from kb.accounts.queries import someone
from kb.accounts.sign_in import Started, confirm_session, start_session
from kb.accounts.tables import person_details
from kb.accounts.types import Origin
from kb.base.errors import Forbidden
from kb.base.hashing import digest
from kb.base.work import Actor, Work

STRANGER = "nobody here is known by this identity: ask an admin to invite the address that your provider has verified"


async def sign_in(work: Work, proven: Proven) -> Started:
    """Begin a session of the person who is known by this identity.

    The first time, that is whoever was invited by the verified address and isn't known by another identity of this provider.
    Forbidden for everybody else, and for the suspended.
    """
    known = await _known(work, proven)
    person = known or await _invited(work, proven)
    work.actor = Actor(person)  # the act is theirs
    if known is None:
        await _bind(work, proven, person)
    return await start_session(work, person, "openid")


async def confirm(work: Work, proven: Proven, attempt: Attempt) -> None:
    """Note that the owner of the actor's session has just proved again who they are.

    Forbidden when it was another session that asked, or another person who answered; Unknown when the provider relied on
    what it knew before.
    """
    if attempt.session != work.actor.credential or await _known(work, proven) != work.actor.id:
        raise Forbidden("this is another identity than the one you are signed in with: sign in there as yourself")
    must_be_fresh(proven, attempt)
    await confirm_session(work)


async def _known(work: Work, proven: Proven) -> str | None:
    statement = sa.select(identities.c.person).where(
        identities.c.issuer == proven.issuer, identities.c.subject == proven.subject
    )
    return (await work.connection.execute(statement)).scalar_one_or_none()


async def _invited(work: Work, proven: Proven) -> str:
    """Who was invited by the verified address and has no identity of this provider yet."""
    bound = sa.select(identities.c.person).where(identities.c.issuer == proven.issuer)
    statement = sa.select(person_details.c.person).where(
        person_details.c.email == proven.email, person_details.c.person.not_in(bound)
    )
    name = (await work.connection.execute(statement)).scalar_one_or_none() if proven.email else None
    person = await someone(work.connection, name) if name else None
    if person is None or person.suspended or person.erased or person.origin == Origin.EXPERT:
        raise Forbidden(STRANGER)
    return person.id


async def _bind(work: Work, proven: Proven, person: str) -> None:
    """Remember who they are there; the journal doesn't say it, for a subject may be an address, and is erased with its row."""
    row = {"issuer": proven.issuer, "subject": proven.subject, "person": person, "since": work.stamp}
    await work.connection.execute(identities.insert().values(**row))
    await work.record("identity.bound", {"person": person, "issuer": digest(proven.issuer.encode())})
