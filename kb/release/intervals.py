"""From when until when each revision of a key was live, suspended, withdrawn, expired or superseded, exact to the instant."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import NotFound
from kb.delivery.tables import renditions
from kb.entries.queries import all_of
from kb.entries.types import Revision
from kb.release.inputs import end_of
from kb.release.tables import live_revisions, release_items, releases
from kb.review.types import State, Step

STATES = {
    Step.RELEASE.value: State.LIVE,
    Step.REOPEN.value: State.LIVE,
    Step.ROLL_BACK.value: State.LIVE,
    "release_emergency": State.LIVE,
    Step.SUSPEND.value: State.SUSPENDED,
    Step.EXPIRE.value: State.EXPIRED,
    Step.WITHDRAW.value: State.WITHDRAWN,
    Step.RETIRE.value: State.RETIRED,
}
"""What a step that a release took left a revision in; others change nothing that is served."""


class Interval(msgspec.Struct, frozen=True):
    """One revision in one state, from an instant until another (None: still), with the positions of the lines that say so.

    A lapse counts from its instant: `position` is then of the line that was written later, None while it isn't yet.
    """

    locale: str
    number: int
    hash: str
    state: State
    since: str
    position: int | None
    until: str | None
    ended_at: int | None


class Event(msgspec.Struct, frozen=True):
    """A revision comes into a state at a position, by an act of which the instant is `at`."""

    position: int
    at: str
    locale: str
    hash: str
    state: State


async def intervals(connection: AsyncConnection, key: str, now: str) -> tuple[Interval, ...]:
    """Every interval of a key by locale, in order; NotFound for one that was never written."""
    revisions = {one.hash: one for one in await all_of(connection, key)}
    if not revisions:
        raise NotFound(f"there is no entry {key}")
    ends = await _ends(connection, key)
    found: list[Interval] = []
    events = await _events(connection, key)
    for locale in sorted({one.locale for one in events}):
        mine = [one for one in events if one.locale == locale]
        found += _told(locale, mine, revisions, ends, now)
    return tuple(found)


def _told(
    locale: str,
    events: Sequence[Event],
    revisions: Mapping[str, Revision],
    ends: Mapping[tuple[str, int | None], str],
    now: str,
) -> list[Interval]:
    """The intervals of one locale: each revision's states follow each other, a lapse moved to its instant."""
    found: list[Interval] = []
    standing: dict[str, Event] = {}
    for event in events:
        before = standing.get(event.hash)
        since = _lapse(event, before, revisions, ends) or event.at
        if before is not None:
            found.append(_interval(locale, before, revisions, since, event.position))
        standing[event.hash] = msgspec.structs.replace(event, at=since)
    for hash_, event in standing.items():
        over = ends.get((locale, None)) if event.state is State.LIVE else None
        own = end_of(revisions[hash_].draft.content) if event.state is State.LIVE else None
        lapsed = min((one for one in (over, own) if one and one <= now), default=None)
        found.append(_interval(locale, event, revisions, lapsed, None))
        if lapsed:
            state = State.EXPIRED if own == lapsed else State.SUSPENDED
            found.append(Interval(locale, revisions[hash_].number, hash_, state, lapsed, None, None, None))
    return sorted(found, key=lambda one: (one.since, one.position or 2**62, one.number))


def _lapse(
    event: Event, before: Event | None, revisions: Mapping[str, Revision], ends: Mapping[tuple[str, int | None], str]
) -> str | None:
    """The instant at which what was live lapsed, where that is why it ended."""
    if before is None or before.state is not State.LIVE or event.state not in {State.EXPIRED, State.SUSPENDED}:
        return None
    own = end_of(revisions[event.hash].draft.content)
    told = (ends.get((event.locale, event.position)), own)
    return min((one for one in told if one and before.at <= one <= event.at), default=None)


def _interval(
    locale: str, event: Event, revisions: Mapping[str, Revision], until: str | None, ended_at: int | None
) -> Interval:
    number = revisions[event.hash].number
    return Interval(locale, number, event.hash, event.state, event.at, event.position, until, ended_at)


async def _events(connection: AsyncConnection, key: str) -> list[Event]:
    """Every change of state that releases made, superseding ones told by what closed without a step of its own."""
    items = release_items.c
    statement = (
        sa.select(releases.c.position, releases.c.at, items.locale, items.hash, items.step)
        .join(releases, releases.c.id == items.release)
        .where(items.key == key)
        .order_by(releases.c.position)
    )
    rows = (await connection.execute(statement)).all()
    found = [Event(row.position, row.at, row.locale, row.hash, STATES[row.step]) for row in rows if row.step in STATES]
    times = {one.position: one.at for one in found}
    return sorted([*found, *await _superseded(connection, key, found, times)], key=_order)


async def _superseded(
    connection: AsyncConnection, key: str, found: Sequence[Event], times: Mapping[int, str]
) -> Iterable[Event]:
    """Revisions that another of the same locale replaced, whether they were live or slept."""
    live = live_revisions.c
    statement = sa.select(live.locale, live.hash, live.closed_at).where(live.key == key, live.closed_at.is_not(None))
    told = {(one.position, one.hash) for one in found}
    closed = [
        Event(row.closed_at, times[row.closed_at], row.locale, row.hash, State.SUPERSEDED)
        for row in await connection.execute(statement)
        if (row.closed_at, row.hash) not in told and row.closed_at in times
    ]
    asleep: dict[tuple[str, str], Event] = {}
    for event in sorted(found, key=_order):
        if event.state is State.LIVE:
            for (locale, hash_), _ in list(asleep.items()):
                if locale == event.locale and hash_ != event.hash:
                    closed.append(msgspec.structs.replace(event, hash=hash_, state=State.SUPERSEDED))
                    del asleep[locale, hash_]
        if event.state in {State.SUSPENDED, State.EXPIRED}:
            asleep[event.locale, event.hash] = event
        else:
            asleep.pop((event.locale, event.hash), None)
    return closed


async def _ends(connection: AsyncConnection, key: str) -> dict[tuple[str, int | None], str]:
    """The earliest `valid_until` of the rows that closed as lapsed, by locale and position; None: those still open."""
    rows = renditions.c
    lapsed = rows.closed_at.is_(None) | rows.closed_as.in_(("expired", "suspended"))
    statement = sa.select(rows.locale, rows.closed_at, sa.func.min(rows.valid_until)).where(
        rows.key == key, rows.valid_until.is_not(None), lapsed
    )
    found = await connection.execute(statement.group_by(rows.locale, rows.closed_at))
    return {(locale, closed_at): until for locale, closed_at, until in found}


def _order(event: Event) -> tuple[int, bool]:
    return event.position, event.state is State.LIVE
