"""Taking back: withdrawing entries with all that leans on them, after the list was shown."""

from collections.abc import Collection, Mapping, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Conflict, NotFound
from kb.base.hashing import canonical, digest
from kb.base.work import Right, Work
from kb.delivery.types import Change
from kb.entries.queries import kinds_of
from kb.release import queries
from kb.release.ending import end, standing
from kb.release.topics import keys_on, live_topics, topics_of
from kb.release.types import At, Released, Withdrawal
from kb.review.standing import POLICY_KEY


class Taken(msgspec.Struct, frozen=True):
    """One entry in one locale that a withdrawal takes."""

    key: str
    locale: str
    kind: str
    topic: str
    hash: str


class ForeseenWithdrawal(msgspec.Struct, frozen=True):
    """What a withdrawal would take, as it is shown first; `digest` names exactly this list."""

    keys: tuple[str, ...]
    withdrawn: tuple[Taken, ...]
    suspended: tuple[Taken, ...]
    digest: str


async def foresee(connection: AsyncConnection, keys: Collection[str], *, topic: str = "") -> Withdrawal:
    """What withdrawing these keys, and all of a topic, would take, in every locale.

    A key may be written with its kind (`claim:free-atm`). NotFound when one of them is neither live nor suspended, or the
    topic has nothing that is. Conflict for the policy and the channels: without them nothing could be released, so they
    are only ever replaced.
    """
    named = await named_keys(connection, keys, topic)
    if ruling := sorted(named & {POLICY_KEY, "channels"}):
        raise Conflict(f"{', '.join(ruling)} can't be withdrawn: release another one in its place")
    taken = await standing(connection, named)
    if unknown := sorted(named - {key for key, _ in taken}):
        raise _unknown(unknown)
    leaning = await queries.dependents(connection, named)
    return Withdrawal(tuple(sorted(taken)), tuple(sorted(leaning - taken.keys())))


async def listed(connection: AsyncConnection, taken: Withdrawal) -> ForeseenWithdrawal:
    """The list of a withdrawal with what a person needs to judge it."""
    places = (*taken.withdrawn, *taken.suspended)
    keys = {key for key, _ in places}
    hashes = await standing(connection, keys)
    kinds, topics = await kinds_of(connection, keys), await topics_of(connection, keys)

    def told(group: Sequence[At]) -> tuple[Taken, ...]:
        return tuple(Taken(key, at, kinds[key], topics.get(key, ""), hashes[key, at]) for key, at in group)

    named = tuple(sorted({key for key, _ in taken.withdrawn}))
    return ForeseenWithdrawal(named, told(taken.withdrawn), told(taken.suspended), _digest(taken, hashes))


async def withdraw(work: Work, keys: Collection[str], reason: str, *, topic: str = "", expected: str = "") -> Released:
    """Withdraw these keys in every locale, and suspend all that leans on them, at one position.

    `expected` is the digest of the list that was shown: Conflict when that is no longer what would go.
    """
    work.actor.must(Right.WITHDRAW)
    taken = await foresee(work.connection, keys, topic=topic)
    named = {key for key, _ in taken.withdrawn}
    work.actor.must(Right.WITHDRAW, *await live_topics(work.connection, named))
    if expected and expected != _digest(taken, await standing(work.connection, _keys(taken))):
        raise Conflict("other entries would go by now than those you were shown: look at the list again")
    ends: dict[At, Change] = dict.fromkeys(taken.suspended, Change.SUSPENDED)
    ends |= dict.fromkeys(taken.withdrawn, Change.WITHDRAWN)
    return await end(work, ends, "withdraw", reason)


async def named_keys(connection: AsyncConnection, names: Collection[str], topic: str = "") -> frozenset[str]:
    """The keys that these names mean, those of a topic among them; NotFound for a kind that a key isn't of."""
    asked = {name.rpartition(":")[2]: name.rpartition(":")[0] for name in names}
    kinds = await kinds_of(connection, [key for key, kind in asked.items() if kind])
    if unknown := sorted(key for key, kind in asked.items() if kind and kinds.get(key) != kind):
        raise _unknown([f"{asked[key]}:{key}" for key in unknown])
    if not topic:
        return frozenset(asked)
    found = await keys_on(connection, topic)
    if not found:
        raise NotFound(f"nothing live is about the topic {topic}: check the spelling")
    return found | frozenset(asked)


def _digest(taken: Withdrawal, hashes: Mapping[At, str]) -> str:
    lines = [f"{Change.WITHDRAWN} {at[0]} {at[1]} {hashes[at]}" for at in taken.withdrawn]
    lines += [f"{Change.SUSPENDED} {at[0]} {at[1]} {hashes[at]}" for at in taken.suspended]
    return digest(canonical(sorted(lines)))


def _keys(taken: Withdrawal) -> set[str]:
    return {key for key, _ in (*taken.withdrawn, *taken.suspended)}


def _unknown(names: Sequence[str]) -> NotFound:
    return NotFound(f"nothing live has the key {', '.join(names)}: see `kb doctor` or check the spelling")
