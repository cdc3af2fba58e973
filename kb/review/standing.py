"""How a revision stands: everything a decision about it needs, fetched for many at once and judged by the rules."""

from collections.abc import Iterable, Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.queries import everyone
from kb.accounts.types import Person
from kb.base.db import chunks
from kb.entries import queries as entries
from kb.entries.tables import revisions
from kb.entries.types import Content, Policy, Revision
from kb.review import queries
from kb.review.changes import change_class
from kb.review.policy import asked
from kb.review.queries import Review
from kb.review.rules import counts, missing
from kb.review.tables import reviews
from kb.review.types import SignOff, Standing, State

FULLY_SIGNED = frozenset(State) - {State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED}
BEEN_LIVE = FULLY_SIGNED - {State.APPROVED, State.SCHEDULED}
POLICY_KEY = "policy"


class PolicyInForce(msgspec.Struct, frozen=True):
    """The policy that rules now with the hash of its revision; in an empty home there is none, and the hash is empty."""

    policy: Policy | None
    hash: str


class Dossier(msgspec.Struct, frozen=True):
    """One revision with its review, its topic (a translation's is its source's), its contributors and its standing."""

    revision: Revision
    review: Review
    topic: str
    contributors: frozenset[str]
    asked: dict[str, int]
    standing: Standing


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
    """The dossiers of these revisions under a policy, by content hash."""
    wanted = await entries.by_hashes(connection, hashes)
    history = await _histories(connection, wanted.values())
    before = {hash_: _last_signed(revision, history) for hash_, revision in wanted.items()}
    others = {*(hash_ for hash_ in before.values() if hash_), *(revision.draft.source for revision in wanted.values())}
    known = {**wanted, **await entries.by_hashes(connection, others - wanted.keys() - {""})}
    people = await everyone(connection)
    states = await queries.by_hashes(connection, wanted)
    signed = await queries.signoffs_of(connection, wanted)
    found: dict[str, Dossier] = {}
    for hash_, revision in wanted.items():
        if review := states.get(hash_):
            previous = known.get(before[hash_] or "")
            content = previous.draft.content if previous else None
            offs = signed.get(hash_, [])
            found[hash_] = _dossier(revision, review, known, history, content, offs, people, policy)
    return found


class _Past(msgspec.Struct, frozen=True):
    number: int
    hash: str
    author: str
    state: str


def _dossier(
    revision: Revision,
    review: Review,
    known: Mapping[str, Revision],
    history: Mapping[tuple[str, str], list[_Past]],
    previous: Content | None,
    signoffs: list[SignOff],
    people: Mapping[str, Person],
    policy: Policy | None,
) -> Dossier:
    draft = revision.draft
    source = known.get(draft.source)
    content = (
        draft.content if source is None else msgspec.structs.replace(draft.content, topic=source.draft.content.topic)
    )
    contributors = _contributors(revision, history)
    change = change_class(previous, draft.content, draft.locale)
    wanted = asked(policy, draft.kind, content, change)
    valid = tuple(
        one for one in signoffs if counts(one, people.get(one.by), contributors, content.topic, held=False) is None
    )
    standing = Standing(review.state, change, valid, missing(wanted, valid))
    return Dossier(revision, review, content.topic, contributors, wanted, standing)


async def _histories(connection: AsyncConnection, wanted: Iterable[Revision]) -> dict[tuple[str, str], list[_Past]]:
    """Every revision of the wanted keys with its author and state, by (key, locale), oldest first."""
    found: dict[tuple[str, str], list[_Past]] = {}
    columns = (revisions.c.key, revisions.c.locale, revisions.c.number, revisions.c.hash, revisions.c.author)
    same = (
        (reviews.c.hash == revisions.c.hash)
        & (reviews.c.key == revisions.c.key)
        & (reviews.c.locale == revisions.c.locale)
    )
    base = sa.select(*columns, reviews.c.state).select_from(revisions.outerjoin(reviews, same))
    for chunk in chunks(sorted({revision.draft.key for revision in wanted})):
        statement = base.where(revisions.c.key.in_(chunk)).order_by(revisions.c.number)
        for row in await connection.execute(statement):
            past = _Past(row.number, row.hash, row.author, row.state or State.DRAFT)
            found.setdefault((row.key, row.locale), []).append(past)
    return found


def _last_signed(revision: Revision, history: Mapping[tuple[str, str], list[_Past]]) -> str | None:
    past = history[(revision.draft.key, revision.draft.locale)]
    signed = [one.hash for one in past if one.number < revision.number and one.state in FULLY_SIGNED]
    return signed[-1] if signed else None


def _contributors(revision: Revision, history: Mapping[tuple[str, str], list[_Past]]) -> frozenset[str]:
    """The author, the editors it names, and whoever wrote a revision between the last live one and this."""
    past = history[(revision.draft.key, revision.draft.locale)]
    last_live = max((one.number for one in past if one.number < revision.number and one.state in BEEN_LIVE), default=0)
    since = {one.author for one in past if last_live < one.number <= revision.number}
    return frozenset({revision.draft.author, *revision.draft.editors, *since})
