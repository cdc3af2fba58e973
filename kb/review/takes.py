"""Taking a review on and handing it back: one holder per revision and role, so that nobody reads the same thing twice."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.queries import everyone
from kb.accounts.types import Role
from kb.base.db import chunks
from kb.base.errors import Conflict, Forbidden
from kb.base.work import Right, Work
from kb.review.cases import case_of
from kb.review.rules import refuse, why_not
from kb.review.tables import takes
from kb.review.types import Act

OPEN = takes.c.ended_at.is_(None)


class Take(msgspec.Struct, frozen=True):
    """Someone reads a revision in a role; `at` is since when."""

    role: str
    by: str
    at: str


async def take(work: Work, hash_: str, role: Role) -> None:
    """Take a revision on in a role that the policy asks of it; Conflict while someone else has it."""
    dossier, someone = await case_of(work, hash_)
    refuse(why_not(dossier, someone, Act.TAKE, work.now, role))
    if role not in dossier.asked:
        raise Conflict(f"the policy asks nobody of the role {role} here")
    held = {one.role: one for one in (await takes_of(work.connection, [hash_])).get(hash_, ())}
    if (holder := held.get(role)) is not None:
        raise Conflict(f"{holder.by} reads it as {role} since {holder.at}: ask them to hand it back")
    await _end(work, (takes.c.hash == hash_) & (takes.c.role == role))  # of someone who was suspended meanwhile
    review = dossier.review
    row = {"key": review.key, "locale": review.locale, "hash": hash_, "role": role.value, "by": work.actor.id}
    position = await work.record("review.taken", row)
    await work.connection.execute(takes.insert().values(**row, at=work.stamp, position=position))


async def hand_back(work: Work, hash_: str, role: Role) -> None:
    """Hand a revision back: by who took it, or by who manages people. Conflict where nobody has it in this role."""
    await case_of(work, hash_)
    held = {one.role: one for one in (await takes_of(work.connection, [hash_])).get(hash_, ())}
    if (holder := held.get(role)) is None:
        raise Conflict(f"nobody has taken it as {role}")
    if holder.by != work.actor.id and not work.actor.may(Right.PEOPLE):
        raise Forbidden(f"{holder.by} hands back what they took, or an admin does")
    await _end(work, (takes.c.hash == hash_) & (takes.c.role == role))


async def end_takes_of_suspended(work: Work) -> int:
    """Hand back what suspended people had taken; returns how many there were."""
    people = await everyone(work.connection)
    gone = sorted(person.id for person in people.values() if person.suspended)
    return sum([await _end(work, takes.c.by.in_(chunk)) for chunk in chunks(gone)])


async def takes_of(connection: AsyncConnection, hashes: Iterable[str]) -> dict[str, list[Take]]:
    """Who reads these revisions now, by hash; what a suspended person had taken counts as handed back."""
    found: dict[str, list[Take]] = {}
    rows = []
    for chunk in chunks(sorted(set(hashes))):
        rows += list(
            await connection.execute(sa.select(takes).where(OPEN, takes.c.hash.in_(chunk)).order_by(takes.c.id))
        )
    people = await everyone(connection) if rows else {}
    for row in rows:
        person = people.get(row.by)
        if person is not None and not person.suspended:
            found.setdefault(row.hash, []).append(Take(row.role, row.by, row.at))
    return found


async def _end(work: Work, which: sa.ColumnElement[bool]) -> int:
    rows = list(await work.connection.execute(sa.select(takes).where(OPEN, which).order_by(takes.c.id)))
    for row in rows:
        data = {"key": row.key, "locale": row.locale, "hash": row.hash, "role": row.role, "by": row.by}
        position = await work.record("review.handed-back", data)
        await work.connection.execute(takes.update().where(takes.c.id == row.id).values(ended_at=position))
    return len(rows)
