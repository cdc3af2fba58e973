"""What there is to work on: entries with the newest revision of each locale, its state, and the one that is live.

Everything is filtered by what the asking actor may see before it is sorted, counted or cut into pages.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base import paging
from kb.base.db import chunks
from kb.base.work import EVERY_AUDIENCE, Actor, Right
from kb.entries.tables import entries, latest_revisions, revisions
from kb.entries.types import NO_LOCALE, Kind
from kb.entries.visible import reads
from kb.release.queries import IS_LIVE
from kb.release.tables import live_revisions
from kb.review.tables import reviews
from kb.review.types import State

SORTS = ("key", "-key", "updated", "-updated")
WITHOUT_LOCALE = (Kind.FACT.value, Kind.HOUSE.value)


class LiveNow(msgspec.Struct, frozen=True):
    """The revision of a place that is live."""

    number: int
    hash: str


class ListedLocale(msgspec.Struct, frozen=True):
    """The newest revision of an entry in one locale: its state, who wrote it when, and what is live there."""

    locale: str
    title: str
    number: int
    hash: str
    state: State
    author: str
    updated: str
    live: LiveNow | None


class ListedEntry(msgspec.Struct, frozen=True):
    """An entry as lists show it; topic, product, stage, owner and audience are those of its own locale's newest revision."""

    key: str
    kind: Kind
    title: str
    topic: str
    product: str
    stage: str
    owner: str
    audience: str
    position: int
    locales: tuple[ListedLocale, ...]


class Wanted(msgspec.Struct, frozen=True):
    """Filters of a list; empty is no filter. `state` and `live` are about `locale` where it is given, else about any."""

    kind: str = ""
    topic: str = ""
    product: str = ""
    stage: str = ""
    owner: str = ""
    audience: str = ""
    locale: str = ""
    state: str = ""
    live: bool | None = None
    q: str = ""
    key: str = ""


class EntryPage(msgspec.Struct, frozen=True):
    """A page of entries; `next` is the cursor of the page behind it, null on the last."""

    items: tuple[ListedEntry, ...]
    next: str | None


async def listed(
    connection: AsyncConnection,
    actor: Actor,
    default_locale: str,
    wanted: Wanted,
    sort: str = "key",
    cursor: str = "",
    limit: int = 20,
) -> EntryPage:
    """A page of the entries whose drafts an actor may see; Invalid for a cursor of another list."""
    own = latest_revisions.alias("own")
    home = sa.case((entries.c.kind.in_(WITHOUT_LOCALE), NO_LOCALE), else_=default_locale)
    updated = (
        sa.select(sa.func.max(latest_revisions.c.position))
        .where(latest_revisions.c.key == entries.c.key)
        .scalar_subquery()
        .label("updated")
    )
    fields = [sa.func.coalesce(own.c[name], "").label(name) for name in ("topic", "product", "stage", "owner")]
    fields.append(sa.func.coalesce(own.c.audience, "public").label("audience"))
    joined = entries.outerjoin(own, (own.c.key == entries.c.key) & (own.c.locale == home))
    found = sa.select(entries.c.key, entries.c.kind, updated, *fields).select_from(joined).subquery("found")
    statement = sa.select(found).where(*_seen(found, actor), *_matching(found, wanted, actor))
    statement = _sorted(statement, found, sort, cursor).limit(limit + 1)
    rows = list(await connection.execute(statement))
    page = rows[:limit]
    places = await _places(connection, [row.key for row in page], actor)
    items = tuple(_entry(row, places.get(row.key, ()), default_locale) for row in page)
    return EntryPage(items, _place(page[-1], sort) if len(rows) > limit else None)


async def one(connection: AsyncConnection, actor: Actor, default_locale: str, key: str) -> ListedEntry | None:
    """An entry by key; None for one that isn't there as for one that this actor may not see."""
    page = await listed(connection, actor, default_locale, Wanted(key=key), limit=1)
    return page.items[0] if page.items else None


async def last_live(connection: AsyncConnection, key: str, locale: str) -> int:
    """The number of the newest revision of a place that was ever live, 0 where there was none."""
    statement = sa.select(sa.func.max(live_revisions.c.number)).where(
        live_revisions.c.key == key, live_revisions.c.locale == locale
    )
    return int(await connection.scalar(statement) or 0)


async def states_of(connection: AsyncConnection, key: str, locale: str) -> dict[str, State]:
    """The state of each revision of a place by its hash; one that was never submitted is a draft."""
    statement = sa.select(revisions.c.hash, reviews.c.state).select_from(_reviewed(revisions))
    rows = await connection.execute(statement.where(revisions.c.key == key, revisions.c.locale == locale))
    return {row.hash: State(row.state or State.DRAFT) for row in rows}


def _reviewed(table: sa.FromClause) -> sa.Join:
    return table.outerjoin(
        reviews,
        (reviews.c.hash == table.c.hash) & (reviews.c.key == table.c.key) & (reviews.c.locale == table.c.locale),
    )


def _seen(found: sa.Subquery, actor: Actor) -> list[sa.ColumnElement[bool]]:
    """What an actor may see at all: by topic, audience and locale, as `entries.visible.sees` says of one entry."""
    rights = [right for right in (Right.DRAFTS, Right.WRITE) if right in actor.rights]
    if not rights:
        return [sa.false()]
    conditions: list[sa.ColumnElement[bool]] = []
    limits = [actor.limits.get(right) for right in rights]
    topics = {topic for limit in limits if limit is not None for topic in limit}
    if None not in limits:
        conditions.append(found.c.topic.in_(sorted(topics)))
    if actor.audiences < EVERY_AUDIENCE:
        conditions.append(found.c.audience.in_(sorted(actor.audiences)))
    if actor.locales:
        conditions.append(_has(found, _in_locales(actor)))
    return conditions


def _matching(found: sa.Subquery, wanted: Wanted, actor: Actor) -> list[sa.ColumnElement[bool]]:
    names = ("key", "kind", "topic", "product", "stage", "owner", "audience")
    conditions = [found.c[name] == getattr(wanted, name) for name in names if getattr(wanted, name)]
    here: list[sa.ColumnElement[bool]] = []
    if actor.locales:
        here.append(_in_locales(actor))
    if wanted.locale:
        here.append(latest_revisions.c.locale == wanted.locale)
    if wanted.state:
        conditions.append(_has(found, *here, sa.func.coalesce(reviews.c.state, State.DRAFT.value) == wanted.state))
    elif wanted.locale:
        conditions.append(_has(found, *here))
    if wanted.live is not None:
        live = sa.select(live_revisions.c.key).where(live_revisions.c.key == found.c.key, IS_LIVE)
        live = live.where(live_revisions.c.locale == wanted.locale) if wanted.locale else live
        conditions.append(live.exists() if wanted.live else ~live.exists())
    if wanted.q:
        titled = _has(found, *here, latest_revisions.c.title.icontains(wanted.q, autoescape=True))
        conditions.append(sa.or_(found.c.key.icontains(wanted.q, autoescape=True), titled))
    return conditions


def _has(found: sa.Subquery, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """That an entry has a newest revision in some locale of which all of this holds."""
    there = sa.select(latest_revisions.c.key).select_from(_reviewed(latest_revisions))
    return there.where(latest_revisions.c.key == found.c.key, *conditions).exists()


def _in_locales(actor: Actor) -> sa.ColumnElement[bool]:
    return latest_revisions.c.locale.in_(sorted({*actor.locales, NO_LOCALE}))


def _sorted(statement: sa.Select[Any], found: sa.Subquery, sort: str, cursor: str) -> sa.Select[Any]:
    """By key, or by the position of the last writing with the key behind it."""
    down = sort.startswith("-")
    if sort.endswith("key"):
        place = paging.decode(cursor, (str,))
        if place:
            statement = statement.where(found.c.key < place[0] if down else found.c.key > place[0])
        return statement.order_by(found.c.key.desc() if down else found.c.key)
    place = paging.decode(cursor, (int, str))
    columns = (found.c.updated, found.c.key)
    if place:
        here, there = sa.tuple_(*columns), sa.tuple_(*(sa.literal(value) for value in place))
        statement = statement.where(here < there if down else here > there)
    return statement.order_by(*(column.desc() if down else column for column in columns))


def _place(row: Any, sort: str) -> str:
    return paging.encode([row.key] if sort.endswith("key") else [row.updated, row.key])


async def _places(connection: AsyncConnection, keys: list[str], actor: Actor) -> Mapping[str, Sequence[ListedLocale]]:
    """The locales of these entries that an actor may read, by key."""
    live: dict[tuple[str, str], LiveNow] = {}
    found: dict[str, list[ListedLocale]] = {}
    for chunk in chunks(keys):
        open_now = sa.select(live_revisions).where(
            live_revisions.c.key.in_(chunk), live_revisions.c.closed_at.is_(None)
        )
        for row in await connection.execute(open_now):
            live[row.key, row.locale] = LiveNow(row.number, row.hash)
        statement = sa.select(latest_revisions, reviews.c.state).select_from(_reviewed(latest_revisions))
        statement = statement.where(latest_revisions.c.key.in_(chunk)).order_by(latest_revisions.c.locale)
        for row in await connection.execute(statement):
            if reads(actor, row.locale):
                place = _locale(row, live.get((row.key, row.locale)))
                found.setdefault(row.key, []).append(place)
    return found


def _locale(row: Any, live: LiveNow | None) -> ListedLocale:
    state = State(row.state or State.DRAFT)
    return ListedLocale(row.locale, row.title, row.number, row.hash, state, row.author, row.at, live)


def _entry(row: Any, places: Sequence[ListedLocale], default_locale: str) -> ListedEntry:
    """The title is that of the entry's own locale, or of the first one for those who may not read that."""
    titles = {place.locale: place.title for place in places}
    title = titles.get(default_locale) or next(iter(titles.values()), "")
    return ListedEntry(
        row.key, Kind(row.kind), title, row.topic, row.product, row.stage, row.owner, row.audience, row.updated,
        tuple(places),
    )  # fmt: skip
