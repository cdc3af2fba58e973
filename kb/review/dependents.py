"""The live entries that say a fact, directly or through others: whose owners a policy may ask again when it changes."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.db import chunks
from kb.entries import queries as entries
from kb.entries.tables import uses
from kb.entries.types import Kind, Policy, Revision
from kb.review.changes import topical
from kb.review.policy import Dependent
from kb.review.tables import reviews
from kb.review.types import State

TEXT_USES = ("fact", "claim", "disclosure")
"""Uses that put words into a text; a way on only leads somewhere."""


async def dependents_of(
    connection: AsyncConnection, wanted: Iterable[Revision], policy: Policy | None
) -> Mapping[str, tuple[Dependent, ...]]:
    """The live dependents of each fact among these revisions, by key; nothing where no rule of the policy asks for them."""
    if policy is None or not any(rule.dependents for rule in policy.rules):
        return {}
    facts = {one.draft.key for one in wanted if one.draft.kind is Kind.FACT}
    users, hashes = await _users(connection, facts)
    known = await entries.by_hashes(connection, {hash_ for found in hashes.values() for hash_ in found})
    known |= await entries.by_hashes(connection, {one.draft.source for one in known.values()} - {"", *known})
    return {
        fact: tuple(
            Dependent(known[hash_].draft.kind, topical(known[hash_], known))
            for key in sorted(_reached(fact, users))
            for hash_ in sorted(hashes[key])
            if hash_ in known
        )
        for fact in facts
    }


async def _users(connection: AsyncConnection, keys: Iterable[str]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Who uses whom among what is live, from these keys upwards, and the live hashes of each user."""
    users: dict[str, set[str]] = {}
    hashes: dict[str, set[str]] = {}
    same = (reviews.c.hash == uses.c.hash) & (reviews.c.key == uses.c.key) & (reviews.c.locale == uses.c.locale)
    base = sa.select(uses.c.target, uses.c.key, uses.c.hash).join(reviews, same)
    base = base.where(reviews.c.state == State.LIVE, uses.c.kind.in_(TEXT_USES))
    waiting = set(keys)
    seen = set(waiting)
    while waiting:
        found: set[str] = set()
        for chunk in chunks(sorted(waiting)):
            for row in await connection.execute(base.where(uses.c.target.in_(chunk))):
                users.setdefault(row.target, set()).add(row.key)
                hashes.setdefault(row.key, set()).add(row.hash)
                found.add(row.key)
        waiting = found - seen
        seen |= waiting
    return users, hashes


def _reached(key: str, users: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [key]
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user not in found:
                found.add(user)
                waiting.append(user)
    return found
