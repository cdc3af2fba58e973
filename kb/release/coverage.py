"""Coverage: for every entry, channel, profile and locale, whether it is live there, and what it waits for."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import instant
from kb.channels.profiles import Profile
from kb.delivery.tables import renditions
from kb.release.gate import blocking
from kb.release.places import Entries, Place, places, profiles_now
from kb.release.queries import by_keys
from kb.release.supposing import suppose
from kb.release.types import At
from kb.review.types import State

MOST_JUDGED = 100
"""Revisions judged for one answer: each takes some milliseconds."""

JUDGED = frozenset({State.IN_REVIEW, State.APPROVED})
SOON = 30


class CellState(StrEnum):
    """How an entry stands in one place; the gravest that applies."""

    LIVE = "live"
    STALE = "stale"
    EXPIRING = "expiring"
    OVERDUE = "overdue"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    RETIRED = "retired"
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    BLOCKED = "blocked"
    MISSING = "missing"


class Cell(msgspec.Struct, frozen=True):
    """An entry in one locale, channel and profile; `number` and `hash` name the revision that `state` speaks of.

    `pending` is the state of a newer revision behind a live one, `issues` are the codes that block it or the one that isn't
    live yet, `until` is when what is live ends, and `overdue_at` when somebody has to have verified it.
    """

    key: str
    locale: str
    channel: str
    profile: str
    kind: str
    topic: str
    state: CellState
    number: int | None = None
    hash: str = ""
    pending: str = ""
    issues: tuple[str, ...] = ()
    until: str | None = None
    overdue_at: str | None = None


class Coverage(msgspec.Struct, frozen=True):
    """A page of cells in order of key, locale, channel, profile; `counts` are of all that pass the filters.

    `complete` says whether every revision that waits was judged, where judging was asked for.
    """

    items: tuple[Cell, ...]
    next: tuple[str, str, str, str] | None
    counts: dict[str, int]
    complete: bool


class Wanted(msgspec.Struct, frozen=True):
    """Filters; empty is all. `channels` are those that may be seen. `judge` asks what would block, `days` what is soon."""

    entries: Entries = Entries()
    state: str = ""
    channel: str = ""
    channels: frozenset[str] = frozenset()
    judge: bool = False
    days: int = SOON


async def coverage(
    connection: AsyncConnection,
    wanted: Wanted,
    now: datetime,
    *,
    after: tuple[str, ...] | None = None,
    limit: int = 100,
) -> Coverage:
    """The cells behind `after` that pass the filters, with the counts of all of them."""
    profiles = await profiles_now(connection)
    served = sorted(
        (one for one in profiles.served if _channel_wanted(wanted, one.channel)),
        key=lambda one: (one.channel, one.name),
    )
    found: list[Place] = []
    stands = Stands({}, {}, {}, instant(now), instant(now + timedelta(days=wanted.days)), profiles.locales[0])
    async for run in places(connection, wanted.entries, profiles.locales):
        found += run
        stands.rows.update(await _rows(connection, {one.key for one in run}))
        stands.sources.update({one.key: one.live.hash for one in run if one.live and one.locale == stands.default})
    if wanted.entries.locales and stands.default not in wanted.entries.locales:
        stands.sources.update(await _sources(connection, wanted, stands.default))
    complete = await _judge(connection, wanted, found, stands)
    items: list[Cell] = []
    counts: Counter[str] = Counter()
    for number, place in enumerate(found):
        for cell in _cells(place, served, stands):
            if not wanted.state or cell.state == wanted.state:
                counts[cell.state.value] += 1
                if len(items) <= limit and (after is None or _place_of(cell) > after):
                    items.append(cell)
        if number % 200 == 0:
            await asyncio.sleep(0)
    more = len(items) > limit
    return Coverage(tuple(items[:limit]), _place_of(items[limit - 1]) if more else None, dict(counts), complete)


class Row(msgspec.Struct, frozen=True):
    """The earliest ends of the rows open at one place."""

    until: str | None
    overdue_at: str


class Stands(msgspec.Struct):
    """What cells are told from: open rows by place, live sources by key, and the codes that block by place."""

    rows: dict[tuple[str, str, str, str], Row]
    sources: dict[str, str]
    blocked: dict[At, tuple[str, ...]]
    now: str
    soon: str
    default: str


def _cells(place: Place, served: Sequence[Profile], stands: Stands) -> Iterator[Cell]:
    codes = stands.blocked.get((place.key, place.locale), ())
    for profile in served:
        row = stands.rows.get((place.key, place.locale, profile.channel, profile.name))
        base = Cell(
            place.key,
            place.locale,
            profile.channel,
            profile.name,
            place.kind,
            place.topic,
            CellState.MISSING,
            issues=codes,
        )
        if place.live is not None:
            yield _live_cell(base, place, row, stands, codes)
        elif place.newest is not None:
            state = CellState.BLOCKED if codes else CellState(place.newest.state.value)
            yield msgspec.structs.replace(base, state=state, number=place.newest.number, hash=place.newest.hash)
        else:
            yield base


def _live_cell(base: Cell, place: Place, row: Row | None, stands: Stands, codes: Sequence[str]) -> Cell:
    """A profile that is served since the last release has no row yet: it is missing there."""
    pending = place.pending
    waiting = "" if pending is None else (CellState.BLOCKED.value if codes else pending.state.value)
    if place.live is None or row is None:
        return msgspec.structs.replace(base, pending=waiting)
    return msgspec.structs.replace(
        base,
        state=_state(place, row, stands),
        number=place.live.number,
        hash=place.live.hash,
        pending=waiting,
        until=row.until,
        overdue_at=row.overdue_at,
    )


def _state(place: Place, row: Row, stands: Stands) -> CellState:
    if row.until is not None and row.until <= stands.now:
        return CellState.EXPIRED
    if row.overdue_at <= stands.now:
        return CellState.OVERDUE
    if row.until is not None and row.until <= stands.soon:
        return CellState.EXPIRING
    if place.live and place.live.source and place.live.source != stands.sources.get(place.key):
        return CellState.STALE
    return CellState.LIVE


async def _judge(connection: AsyncConnection, wanted: Wanted, found: Sequence[Place], stands: Stands) -> bool:
    """Judge what waits, all of it together as one release would; whether that was everything."""
    if not wanted.judge and wanted.state != CellState.BLOCKED:
        return True
    waiting = {(one.key, one.locale): one.pending.hash for one in found if one.pending and one.pending.state in JUDGED}
    chosen = dict(list(waiting.items())[:MOST_JUDGED])
    if not chosen:
        return True
    supposed = await suppose(connection, chosen.values(), among=list(chosen))
    for at in chosen:
        codes = {issue.code for issue in blocking(supposed.judged(at).issues)}
        if codes:
            stands.blocked[at] = tuple(sorted(codes))
        await asyncio.sleep(0)
    return len(chosen) == len(waiting)


async def _rows(connection: AsyncConnection, keys: Collection[str]) -> Mapping[tuple[str, str, str, str], Row]:
    place = (renditions.c.key, renditions.c.locale, renditions.c.channel, renditions.c.profile)
    base = sa.select(*place, sa.func.min(renditions.c.valid_until), sa.func.min(renditions.c.overdue_at))
    found: dict[tuple[str, str, str, str], Row] = {}
    for statement in by_keys(base.where(renditions.c.closed_at.is_(None)), renditions.c.key, keys):
        for key, locale, channel, profile, until, overdue in await connection.execute(statement.group_by(*place)):
            found[key, locale, channel, profile] = Row(until, overdue)
    return found


async def _sources(connection: AsyncConnection, wanted: Wanted, default: str) -> dict[str, str]:
    """The live sources of translations whose own locale alone was asked for."""
    alone = msgspec.structs.replace(wanted.entries, locales=frozenset({default}))
    found: dict[str, str] = {}
    async for run in places(connection, alone, [default]):
        found.update({one.key: one.live.hash for one in run if one.live})
    return found


def _channel_wanted(wanted: Wanted, channel: str) -> bool:
    return (not wanted.channel or channel == wanted.channel) and (not wanted.channels or channel in wanted.channels)


def _place_of(cell: Cell) -> tuple[str, str, str, str]:
    return cell.key, cell.locale, cell.channel, cell.profile
