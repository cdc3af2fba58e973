"""Reading reviews: states, sign-offs and waivers by content hash."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.db import chunks
from kb.review.tables import reviews, signoffs, waivers
from kb.review.types import SignOff, State, Waiver

SIGNOFF = tuple(signoffs.c[field.name] for field in msgspec.structs.fields(SignOff))
WAIVER = tuple(waivers.c[field.name] for field in msgspec.structs.fields(Waiver))


class Review(msgspec.Struct, frozen=True):
    """The state of one revision, and the position at which it came to it."""

    key: str
    locale: str
    hash: str
    number: int
    state: State
    position: int


async def by_hashes(connection: AsyncConnection, hashes: Iterable[str]) -> dict[str, Review]:
    """The reviews of these revisions."""
    found: dict[str, Review] = {}
    for chunk in chunks(sorted(set(hashes))):
        for row in await connection.execute(sa.select(reviews).where(reviews.c.hash.in_(chunk))):
            found[row.hash] = _review(row)
    return found


async def in_state(connection: AsyncConnection, state: State) -> list[Review]:
    """Every revision in a state, by key and locale."""
    statement = sa.select(reviews).where(reviews.c.state == state).order_by(reviews.c.key, reviews.c.locale)
    return [_review(row) for row in await connection.execute(statement)]


async def counts(connection: AsyncConnection) -> dict[str, int]:
    """How many revisions are in each state."""
    statement = sa.select(reviews.c.state, sa.func.count()).group_by(reviews.c.state)
    return {row[0]: row[1] for row in await connection.execute(statement)}


async def signoffs_of(connection: AsyncConnection, hashes: Iterable[str]) -> dict[str, list[SignOff]]:
    """Recorded sign-offs by content hash, in order of signing."""
    found: dict[str, list[SignOff]] = {}
    for chunk in chunks(sorted(set(hashes))):
        statement = sa.select(*SIGNOFF).where(signoffs.c.hash.in_(chunk)).order_by(signoffs.c.position)
        for row in await connection.execute(statement):
            found.setdefault(row.hash, []).append(SignOff(*row))
    return found


async def waivers_of(connection: AsyncConnection, hashes: Iterable[str]) -> dict[str, list[Waiver]]:
    """Recorded waivers by content hash."""
    found: dict[str, list[Waiver]] = {}
    for chunk in chunks(sorted(set(hashes))):
        statement = sa.select(*WAIVER).where(waivers.c.hash.in_(chunk)).order_by(waivers.c.position)
        for row in await connection.execute(statement):
            found.setdefault(row.hash, []).append(Waiver(*row))
    return found


def _review(row: sa.Row[tuple[object, ...]]) -> Review:
    values = row._mapping
    return Review(
        values["key"], values["locale"], values["hash"], values["number"], State(values["state"]), values["position"]
    )
