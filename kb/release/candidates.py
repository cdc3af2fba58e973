"""Which candidates may go live at all, whatever they say: approved, not before their time, and not older than what is live."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import instant
from kb.channels.profiles import problems
from kb.channels.types import Issue, blocks
from kb.entries.types import NO_LOCALE
from kb.release import queries
from kb.release.types import At, Blocked, World
from kb.review.policy import NO_POLICY, emergency_until
from kb.review.rules import MOVES
from kb.review.standing import PolicyInForce, dossiers
from kb.review.types import Dossier, State, Step


class Terms(msgspec.Struct, frozen=True):
    """On what terms a release is asked for: `rollback` may go back, `scheduled` are the hashes of the schedule it carries out."""

    now: datetime
    rollback: frozenset[str] = frozenset()
    scheduled: frozenset[str] = frozenset()
    emergency: bool = False
    unapproved: bool = False


class Sifted(msgspec.Struct):
    """Candidates sifted: those that stay behind, the step of each that may go, and the topics of all.

    `emergency` maps hashes to their end, `lifting` are places whose emergency ends since everybody has signed.
    """

    behind: dict[At, Blocked]
    steps: dict[str, Step]
    topics: set[str]
    emergency: dict[str, str]
    lifting: set[At]
    states: dict[str, State]


async def sift(connection: AsyncConnection, world: World, force: PolicyInForce, terms: Terms) -> Sifted:
    """What may go live of the candidates, before the gate has seen any of them."""
    sifted = Sifted({}, {}, set(), {}, set(), {})
    if terms.unapproved:
        sifted.steps = {one.hash: Step.RELEASE for one in world.candidates.values()}
    else:
        await _judge_approval(connection, world, force, terms, sifted)
        sifted.behind |= await _older(connection, world, terms)
    sifted.behind |= _unruly(world) | _early(world, terms.now)
    return sifted


def blocked(at: At, hash_: str, issues: Sequence[Issue], because_of: str = "") -> Blocked:
    """A revision that stays behind."""
    return Blocked(at[0], at[1], hash_, tuple(issues), because_of)


async def _judge_approval(
    connection: AsyncConnection, world: World, force: PolicyInForce, terms: Terms, sifted: Sifted
) -> None:
    found = await dossiers(connection, [one.hash for one in world.candidates.values()], force.policy)
    topics = _source_topics(world)
    for at, revision in world.candidates.items():
        dossier = found.get(revision.hash)
        if dossier is None:
            sifted.behind[at] = blocked(at, revision.hash, [_not_approved("it was never submitted")])
            continue
        sifted.topics |= {dossier.topic, *dossier.leaving}
        sifted.states[revision.hash] = dossier.review.state
        live = world.live.get(at)
        if (
            live is not None
            and live.hash == revision.hash
            and dossier.review.confirmed is not None
            and not dossier.standing.missing
        ):
            sifted.lifting.add(at)
            continue
        step, why = _step(dossier, terms)
        why = why or _elsewhere(dossier, topics)
        if why:
            sifted.behind[at] = blocked(at, revision.hash, [_not_approved(why)])
        else:
            sifted.steps[revision.hash] = step
        if not why and step is Step.RELEASE_EMERGENCY:
            sifted.emergency[revision.hash] = emergency_until(force.policy, terms.now)


def _step(dossier: Dossier, terms: Terms) -> tuple[Step, str]:
    """The step that a candidate would take, and why it can't (empty: it can)."""
    state, standing = dossier.review.state, dossier.standing
    hash_ = dossier.revision.hash
    if hash_ in terms.rollback:
        why = "" if state is State.SUPERSEDED else f"it is {state}, and only what was superseded can come back"
        return Step.ROLL_BACK, why or _lacks(standing.missing)
    if state in {State.APPROVED, State.SCHEDULED} and not (terms.emergency and standing.missing):
        scheduled = state is State.SCHEDULED and hash_ not in terms.scheduled
        why = "it is scheduled; cancel its schedule first" if scheduled else _lacks(standing.missing)
        return Step.RELEASE, why or ("a comment on it blocks until it is resolved" if dossier.blocking else "")
    if terms.emergency and (state, Step.RELEASE_EMERGENCY) in MOVES:
        lacks = standing.emergency_missing
        return Step.RELEASE_EMERGENCY, "the policy has no row for an emergency like this" if lacks is None else _lacks(
            lacks
        )
    return Step.RELEASE, f"it is {state}"


def _source_topics(world: World) -> Mapping[str, set[str]]:
    """What the revisions that translate nothing would be about, by key."""
    found: dict[str, set[str]] = {}
    for at in {*world.live, *world.candidates, *world.reopening}:
        one = world.get(*at)
        if one is not None and not one.draft.source:
            found.setdefault(at[0], set()).add(one.draft.content.topic)
    return found


def _elsewhere(dossier: Dossier, topics: Mapping[str, set[str]]) -> str:
    """Why a translation can't go live beside a source on another topic than those that decided who signs it."""
    draft = dossier.revision.draft
    found = topics.get(draft.key, set()) - {dossier.topic, *dossier.leaving} if draft.source else set()
    return f"its source is about {', '.join(sorted(found))} now: pin that, and have it signed there" if found else ""


def _lacks(missing: Mapping[str, int]) -> str:
    if not missing.keys().isdisjoint(NO_POLICY):
        return "no rule of the policy in force asks anyone to sign it, so nobody can have: change the policy first"
    lacking = ", ".join(f"{count} × {role}" for role, count in missing.items())
    return f"the policy in force asks for {lacking} more" if lacking else ""


async def _older(connection: AsyncConnection, world: World, terms: Terms) -> dict[At, Blocked]:
    """Candidates that are older than what stands at their place, live or suspended: going back is a rollback."""
    asleep = await queries.suspended(connection, {key for key, _ in world.candidates})
    found: dict[At, Blocked] = {}
    for at, revision in world.candidates.items():
        standing = [one for one in (world.live.get(at), asleep.get(at)) if one and one.number > revision.number]
        if standing and revision.hash not in terms.rollback:
            newest = max(one.number for one in standing)
            message = f"Number {revision.number} is older than number {newest}, which is live or suspended."
            action = "Roll the newer release back, or write a new revision with these words."
            found[at] = blocked(at, revision.hash, [blocks("older-than-live", "", message, action)])
    return found


def _unruly(world: World) -> dict[At, Blocked]:
    """Channel profiles that contradict themselves: nothing could be rendered by them."""
    at = ("channels", NO_LOCALE)
    revision = world.candidates.get(at)
    house = revision.draft.content.house if revision else None
    if revision is None or house is None or house.channels is None:
        return {}
    found = problems(house.channels)
    return {at: blocked(at, revision.hash, found)} if found else {}


def _early(world: World, now: datetime) -> dict[At, Blocked]:
    """Candidates that begin to hold later: nothing is live before its time."""
    found: dict[At, Blocked] = {}
    for at, revision in world.candidates.items():
        begins = revision.draft.content.valid_from
        if begins is not None and begins > now:
            message = f"It holds from {instant(begins)} on, which is still to come."
            issue = blocks("not-yet-valid", "valid_from", message, "Release it then.")
            found[at] = blocked(at, revision.hash, [issue])
    return found


def _not_approved(why: str) -> Issue:
    return blocks(
        "not-approved", "", f"This revision can't go live: {why}.", "Have it signed by those the policy asks."
    )
