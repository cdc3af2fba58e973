"""What is wrong with a policy before anyone signs it: roles that don't exist, counts of nobody, times that are none."""

from collections.abc import Mapping

from kb.channels.types import Issue, blocks
from kb.entries.types import Policy

ROLES = frozenset({"author", "editor", "legal", "brand", "product", "publisher", "auditor", "admin"})
"""The roles of `kb.accounts.types.Role`, which this floor doesn't see."""

CLASSES = frozenset({"value", "disclosure", "modality", "wording", "typo", "metadata", "rendering"})
MOST_HOURS = 72
"""How long an emergency release may last (DESIGN §5)."""


def policy_issues(policy: Policy) -> tuple[Issue, ...]:
    """Everything that makes no sense in a policy, with its place in the document."""
    found: list[Issue] = []
    for index, rule in enumerate(policy.rules):
        place = f"house.policy.rules[{index}]"
        found += _roles(f"{place}.roles", rule.roles)
        found += [
            blocks("policy-class-unknown", f"{place}.classes", f"“{name}” is no class of change.", _one_of(CLASSES))
            for name in rule.classes
            if name not in CLASSES
        ]
        if rule.due_days is not None:
            found += _days(f"{place}.due_days", rule.due_days)
    for field in ("waivers", "escalate"):
        found += [_unknown(f"house.policy.{field}", role) for role in getattr(policy, field) if role not in ROLES]
    for field in ("cadence_days", "due_days", "withdraw_days"):
        days = getattr(policy, field)
        if days is not None:
            found += _days(f"house.policy.{field}", days)
    return (*found, *_emergency(policy))


def _emergency(policy: Policy) -> list[Issue]:
    row = policy.emergency
    if row is None:
        return []
    found = _roles("house.policy.emergency.roles", row.roles)
    if not any(count >= 1 for role, count in row.roles.items() if role != "author"):
        message = "An emergency release would need nobody but its author."
        action = "Name at least one role besides the author's that signs it."
        found.append(blocks("policy-emergency-unsigned", "house.policy.emergency.roles", message, action))
    if not 1 <= row.hours <= MOST_HOURS:
        message = f"An emergency release lasts from 1 to {MOST_HOURS} hours, not {row.hours}."
        found.append(
            blocks("policy-hours", "house.policy.emergency.hours", message, f"Write at most {MOST_HOURS} hours.")
        )
    return found


def _roles(place: str, roles: Mapping[str, int]) -> list[Issue]:
    found = [_unknown(place, role) for role in roles if role not in ROLES]
    for role, count in roles.items():
        if count < 1:
            message = f"{count} people of the role {role} are nobody."
            found.append(blocks("policy-count", place, message, "Ask at least one, or leave the role out."))
    return found


def _days(place: str, days: int) -> list[Issue]:
    if days >= 1:
        return []
    return [blocks("policy-days", place, f"{days} days are no time.", "Write at least one day, or leave it out.")]


def _unknown(place: str, role: str) -> Issue:
    return blocks("policy-role-unknown", place, f"There is no role “{role}”.", _one_of(ROLES))


def _one_of(words: frozenset[str]) -> str:
    return f"Use one of: {', '.join(sorted(words))}."
