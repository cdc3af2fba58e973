"""What the policy asks of a revision: all rules that match add up."""

from collections.abc import Mapping

from kb.accounts.types import Role
from kb.entries.types import Content, Kind, Policy, PolicyRule
from kb.review.types import ChangeClass

FIRST_POLICY: Mapping[str, int] = {Role.ADMIN.value: 2}
"""What the first policy of an empty home needs, and any house document while no policy is in force."""

NO_POLICY: Mapping[str, int] = {"policy": 1}
"""What everything else lacks then: no person's sign-off makes up for it."""


def asked(policy: Policy | None, kind: Kind, content: Content, change: ChangeClass) -> dict[str, int]:
    """The sign-offs asked, as role → distinct people, beside the author's own.

    With no policy in force house documents need `FIRST_POLICY`, and nothing else can be approved: it lacks a policy.
    """
    if policy is None:
        return dict(FIRST_POLICY if kind is Kind.HOUSE else NO_POLICY)
    wanted: dict[str, int] = {}
    for rule in policy.rules:
        if matches(rule, kind, content, change):
            for role, count in rule.roles.items():
                wanted[role] = max(count, wanted.get(role, 0))
    return wanted


def matches(rule: PolicyRule, kind: Kind, content: Content, change: ChangeClass) -> bool:
    """Whether a rule speaks of this revision: each of its non-empty fields must."""
    return (
        (not rule.kinds or kind in rule.kinds)
        and (not rule.topics or content.topic in rule.topics)
        and (not rule.classes or change in rule.classes)
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
