"""Acts on people: adding them, their names, their roles, suspending and reinstating, and erasing what is personal about them."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from kb.accounts.actions import current, end_roles, grant
from kb.accounts.key_tables import api_keys
from kb.accounts.links import end_links
from kb.accounts.openid_tables import identities
from kb.accounts.queries import people_of, someone
from kb.accounts.rules import checked_email, checked_grants, checked_name, manages_people
from kb.accounts.sign_in import PREFIX, end_sessions
from kb.accounts.signing import end_keys
from kb.accounts.tables import browser_sessions, links, passwords, people, person_details
from kb.accounts.types import Origin, Person, Role, RoleGrant
from kb.accounts.ways import by_operator, must_open
from kb.base.errors import Conflict, NotFound
from kb.base.work import Right, Work


async def add(work: Work, name: str, email: str, grants: Sequence[RoleGrant]) -> str:
    """Add a person of origin `account` with their roles; their id.

    Conflict for an e-mail address that is somebody's, Invalid for a name, address or topic that can't be one.
    """
    work.actor.must(Right.PEOPLE)
    checked = checked_grants(grants)
    details = {"name": checked_name(name), "email": checked_email(email)}
    person = f"p-{work.ids.new()}"
    await add_account(work, person, checked)
    await _must_be_free(work, details["email"])
    await work.connection.execute(person_details.insert().values(person=person, **details))
    return person


async def add_account(work: Work, person: str, grants: Sequence[RoleGrant]) -> None:
    """The row and the roles of a new account, of which nothing personal is known."""
    roles = [msgspec.to_builtins(one) for one in grants]
    data = {"person": person, "origin": Origin.ACCOUNT.value, "roles": roles}
    position = await work.record("account.added", data)
    row = {"id": person, "origin": Origin.ACCOUNT.value, "position": position}
    await work.connection.execute(people.insert().values(**row))
    await grant(work, person, grants)


async def set_roles(work: Work, person: str, grants: Sequence[RoleGrant]) -> None:
    """Let a person hold exactly these roles from now on; those held before keep their time. Nothing new is no act.

    Conflict for people whose roles come from elsewhere (the trust file, or an invitation), and for the last admin's.
    """
    work.actor.must(Right.PEOPLE)
    checked = checked_grants(grants)
    found = await _there(work, person)
    if found.origin == Origin.TRUST_FILE:
        raise Conflict(f"the roles of {person} stand in the trust file: change them there")
    if found.origin == Origin.EXPERT:
        raise Conflict(f"{person} was invited to one revision: add an account for more")
    if {(one.role, one.topics) for one in current(found)} == {(one.role, one.topics) for one in checked}:
        return
    if not any(one.role is Role.ADMIN and "*" in one.topics for one in checked):
        await _must_leave_an_admin(work, found)
    await end_roles(work, person)
    await grant(work, person, checked)
    await work.record("roles.set", {"person": person, "roles": [msgspec.to_builtins(one) for one in checked]})


async def describe(work: Work, person: str, name: str, email: str) -> None:
    """Set a person's name and e-mail address, one's own too, in a browser's session. Nothing new is no act.

    Another address is another way in, and ends the links that were sent to the old one. Conflict for one that is
    somebody's, Forbidden for whoever may open no way in (`kb.accounts.ways.must_open`).
    """
    if person != work.actor.id or not work.actor.credential.startswith(PREFIX):
        work.actor.must(Right.PEOPLE)
    await _there(work, person)
    wanted = {"name": checked_name(name), "email": checked_email(email)}
    theirs = person_details.c.person == person
    columns = sa.select(person_details.c.name, person_details.c.email)
    row = (await work.connection.execute(columns.where(theirs))).one_or_none()
    if row is not None and tuple(row) == tuple(wanted.values()):
        return
    if wanted["email"] != (row.email if row else None):
        await must_open(work, person)
        await _must_be_free(work, wanted["email"])
        await end_links(work, person, kind="sign-in")
    await work.record("account.described", {"person": person})
    await work.connection.execute(person_details.delete().where(theirs))
    await work.connection.execute(person_details.insert().values(person=person, **wanted))


async def suspend(work: Work, person: str) -> None:
    """Shut a person out at once: sessions and links end, and keys that act for them with the suspension itself.

    What they signed stands; what they sign from now on doesn't count. Suspending the suspended is no act. Conflict for the
    last admin.
    """
    work.actor.must(Right.PEOPLE)
    found = await _there(work, person)
    if found.suspended:
        return
    await _must_leave_an_admin(work, found)
    await work.record("account.suspended", {"person": person})
    await end_sessions(work, person)
    await end_links(work, person)
    await _mark(work, person, suspended_at=work.stamp)


async def reinstate(work: Work, person: str) -> None:
    """Let a suspended person act again, in the roles they hold; they sign in anew. Otherwise no act."""
    work.actor.must(Right.PEOPLE)
    found = await _there(work, person)
    if not found.suspended:
        return
    await work.record("account.reinstated", {"person": person})
    await _mark(work, person, suspended_at=None)


async def erase(work: Work, person: str) -> None:
    """Erase what is personal about someone, for good: name, address, password, identities, sessions, links, kept keys,
    and what they called their API keys.

    Their id stays, opaque, with the public keys that verify what they signed; roles end, and they can't come back.
    Conflict for somebody whom the trust file still names, and for the last admin. Erasing the erased is no act.
    """
    work.actor.must(Right.PEOPLE)
    found = await someone(work.connection, person)
    if found is None:
        raise NotFound(f"no person {person}")
    if found.erased:
        return
    if found.origin == Origin.TRUST_FILE and current(found):
        raise Conflict(f"the trust file names {person}: take their line out and load it first")
    await _must_leave_an_admin(work, found)
    await work.record("account.erased", {"person": person})
    await end_roles(work, person)
    await end_keys(work, person)
    for table in (person_details, passwords, identities, browser_sessions, links):
        await work.connection.execute(sa.delete(table).where(table.c.person == person))
    await work.connection.execute(api_keys.update().where(api_keys.c.owner == person).values(name=""))
    suspended_at = people.c.suspended_at
    await _mark(work, person, erased_at=work.stamp, suspended_at=sa.func.coalesce(suspended_at, work.stamp))


async def _there(work: Work, person: str) -> Person:
    found = await someone(work.connection, person)
    if found is None:
        raise NotFound(f"no person {person}")
    if found.erased:
        raise Conflict(f"{person} was erased, and can't come back: add an account")
    return found


async def _must_leave_an_admin(work: Work, person: Person) -> None:
    """Raise Conflict where nobody could add people any more; the command line may, which makes the next admin itself."""
    if by_operator(work) or not manages_people(person, work.now):
        return
    active = await people_of(work.connection, people.c.suspended_at.is_(None))
    if not any(manages_people(one, work.now) for one in active.values() if one.id != person.id):
        raise Conflict(f"{person.id} is the last admin: give somebody else the role admin on every topic first")


async def _must_be_free(work: Work, email: str | None) -> None:
    taken = sa.select(person_details.c.person).where(person_details.c.email == email)
    if email is not None and await work.connection.scalar(taken) is not None:
        raise Conflict("somebody has this e-mail address already: look for them in the list of people")


async def _mark(work: Work, person: str, **marks: object) -> None:
    await work.connection.execute(people.update().where(people.c.id == person).values(**marks))
