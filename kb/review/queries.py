"""Reading reviews: states, sign-offs and what else was signed, and open comments, by content hash."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.db import chunks
from kb.review.tables import carried, comment_resolutions, comments, reviews, signoffs, verifications, waivers
from kb.review.types import Carried, ChangeClass, Review, SignOff, State, Verification, Waiver

SIGNOFF = tuple(signoffs.c[field.name] for field in msgspec.structs.fields(SignOff))
WAIVER = tuple(waivers.c[field.name] for field in msgspec.structs.fields(Waiver))
REVIEW = tuple(reviews.c[field.name] for field in msgspec.structs.fields(Review))
VERIFICATION = tuple(verifications.c[field.name] for field in msgspec.structs.fields(Verification))

At = tuple[str, str]
"""An entry in one locale: (key, locale)."""


async def by_hashes(connection: AsyncConnection, hashes: Iterable[str]) -> dict[str, Review]:
    """The reviews of these revisions."""
    found: dict[str, Review] = {}
    for chunk in chunks(sorted(set(hashes))):
        for row in await connection.execute(sa.select(*REVIEW).where(reviews.c.hash.in_(chunk))):
            found[row.hash] = review_of(row)
    return found


async def in_state(connection: AsyncConnection, state: State) -> list[Review]:
    """Every revision in a state, by key and locale."""
    statement = sa.select(*REVIEW).where(reviews.c.state == state).order_by(reviews.c.key, reviews.c.locale)
    return [review_of(row) for row in await connection.execute(statement)]


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


async def carried_to(connection: AsyncConnection, hashes: Iterable[str]) -> dict[str, list[Carried]]:
    """The sign-offs recorded as carried over to these revisions, in order of recording."""
    found: dict[str, list[Carried]] = {}
    for chunk in chunks(sorted(set(hashes))):
        statement = sa.select(carried).where(carried.c.hash.in_(chunk)).order_by(carried.c.position)
        for row in await connection.execute(statement):
            one = Carried(row.role, row.by, row.signed, ChangeClass(row.change), row.position)
            found.setdefault(row.hash, []).append(one)
    return found


async def verifications_of(connection: AsyncConnection, hashes: Iterable[str]) -> dict[str, list[Verification]]:
    """Recorded verifications by content hash, in order of recording."""
    found: dict[str, list[Verification]] = {}
    for chunk in chunks(sorted(set(hashes))):
        statement = sa.select(*VERIFICATION).where(verifications.c.hash.in_(chunk)).order_by(verifications.c.position)
        for row in await connection.execute(statement):
            found.setdefault(row.hash, []).append(Verification(*row))
    return found


async def verified_at(connection: AsyncConnection, hashes: Iterable[str]) -> dict[str, str]:
    """When each revision was last known to be right: signed, carried over or verified by anyone; unsigned ones are left out."""
    wanted = sorted(set(hashes))
    found: dict[str, str] = {}
    for chunk in chunks(wanted):
        same = (signoffs.c.hash == carried.c.signed) & (signoffs.c.role == carried.c.role)
        former = sa.select(carried.c.hash, signoffs.c.at).join(signoffs, same & (signoffs.c.by == carried.c.by))
        for statement in (
            sa.select(signoffs.c.hash, signoffs.c.at).where(signoffs.c.hash.in_(chunk)),
            sa.select(verifications.c.hash, verifications.c.at).where(verifications.c.hash.in_(chunk)),
            former.where(carried.c.hash.in_(chunk)),
        ):
            for row in await connection.execute(statement):
                found[row.hash] = max(row.at, found.get(row.hash, ""))
    return found


async def open_blocking(connection: AsyncConnection, keys: Iterable[str]) -> dict[At, list[tuple[int, str]]]:
    """Open blocking comments of these keys by place, as (number of the revision, id)."""
    found: dict[At, list[tuple[int, str]]] = {}
    base = sa.select(comments.c.key, comments.c.locale, comments.c.number, comments.c.id)
    base = base.outerjoin(comment_resolutions, comment_resolutions.c.comment == comments.c.id)
    base = base.where(comments.c.blocks, comment_resolutions.c.comment.is_(None)).order_by(comments.c.position)
    for chunk in chunks(sorted(set(keys))):
        for row in await connection.execute(base.where(comments.c.key.in_(chunk))):
            found.setdefault((row.key, row.locale), []).append((row.number, row.id))
    return found


async def emergencies(connection: AsyncConnection) -> dict[str, str]:
    """Every live revision that went live in an emergency and isn't confirmed: its hash → the instant at which it ends."""
    statement = sa.select(reviews.c.hash, reviews.c.due_at).where(
        reviews.c.state.in_((State.LIVE, State.SUSPENDED)),
        reviews.c.emergency.is_not(None),
        reviews.c.confirmed.is_(None),
    )
    return {row.hash: row.due_at for row in await connection.execute(statement)}


def review_of(row: sa.Row[tuple[object, ...]]) -> Review:
    """A review from a row with the columns of `REVIEW`."""
    values = row._mapping
    return Review(**{**{name: values[name] for name in Review.__struct_fields__}, "state": State(values["state"])})
