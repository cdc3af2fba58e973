"""How every delivered entry stands in every locale: what is live there, and what is newest."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.channels.profiles import Profiles
from kb.delivery.node import profiles_of
from kb.delivery.tables import rulings
from kb.entries.tables import entries, revisions
from kb.entries.types import DELIVERED
from kb.release.queries import IS_LIVE
from kb.release.tables import live_revisions
from kb.release.topics import About, abouts_of, written_in
from kb.release.types import At
from kb.review.tables import reviews
from kb.review.types import State

RUN = 500
"""Keys looked up at once; others are let in between."""


class Revised(msgspec.Struct, frozen=True):
    """One revision as far as it matters here; `source` is the hash a translation pins."""

    number: int
    hash: str
    source: str
    state: State


class Place(msgspec.Struct, frozen=True):
    """An entry in one locale: its live revision, and the newest one that nothing has superseded; None where there is none."""

    key: str
    locale: str
    kind: str
    topic: str
    live: Revised | None
    newest: Revised | None

    @property
    def pending(self) -> Revised | None:
        """What waits to take the place of what is live."""
        if self.newest is None or (self.live is not None and self.newest.number <= self.live.number):
            return None
        return self.newest


class Entries(msgspec.Struct, frozen=True):
    """Which entries: of one kind, topic or key (empty: all), in these locales (empty: all).

    `topics` (None: all) and `audiences` are those whose entries may be known of; so are entries that have a text in one of
    the locales that may be read, `readable` (empty: all).
    """

    kind: str = ""
    topic: str = ""
    key: str = ""
    topics: frozenset[str] | None = None
    audiences: frozenset[str] = frozenset({"public", "customer", "staff"})
    locales: frozenset[str] = frozenset()
    readable: frozenset[str] = frozenset()

    def has(self, about: About) -> bool:
        known = about.audience in self.audiences and (self.topics is None or about.topic in self.topics)
        return known and (not self.topic or about.topic == self.topic)


async def profiles_now(connection: AsyncConnection) -> Profiles:
    """The channel profiles in force."""
    in_force = (rulings.c.name == "channels") & rulings.c.closed_at.is_(None)
    return profiles_of(await connection.scalar(sa.select(rulings.c.body).where(in_force)))


async def places(connection: AsyncConnection, wanted: Entries, locales: Sequence[str]) -> AsyncIterator[list[Place]]:
    """Every delivered entry in each of these locales, in order of key, in runs."""
    after = ""
    while run := await _keys(connection, wanted, after):
        kinds = dict(run)
        abouts = await abouts_of(connection, kinds)
        chosen = [key for key in kinds if key in abouts and wanted.has(abouts[key])]
        if wanted.readable:
            known = await written_in(connection, chosen, wanted.readable)
            chosen = [key for key in chosen if key in known]
        live, newest = await _live(connection, chosen), await _newest(connection, chosen)
        yield [
            Place(key, locale, kinds[key], abouts[key].topic, live.get((key, locale)), newest.get((key, locale)))
            for key in chosen
            for locale in sorted(locales)
            if not wanted.locales or locale in wanted.locales
        ]
        after = run[-1][0]
        await asyncio.sleep(0)


async def _keys(connection: AsyncConnection, wanted: Entries, after: str) -> list[tuple[str, str]]:
    statement = sa.select(entries.c.key, entries.c.kind).where(entries.c.key > after)
    kinds = [wanted.kind] if wanted.kind else sorted(DELIVERED)
    statement = statement.where(entries.c.kind.in_(kinds)).order_by(entries.c.key).limit(RUN)
    if wanted.key:
        statement = statement.where(entries.c.key == wanted.key)
    return [(row.key, row.kind) for row in await connection.execute(statement)]


async def _live(connection: AsyncConnection, keys: Collection[str]) -> Mapping[At, Revised]:
    same = (revisions.c.key == live_revisions.c.key) & (revisions.c.locale == live_revisions.c.locale)
    columns = (revisions.c.key, revisions.c.locale, revisions.c.number, revisions.c.hash, revisions.c.source)
    statement = sa.select(*columns).join(live_revisions, same & (revisions.c.hash == live_revisions.c.hash))
    rows = await connection.execute(statement.where(IS_LIVE, revisions.c.key.in_(keys)))
    return {(row.key, row.locale): Revised(row.number, row.hash, row.source, State.LIVE) for row in rows}


async def _newest(connection: AsyncConnection, keys: Collection[str]) -> Mapping[At, Revised]:
    same = (reviews.c.key == revisions.c.key) & (reviews.c.locale == revisions.c.locale)
    columns = (revisions.c.key, revisions.c.locale, revisions.c.number, revisions.c.hash, revisions.c.source)
    found: dict[At, Revised] = {}
    statement = (
        sa.select(*columns, reviews.c.state)
        .select_from(revisions.outerjoin(reviews, same & (reviews.c.hash == revisions.c.hash)))
        .where(revisions.c.key.in_(keys), sa.func.coalesce(reviews.c.state, "") != State.SUPERSEDED.value)
        .order_by(revisions.c.number)
    )
    for row in await connection.execute(statement):
        found[row.key, row.locale] = Revised(row.number, row.hash, row.source, State(row.state or State.DRAFT))
    return found
