"""What followers read: the change feed with tombstones, the snapshot, and what search may know."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from kb.base.db import chunks
from kb.delivery.queries import JOINED, THEN, Instant, Row, delivered, pick
from kb.delivery.reader import Reader
from kb.delivery.types import Asked, Change, ChangeItem, Changes, Delivered, Findable

OPENED = (
    "SELECT r.opened_at AS position, 0 AS closing, r.id AS id, 'released' AS change, r.key, r.channel, r.profile,"
    " r.locale, r.version FROM renditions r WHERE r.opened_at BETWEEN :low AND :high"
)
CLOSED = (
    "SELECT r.closed_at AS position, 1 AS closing, r.id AS id, r.closed_as AS change, r.key, r.channel, r.profile,"
    " r.locale, r.version FROM renditions r WHERE r.closed_at BETWEEN :low AND :high AND r.closed_as <> 'replaced'"
)
SNAPSHOT_RUN = 200
FINDABLES_RUN = 100
"""Rows read at once: where reading keeps the loop, other readers wait a millisecond or two."""
CURSOR = re.compile(r"[0-9]{1,18}-[01]-[0-9]{1,18}")


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """How far a follower has read: whole positions, then within the next one."""

    position: int
    closing: int
    id: int


async def changes(
    reader: Reader,
    after: Cursor,
    upto: int,
    limit: int,
    audiences: frozenset[str],
    channel: str = "",
    locale: str = "",
    *,
    channels: frozenset[str] = frozenset(),
    locales: frozenset[str] = frozenset(),
) -> Changes:
    """Changes behind a cursor and up to a position, as these audiences may see them.

    `channel` and `locale` are what is asked for, `channels` and `locales` what may be read at all; empty is all.
    """
    clauses = _within({"audience": audiences, "channel": channels, "locale": locales}, channel, locale)
    rows = await _change_rows(reader, after, upto, limit + 1, *clauses)
    told = rows[:limit]
    times = await _times(reader, {row[0] for row in told})
    items = tuple(
        ChangeItem(row[0], times[row[0]], Change(row[3]), row[4], row[5], row[6], row[7], row[8]) for row in told
    )
    if len(rows) > limit:
        last = told[-1]
        complete = last[0] if rows[limit][0] > last[0] else last[0] - 1
        return Changes(items, encode_cursor(Cursor(last[0], last[1], last[2])), max(complete, after.position - 1))
    return Changes(items, encode_cursor(Cursor(upto + 1, 0, 0)), upto)


async def changed_keys(reader: Reader, after: int, upto: int) -> list[tuple[str, str]]:
    """The (key, locale) pairs whose findable words were opened or closed behind `after` and up to `upto`."""
    statement = (
        "SELECT DISTINCT key, locale FROM findable WHERE opened_at BETWEEN :low AND :high"
        " OR closed_at BETWEEN :low AND :high ORDER BY key, locale"
    )
    return [(row[0], row[1]) for row in await reader.rows(statement, {"low": after + 1, "high": upto})]


async def closed_keys(reader: Reader, after: int, upto: int) -> frozenset[str]:
    """Keys that closed behind `after` and up to `upto` and are live in no locale now: what an index must not count."""
    statement = (
        "SELECT DISTINCT f.key FROM findable f WHERE f.closed_at BETWEEN :low AND :high"
        " AND NOT EXISTS (SELECT 1 FROM findable o WHERE o.key = f.key AND o.closed_at IS NULL)"
    )
    return frozenset(row[0] for row in await reader.rows(statement, {"low": after + 1, "high": upto}))


async def findables(reader: Reader, keys: Sequence[str]) -> list[Findable]:
    """What search may know of these keys now, every live locale of each."""
    found: list[Findable] = []
    for run in chunks(keys, FINDABLES_RUN):
        named = {f"key_{index}": key for index, key in enumerate(run)}
        names = ", ".join(f":{one}" for one in named)
        statement = f"{FINDABLE} AND key IN ({names}) ORDER BY key, locale"
        found += [_findable(row) for row in await reader.rows(statement, named)]
        await asyncio.sleep(0)
    return found


async def all_findables(reader: Reader, run: int = 500) -> AsyncIterator[list[Findable]]:
    """Everything search may know, in runs ordered by key."""
    key, locale = "", ""
    while True:
        statement = f"{FINDABLE} AND (key > :key OR (key = :key AND locale > :locale)) ORDER BY key, locale LIMIT :run"
        rows = [_findable(row) for row in await reader.rows(statement, {"key": key, "locale": locale, "run": run})]
        if not rows:
            return
        yield rows
        key, locale = rows[-1].key, rows[-1].locale


async def scan(reader: Reader, words: Sequence[str], locale: str, limit: int) -> list[str]:
    """Keys whose title, text or phrasings hold most of these words: what search falls back on when its engine is down."""
    if not words:
        return []
    named = {f"word_{index}": f"%{_escaped(word.lower())}%" for index, word in enumerate(words[:12])}
    hit = "(CASE WHEN lower(title || ' ' || phrasings || ' ' || text) LIKE {} ESCAPE '!' THEN 1 ELSE 0 END)"
    score = " + ".join(hit.format(f":{name}") for name in named)
    statement = (
        f"SELECT key FROM (SELECT key, {score} AS score FROM findable WHERE closed_at IS NULL AND locale = :locale) t"  # noqa: S608
        " WHERE score > 0 ORDER BY score DESC, key LIMIT :limit"
    )
    return [row[0] for row in await reader.rows(statement, named | {"locale": locale, "limit": limit})]


async def snapshot(reader: Reader, asked: Asked, instant: Instant) -> AsyncIterator[Delivered]:
    """Every payload of one channel, profile and locale at one instant, in order of key, whatever is released meanwhile."""
    after = ""
    values: dict[str, Any] = {"channel": asked.channel, "profile": asked.profile, "locale": asked.locales[0]}
    values |= {"position": instant.position, "run": SNAPSHOT_RUN}
    statement = (
        f"{JOINED} WHERE r.channel = :channel AND r.profile = :profile AND r.locale = :locale AND {THEN}"
        " AND r.key > :after ORDER BY r.key LIMIT :run"
    )
    while True:
        rows = [Row(*row) for row in await reader.rows(statement, values | {"after": after})]
        full = len(rows) == SNAPSHOT_RUN
        if full:  # the last key of a full run may go on in the next one
            rows = [row for row in rows if row.key != rows[-1].key] or rows
        for key in dict.fromkeys(row.key for row in rows):
            if chosen := pick([row for row in rows if row.key == key], asked, instant.at):
                yield delivered(chosen, instant.at)
        if not full:
            return
        after = rows[-1].key


def encode_cursor(cursor: Cursor) -> str:
    """A cursor as text; opaque to clients."""
    return f"{cursor.position}-{cursor.closing}-{cursor.id}"


def decode_cursor(text: str) -> Cursor:
    """The inverse of `encode_cursor`; ValueError for anything else."""
    if not CURSOR.fullmatch(text):
        raise ValueError(f"{text!r} is no cursor")
    position, closing, row = (int(part) for part in text.split("-"))
    return Cursor(position, closing, row)


FINDABLE = (
    "SELECT key, locale, audience, kind, topic, product, stage, title, text, phrasings, channels, valid_until"
    " FROM findable WHERE closed_at IS NULL"
)


def _findable(row: Sequence[Any]) -> Findable:
    key, locale, audience, kind, topic, product, stage, title, text, phrasings, channels, valid_until = row
    return Findable(
        key=key,
        locale=locale,
        audience=audience,
        kind=kind,
        topic=topic,
        product=product,
        stage=stage,
        title=title,
        text=text,
        phrasings=tuple(msgspec.json.decode(phrasings, type=list[str])),
        channels=tuple(msgspec.json.decode(channels, type=list[str])),
        valid_until=valid_until,
    )


def _within(allowed: Mapping[str, frozenset[str]], channel: str, locale: str) -> tuple[str, dict[str, str]]:
    """The clauses, with their values, that narrow rows to what may be read and what is asked for."""
    clauses = "" if allowed["audience"] else " AND 1 = 0"
    values: dict[str, str] = {}
    for column, words in allowed.items():
        if words:
            named = {f"{column}_{index}": word for index, word in enumerate(sorted(words))}
            clauses += f" AND r.{column} IN ({', '.join(f':{one}' for one in named)})"
            values |= named
    for column, word in (("channel", channel), ("locale", locale)):
        if word:
            clauses += f" AND r.{column} = :{column}"
            values[column] = word
    return clauses, values


async def _change_rows(
    reader: Reader, after: Cursor, upto: int, limit: int, clauses: str, values: Mapping[str, str]
) -> Sequence[tuple[Any, ...]]:
    named: dict[str, Any] = {**values, "low": after.position, "high": upto, "limit": limit}
    named |= {"closing": after.closing, "id": after.id}
    statement = (
        f"SELECT * FROM ({OPENED}{clauses} UNION ALL {CLOSED}{clauses}) t"  # noqa: S608
        " WHERE position > :low OR closing > :closing OR (closing = :closing AND id > :id)"
        " ORDER BY position, closing, id LIMIT :limit"
    )
    return await reader.rows(statement, named)


async def _times(reader: Reader, positions: set[int]) -> dict[int, str]:
    if not positions:
        return {}
    statement = "SELECT position, at FROM journal WHERE position BETWEEN :low AND :high"
    rows = await reader.rows(statement, {"low": min(positions), "high": max(positions)})
    return {row[0]: row[1] for row in rows}


def _escaped(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")
