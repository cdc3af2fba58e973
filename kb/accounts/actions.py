"""Who is trusted: taking the people of a trust file into the database, and the roles that begin and end with it."""

from collections.abc import Sequence

import msgspec

from kb.accounts.queries import everyone
from kb.accounts.tables import people, person_keys, person_roles
from kb.accounts.types import Held, Person, RoleGrant, Signer
from kb.base.errors import Conflict
from kb.base.work import Work


async def trust(work: Work, signers: Sequence[Signer], origin: str) -> int:
    """Make the people of `origin` exactly these: new ones join, changed roles end and begin, missing ones lose theirs.

    A key that another replaces signs nothing new; what it signed before stands. Returns how many people changed; nothing
    changed is no journal line. Conflict when a key belongs to someone else or was replaced, a person is named twice, or
    somebody else vouches for them: a demo's public key must never gain a company's roles.
    """
    known = await everyone(work.connection)
    owners = {key: one.id for one in known.values() for key in (*one.public_keys, *one.retired_keys)}
    named: set[str] = set()
    changed = 0
    for signer in signers:
        owner = owners.setdefault(signer.public_key, signer.id)
        if owner != signer.id:
            raise Conflict(f"the key of {signer.id} is {owner}'s: each person needs a key of their own")
        if signer.id in named:
            raise Conflict(f"{signer.id} is named twice: put all roles of a person into one line")
        named.add(signer.id)
        _may_take(signer, known.get(signer.id), origin)
        changed += await _take(work, signer, known.get(signer.id), origin)
    for person in known.values():
        if person.origin == origin and person.id not in named and current(person):
            await end_roles(work, person.id)
            await work.record("account.ended", {"person": person.id, "origin": origin})
            changed += 1
    return changed


def _may_take(signer: Signer, person: Person | None, origin: str) -> None:
    if person is None:
        return
    if person.erased:
        raise Conflict(f"{signer.id} was erased: take their line out, or give them another id")
    if person.origin != origin:
        raise Conflict(f"{signer.id} is known from {person.origin}: give another id, or start a home of your own")
    if signer.public_key in person.retired_keys:
        raise Conflict(f"the key of {signer.id} was replaced by another: make a fresh one")


async def _take(work: Work, signer: Signer, person: Person | None, origin: str) -> bool:
    grants = {(grant.role, grant.topics) for grant in signer.roles}
    same_roles = person is not None and {(held.role, held.topics) for held in current(person)} == grants
    has_key = person is not None and signer.public_key in person.public_keys
    if same_roles and has_key:
        return False
    data = {
        "person": signer.id,
        "origin": origin,
        "public_key": signer.public_key,
        "roles": [msgspec.to_builtins(grant) for grant in signer.roles],
    }
    position = await work.record("account.trusted", data)
    if person is None:
        await work.connection.execute(people.insert().values(id=signer.id, origin=origin, position=position))
    if not has_key:
        replaced = (person_keys.c.person == signer.id) & person_keys.c.until.is_(None) & (person_keys.c.kind == "given")
        await work.connection.execute(person_keys.update().where(replaced).values(until=work.stamp))
        row = {"public_key": signer.public_key, "person": signer.id, "since": work.stamp}
        await work.connection.execute(person_keys.insert().values(**row))
    if not same_roles:
        await end_roles(work, signer.id)
        await grant(work, signer.id, signer.roles)
    return True


async def grant(work: Work, person: str, grants: Sequence[RoleGrant], until: str | None = None) -> None:
    """Roles that begin now, within an act that is recorded elsewhere."""
    rows = [
        {
            "person": person,
            "role": grant.role,
            "topics": msgspec.json.encode(grant.topics).decode(),
            "since": work.stamp,
            "until": until,
        }
        for grant in grants
    ]
    if rows:
        await work.connection.execute(person_roles.insert(), rows)


async def end_roles(work: Work, person: str) -> None:
    """End every role a person holds, one that would end later too, within an act that is recorded elsewhere."""
    later = person_roles.c.until.is_(None) | (person_roles.c.until > work.stamp)
    open_ones = (person_roles.c.person == person) & later
    await work.connection.execute(person_roles.update().where(open_ones).values(until=work.stamp))


def current(person: Person) -> tuple[Held, ...]:
    """The roles that nobody has ended and that have no end."""
    return tuple(held for held in person.roles if held.until is None)
