"""One revision judged by the policy: what its change touches, who is asked about it, and who of them has signed."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kb.accounts.types import People
from kb.entries.types import Content, Policy, Revision
from kb.review.carrying import CarriedOver, carriable, still_carried
from kb.review.changes import revision_change, topical
from kb.review.counting import counts, missing
from kb.review.past import History, contributors, former_candidates, foundation, standing, stood_on
from kb.review.policy import Dependent, asked, emergency_asked, most
from kb.review.types import Carried, ChangeClass, Review, SignOff, State


class Gathered(msgspec.Struct, frozen=True):
    """What revisions are judged by; `known` holds every revision that is compared with another, `judged` what was judged."""

    policy: Policy | None
    history: History
    known: Mapping[str, Revision]
    people: People
    states: Mapping[str, Review]
    signed: Mapping[str, Sequence[SignOff]]
    carried: Mapping[str, Sequence[Carried]]
    blocking: Mapping[tuple[str, str], Sequence[tuple[int, str]]]
    dependents: Mapping[str, Sequence[Dependent]]
    judged: dict[str, "Judgement"]


class Judgement(msgspec.Struct, frozen=True):
    """What a change is, who is asked about it, and the sign-offs that count.

    `replaced` are the contents in whose place it would go live, as far as their rules may be others. `emergency_missing`
    is None where the policy has no row for emergencies, or not for this.
    """

    change: ChangeClass
    content: Content
    replaced: tuple[Content, ...]
    asked: dict[str, int]
    signed: tuple[SignOff, ...]
    carried: tuple[CarriedOver, ...]
    carriable: tuple[Carried, ...]
    missing: dict[str, int]
    emergency_missing: dict[str, int] | None


def compared_with(revision: Revision, history: History) -> set[str]:
    """The hashes of everything that judging a revision looks at, but for what translations pin."""
    return {one.hash for one in former_candidates(revision, history)} | stood_on(revision, history)


def judged(revision: Revision, facts: Gathered) -> Judgement:
    """How a revision stands under the policy, from what was last fully signed."""
    if revision.hash not in facts.judged:
        facts.judged[revision.hash] = _judge(revision, facts)
    return facts.judged[revision.hash]


def _judge(revision: Revision, facts: Gathered) -> Judgement:
    draft, policy, known = revision.draft, facts.policy, facts.known
    base = _base(revision, facts)
    content, replaced = topical(revision, known), _replaced(revision, base, facts)
    dependents = facts.dependents.get(draft.key, ())

    def ask(change: ChangeClass) -> dict[str, int]:
        return asked(policy, draft.kind, content, change, dependents, replaced)

    def asks(role: str, change: ChangeClass) -> bool:
        return role in ask(change)

    former = former_candidates(revision, facts.history)
    signed = _valid(revision, revision.hash, facts)
    sources = {one.hash: _valid(revision, one.hash, facts) for one in former}
    carried = still_carried(facts.carried.get(revision.hash, ()), sources, asks)
    change = revision_change(base, revision, known)
    wanted = ask(change)
    needed = _needed(wanted, signed, carried)
    wanted = most(wanted, *(ask(one.carried.change) for one in needed))
    together = [*signed, *(one.statement for one in needed)]
    passing = {one.hash for one in former if one.unconfirmed}
    fresh = [*signed, *(one.statement for one in carried if one.carried.signed not in passing)]
    emergency = emergency_asked(policy, draft.kind)
    names = {(one.role, one.by) for one in (*signed, *(each.statement for each in carried))}
    candidates = [known[one.hash] for one in former if one.hash in known]
    return Judgement(
        change=change,
        content=content,
        replaced=replaced,
        asked=wanted,
        signed=signed,
        carried=carried,
        carriable=carriable(revision, candidates, sources, names, known, wanted, asks),
        missing=missing(wanted, together, draft.author),
        emergency_missing=None if emergency is None else missing(emergency, fresh, draft.author),
    )


def _base(revision: Revision, facts: Gathered) -> Revision | None:
    """What was last fully signed: a former candidate that lacks nothing under the policy in force, else what stands there."""
    for one in former_candidates(revision, facts.history):
        former = facts.known.get(one.hash)
        signed = former is not None and one.state in {State.APPROVED, State.SCHEDULED}
        if former is not None and signed and not judged(former, facts).missing:
            return former
    ground = foundation(revision, facts.history)
    return facts.known[ground.hash] if ground else None


def _replaced(revision: Revision, base: Revision | None, facts: Gathered) -> tuple[Content, ...]:
    """The contents that this would replace, and with a translation the topic of the source it would be shown beside."""
    draft, known = revision.draft, facts.known
    content = topical(revision, known)
    held = standing(draft.key, facts.history)
    own = held.get(draft.locale)
    former = [base, known[own.hash] if own and own.hash != revision.hash else None]
    found = [topical(one, known) for one in former if one is not None]
    if draft.source:
        sources = [known[one.hash].draft.content for one in held.values() if not one.source]
        found += [msgspec.structs.replace(content, topic=source.topic) for source in sources]
    return tuple(one for at, one in enumerate(found) if one != content and one not in found[:at])


def _valid(revision: Revision, hash_: str, facts: Gathered) -> tuple[SignOff, ...]:
    """The sign-offs of a hash that would count for this revision: who contributed to it has signed neither."""
    wrote = contributors(revision, facts.history)
    topic, first = topical(revision, facts.known).topic, facts.policy is None
    return tuple(
        one
        for one in facts.signed.get(hash_, ())
        if counts(one, facts.people.get(one.by), wrote, topic, held=False, first=first) is None
    )


def _needed(
    wanted: Mapping[str, int], signed: Iterable[SignOff], carried: Sequence[CarriedOver]
) -> tuple[CarriedOver, ...]:
    """Those carried over without which a role would lack someone: about what they didn't see others have to be asked."""
    lacking = missing(wanted, signed, "")
    return tuple(one for one in carried if one.carried.role in lacking)
