"""Behind the head's lock: whether what a release was made from still holds."""

from collections.abc import Set as AbstractSet

from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Conflict
from kb.base.work import Work
from kb.release import queries
from kb.release.caps import known_better
from kb.release.scheduled import hard_ends
from kb.release.times import sets_other_times
from kb.release.types import GLOBAL_KEYS, At, Prepared
from kb.review.standing import dossiers, policy_in_force
from kb.review.types import Step


async def recheck(work: Work, prepared: Prepared) -> None:
    """What was live when this was prepared must be live still, and every candidate approved under the same policy.

    Raises Conflict otherwise: prepare it again. Every act is a line of the journal, so where none was written since, what is
    live needs no second look; sign-offs are looked at again whatever the journal says, for they are what lets a text go live.
    """
    if prepared.tentative:
        raise Conflict("this was only looked at, without its sign-offs: prepare it to be released")
    if work.head.position != prepared.position:
        await _recheck_what_is_live(work, prepared)
    await _recheck_approval(work.connection, prepared)


async def _recheck_what_is_live(work: Work, prepared: Prepared) -> None:
    now = await queries.live_hashes(work.connection, {key for key, _ in prepared.expected} | _keys(prepared))
    if now != dict(prepared.expected):
        raise Conflict(
            "something this release was made from has gone live or been withdrawn meanwhile: prepare it again"
        )
    if not await _leaning_now(work.connection, prepared) <= prepared.world.affected:
        raise Conflict("something has gone live meanwhile that leans on what this releases: prepare it again")
    if await hard_ends(work.connection, prepared.schedule) != dict(prepared.hard):
        raise Conflict("a schedule has been made or cancelled meanwhile: prepare the release again")
    if await known_better(work.connection, prepared.position) & _keys(prepared):
        raise Conflict("something this release was made from has been verified meanwhile: prepare it again")


async def _leaning_now(connection: AsyncConnection, prepared: Prepared) -> AbstractSet[At]:
    """Everything that these candidates change the words of, as of now."""
    keys = {key for key, _ in prepared.world.candidates} | {one.key for one in prepared.closing}
    if keys & set(GLOBAL_KEYS) or sets_other_times(prepared.world.candidates, prepared.world.live):
        return (await queries.live_hashes(connection)).keys()
    return await queries.dependents(connection, keys, asleep=True)


async def _recheck_approval(connection: AsyncConnection, prepared: Prepared) -> None:
    force = await policy_in_force(connection)
    if force.hash != prepared.policy:
        raise Conflict("another policy has come into force meanwhile: prepare the release again")
    candidates = [one.hash for one in prepared.world.candidates.values()]
    for hash_, dossier in (await dossiers(connection, candidates, force.policy)).items():
        step, standing = prepared.steps.get(hash_), dossier.standing
        missing = standing.emergency_missing if step is Step.RELEASE_EMERGENCY else standing.missing
        stopped = bool(dossier.blocking) and step in {Step.RELEASE, Step.RELEASE_EMERGENCY}
        if missing != {} or stopped or prepared.states.get(hash_) != dossier.review.state:
            raise Conflict(f"{dossier.review.key} in {dossier.review.locale} is no longer approved: prepare it again")


def _keys(prepared: Prepared) -> set[str]:
    world = prepared.world
    return {key for key, _ in (*world.live, *world.candidates, *world.reopening)}
