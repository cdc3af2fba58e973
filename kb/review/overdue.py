"""What should have been signed by now: found, and told once to those whom the policy names."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import instant
from kb.base.work import Work
from kb.review import queries
from kb.review.standing import policy_in_force
from kb.review.tables import reviews
from kb.review.takes import end_takes_of_suspended
from kb.review.types import Review, State

UNCONFIRMED = (
    reviews.c.state.in_((State.LIVE, State.SUSPENDED))
    & reviews.c.emergency.is_not(None)
    & reviews.c.confirmed.is_(None)
)
WAITS = (reviews.c.state == State.IN_REVIEW) | UNCONFIRMED
"""Reviews that sign-offs can still move."""


async def overdue_reviews(connection: AsyncConnection, now: datetime) -> list[Review]:
    """The reviews whose time is over and that nobody was told of yet, the longest overdue first."""
    late = WAITS & (reviews.c.due_at <= instant(now)) & reviews.c.escalated.is_(None)
    statement = sa.select(*queries.REVIEW).where(late).order_by(reviews.c.due_at, reviews.c.hash)
    return [queries.review_of(row) for row in await connection.execute(statement)]


async def escalate(work: Work) -> list[Review]:
    """Tell of each overdue review once, by a line `review.escalated`; holders of the policy's roles see it in their inbox.

    What suspended people had taken is handed back meanwhile. Returns the reviews told of now.
    """
    await end_takes_of_suspended(work)
    late = await overdue_reviews(work.connection, work.now)
    if not late:
        return []
    policy = (await policy_in_force(work.connection)).policy
    roles = list(policy.escalate) if policy else []
    rows = []
    for review in late:
        place = {"key": review.key, "locale": review.locale, "hash": review.hash, "due_at": review.due_at}
        position = await work.record("review.escalated", {**place, "roles": roles})
        rows.append({"of": review.hash, "escalated": position})
    await work.connection.execute(reviews.update().where(reviews.c.hash == sa.bindparam("of")), rows)
    return late
