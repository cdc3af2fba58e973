"""Who refers to an entry: in its newest revision or in the live one, directly or through others."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.db import chunks
from kb.base.work import Actor
from kb.entries.tables import entries, latest_revisions, uses
from kb.entries.types import NO_LOCALE
from kb.entries.visible import sees
from kb.release.queries import IS_LIVE, TEXT_USES
from kb.release.tables import live_revisions


class Referrer(msgspec.Struct, frozen=True):
    """One revision that refers to `target` as `uses` (fact, claim, disclosure, or entry for a way on).

    `live` says whether it is live, `newest` whether it is the newest of its place; it may be both.
    """

    target: str
    uses: str
    key: str
    kind: str
    locale: str
    number: int
    hash: str
    newest: bool
    live: bool


async def referrers(
    connection: AsyncConnection, actor: Actor, default_locale: str, key: str, *, transitive: bool = False
) -> list[Referrer]:
    """Everything an actor may see that refers to a key, by key and locale; `transitive` follows references in texts.

    A way on only leads somewhere, so it is told of and not followed.
    """
    found: dict[tuple[str, str, str], Referrer] = {}
    waiting = {key}
    seen: set[str] = set()
    while waiting:
        seen |= waiting
        step = await _direct(connection, waiting)
        found |= {(one.target, one.uses, one.hash): one for one in step}
        waiting = {one.key for one in step if one.uses in TEXT_USES} - seen if transitive else set()
    visible = await _visible(connection, actor, default_locale, {one.key for one in found.values()})
    kept = [one for one in found.values() if (one.key, one.locale) in visible]
    return sorted(kept, key=lambda one: (one.key, one.locale, one.number, one.target, one.uses))


async def _direct(connection: AsyncConnection, targets: Collection[str]) -> list[Referrer]:
    found: dict[tuple[str, str, str], Referrer] = {}
    for chunk in chunks(sorted(targets)):
        for table, live in ((latest_revisions, False), (live_revisions, True)):
            for row in await connection.execute(_referring(table, chunk, live=live)):
                name = (row.target, row.kind, row.hash)
                newest = not live or (name in found and found[name].newest)
                found[name] = Referrer(
                    row.target, row.kind, row.key, row.of, row.locale, row.number, row.hash, newest, live
                )
    return list(found.values())


def _referring(table: sa.Table, targets: Sequence[str], *, live: bool) -> sa.Select[Any]:
    same = (uses.c.hash == table.c.hash) & (uses.c.key == table.c.key) & (uses.c.locale == table.c.locale)
    columns = (uses.c.target, uses.c.kind, uses.c.key, uses.c.locale, uses.c.hash, table.c.number)
    statement = sa.select(*columns, entries.c.kind.label("of")).select_from(
        uses.join(table, same).join(entries, entries.c.key == uses.c.key)
    )
    statement = statement.where(uses.c.target.in_(targets))
    return statement.where(IS_LIVE) if live else statement


async def _visible(
    connection: AsyncConnection, actor: Actor, default_locale: str, keys: Collection[str]
) -> set[tuple[str, str]]:
    """The places of these entries that an actor may see; topic and audience are those of the entry's own locale."""
    rows: dict[str, dict[str, Any]] = {}
    for chunk in chunks(sorted(keys)):
        for row in await connection.execute(sa.select(latest_revisions).where(latest_revisions.c.key.in_(chunk))):
            rows.setdefault(row.key, {})[row.locale] = row
    found: set[tuple[str, str]] = set()
    for key, places in rows.items():
        own = places.get(NO_LOCALE) or places.get(default_locale)
        topic, audience = (own.topic, own.audience) if own else ("", "public")
        found |= {(key, locale) for locale in places if sees(actor, topic, audience, locale)}
    return found
