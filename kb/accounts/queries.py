"""Reading accounts: people with their roles and keys, and what is personal about them."""

from collections import defaultdict
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.tables import people, person_keys, person_roles
from kb.accounts.types import Held, Person, Role


async def everyone(connection: AsyncConnection) -> dict[str, Person]:
    """All people by id, with every key that ever verified and every role ever held."""
    return await people_of(connection, sa.true())


async def someone(connection: AsyncConnection, person: str) -> Person | None:
    """One person, None where there is nobody of this id."""
    return (await people_of(connection, people.c.id == person)).get(person)


async def people_of(connection: AsyncConnection, who: sa.ColumnElement[bool]) -> dict[str, Person]:
    """People by id, those whom a condition on their row chooses."""
    wanted = sa.select(people).where(who).order_by(people.c.id)
    ids = sa.select(people.c.id).where(who)
    keys: dict[str, list[str]] = defaultdict(list)
    retired: dict[str, list[str]] = defaultdict(list)
    vouched: dict[str, list[str]] = defaultdict(list)
    statement = sa.select(person_keys).where(person_keys.c.person.in_(ids))
    for row in await connection.execute(statement.order_by(person_keys.c.since, person_keys.c.public_key)):
        (retired if row.until else keys)[row.person].append(row.public_key)
        if row.kind == "given" and not row.until:
            vouched[row.person].append(row.public_key)
    roles: dict[str, list[Held]] = defaultdict(list)
    held = sa.select(person_roles).where(person_roles.c.person.in_(ids)).order_by(person_roles.c.id)
    for row in await connection.execute(held):
        until = datetime.fromisoformat(row.until) if row.until else None
        topics = tuple(msgspec.json.decode(row.topics, type=list[str]))
        roles[row.person].append(Held(Role(row.role), topics, datetime.fromisoformat(row.since), until))
    return {
        row.id: Person(
            row.id,
            row.origin,
            tuple(keys[row.id]),
            tuple(roles[row.id]),
            tuple(retired[row.id]),
            suspended=row.suspended_at is not None,
            erased=row.erased_at is not None,
            vouched_keys=tuple(vouched[row.id]),
        )
        for row in await connection.execute(wanted)
    }
