"""Preparing a release outside the transaction: render and judge everything it touches, and leave behind what blocks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import instant
from kb.channels.profiles import problems, resolve
from kb.channels.types import Issue, blocks
from kb.entries.types import NO_LOCALE, Term
from kb.release.crew import Progress, judge_all
from kb.release.gate import Rulings, blocking
from kb.release.queries import live_hashes
from kb.release.types import At, Blocked, Judged, Prepared, World
from kb.release.world import fetch
from kb.review.queries import signoffs_of
from kb.review.standing import PolicyInForce, dossiers, policy_in_force
from kb.review.types import State, Step


def silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


async def prepare(
    connection: AsyncConnection,
    hashes: Iterable[str],
    now: datetime,
    *,
    everything: bool = False,
    progress: Progress = silent,
) -> Prepared:
    """What releasing these revisions would do: the largest set that holds, rendered, and the rest with its issues.

    A revision stays behind when it isn't approved under the policy in force, when its own gate blocks, or when it
    breaks something live that leans on it; then everything that needed it is judged again without it.
    """
    world = await fetch(connection, hashes, everything=everything)
    force = await policy_in_force(connection)
    verified = await _verified(connection, world)
    dropped = await _unsigned(connection, world, force) | _unruly(world) | _early(world, now)
    judged: dict[At, Judged] = {}
    todo = set(world.affected)
    while todo:
        world_now = world.without(frozenset(dropped))
        rulings = rulings_of(world_now, force)
        judged = {at: one for at, one in judged.items() if at not in todo}
        judged |= await judge_all(world_now, rulings, sorted(todo), verified, progress)
        fresh = _left_behind(judged, world, dropped)
        dropped |= fresh
        todo = _touched_by(set(fresh), judged, world)
    kept = world.without(frozenset(dropped))
    return Prepared(
        steps=_steps(kept),
        world=kept,
        judged={at: one for at, one in judged.items() if at not in dropped or kept.get(*at) is not None},
        blocked=tuple(one for at, one in dropped.items() if at in world.candidates),
        expected=await live_hashes(connection, {key for key, _ in (*world.live, *world.candidates, *world.reopening)}),
        policy=force.hash,
    )


def rulings_of(world: World, force: PolicyInForce) -> Rulings:
    """The house documents that would be in force after this release."""
    channels = world.get("channels", NO_LOCALE)
    glossary = world.get("glossary", NO_LOCALE)
    document = channels.draft.content.house.channels if channels and channels.draft.content.house else None
    terms = glossary.draft.content.house.glossary if glossary and glossary.draft.content.house else None
    lines: dict[str, tuple[Term, ...]] = terms.locales if terms else {}
    policy = force.policy
    return Rulings(
        profiles=resolve(document),
        glossary=lines,
        cadence_days=policy.cadence_days if policy else 365,
        grace_days=policy.due_days if policy else 14,
    )


async def _unsigned(connection: AsyncConnection, world: World, force: PolicyInForce) -> dict[At, Blocked]:
    """Candidates that the policy in force doesn't let go live, whatever they say."""
    found = await dossiers(connection, [one.hash for one in world.candidates.values()], force.policy)
    behind: dict[At, Blocked] = {}
    for at, revision in world.candidates.items():
        dossier = found.get(revision.hash)
        if dossier is None:
            behind[at] = _blocked(at, revision.hash, [_not_approved("it was never submitted")])
        elif dossier.review.state not in {State.APPROVED, State.SCHEDULED}:
            behind[at] = _blocked(at, revision.hash, [_not_approved(f"it is {dossier.review.state}")])
        elif dossier.standing.missing:
            lacking = ", ".join(f"{count} × {role}" for role, count in dossier.standing.missing.items())
            behind[at] = _blocked(at, revision.hash, [_not_approved(f"the policy in force asks for {lacking} more")])
    return behind


def _unruly(world: World) -> dict[At, Blocked]:
    """Channel profiles that contradict themselves: nothing could be rendered by them."""
    at = ("channels", NO_LOCALE)
    revision = world.candidates.get(at)
    house = revision.draft.content.house if revision else None
    if revision is None or house is None or house.channels is None:
        return {}
    found = problems(house.channels)
    return {at: _blocked(at, revision.hash, found)} if found else {}


def _early(world: World, now: datetime) -> dict[At, Blocked]:
    """Candidates that begin to hold later: nothing is live before its time."""
    found: dict[At, Blocked] = {}
    for at, revision in world.candidates.items():
        begins = revision.draft.content.valid_from
        if begins is not None and begins > now:
            message = f"It holds from {instant(begins)} on, which is still to come."
            issue = blocks("not-yet-valid", "valid_from", message, "Release it then.")
            found[at] = _blocked(at, revision.hash, [issue])
    return found


async def _verified(connection: AsyncConnection, world: World) -> dict[str, str]:
    """When each affected revision was last signed by anyone: the day it was last known to be right."""
    revisions = [one for at in world.affected if (one := world.get(*at))]
    behind = [one for at in world.affected if (one := world.live.get(at))]
    signed = await signoffs_of(connection, [one.hash for one in (*revisions, *behind)])
    return {
        one.hash: max((signoff.at for signoff in signed.get(one.hash, ())), default=instant(one.at))
        for one in (*revisions, *behind)
    }


def _left_behind(judged: Mapping[At, Judged], world: World, dropped: Mapping[At, Blocked]) -> dict[At, Blocked]:
    """Candidates to drop now: those that block, and those that make something live block which leans on them."""
    fresh: dict[At, Blocked] = {}
    for at, one in judged.items():
        found = blocking(one.issues)
        if not found or (at in dropped and at not in world.live):
            continue
        if at not in dropped and (at in world.candidates or at in world.reopening):
            fresh[at] = _blocked(at, one.revision.hash, found)
            continue
        for culprit in sorted(_culprits(at, judged, world)):
            if culprit not in dropped:
                because = f"{at[0]} ({at[1]})"
                fresh.setdefault(culprit, _blocked(culprit, world.candidates[culprit].hash, found, because))
    return fresh


def _culprits(at: At, judged: Mapping[At, Judged], world: World) -> set[At]:
    """The candidates that a live entry leans on, the house documents among them."""
    leant = judged[at].leans_on
    found = {culprit for culprit in leant if culprit in world.candidates}
    found |= {(key, NO_LOCALE) for key in ("channels", "glossary") if (key, NO_LOCALE) in world.candidates}
    return found


def _touched_by(dropped: set[At], judged: Mapping[At, Judged], world: World) -> set[At]:
    """What has to be judged again now that these stay behind: they, what leans on them, and ways on that led to them."""
    if not dropped:
        return set()
    if any(key in {"channels", "glossary"} for key, _ in dropped):
        return set(world.affected)
    keys = {key for key, _ in dropped}
    touched = {at for at in dropped if at in world.live}
    leading = _leading_to(keys, world)
    for at, one in judged.items():
        if one.leans_on & dropped or at[0] in leading or (at[0] in keys and at not in dropped):
            touched.add(at)
    return touched & set(world.affected)


def _leading_to(keys: Collection[str], world: World) -> set[str]:
    """Keys with a way on to one of these; by key, since a translation's ways lead where its source's do."""
    return {
        key
        for revisions in (world.live, world.candidates, world.reopening)
        for (key, _), revision in revisions.items()
        if any(option.to.removeprefix("entry:") in keys for option in revision.draft.content.next)
    }


def _steps(world: World) -> dict[str, Step]:
    steps = {one.hash: Step.RELEASE for one in world.candidates.values()}
    return steps | {one.hash: Step.REOPEN for one in world.reopening.values()}


def _blocked(at: At, hash_: str, issues: Sequence[Issue], because_of: str = "") -> Blocked:
    return Blocked(at[0], at[1], hash_, tuple(issues), because_of)


def _not_approved(why: str) -> Issue:
    return blocks(
        "not-approved", "", f"This revision can't go live: {why}.", "Have it signed by those the policy asks."
    )
