"""Reading accounts."""

from collections import defaultdict
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.tables import people, person_keys, person_roles
from kb.accounts.types import Held, Person, Role


async def everyone(connection: AsyncConnection) -> dict[str, Person]:
    """All people by id, with every key that ever verified and every role ever held."""
    keys: dict[str, list[str]] = defaultdict(list)
    retired: dict[str, list[str]] = defaultdict(list)
    for row in await connection.execute(sa.select(person_keys).order_by(person_keys.c.since, person_keys.c.public_key)):
        (retired if row.until else keys)[row.person].append(row.public_key)
    roles: dict[str, list[Held]] = defaultdict(list)
    for row in await connection.execute(sa.select(person_roles).order_by(person_roles.c.id)):
        until = datetime.fromisoformat(row.until) if row.until else None
        topics = tuple(msgspec.json.decode(row.topics, type=list[str]))
        roles[row.person].append(Held(Role(row.role), topics, datetime.fromisoformat(row.since), until))
    return {
        row.id: Person(row.id, row.origin, tuple(keys[row.id]), tuple(roles[row.id]), tuple(retired[row.id]))
        for row in await connection.execute(sa.select(people).order_by(people.c.id))
    }
