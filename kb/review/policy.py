"""What the policy asks of a revision: all rules that match add up."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from kb.accounts.types import Role
from kb.base.hashing import instant
from kb.entries.policy_issues import MOST_HOURS
from kb.entries.types import Content, Kind, Policy, PolicyRule
from kb.review.types import ChangeClass

FIRST_POLICY: Mapping[str, int] = {Role.ADMIN.value: 2}
"""What the first policy of an empty home needs, and any house document while no policy is in force."""

NO_POLICY: Mapping[str, int] = {"policy": 1}
"""What everything else lacks then: no person's sign-off makes up for it."""

UNASKED = frozenset({ChangeClass.TYPO, ChangeClass.METADATA, ChangeClass.RENDERING})
"""Classes of change that a policy may leave to the author alone. Where no rule speaks of another, it is asked like a value,
and where none speaks of that either, nobody's sign-off is enough: what a policy forgets doesn't go live unseen.
"""

DUE_DAYS = 14
"""How long reviewers have while no policy says so."""


class Dependent(msgspec.Struct, frozen=True):
    """A live entry that says a fact, with its topic in `content` (a translation's is its source's)."""

    kind: Kind
    content: Content


def asked(
    policy: Policy | None,
    kind: Kind,
    content: Content,
    change: ChangeClass,
    dependents: Sequence[Dependent] = (),
    replaced: Sequence[Content] = (),
) -> dict[str, int]:
    """The sign-offs asked, as role → distinct people, beside the author's own; `dependents` are a fact's.

    Rules that speak of a content in whose place this would go live (`replaced`) are asked too: an entry that moves to another
    topic, or loses its text for a channel, doesn't lose those who sign there. With no policy in force house documents need
    `FIRST_POLICY`, and nothing else can be approved: it lacks a policy.
    """
    if policy is None:
        return dict(FIRST_POLICY if kind is Kind.HOUSE else NO_POLICY)
    spoken = (
        rule.roles
        for rule in policy.rules
        if any(speaks(rule, kind, one, change, dependents) for one in (content, *replaced))
    )
    wanted = most(*spoken)
    if not wanted.keys() <= {Role.AUTHOR.value}:
        return wanted
    if kind is Kind.HOUSE:
        return most(wanted, FIRST_POLICY)
    if change in UNASKED:
        return wanted
    if change is ChangeClass.VALUE:
        return most(wanted, NO_POLICY)
    return asked(policy, kind, content, ChangeClass.VALUE, dependents, replaced)


def most(*wanted: Mapping[str, int]) -> dict[str, int]:
    """All of these together: of each role as many people as any of them asks."""
    found: dict[str, int] = {}
    for roles in wanted:
        for role, count in roles.items():
            found[role] = max(count, found.get(role, 0))
    return found


def emergency_asked(policy: Policy | None, kind: Kind) -> dict[str, int] | None:
    """What goes live in an emergency needs; None where the policy has no such row, and for house documents always."""
    if policy is None or policy.emergency is None or kind is Kind.HOUSE:
        return None
    return dict(policy.emergency.roles)


def emergency_until(policy: Policy | None, now: datetime) -> str:
    """When what goes live in an emergency now ends again, and the rest of its sign-offs is due.

    It lasts no longer than 72 hours whatever a policy says: the first policy of a home rules before its own gate has seen it.
    """
    hours = policy.emergency.hours if policy and policy.emergency else 0
    return instant(now + timedelta(hours=max(0, min(hours, MOST_HOURS))))


def topics_asked(
    policy: Policy | None, kind: Kind, content: Content, change: ChangeClass, dependents: Sequence[Dependent]
) -> frozenset[str]:
    """The topics on which a role may be held to sign this: its own, and those of the dependents that are asked about."""
    rules = [rule for rule in policy.rules if rule.dependents and _of_class(rule, change)] if policy else []
    if kind is not Kind.FACT:
        rules = []
    leaning = {one.content.topic for rule in rules for one in dependents if _concerns(rule, one.kind, one.content)}
    return frozenset({content.topic, *leaning})


def due_days(
    policy: Policy | None, kind: Kind, content: Content, change: ChangeClass, dependents: Sequence[Dependent] = ()
) -> int:
    """How many days reviewers have: the shortest time of the rules that match and name one, else the policy's."""
    if policy is None:
        return DUE_DAYS
    named = [
        rule.due_days
        for rule in policy.rules
        if rule.due_days is not None and speaks(rule, kind, content, change, dependents)
    ]
    return min(named, default=policy.due_days)


def speaks(
    rule: PolicyRule, kind: Kind, content: Content, change: ChangeClass, dependents: Sequence[Dependent] = ()
) -> bool:
    """Whether a rule is asked of this revision, for its own sake or for that of a fact's dependents."""
    if not rule.dependents:
        return matches(rule, kind, content, change)
    concerned = any(_concerns(rule, one.kind, one.content) for one in dependents)
    return kind is Kind.FACT and _of_class(rule, change) and concerned


def matches(rule: PolicyRule, kind: Kind, content: Content, change: ChangeClass) -> bool:
    """Whether a rule speaks of this revision: each of its non-empty fields must."""
    return _of_class(rule, change) and _concerns(rule, kind, content)


def _of_class(rule: PolicyRule, change: ChangeClass) -> bool:
    return not rule.classes or change in rule.classes


def _concerns(rule: PolicyRule, kind: Kind, content: Content) -> bool:
    return (
        (not rule.kinds or kind in rule.kinds)
        and (not rule.topics or content.topic in rule.topics)
        and (not rule.channels or bool(_channels(content) & set(rule.channels)))
    )


def _channels(content: Content) -> set[str]:
    """Channels for which an editor wrote something of their own."""
    wordings = [content.wording, *content.alternates, *(variant.wording for variant in content.variants)]
    found = {name.split("/")[0] for wording in wordings if wording for name in wording.overrides}
    if any(wording and wording.spoken for wording in wordings) or content.voice:
        found.add("voice")
    if content.email:
        found.add("email")
    return found
