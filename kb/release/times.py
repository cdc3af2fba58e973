"""The times a policy sets: when a text is due, overdue and ended; another policy sets others to all that is live. Pure."""

from collections.abc import Mapping

from kb.entries.types import NO_LOCALE, Policy, Revision
from kb.release.types import At, World
from kb.review.standing import POLICY_KEY, PolicyInForce

AT = (POLICY_KEY, NO_LOCALE)


def policy_of(world: World, force: PolicyInForce) -> Policy | None:
    """The policy that would rule times after a release: the candidate, where there is one, else the one in force."""
    return _said(world.candidates.get(AT)) or force.policy


def sets_other_times(candidates: Mapping[At, Revision], live: Mapping[At, Revision]) -> bool:
    """Whether a policy among these candidates sets other times than the live one, so that every row is made anew."""
    new, old = _said(candidates.get(AT)), _said(live.get(AT))
    return new is not None and old is not None and _times(new) != _times(old)


def _said(revision: Revision | None) -> Policy | None:
    house = revision.draft.content.house if revision else None
    return house.policy if house else None


def _times(policy: Policy) -> tuple[int, int, int | None]:
    return policy.cadence_days, policy.due_days, policy.withdraw_days
