"""Drafts into review, out of it again, and back to their author: the moves that people take."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa

from kb.base.db import chunks
from kb.base.errors import Code, Conflict, Detail, Invalid
from kb.base.hashing import instant
from kb.base.work import Right, Work
from kb.entries.types import Revision
from kb.review import queries
from kb.review.cases import case_of
from kb.review.comments import Remark, comment
from kb.review.policy import DUE_DAYS
from kb.review.rules import move, refuse, why_not
from kb.review.settling import settle, store_states
from kb.review.standing import PolicyInForce, dossiers, policy_in_force
from kb.review.tables import reviews
from kb.review.types import Review, State, Step

REPLACEABLE = (State.IN_REVIEW, State.CHANGES_REQUESTED)
"""States in which a revision is taken back when a newer one of its place comes into review."""


async def submit(work: Work, revisions: Sequence[Revision]) -> list[Revision]:
    """Put drafts, and what changes were asked of, into review with a line `review.submitted` each; returns those.

    What is further along stays as it is, and so does a draft that was taken back for a newer one. Older revisions of the
    same places that are still in review are taken back, and what was signed of them carries over where the policy lets it.
    """
    known = await queries.by_hashes(work.connection, [revision.hash for revision in revisions])
    drafts = [one for one in {one.hash: one for one in revisions}.values() if _submittable(known.get(one.hash))]
    await _may_submit(work, drafts)
    moving = await _newest(work, drafts)
    older = await _older(work, moving)
    force = await policy_in_force(work.connection)
    due = await _due(work, moving, force)
    rows, again = [], []
    for revision in moving:
        place = {"key": revision.draft.key, "locale": revision.draft.locale, "hash": revision.hash}
        position = await work.record("review.submitted", {**place, "due_at": due[revision.hash]})
        row = {"state": State.IN_REVIEW.value, "position": position, "due_at": due[revision.hash]}
        if revision.hash in known:
            again.append({"of": revision.hash, "escalated": None, **row})
        else:
            rows.append({**place, "number": revision.number, **row})
    if rows:
        await work.connection.execute(reviews.insert(), rows)
    if again:
        await work.connection.execute(reviews.update().where(reviews.c.hash == sa.bindparam("of")), again)
    await _take_back_older(work, moving, older)
    if followers := [one.hash for one in moving if one.number > 1]:  # nothing carries over to the first of its place
        await settle(work, followers)
    return moving


async def submit_draft(work: Work, hash_: str) -> None:
    """Put one draft into review as a person does it: Conflict or Forbidden with every reason why it can't be."""
    dossier, someone = await case_of(work, hash_)
    refuse(why_not(dossier, someone, Step.SUBMIT, work.now))
    if not await submit(work, [dossier.revision]):
        message = f"a newer revision of {dossier.review.key} is further along: restore this one as a new draft"
        raise Conflict(message)


async def take_back(work: Work, hash_: str) -> None:
    """Take a revision out of review: it is a draft again, with everything that was said and signed."""
    dossier, someone = await case_of(work, hash_)
    refuse(why_not(dossier, someone, Step.TAKE_BACK, work.now))
    await _step(work, dossier.review, Step.TAKE_BACK, "review.taken-back", {})


async def request_changes(work: Work, hash_: str, reason: str = "") -> None:
    """Give a revision back to its author: for a reason, which is kept as a blocking comment, or for open blocking ones.

    Invalid without either.
    """
    dossier, someone = await case_of(work, hash_)
    refuse(why_not(dossier, someone, Step.REQUEST_CHANGES, work.now))
    if reason.strip():
        await comment(work, hash_, Remark(text=reason, blocks=True))
    elif not dossier.blocking:
        message = "say what has to change: give a reason, or leave a blocking comment first"
        raise Invalid(message, errors=(Detail("/reason", Code.INVALID.value, message),))
    await _step(
        work, dossier.review, Step.REQUEST_CHANGES, "review.changes-requested", {"comments": len(dossier.blocking)}
    )


async def _step(work: Work, review: Review, step: Step, event: str, more: Mapping[str, object]) -> None:
    place = {"key": review.key, "locale": review.locale, "hash": review.hash}
    position = await work.record(event, {**place, **more})
    await store_states(work, [review.hash], move(review.state, step), position)


def _submittable(review: Review | None) -> bool:
    return review is None or review.state in {State.DRAFT, State.CHANGES_REQUESTED}


async def _may_submit(work: Work, moving: Sequence[Revision]) -> None:
    """An actor who loads files submits everything; a person what is about their topics."""
    if not moving or work.actor.may(Right.LOAD):
        return
    found = await dossiers(work.connection, [one.hash for one in moving], None)
    for dossier in found.values():
        work.actor.must(Right.WRITE, dossier.topic)


async def _newest(work: Work, drafts: Sequence[Revision]) -> list[Revision]:
    """The newest of each place, and only where no newer one is further along: going back is a draft of its own."""
    newest = {(one.draft.key, one.draft.locale): one for one in sorted(drafts, key=lambda one: one.number)}
    base = sa.select(reviews.c.key, reviews.c.locale, sa.func.max(reviews.c.number).label("number"))
    base = base.where(reviews.c.state != State.DRAFT).group_by(reviews.c.key, reviews.c.locale)
    for chunk in chunks(sorted({key for key, _ in newest})):
        for row in await work.connection.execute(base.where(reviews.c.key.in_(chunk))):
            if (one := newest.get((row.key, row.locale))) and one.number < row.number:
                del newest[row.key, row.locale]
    chosen = {one.hash for one in newest.values()}
    return [one for one in drafts if one.hash in chosen]


async def _older(work: Work, moving: Sequence[Revision]) -> list[Review]:
    """What is in review, or was given back, at these places."""
    found: list[Review] = []
    for chunk in chunks(sorted({one.draft.key for one in moving})):
        statement = sa.select(*queries.REVIEW).where(reviews.c.key.in_(chunk), reviews.c.state.in_(REPLACEABLE))
        found += [queries.review_of(row) for row in await work.connection.execute(statement)]
    return found


async def _take_back_older(work: Work, moving: Sequence[Revision], older: Sequence[Review]) -> None:
    newest = {(one.draft.key, one.draft.locale): one for one in moving}
    for review in older:
        successor = newest.get((review.key, review.locale))
        if successor is not None and review.number < successor.number:
            await _step(work, review, Step.TAKE_BACK, "review.taken-back", {"for": successor.hash})


async def _due(work: Work, moving: Sequence[Revision], force: PolicyInForce) -> dict[str, str]:
    """When each has to be signed: the policy's time, or a shorter one that a rule names."""
    policy = force.policy
    days = policy.due_days if policy else DUE_DAYS
    due = dict.fromkeys((one.hash for one in moving), instant(work.now + timedelta(days=days)))
    if policy is None or all(rule.due_days is None for rule in policy.rules):
        return due
    found = await dossiers(work.connection, due, policy)
    return {hash_: instant(work.now + timedelta(days=one.due_days)) for hash_, one in found.items()}
