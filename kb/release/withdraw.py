"""Taking back: withdrawing entries with all that leans on them, after the list was shown."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Conflict, NotFound
from kb.base.work import Work
from kb.delivery.types import Change
from kb.release import queries
from kb.release.ending import end, standing
from kb.release.types import At, Released, Withdrawal
from kb.review.standing import POLICY_KEY


async def foresee(connection: AsyncConnection, keys: Collection[str]) -> Withdrawal:
    """What withdrawing these keys would take, in every locale; NotFound when one of them is neither live nor suspended.

    Conflict for the policy and the channels: without them nothing could be released, so they are only ever replaced.
    """
    if ruling := sorted(set(keys) & {POLICY_KEY, "channels"}):
        raise Conflict(f"{', '.join(ruling)} can't be withdrawn: release another one in its place")
    taken = await standing(connection, keys)
    if unknown := sorted(set(keys) - {key for key, _ in taken}):
        raise NotFound(f"nothing live has the key {', '.join(unknown)}: see `kb doctor` or check the spelling")
    leaning = await queries.dependents(connection, keys)
    return Withdrawal(tuple(sorted(taken)), tuple(sorted(leaning - taken.keys())))


async def withdraw(work: Work, keys: Collection[str], reason: str) -> Released:
    """Withdraw these keys in every locale, and suspend all that leans on them, at one position."""
    work.actor.must("withdraw")
    taken = await foresee(work.connection, keys)
    ends: dict[At, Change] = dict.fromkeys(taken.suspended, Change.SUSPENDED)
    ends |= dict.fromkeys(taken.withdrawn, Change.WITHDRAWN)
    return await end(work, ends, "withdraw", reason)
