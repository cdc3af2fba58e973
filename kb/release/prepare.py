"""Preparing a release outside the transaction: render and judge everything it touches, and leave behind what blocks."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.journal import read_head
from kb.channels.profiles import resolve
from kb.delivery.types import Change, Slotted
from kb.entries.types import NO_LOCALE, GlossaryTerm, Revision
from kb.release.candidates import Sifted, Terms, sift
from kb.release.caps import caps_of, verified
from kb.release.crew import Progress, judge_all
from kb.release.gate import Rulings
from kb.release.parts import parts_now, with_grown
from kb.release.queries import live_hashes
from kb.release.scheduled import hard_ends, hashes_of
from kb.release.staying import ending, leans_on, left_behind, touched_by
from kb.release.times import policy_of
from kb.release.types import At, Blocked, Closing, Judged, Prepared, World
from kb.release.world import fetch
from kb.review.queries import emergencies
from kb.review.standing import PolicyInForce, policy_in_force
from kb.review.types import Step


def silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


async def prepare(
    connection: AsyncConnection,
    hashes: Iterable[str],
    now: datetime,
    *,
    everything: bool = False,
    keys: Collection[str] = (),
    withdrawing: Collection[At] = (),
    capping: Mapping[At, str] | None = None,
    schedule: str = "",
    rollback: frozenset[str] = frozenset(),
    emergency: bool = False,
    unapproved: bool = False,
    progress: Progress = silent,
) -> Prepared:
    """What releasing these revisions would do: the largest set that holds, rendered, and the rest with its issues.

    A revision stays behind when it isn't approved under the policy in force, when its own gate blocks, or when it
    breaks something live that leans on it; then everything that needed it is judged again without it. A translation ends
    where its source changes in more than its wording, and what leans on it ends with it: that is in `closing`.

    `keys` are rendered again as they are, with what leans on them; `withdrawing` are live places that end, and `capping`
    ends that places get, in the same act. `schedule` is the one that this carries out or takes back. `rollback` are the
    hashes that may go back to; with `emergency` the policy's row for emergencies will do; `unapproved` asks for no
    sign-offs at all, to see what would be: what is prepared so is never committed.
    """
    head = await read_head(connection)
    world = await fetch(connection, hashes, keys={*keys, *(key for key, _ in withdrawing)}, everything=everything)
    force = await policy_in_force(connection)
    scheduled = await hashes_of(connection, schedule) if schedule else frozenset()
    terms = Terms(now, rollback, scheduled, emergency, unapproved)
    sifted = await sift(connection, world, force, terms)
    hard = await hard_ends(connection, schedule)
    ends = await _outside(connection, world, sifted, [*hard.items(), *(capping or {}).items()])
    parts = await parts_now(connection, world.affected & world.live.keys()) if world.candidates else {}
    looked = _Looked(world, force, ends, await verified(connection, _revisions(world)), parts)
    settled = await _settle(looked, sifted, _withdrawals(world, withdrawing), progress)
    expected = await live_hashes(connection, {key for key, _ in (*world.live, *world.candidates, *world.reopening)})
    return msgspec.structs.replace(
        _prepared(looked, sifted, settled),
        expected=expected,
        hard=hard,
        topics=frozenset(sifted.topics | _topics(world, withdrawing)),
        schedule=schedule,
        position=head.position,
        tentative=unapproved,
    )


def _prepared(looked: "_Looked", sifted: Sifted, settled: "_Settled") -> Prepared:
    """What was judged, as a release commits it."""
    kept, lifting = settled.world, frozenset(sifted.lifting)
    return Prepared(
        steps=_steps(kept, sifted, lifting),
        world=kept,
        judged={at: one for at, one in settled.judged.items() if kept.get(*at) is not None},
        blocked=tuple(one for at, one in settled.dropped.items() if at in looked.world.candidates),
        expected={},
        policy=looked.force.hash,
        closing=tuple(one for _, one in sorted(settled.closing.items())),
        emergency={hash_: end for hash_, end in sifted.emergency.items() if _goes(hash_, kept)},
        lifting=lifting & kept.candidates.keys(),
        states=sifted.states,
    )


def rulings_of(world: World, force: PolicyInForce) -> Rulings:
    """The house documents that would be in force after this release."""
    channels = world.get("channels", NO_LOCALE)
    glossary = world.get("glossary", NO_LOCALE)
    document = channels.draft.content.house.channels if channels and channels.draft.content.house else None
    terms = glossary.draft.content.house.glossary if glossary and glossary.draft.content.house else None
    lines: dict[str, tuple[GlossaryTerm, ...]] = terms.locales if terms else {}
    policy = policy_of(world, force)
    return Rulings(
        profiles=resolve(document),
        glossary=lines,
        cadence_days=policy.cadence_days if policy else 365,
        grace_days=policy.due_days if policy else 14,
    )


class _Looked(msgspec.Struct, frozen=True):
    """All that judging needs and the database knew: `ends` are those from outside by place and hash (empty: any)."""

    world: World
    force: PolicyInForce
    ends: tuple[tuple[At, str, str], ...]
    verified: Mapping[str, str]
    parts: Mapping[Slotted, int]


class _Settled(msgspec.Struct):
    world: World
    judged: dict[At, Judged]
    dropped: dict[At, Blocked]
    closing: dict[At, Closing]


async def _settle(looked: _Looked, sifted: Sifted, withdrawals: Mapping[At, Closing], progress: Progress) -> _Settled:
    """Judge, drop what blocks and end what can't stand, until nothing more has to: drops first, for they undo ends."""
    world = looked.world
    settled = _Settled(world, {}, dict(sifted.behind), dict(withdrawals))
    todo = set(world.affected)
    while todo:
        settled.world = _capped(world.without(settled.dropped, settled.closing), looked)
        rulings = rulings_of(settled.world, looked.force)
        judged = await judge_all(settled.world, rulings, sorted(todo), looked.verified, progress)
        settled.judged = {at: one for at, one in settled.judged.items() if at not in todo}
        settled.judged |= {at: with_grown(settled.world, one, looked.parts) for at, one in judged.items()}
        fresh = left_behind(settled.judged, world, settled.dropped)
        if fresh:
            settled.dropped |= fresh
            todo = touched_by({*fresh, *settled.closing}, settled.judged, world) | settled.closing.keys()
            settled.closing = dict(withdrawals)
        else:
            ended = ending(settled.judged, world, settled.dropped, settled.closing)
            settled.closing |= ended
            todo = touched_by(ended.keys(), settled.judged, world)
    settled.world = _capped(world.without(settled.dropped, settled.closing), looked)
    return settled


def _capped(world: World, looked: _Looked) -> World:
    """The world with the ends that its places get from outside their content."""
    outside = [
        (at, end)
        for at, hash_, end in looked.ends
        if not hash_ or ((standing := world.get(*at)) is not None and standing.hash == hash_)
    ]
    default_locale = rulings_of(world, looked.force).default_locale
    return msgspec.structs.replace(
        world, caps=caps_of(world, outside, looked.verified, policy_of(world, looked.force), default_locale)
    )


async def _outside(
    connection: AsyncConnection, world: World, sifted: Sifted, hard: Iterable[tuple[At, str]]
) -> tuple[tuple[At, str, str], ...]:
    """The ends that hard schedules set to places, and emergencies to revisions."""
    passing = {**await emergencies(connection), **sifted.emergency}
    held = {(one.draft.key, one.draft.locale, one.hash) for one in _revisions(world)}
    lasting = {world.live[at].hash for at in sifted.lifting}
    brief = [
        ((key, locale), hash_, passing[hash_])
        for key, locale, hash_ in held
        if hash_ in passing and hash_ not in lasting
    ]
    return (*((at, "", end) for at, end in hard), *brief)


def _withdrawals(world: World, places: Collection[At]) -> dict[At, Closing]:
    """These live places as they are withdrawn, and what leans on them as it is suspended, however far."""
    found = {at: Closing(*at, world.live[at].hash, Change.WITHDRAWN) for at in places if at in world.live}
    fresh = bool(found)
    while fresh:
        more = {
            at: Closing(*at, one.hash, Change.SUSPENDED)
            for at, one in world.live.items()
            if at not in found and at not in world.candidates and _stands_on(one, found, world)
        }
        found |= more
        fresh = bool(more)
    return found


def _stands_on(one: Revision, ended: Collection[At], world: World) -> bool:
    """Whether a live revision says the words of what ends, or is a translation of it."""
    draft = one.draft
    sourceless = draft.source and any(at[0] == draft.key and not world.live[at].draft.source for at in ended)
    return bool(sourceless) or leans_on(draft.content, draft.locale, ended)


def _revisions(world: World) -> list[Revision]:
    return [*world.live.values(), *world.candidates.values(), *world.reopening.values()]


def _goes(hash_: str, world: World) -> bool:
    return any(one.hash == hash_ for one in world.candidates.values())


def _topics(world: World, places: Iterable[At]) -> set[str]:
    return {world.live[at].draft.content.topic for at in places if at in world.live}


def _steps(world: World, sifted: Sifted, lifting: frozenset[At]) -> dict[str, Step]:
    steps = {one.hash: sifted.steps[one.hash] for at, one in world.candidates.items() if at not in lifting}
    return steps | {one.hash: Step.REOPEN for one in world.reopening.values()}
