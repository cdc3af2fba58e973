"""Who else said a text: payloads of other entries that quoted a revision, and what search was told of them."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.db import chunks
from kb.delivery.tables import findable, payloads, renditions
from kb.release.inputs import SAYS
from kb.release.tables import leaf_inputs, leaves


class Quoted(msgspec.Struct, frozen=True, order=True):
    """A place of another entry that said a text, and whether it still does."""

    key: str
    locale: str
    channel: str
    profile: str
    live: bool


class Quote(msgspec.Struct, frozen=True):
    """A row of another entry that quotes a text: where, and by which payload."""

    place: Quoted
    rendition: str
    opened_at: int
    closed_at: int | None


async def quotes_of(connection: AsyncConnection, key: str, hash_: str) -> list[Quote]:
    """Every row of another entry whose payload says the words or the value of this revision.

    A rendition lists all it was made from; those that quote a revision name its hash in their payload, but for what voice
    says on its own account.
    """
    listed = sa.select(leaf_inputs.c.hash).where(leaf_inputs.c.hashes.contains(hash_, autoescape=True))
    made = list((await connection.execute(listed)).scalars())
    found: dict[int, Quote] = {}
    for chunk in chunks(made):
        columns = (renditions.c.id, *(renditions.c[name] for name in ("key", "locale", "channel", "profile")))
        times = (renditions.c.rendition, renditions.c.opened_at, renditions.c.closed_at, payloads.c.body)
        statement = sa.select(*columns, *times).join(leaves, leaves.c.rendition == renditions.c.rendition)
        statement = statement.join(payloads, payloads.c.hash == renditions.c.rendition).distinct()
        for row in await connection.execute(statement.where(leaves.c.inputs.in_(chunk), renditions.c.key != key)):
            if _says(row, key, hash_):
                place = Quoted(row.key, row.locale, row.channel, row.profile, row.closed_at is None)
                found[row.id] = Quote(place, row.rendition, row.opened_at, row.closed_at)
    return [found[id_] for id_ in sorted(found)]


async def places_of(connection: AsyncConnection, hashes: Sequence[str]) -> list[Quoted]:
    """Where these payloads were said; none of them is live."""
    columns = (renditions.c.key, renditions.c.locale, renditions.c.channel, renditions.c.profile)
    found: set[Quoted] = set()
    for chunk in chunks(hashes):
        statement = sa.select(*columns).where(renditions.c.rendition.in_(chunk)).distinct()
        found.update(Quoted(*row, live=False) for row in await connection.execute(statement))
    return sorted(found)


async def told_meanwhile(connection: AsyncConnection, quotes: Iterable[Quote]) -> list[int]:
    """The rows of what search was told of these entries while they quoted it, as far as they are closed."""
    spans: dict[tuple[str, str], list[Quote]] = {}
    for one in quotes:
        spans.setdefault((one.place.key, one.place.locale), []).append(one)
    found = []
    columns = (findable.c.id, findable.c.key, findable.c.locale, findable.c.opened_at, findable.c.closed_at)
    for chunk in chunks(sorted({key for key, _ in spans})):
        statement = sa.select(*columns).where(findable.c.key.in_(chunk), findable.c.closed_at.is_not(None))
        for row in await connection.execute(statement.order_by(findable.c.id)):
            if any(_meet(row, one) for one in spans.get((row.key, row.locale), ())):
                found.append(int(row.id))
    return found


def _says(row: Any, key: str, hash_: str) -> bool:
    return hash_.encode() in bytes(row.body) or (key in SAYS and row.channel == "voice" and bool(row.body))


def _meet(row: Any, one: Quote) -> bool:
    """Whether a row of search stood at some position at which the quote did."""
    return bool(one.opened_at < row.closed_at and (one.closed_at is None or row.opened_at < one.closed_at))
