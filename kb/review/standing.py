"""How a revision stands: everything a decision about it needs, fetched for many at once and judged by the rules."""

from collections.abc import Iterable, Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.queries import everyone
from kb.entries import queries as entries
from kb.entries.types import Policy, Revision
from kb.review import queries
from kb.review.dependents import dependents_of
from kb.review.judging import Gathered, compared_with, judged
from kb.review.past import BEEN_LIVE, FULLY_SIGNED, History, contributors, histories, last_live, stood_on
from kb.review.policy import asked, due_days, topics_asked
from kb.review.tables import reviews
from kb.review.types import ChangeClass, Dossier, Review, Standing, State

__all__ = ["BEEN_LIVE", "FULLY_SIGNED", "POLICY_KEY", "Dossier", "PolicyInForce", "dossiers", "policy_in_force"]

POLICY_KEY = "policy"


class PolicyInForce(msgspec.Struct, frozen=True):
    """The policy that rules now with the hash of its revision; in an empty home there is none, and the hash is empty."""

    policy: Policy | None
    hash: str


async def policy_in_force(connection: AsyncConnection) -> PolicyInForce:
    """The live policy; before any was ever live, the first one that two admins have signed."""
    statement = sa.select(reviews.c.hash, reviews.c.state).where(reviews.c.key == POLICY_KEY)
    rows = (await connection.execute(statement.order_by(reviews.c.number))).all()
    live = [row.hash for row in rows if row.state == State.LIVE]
    if not live and not any(row.state in BEEN_LIVE for row in rows):
        live = [row.hash for row in rows if row.state in {State.APPROVED, State.SCHEDULED}]
    if not live:
        return PolicyInForce(None, "")
    revision = (await entries.by_hashes(connection, live[-1:]))[live[-1]]
    house = revision.draft.content.house
    return PolicyInForce(house.policy if house else None, live[-1])


async def dossiers(connection: AsyncConnection, hashes: Iterable[str], policy: Policy | None) -> dict[str, Dossier]:
    """The dossiers of these revisions under a policy, by content hash; one that was never submitted is a draft."""
    wanted = await entries.by_hashes(connection, hashes)
    history = await histories(connection, wanted.values())
    facts = await _gather(connection, wanted, history, policy)
    return {hash_: _dossier(revision, facts) for hash_, revision in wanted.items()}


async def _gather(
    connection: AsyncConnection, wanted: Mapping[str, Revision], history: History, policy: Policy | None
) -> Gathered:
    others = {hash_ for revision in wanted.values() for hash_ in compared_with(revision, history)}
    signed = await queries.signoffs_of(connection, {*wanted, *others})
    standing = {hash_ for revision in wanted.values() for hash_ in stood_on(revision, history)}
    known = dict(wanted)
    known |= await entries.by_hashes(connection, (standing | (others & signed.keys())) - known.keys())
    known |= await entries.by_hashes(connection, {one.draft.source for one in known.values()} - {"", *known})
    return Gathered(
        policy=policy,
        history=history,
        known=known,
        people=await everyone(connection),
        states=await queries.by_hashes(connection, wanted),
        signed=signed,
        carried=await queries.carried_to(connection, {*wanted, *(others & signed.keys())}),
        blocking=await queries.open_blocking(connection, {one.draft.key for one in wanted.values()}),
        dependents=await dependents_of(connection, wanted.values(), policy),
        judged={},
    )


def _dossier(revision: Revision, facts: Gathered) -> Dossier:
    draft, policy = revision.draft, facts.policy
    review = facts.states.get(revision.hash) or _unsubmitted(revision)
    found = judged(revision, facts)
    content, dependents = found.content, facts.dependents.get(draft.key, ())
    whole = asked(policy, draft.kind, content, ChangeClass.VALUE, dependents, found.replaced)
    return Dossier(
        revision,
        review,
        content.topic,
        contributors(revision, facts.history),
        found.asked,
        Standing(review.state, found.change, found.signed, found.missing, found.emergency_missing),
        topics=topics_asked(policy, draft.kind, content, found.change, dependents),
        leaving=frozenset(one.topic for one in found.replaced) - {content.topic},
        carried=tuple(one.carried for one in found.carried),
        carriable=found.carriable,
        blocking=_blocking(revision, facts),
        emergency=review.unconfirmed,
        verifiers=frozenset(whole) if policy else frozenset(),
        waivers=policy.waivers if policy else (),
        due_days=due_days(policy, draft.kind, content, found.change, dependents),
        audience=facts.known.get(draft.source, revision).draft.content.audience.value,
    )


def _unsubmitted(revision: Revision) -> Review:
    draft = revision.draft
    return Review(draft.key, draft.locale, revision.hash, revision.number, State.DRAFT, revision.position)


def _blocking(revision: Revision, facts: Gathered) -> tuple[str, ...]:
    """Open blocking comments on this revision and on every one since the last that was live: writing anew answers none."""
    since = last_live(revision, facts.history)
    found = facts.blocking.get((revision.draft.key, revision.draft.locale), ())
    return tuple(comment for number, comment in found if since < number <= revision.number)
