"""People as those who look after them see them: with their name and address, and how they sign in and sign."""

from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.openid_tables import identities
from kb.accounts.queries import people_of
from kb.accounts.tables import passwords, people, person_details, person_keys, person_roles
from kb.accounts.types import Person
from kb.base.hashing import instant
from kb.base.paging import Place, encode


class RoleHeld(msgspec.Struct, frozen=True):
    """A role on some topics (`*`: every topic) from an instant until another; null is still."""

    role: str
    topics: tuple[str, ...]
    since: str
    until: str | None


class SigningKey(msgspec.Struct, frozen=True):
    """An Ed25519 public key in base64url: `given` by the trust file, `kept` by this server or `brought` by its owner."""

    public_key: str
    kind: str
    since: str
    until: str | None


class Account(msgspec.Struct, frozen=True):
    """A person; name and e-mail address are empty where nobody gave them, or once they were erased.

    `state` is `active`, `suspended` or `erased`; `signs_in_by` lists `password` and `openid`.
    """

    id: str
    origin: str
    state: str
    name: str
    email: str
    roles: tuple[RoleHeld, ...]
    signs_in_by: tuple[str, ...]
    keys: tuple[SigningKey, ...]


class AccountPage(msgspec.Struct, frozen=True):
    """A page of people in order of their ids; `next` is the cursor of the page behind it, null on the last."""

    items: tuple[Account, ...]
    next: str | None


class PeopleFilter(msgspec.Struct, frozen=True):
    """Which people a list shows; an empty field is no condition. `role` is one held now."""

    state: str = ""
    origin: str = ""
    role: str = ""


async def account_of(connection: AsyncConnection, person: str) -> Account | None:
    """One person, None where there is nobody of this id."""
    found = await _accounts(connection, [person])
    return found[0] if found else None


async def names_of(connection: AsyncConnection, ids: Collection[str]) -> dict[str, str]:
    """The names of people by id, of those who have one."""
    named = sa.select(person_details.c.person, person_details.c.name).where(person_details.c.person.in_(ids))
    return {row.person: row.name for row in await connection.execute(named)}


async def page_of_people(
    connection: AsyncConnection, wanted: PeopleFilter, after: Place | None, limit: int, now: str
) -> AccountPage:
    """People by id; `after` is the place (id) of the last one seen."""
    statement = sa.select(people.c.id).where(*_conditions(wanted, now)).order_by(people.c.id).limit(limit + 1)
    if after is not None:
        statement = statement.where(people.c.id > after[0])
    ids = list((await connection.execute(statement)).scalars())
    more = len(ids) > limit
    return AccountPage(tuple(await _accounts(connection, ids[:limit])), encode((ids[limit - 1],)) if more else None)


def _conditions(wanted: PeopleFilter, now: str) -> list[sa.ColumnElement[bool]]:
    suspended, erased = people.c.suspended_at.is_not(None), people.c.erased_at.is_not(None)
    states = {
        "active": sa.not_(suspended),
        "suspended": sa.and_(suspended, sa.not_(erased)),
        "erased": erased,
    }
    held = person_roles.c.until.is_(None) | (person_roles.c.until > now)
    holders = sa.select(person_roles.c.person).where(person_roles.c.role == wanted.role, held)
    return [
        *([states[wanted.state]] if wanted.state else []),
        *([people.c.origin == wanted.origin] if wanted.origin else []),
        *([people.c.id.in_(holders)] if wanted.role else []),
    ]


async def _accounts(connection: AsyncConnection, ids: Sequence[str]) -> list[Account]:
    found = await people_of(connection, people.c.id.in_(ids))
    named = sa.select(person_details).where(person_details.c.person.in_(ids))
    details = {row.person: (row.name, row.email or "") for row in await connection.execute(named)}
    ways: dict[str, list[str]] = {}
    for table, way in ((identities, "openid"), (passwords, "password")):
        for owner in (await connection.execute(sa.select(table.c.person).where(table.c.person.in_(ids)))).scalars():
            ways.setdefault(owner, []).append(way)
    keys: dict[str, list[SigningKey]] = {}
    owned = sa.select(person_keys).where(person_keys.c.person.in_(ids))
    for row in await connection.execute(owned.order_by(person_keys.c.since, person_keys.c.public_key)):
        keys.setdefault(row.person, []).append(SigningKey(row.public_key, row.kind, row.since, row.until))
    return [
        Account(
            one.id,
            one.origin,
            "erased" if one.erased else "suspended" if one.suspended else "active",
            *details.get(one.id, ("", "")),
            _roles(one),
            tuple(dict.fromkeys(ways.get(one.id, ()))),
            tuple(keys.get(one.id, ())),
        )
        for one in found.values()
    ]


def _roles(person: Person) -> tuple[RoleHeld, ...]:
    return tuple(
        RoleHeld(held.role.value, held.topics, instant(held.since), instant(held.until) if held.until else None)
        for held in person.roles
    )
