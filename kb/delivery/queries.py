"""Reading delivery: one payload, several, lists, former states: always released renditions, always filtered by audience."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import msgspec

from kb.base.hashing import digest
from kb.delivery.reader import Reader
from kb.delivery.rules import Candidate, candidate, choose, trust
from kb.delivery.types import Asked, Delivered, Filters, Page

COLUMNS = (
    "r.key, r.locale, r.audience, r.variant, r.pick, r.kind, r.version, r.rendition, r.opened_at, r.valid_until,"
    " r.verified_at, r.due_at, r.overdue_at, p.body"
)
PAYLOAD = "JOIN payloads p ON p.hash = r.rendition AND length(p.body) > 0"
"""A payload that was redacted has no bytes: what it said is unknown to everyone."""
JOINED = f"SELECT {COLUMNS} FROM renditions r {PAYLOAD}"  # noqa: S608 (no input in it)
LIVE = "r.closed_at IS NULL"
NEVER = "9999-12-31T23:59:59.999Z"
THEN = "r.opened_at <= :position AND (r.closed_at IS NULL OR r.closed_at > :position)"

ONE = f"{JOINED} WHERE r.key = :key AND r.channel = :channel AND r.profile = :profile AND r.locale = :locale AND {LIVE}"
ONE_THEN = (
    f"SELECT {COLUMNS} FROM rendition_places s JOIN renditions r ON r.id = ("  # noqa: S608 (no input in it)
    " SELECT n.id FROM renditions n WHERE n.key = s.key AND n.channel = s.channel AND n.profile = s.profile"
    " AND n.locale = s.locale AND n.audience = s.audience AND n.variant = s.variant AND n.pick = s.pick"
    " AND n.opened_at <= :position ORDER BY n.opened_at DESC LIMIT 1)"
    f" {PAYLOAD}"
    " WHERE s.key = :key AND s.channel = :channel AND s.profile = :profile AND s.locale = :locale"
    " AND (r.closed_at IS NULL OR r.closed_at > :position)"
)
"""The rows of one place at a position: the last one opened there by then, if it was open still."""

REPLACED = "SELECT replacement FROM replacements WHERE key = :key AND closed_at IS NULL"
REPLACED_THEN = (
    "SELECT replacement FROM replacements WHERE key = :key AND opened_at <= :position"
    " AND (closed_at IS NULL OR closed_at > :position)"
)


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A row with the columns of `COLUMNS`."""

    key: str
    locale: str
    audience: str
    variant: str
    pick: int
    kind: str
    version: int
    rendition: str
    opened_at: int
    valid_until: str | None
    verified_at: str
    due_at: str
    overdue_at: str
    body: bytes


class Instant(msgspec.Struct, frozen=True):
    """A point of the past: the journal's position, and the time it is judged at."""

    position: int
    at: str


async def get(reader: Reader, key: str, asked: Asked, now: str, *, follow: bool = True) -> Delivered | None:
    """The payload of a key as it is live now, in the first locale of the chain that has one; None is a 404.

    A retired key is answered by its replacement, and that one's, to the end, unless `follow` says not to.
    """
    found = await _one(reader, key, asked, now)
    if found is None and follow:
        async for replacement in _replacements(reader, REPLACED, {"key": key}):
            if found := await _one(reader, replacement, asked, now):
                return found
    return found


async def get_then(
    reader: Reader, key: str, asked: Asked, instant: Instant, *, follow: bool = True
) -> Delivered | None:
    """The payload of a key as it was at a point of the past: what a key that was retired by then was answered with too."""
    found = await _one_then(reader, key, asked, instant)
    if found is None and follow:
        async for replacement in _replacements(reader, REPLACED_THEN, {"key": key, "position": instant.position}):
            if found := await _one_then(reader, replacement, asked, instant):
                return found
    return found


async def _one(reader: Reader, key: str, asked: Asked, now: str) -> Delivered | None:
    for locale in asked.locales:
        values = {"key": key, "channel": asked.channel, "profile": asked.profile, "locale": locale}
        rows = [Row(*row) for row in await reader.rows(ONE, values)]
        if chosen := pick(rows, asked, now):
            return delivered(chosen, now)
    return None


async def _one_then(reader: Reader, key: str, asked: Asked, instant: Instant) -> Delivered | None:
    for locale in asked.locales:
        values = {"key": key, "channel": asked.channel, "profile": asked.profile, "locale": locale}
        rows = [Row(*row) for row in await reader.rows(ONE_THEN, values | {"position": instant.position})]
        if chosen := pick(rows, asked, instant.at):
            return delivered(chosen, instant.at)
    return None


async def _replacements(reader: Reader, statement: str, values: dict[str, Any]) -> AsyncIterator[str]:
    """Who answers for a key that is retired, and for that one, each once: a circle has an end too."""
    seen = {values["key"]}
    while rows := await reader.rows(statement, values):
        key = rows[0][0]
        if key in seen:
            return
        seen.add(key)
        yield key
        values = values | {"key": key}


async def instant_of(reader: Reader, position: int) -> Instant | None:
    """A position as an instant, None where the journal has no such line."""
    rows = await reader.rows("SELECT at FROM journal WHERE position = :position", {"position": position})
    return Instant(position, rows[0][0]) if rows else None


async def instant_at(reader: Reader, at: str) -> Instant | None:
    """A time as an instant: the last line that was written by then, judged at that very time."""
    statement = "SELECT position FROM journal WHERE at <= :at ORDER BY at DESC, position DESC LIMIT 1"
    rows = await reader.rows(statement, {"at": at})
    return Instant(rows[0][0], at) if rows else None


async def many(
    reader: Reader, keys: Sequence[str], asked: Asked, now: str, *, follow: bool = True
) -> dict[str, Delivered]:
    """The payloads of several keys by key; what isn't live, or not for this reader, is left out.

    Retired keys are answered by their replacements, unless `follow` says not to.
    """
    found = await _several(reader, list(dict.fromkeys(keys)), asked, now)
    if follow and (missing := [key for key in dict.fromkeys(keys) if key not in found]):
        for key in await _retired(reader, missing):
            if payload := await get(reader, key, asked, now):
                found[key] = payload
    return found


async def _several(reader: Reader, keys: Sequence[str], asked: Asked, now: str) -> dict[str, Delivered]:
    found: dict[str, Delivered] = {}
    for locale in asked.locales:
        wanted = [key for key in keys if key not in found]
        if not wanted:
            break
        names, values = _listed("key", wanted)
        statement = (
            f"{JOINED} WHERE r.key IN ({names}) AND r.channel = :channel AND r.profile = :profile"
            f" AND r.locale = :locale AND {LIVE}"
        )
        values |= {"channel": asked.channel, "profile": asked.profile, "locale": locale}
        for key, rows in _by_key(await reader.rows(statement, values)).items():
            if chosen := pick(rows, asked, now):
                found[key] = delivered(chosen, now)
    return found


async def _retired(reader: Reader, keys: Sequence[str]) -> list[str]:
    """Those of these keys for which another answers now."""
    names, values = _listed("key", keys)
    statement = f"SELECT key FROM replacements WHERE key IN ({names}) AND closed_at IS NULL ORDER BY key"  # noqa: S608
    return [row[0] for row in await reader.rows(statement, values)]


async def page(reader: Reader, asked: Asked, filters: Filters, after: str, limit: int, now: str) -> Page:
    """Live payloads in order of key behind `after`; an entry that lapsed meanwhile is skipped, never counted."""
    items: list[Delivered] = []
    while len(items) <= limit:
        keys = await _keys(reader, asked, filters, after, limit + 1, now)
        found = await many(reader, keys, asked, now, follow=False)
        items += [found[key] for key in keys if key in found]
        if len(keys) <= limit:
            break
        after = keys[-1]
    more = len(items) > limit
    return Page(tuple(items[:limit]), items[limit - 1].key if more else None)


async def candidates(reader: Reader, key: str, asked: Asked, locale: str) -> list[Candidate]:
    """The live rows of a key in one locale that this reader's audience may know of."""
    values = {"key": key, "channel": asked.channel, "profile": asked.profile, "locale": locale}
    rows = [Row(*row) for row in await reader.rows(ONE, values)]
    return [candidate(row.audience, row.variant, row.pick) for row in rows if row.audience in asked.audiences]


def pick(rows: Sequence[Row], asked: Asked, now: str) -> Row | None:
    """The row to serve among those live at one place."""
    if len(rows) == 1 and not rows[0].variant and rows[0].audience in asked.audiences:
        return rows[0] if _valid(rows[0], now) else None
    valid = [row for row in rows if _valid(row, now)]
    chosen = choose(
        [candidate(row.audience, row.variant, row.pick) for row in valid], asked.audiences, asked.circumstances
    )
    return None if chosen is None else valid[chosen]


def delivered(row: Row, now: str) -> Delivered:
    """The bytes that leave: the stored payload with the row's columns spliced in at its end."""
    lapses = f'"{row.valid_until}"' if row.valid_until else "null"
    tail = (
        f',"rendition":"{row.rendition}","position":{row.opened_at},"valid_until":{lapses}'
        f',"verified_at":"{row.verified_at}","trust":"{trust(now, row.due_at, row.overdue_at)}"}}'
    )
    ends = (row.valid_until or NEVER, row.due_at, row.overdue_at)
    until = min((end for end in ends if end > now), default=NEVER)
    return Delivered(row.key, row.locale, row.kind, row.version, bytes(row.body)[:-1] + tail.encode(), until)


def etag(body: bytes) -> str:
    """A strong entity tag of the bytes sent (RFC 9110 §8.8.3)."""
    return f'"{digest(body)[:32]}"'


async def _keys(reader: Reader, asked: Asked, filters: Filters, after: str, limit: int, now: str) -> list[str]:
    locales, values = _listed("locale", asked.locales)
    audiences, more = _listed("audience", sorted(asked.audiences))
    values |= more | {"channel": asked.channel, "profile": asked.profile, "after": after, "limit": limit, "now": now}
    wanted = {name: value for name, value in msgspec.structs.asdict(filters).items() if value}
    clauses = "".join(f" AND r.{name} = :{name}" for name in wanted)
    statement = (
        f"SELECT DISTINCT r.key FROM renditions r WHERE r.channel = :channel AND r.profile = :profile"  # noqa: S608
        f" AND r.locale IN ({locales}) AND r.audience IN ({audiences}) AND {LIVE} AND r.key > :after"
        f" AND (r.valid_until IS NULL OR r.valid_until > :now){clauses} ORDER BY r.key LIMIT :limit"
    )
    return [row[0] for row in await reader.rows(statement, values | wanted)]


def _listed(name: str, values: Iterable[str]) -> tuple[str, dict[str, Any]]:
    """Placeholders and values of an `IN (…)`."""
    named = {f"{name}_{index}": value for index, value in enumerate(values)}
    return ", ".join(f":{one}" for one in named), named


def _by_key(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row[0], []).append(Row(*row))
    return grouped


def _valid(row: Row, now: str) -> bool:
    return row.valid_until is None or row.valid_until > now
