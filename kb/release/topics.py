"""Topics of keys, read off their revisions without decoding the rest: a translation's topic is its source's."""

from collections.abc import Collection, Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.entries.queries import HAS_TEXT
from kb.entries.tables import latest_revisions, revisions
from kb.entries.types import NO_LOCALE
from kb.release.queries import IS_LIVE, by_keys
from kb.release.tables import live_revisions
from kb.review.tables import reviews
from kb.review.types import State


class About(msgspec.Struct, frozen=True):
    """What decides who may see an entry."""

    topic: str = ""
    audience: str = "public"


class _Body(msgspec.Struct):
    content: About


_decode = msgspec.json.Decoder(_Body).decode


async def topics_of(connection: AsyncConnection, keys: Collection[str]) -> dict[str, str]:
    """The topic of each of these keys by its newest source revision; a key that isn't known is left out."""
    return {key: about.topic for key, about in (await abouts_of(connection, keys)).items()}


async def abouts_of(connection: AsyncConnection, keys: Collection[str]) -> dict[str, About]:
    """Topic and audience of each of these keys by its newest source revision; a key that isn't known is left out."""
    newest = sa.select(revisions.c.key, sa.func.max(revisions.c.position).label("position"))
    newest = newest.where(revisions.c.source == "", HAS_TEXT).group_by(revisions.c.key)
    found: dict[str, About] = {}
    for statement in by_keys(newest, revisions.c.key, keys):
        last = statement.subquery()
        same = (revisions.c.key == last.c.key) & (revisions.c.position == last.c.position)
        rows = await connection.execute(sa.select(revisions.c.key, revisions.c.body).join(last, same))
        found.update((row.key, _decode(row.body).content) for row in rows)
    return found


async def written_in(connection: AsyncConnection, keys: Collection[str], locales: Collection[str]) -> frozenset[str]:
    """Those of these keys that have a text in one of these locales, or in none: what is in no locale is in all of them."""
    places = latest_revisions.c
    base = sa.select(places.key).where(places.locale.in_(sorted({*locales, NO_LOCALE}))).distinct()
    found: set[str] = set()
    for statement in by_keys(base, places.key, keys):
        found.update((await connection.execute(statement)).scalars())
    return frozenset(found)


async def keys_on(connection: AsyncConnection, topic: str) -> frozenset[str]:
    """The keys whose live or suspended source revision is about this topic, facts too."""
    same = (revisions.c.hash == reviews.c.hash) & (revisions.c.key == reviews.c.key)
    statement = (
        sa.select(revisions.c.key, revisions.c.body)
        .join(reviews, same & (revisions.c.locale == reviews.c.locale))
        .where(reviews.c.state.in_((State.LIVE.value, State.SUSPENDED.value)), revisions.c.source == "")
    )
    return frozenset(row.key for row in await connection.execute(statement) if _topic(row.body) == topic)


async def live_topics(connection: AsyncConnection, keys: Iterable[str]) -> frozenset[str]:
    """Every topic that the live and the newest revisions of these keys are about: moving an entry loses no right."""
    wanted = sorted(set(keys))
    newest = await topics_of(connection, wanted)
    same = (revisions.c.hash == live_revisions.c.hash) & (revisions.c.key == live_revisions.c.key)
    base = sa.select(revisions.c.body).join(live_revisions, same).where(IS_LIVE, revisions.c.source == "")
    found = set(newest.values())
    for statement in by_keys(base, revisions.c.key, wanted):
        found.update(_topic(body) for body in (await connection.execute(statement)).scalars())
    return frozenset(found)


def _topic(body: bytes) -> str:
    return _decode(body).content.topic
