"""What ends a live text for a reason outside its content: a hard schedule, an emergency, or that nobody verified it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import instant
from kb.entries.tables import entries
from kb.entries.types import DELIVERED, Kind, Policy, Revision
from kb.release.inputs import whole_content
from kb.release.scheduled import hard_ends
from kb.release.tables import live_revisions
from kb.release.types import At, World
from kb.review.queries import verified_at as known_at
from kb.review.standing import policy_in_force
from kb.review.tables import reviews, verifications
from kb.review.types import State

__all__ = ["caps_of", "hard_ends", "known_better", "unverified_end", "verified"]


async def verified(connection: AsyncConnection, found: Iterable[Revision]) -> dict[str, str]:
    """When each revision was last known to be right, by hash: signed or verified by anyone, else written."""
    written = {one.hash: instant(one.at) for one in found}
    return written | await known_at(connection, written)


async def known_better(connection: AsyncConnection, since: int) -> frozenset[str]:
    """The keys of what is live and was verified since a position, or had its emergency ended by everybody's signing.

    That a fact was verified moves nothing where the policy lets no text end for want of it.
    """
    told, row = verifications.c, live_revisions.c
    same = (row.key == told.key) & (row.locale == told.locale) & (row.hash == told.hash) & row.closed_at.is_(None)
    statement = sa.select(told.key).join(live_revisions, same).where(told.position > since)
    policy = (await policy_in_force(connection)).policy
    if policy is None or policy.withdraw_days is None:
        shown = sa.select(entries.c.key).where(entries.c.key == told.key, entries.c.kind.in_(DELIVERED))
        statement = statement.where(shown.exists())
    confirmed = sa.select(reviews.c.key).where(reviews.c.state == State.LIVE, reviews.c.confirmed > since)
    return frozenset((await connection.execute(statement.union(confirmed))).scalars())


def caps_of(
    world: World,
    outside: Iterable[tuple[At, str]],
    signed_at: Mapping[str, str],
    policy: Policy | None,
    default_locale: str,
) -> dict[At, str]:
    """The earliest of the ends from `outside` and of those by which somebody has to have verified a text, by place."""
    caps: dict[At, str] = {}
    for at, end in [*outside, *_unverified(world, signed_at, policy, default_locale)]:
        caps[at] = min(end, caps.get(at, end))
    return caps


def _unverified(
    world: World, signed_at: Mapping[str, str], policy: Policy | None, default_locale: str
) -> Iterable[tuple[At, str]]:
    if policy is None or policy.withdraw_days is None:
        return
    for at in {*world.live, *world.candidates, *world.reopening}:
        revision = world.get(*at)
        if revision is None or revision.draft.kind is Kind.HOUSE or revision.hash not in signed_at:
            continue
        cadence = whole_content(world, revision, default_locale).cadence_days
        if end := unverified_end(cadence, signed_at[revision.hash], policy):
            yield at, end


def unverified_end(cadence_days: int | None, verified_at: str, policy: Policy) -> str | None:
    """When a text ends that nobody has verified since: so many days after it was overdue; None where the policy says never."""
    if policy.withdraw_days is None:
        return None
    days = (cadence_days or policy.cadence_days) + policy.due_days + policy.withdraw_days
    return instant(datetime.fromisoformat(verified_at) + timedelta(days=days))
