"""Letting lapse what has reached its end: readers see it at once, here it gets its journal line and its change."""

from collections.abc import Collection, Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.work import Work
from kb.delivery.tables import renditions
from kb.delivery.types import Change
from kb.entries.texts import uses_of
from kb.entries.types import NO_LOCALE, Kind, Policy, Revision
from kb.release import queries
from kb.release.caps import unverified_end, verified
from kb.release.ending import end
from kb.release.inputs import end_of
from kb.release.scheduled import hard_ends
from kb.release.types import At, Released
from kb.review.queries import emergencies
from kb.review.standing import policy_in_force


class Lapsing(msgspec.Struct):
    """What has reached its end: `expired` of themselves, `suspended` since they lean on such; `waiting` for a schedule.

    `prolonged` are rows whose end was put off since they were made, by a verification say: they are to be rendered again.
    """

    expired: set[At]
    suspended: set[At]
    waiting: set[At]
    prolonged: set[At]


async def anything_lapsed(connection: AsyncConnection, now: str) -> bool:
    """Whether any live row has reached its end; costs one indexed read."""
    over = (renditions.c.closed_at.is_(None)) & (renditions.c.valid_until <= now)
    return await connection.scalar(sa.select(renditions.c.id).where(over).limit(1)) is not None


async def lapse(work: Work, ended: Collection[At] = ()) -> Released | None:
    """End what has reached its end by now: the lapsed entries as expired, what leans on them as suspended.

    Readers see a lapse at its instant without this; here it gets its journal line and its change. `ended` are places that a
    hard schedule ended and, having failed, replaced by nothing. What a pending one has ended waits for it. None: nothing
    lapsed.
    """
    lapsing = await lapsing_by(work.connection, work.stamp, ended)
    ends: dict[At, Change] = dict.fromkeys(lapsing.suspended, Change.SUSPENDED)
    ends |= dict.fromkeys(lapsing.expired, Change.EXPIRED)
    return await end(work, ends, "lapse", "") if ends else None


async def lapsing_by(connection: AsyncConnection, now: str, ended: Collection[At] = ()) -> Lapsing:
    """What has reached its end by `now`, sorted by why."""
    over = await _over(connection, now)
    if not over:
        return Lapsing(set(), set(), set(), set())
    known = await _with_all_they_lean_on(connection, {key for key, _ in over})
    expired = await _expired(connection, known, now) | {at for at in ended if at in known}
    hard = {at for at, instant in (await hard_ends(connection)).items() if instant <= now and at not in expired}
    waiting = {at for at in over - expired if _leaning(at, known) & hard}
    whole = {key for key, _ in expired} - {key for key, _ in known.keys() - expired}
    spoken = await queries.dependents(connection, whole)
    explained = {at for at in over if _leaning(at, known) & expired}
    suspended = (explained | spoken) - expired - waiting
    return Lapsing(expired, suspended, waiting, over - expired - suspended - waiting)


async def _over(connection: AsyncConnection, now: str) -> set[At]:
    """The places with a live row whose end has come."""
    columns = sa.select(renditions.c.key, renditions.c.locale).distinct()
    rows = await connection.execute(columns.where(renditions.c.closed_at.is_(None), renditions.c.valid_until <= now))
    return {(row.key, row.locale) for row in rows}


async def _with_all_they_lean_on(connection: AsyncConnection, keys: Collection[str]) -> dict[At, Revision]:
    """The live revisions of these keys and of all that they refer to, however far."""
    found = await queries.live(connection, keys)
    waiting = {one.hash for one in found.values()}
    while waiting:
        targets = {key for kind, key in await queries.leant_on(connection, waiting) if kind != "entry"}
        more = await queries.live(connection, targets - {key for key, _ in found})
        found |= more
        waiting = {one.hash for one in more.values()}
    return found


async def _expired(connection: AsyncConnection, known: Mapping[At, Revision], now: str) -> set[At]:
    """Those whose own end has come: of their content in every locale they are live in, of anything else in one."""
    keys = {key for (key, _), one in known.items() if _past(end_of(one.draft.content), now)}
    found = set(await queries.live_hashes(connection, keys))
    brief = await emergencies(connection)
    found |= {at for at, one in known.items() if _past(brief.get(one.hash), now)}
    policy = (await policy_in_force(connection)).policy
    if policy is not None and policy.withdraw_days is not None:
        signed_at = await verified(connection, known.values())
        found |= {
            at
            for at, one in known.items()
            if one.draft.kind is not Kind.HOUSE and _past(_unverified(one, known, signed_at, policy), now)
        }
    return found


def _unverified(
    one: Revision, known: Mapping[At, Revision], signed_at: Mapping[str, str], policy: Policy
) -> str | None:
    sources = (known[at] for at in _sources(one, known))
    content = next((source.draft.content for source in sources), one.draft.content)
    return unverified_end(content.cadence_days, signed_at[one.hash], policy)


def _leaning(at: At, known: Mapping[At, Revision]) -> set[At]:
    """A place with all it leans on, however far, and its source."""
    found: set[At] = set()
    waiting = {at}
    while waiting:
        found |= waiting
        more: set[At] = set()
        for place in waiting:
            one = known.get(place)
            if one is not None:
                uses = uses_of(one.draft.content)
                more |= {(key, NO_LOCALE if kind == Kind.FACT else place[1]) for kind, key in uses if kind != "entry"}
                more |= _sources(one, known)
        waiting = more - found
    return found


def _sources(one: Revision, known: Mapping[At, Revision]) -> set[At]:
    """Where the source of a translation is live."""
    if not one.draft.source:
        return set()
    return {at for at, other in known.items() if at[0] == one.draft.key and not other.draft.source}


def _past(end_: str | None, now: str) -> bool:
    return end_ is not None and end_ <= now
