"""Acts on revisions: the table of contents of what review does, and the moves that only release takes."""

from collections.abc import Mapping

from kb.base.errors import Conflict
from kb.base.work import Work
from kb.review import queries
from kb.review.comments import comment, erase, resolve
from kb.review.experts import invite
from kb.review.overdue import escalate
from kb.review.policy import emergency_until
from kb.review.rules import move
from kb.review.settling import settle, store_states
from kb.review.signing import sign, sign_brought, sign_here, verify, verify_here, waive, waive_here
from kb.review.standing import dossiers, policy_in_force
from kb.review.submitting import request_changes, submit, submit_draft, take_back
from kb.review.takes import hand_back, take
from kb.review.types import State, Step

__all__ = [
    "comment",
    "erase",
    "escalate",
    "hand_back",
    "invite",
    "moved",
    "request_changes",
    "resolve",
    "settle",
    "sign",
    "sign_brought",
    "sign_here",
    "submit",
    "submit_draft",
    "take",
    "take_back",
    "verify",
    "verify_here",
    "waive",
    "waive_here",
]


async def moved(work: Work, steps: Mapping[str, Step], position: int) -> None:
    """Take `release`'s steps on revisions by hash, all of them part of the act at `position`; Conflict if one can't."""
    known = await queries.by_hashes(work.connection, steps)
    by_state: dict[State, list[str]] = {}
    urgent: list[str] = []
    for hash_, step in steps.items():
        target = move(known[hash_].state, step)
        if step is Step.RELEASE_EMERGENCY:
            urgent.append(hash_)
        else:
            by_state.setdefault(target, []).append(hash_)
    for state, hashes in by_state.items():
        await store_states(work, hashes, state, position)
    if urgent:
        await _in_an_emergency(work, urgent, position)


async def _in_an_emergency(work: Work, hashes: list[str], position: int) -> None:
    """Let revisions go live on the emergency row's terms: the review stays open, due when the row's hours are over."""
    policy = (await policy_in_force(work.connection)).policy
    found = await dossiers(work.connection, hashes, policy)
    for dossier in found.values():
        lacking = dossier.standing.emergency_missing
        if policy is None or policy.emergency is None or lacking is None:
            raise Conflict(f"the policy in force lets no {dossier.revision.draft.kind} go live in an emergency")
        if lacking or dossier.blocking:
            lacks = ", ".join(f"{count} × {role}" for role, count in lacking.items()) or "answers to blocking comments"
            raise Conflict(f"{dossier.review.key} lacks {lacks} even for an emergency")
    until = emergency_until(policy, work.now)
    await store_states(
        work, hashes, State.LIVE, position, emergency=position, confirmed=None, due_at=until, escalated=None
    )
