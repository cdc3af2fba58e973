"""The inbox: which reviews wait, for whom, and until when, a page at a time."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import instant
from kb.base.paging import Place, encode
from kb.base.work import Actor
from kb.entries.types import Policy
from kb.review import queries
from kb.review.cases import someone_of
from kb.review.counting import holds
from kb.review.overdue import UNCONFIRMED, WAITS
from kb.review.rules import may_see, open_roles
from kb.review.standing import dossiers, policy_in_force
from kb.review.tables import reviews
from kb.review.takes import Take, takes_of
from kb.review.types import ChangeClass, Dossier, Review, Someone, State

NEVER = "9999"
"""Sorts behind every time."""
AT_ONCE = 200
"""So many reviews are looked at together; a page takes as many such looks as its filters need."""


class Shown(StrEnum):
    """What the inbox can be asked for: what waits, or one state; `live` are emergencies that everybody else must sign still."""

    WAITING = "waiting"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    LIVE = "live"


class Sort(StrEnum):
    DUE = "due"
    NEWEST = "newest"


class Wanted(msgspec.Struct, frozen=True):
    """What to list: `role` lacks a sign-off, `mine` are those the actor can sign now or wrote, `overdue` those past due."""

    shown: Shown = Shown.WAITING
    role: str = ""
    topic: str = ""
    mine: bool = False
    overdue: bool = False
    sort: Sort = Sort.DUE


class WaitingReview(msgspec.Struct, frozen=True):
    """One review in the inbox: what it is of, what it lacks, who has taken it on, and which roles the actor can sign in now.

    `escalated` says that it was told to be overdue, and `told` that the actor is one of those it was told to.
    """

    key: str
    locale: str
    kind: str
    title: str
    topic: str
    hash: str
    number: int
    state: State
    change: ChangeClass
    author: str
    due_at: str | None
    overdue: bool
    escalated: bool
    told: bool
    emergency: bool
    missing: dict[str, int]
    blocking: int
    takes: tuple[Take, ...]
    mine: tuple[str, ...]


class Inbox(msgspec.Struct, frozen=True):
    """A page of the inbox; `next` is the cursor of the page behind it, null on the last."""

    items: tuple[WaitingReview, ...]
    next: str | None


CURSORS: dict[Sort, tuple[type, ...]] = {Sort.DUE: (str, str), Sort.NEWEST: (int, str)}
"""The kinds of values in a cursor of each sort, for `paging.decode`."""


async def inbox(
    connection: AsyncConnection, actor: Actor, wanted: Wanted, after: Place | None, limit: int, now: datetime
) -> Inbox:
    """The reviews on the actor's topics that are wanted, in order."""
    policy = (await policy_in_force(connection)).policy
    someone = await someone_of(connection, actor, now)
    found: list[tuple[Review, WaitingReview]] = []
    while len(found) <= limit:
        rows = await _rows(connection, wanted, after, now)
        found += await _chosen(connection, rows, someone, wanted, policy, now)
        if len(rows) < AT_ONCE:
            break
        after = _place(rows[-1], wanted.sort)
    page = found[:limit]
    more = encode(_place(page[-1][0], wanted.sort)) if len(found) > limit and page else None
    return Inbox(tuple(item for _, item in page), more)


async def _rows(connection: AsyncConnection, wanted: Wanted, after: Place | None, now: datetime) -> Sequence[Review]:
    due = sa.func.coalesce(reviews.c.due_at, NEVER)
    statement = sa.select(*queries.REVIEW).where(_in_state(wanted.shown))
    if wanted.overdue:
        statement = statement.where(WAITS, reviews.c.due_at <= instant(now))
    if wanted.sort is Sort.DUE:
        if after is not None:
            statement = statement.where((due > after[0]) | ((due == after[0]) & (reviews.c.hash > after[1])))
        statement = statement.order_by(due, reviews.c.hash)
    else:
        if after is not None:
            older = reviews.c.position < after[0]
            statement = statement.where(older | ((reviews.c.position == after[0]) & (reviews.c.hash > after[1])))
        statement = statement.order_by(reviews.c.position.desc(), reviews.c.hash)
    return [queries.review_of(row) for row in await connection.execute(statement.limit(AT_ONCE))]


def _in_state(shown: Shown) -> Any:
    if shown is Shown.WAITING:
        return WAITS
    if shown is Shown.LIVE:
        return UNCONFIRMED
    return reviews.c.state == State(shown.value)


def _place(review: Review, sort: Sort) -> Place:
    return (review.due_at or NEVER, review.hash) if sort is Sort.DUE else (review.position, review.hash)


async def _chosen(
    connection: AsyncConnection,
    rows: Sequence[Review],
    someone: Someone,
    wanted: Wanted,
    policy: Policy | None,
    now: datetime,
) -> list[tuple[Review, WaitingReview]]:
    hashes = [row.hash for row in rows]
    found = await dossiers(connection, hashes, policy)
    taken = await takes_of(connection, hashes)
    chosen: list[tuple[Review, WaitingReview]] = []
    for row in rows:
        dossier = found[row.hash]
        if not may_see(someone.actor, dossier):
            continue
        item = _item(dossier, taken.get(row.hash, ()), someone, policy, now)
        if _is_wanted(item, dossier, wanted, someone):
            chosen.append((row, item))
    return chosen


def _is_wanted(item: WaitingReview, dossier: Dossier, wanted: Wanted, someone: Someone) -> bool:
    if wanted.topic and item.topic != wanted.topic:
        return False
    if wanted.role and wanted.role not in item.missing:
        return False
    return not wanted.mine or bool(item.mine) or someone.actor.id in dossier.contributors


def _item(
    dossier: Dossier, taken: Collection[Take], someone: Someone, policy: Policy | None, now: datetime
) -> WaitingReview:
    draft, review = dossier.revision.draft, dossier.review
    escalated = review.escalated is not None and dossier.waits
    roles = policy.escalate if policy else ()
    person = someone.person
    fresh = msgspec.structs.replace(
        someone, fresh=True
    )  # it is theirs to sign, even if they must prove who they are first
    signable = [role for role in open_roles(dossier, fresh, now) if role in dossier.standing.missing]
    return WaitingReview(
        key=draft.key,
        locale=draft.locale,
        kind=draft.kind.value,
        title=draft.content.title,
        topic=dossier.topic,
        hash=dossier.revision.hash,
        number=dossier.revision.number,
        state=review.state,
        change=dossier.standing.change,
        author=draft.author,
        due_at=review.due_at,
        overdue=dossier.waits and review.due_at is not None and review.due_at <= instant(now),
        escalated=escalated,
        told=escalated and person is not None and any(holds(person, role, dossier.topics, now) for role in roles),
        emergency=dossier.emergency,
        missing=dossier.standing.missing,
        blocking=len(dossier.blocking),
        takes=tuple(taken),
        mine=tuple(signable),
    )
