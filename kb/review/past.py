"""What came before a revision in its place: the text that stands there, who contributed since, and former candidates."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.db import chunks
from kb.entries.tables import revisions
from kb.entries.types import Revision
from kb.review.tables import reviews
from kb.review.types import State

FULLY_SIGNED = frozenset(State) - {State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED}
BEEN_LIVE = FULLY_SIGNED - {State.APPROVED, State.SCHEDULED}
TAKEN = frozenset({State.WITHDRAWN, State.RETIRED, State.EXPIRED})
"""What ended with nothing in its place."""


class Past(msgspec.Struct, frozen=True):
    """One revision of a place; `unconfirmed` went live in an emergency and still lacks what the policy asks.

    `source` is the hash that a translation pins.
    """

    number: int
    hash: str
    author: str
    source: str
    state: str
    unconfirmed: bool

    @property
    def been_live(self) -> bool:
        """Whether it was live by all the sign-offs the policy asked for."""
        return self.state in BEEN_LIVE and not self.unconfirmed


History = Mapping[str, Mapping[str, Sequence[Past]]]
"""Every revision by key and locale, oldest first."""


async def histories(connection: AsyncConnection, wanted: Iterable[Revision]) -> dict[str, dict[str, list[Past]]]:
    """Every revision of the wanted keys with its author and state."""
    found: dict[str, dict[str, list[Past]]] = {}
    columns = [revisions.c[name] for name in ("key", "locale", "number", "hash", "author", "source")]
    same = (
        (reviews.c.hash == revisions.c.hash)
        & (reviews.c.key == revisions.c.key)
        & (reviews.c.locale == revisions.c.locale)
    )
    judged = (reviews.c.state, reviews.c.emergency, reviews.c.confirmed)
    base = sa.select(*columns, *judged).select_from(revisions.outerjoin(reviews, same))
    for chunk in chunks(sorted({revision.draft.key for revision in wanted})):
        statement = base.where(revisions.c.key.in_(chunk)).order_by(revisions.c.number)
        for row in await connection.execute(statement):
            unconfirmed = row.emergency is not None and row.confirmed is None
            past = Past(row.number, row.hash, row.author, row.source, row.state or State.DRAFT, unconfirmed)
            found.setdefault(row.key, {}).setdefault(row.locale, []).append(past)
    return found


def foundation(revision: Revision, history: History) -> Past | None:
    """The fully signed text that stands where a revision would go live, or stood there until that did.

    None where nothing ever was live, and where what was live was withdrawn, retired or has ended since: what was taken back
    is no ground to build on, whoever signed it. What was rolled back is none either.
    """
    past = history[revision.draft.key][revision.draft.locale]
    below = revision.number
    if not any(one.number == revision.number and one.state in BEEN_LIVE for one in past):
        standing = _standing(past)
        if standing is None:
            return None
        below = standing.number + 1
    for one in reversed([one for one in past if one.number < below and one.state in BEEN_LIVE]):
        if one.state in TAKEN:
            return None
        if not one.unconfirmed:
            return one
    return None


def former_candidates(revision: Revision, history: History) -> list[Past]:
    """The revisions between the last one that was live and this, the newest first.

    One that stands by the emergency row alone is a candidate still; what was taken back or rolled back is none.
    """
    past = history[revision.draft.key][revision.draft.locale]
    standing = _standing(past)
    latest = standing.number if standing else 0
    since = last_live(revision, history)
    return [
        one
        for one in reversed(_before(revision, history))
        if one.number > since
        and (one.state not in BEEN_LIVE or (one.unconfirmed and one.state not in TAKEN and one.number <= latest))
    ]


def contributors(revision: Revision, history: History) -> frozenset[str]:
    """The author, the editors it names, and whoever wrote a revision between the last live one and this."""
    since = last_live(revision, history)
    wrote = {one.author for one in _before(revision, history) if one.number > since}
    return frozenset({revision.draft.author, *revision.draft.editors, *wrote})


def last_live(revision: Revision, history: History) -> int:
    """The number of the last revision before this that was live by all its sign-offs and not rolled back; 0 for none."""
    standing = _standing(history[revision.draft.key][revision.draft.locale])
    lived = [one for one in _before(revision, history) if one.been_live]
    if standing is not None and standing.number < revision.number:
        lived = [one for one in lived if one.number <= standing.number]
    return max((one.number for one in lived), default=0)


def standing(key: str, history: History) -> dict[str, Past]:
    """What is live or suspended of a key, by locale."""
    found = {locale: _standing(past) for locale, past in history[key].items()}
    return {locale: one for locale, one in found.items() if one is not None}


def stood_on(revision: Revision, history: History) -> set[str]:
    """The hashes of what stands at any place of a revision's key, and of the text it would replace or did."""
    ground = foundation(revision, history)
    held = standing(revision.draft.key, history).values()
    return {one.hash for one in (*held, *([ground] if ground else []))}


def _standing(past: Sequence[Past]) -> Past | None:
    found = [one for one in past if one.state in {State.LIVE, State.SUSPENDED}]
    return found[-1] if found else None


def _before(revision: Revision, history: History) -> list[Past]:
    past = history[revision.draft.key][revision.draft.locale]
    return [one for one in past if one.number < revision.number]
