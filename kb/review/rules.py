"""The workflow as a table, and who may sign what: pure decisions."""

from collections.abc import Iterable, Mapping, Sequence

from kb.accounts.types import Person, Role
from kb.base.errors import Conflict
from kb.review.signatures import verifies
from kb.review.types import Refusal, SignOff, State, Step, Waiver

MOVES: Mapping[tuple[State, Step], State] = {
    (State.DRAFT, Step.SUBMIT): State.IN_REVIEW,
    (State.CHANGES_REQUESTED, Step.SUBMIT): State.IN_REVIEW,
    (State.IN_REVIEW, Step.TAKE_BACK): State.DRAFT,
    (State.IN_REVIEW, Step.REQUEST_CHANGES): State.CHANGES_REQUESTED,
    (State.IN_REVIEW, Step.APPROVE): State.APPROVED,
    (State.APPROVED, Step.REQUEST_CHANGES): State.CHANGES_REQUESTED,
    (State.APPROVED, Step.SCHEDULE): State.SCHEDULED,
    (State.SCHEDULED, Step.CANCEL): State.APPROVED,
    (State.APPROVED, Step.RELEASE): State.LIVE,
    (State.SCHEDULED, Step.RELEASE): State.LIVE,
    (State.LIVE, Step.SUPERSEDE): State.SUPERSEDED,
    (State.LIVE, Step.SUSPEND): State.SUSPENDED,
    (State.LIVE, Step.EXPIRE): State.EXPIRED,
    (State.LIVE, Step.WITHDRAW): State.WITHDRAWN,
    (State.LIVE, Step.RETIRE): State.RETIRED,
    (State.SUSPENDED, Step.REOPEN): State.LIVE,
    (State.SUSPENDED, Step.SUPERSEDE): State.SUPERSEDED,
    (State.SUSPENDED, Step.WITHDRAW): State.WITHDRAWN,
    (State.SUSPENDED, Step.RETIRE): State.RETIRED,
    (State.EXPIRED, Step.SUPERSEDE): State.SUPERSEDED,
    (State.EXPIRED, Step.WITHDRAW): State.WITHDRAWN,
    (State.EXPIRED, Step.RETIRE): State.RETIRED,
    (State.SUPERSEDED, Step.ROLL_BACK): State.LIVE,
}

RELEASE_STEPS = frozenset(
    {
        Step.SCHEDULE,
        Step.CANCEL,
        Step.RELEASE,
        Step.SUPERSEDE,
        Step.SUSPEND,
        Step.REOPEN,
        Step.EXPIRE,
        Step.WITHDRAW,
        Step.RETIRE,
        Step.ROLL_BACK,
    }
)
"""Steps that only `release` may take: they change what is served."""


def move(state: State, step: Step) -> State:
    """The state a step leads to; Conflict names the steps that this state does allow."""
    if target := MOVES.get((state, step)):
        return target
    open_steps = ", ".join(sorted(step for origin, step in MOVES if origin is state)) or "none"
    raise Conflict(f"a revision that is {state} can't take the step {step}; open to it: {open_steps}")


def counts(
    signoff: SignOff, person: Person | None, contributors: frozenset[str], topic: str, *, held: bool = True
) -> Refusal | None:
    """None when the sign-off counts, else why it doesn't.

    The author signs in role `author`; nobody who contributed since the last live revision signs in any other role.
    Role and key are judged when the sign-off is recorded: `held=False` takes that as settled, and a key that was
    replaced since still verifies what it signed.
    """
    if person is None:
        return _refusal(signoff, "signer-unknown", f"{signoff.by} is not among the people this installation trusts")
    if signoff.role != Role.AUTHOR and signoff.by in contributors:
        message = f"{signoff.by} wrote or edited this revision: someone else has to sign as {signoff.role}"
        return _refusal(signoff, "signer-contributed", message)
    if signoff.role == Role.AUTHOR and signoff.by not in contributors:
        return _refusal(signoff, "signer-not-author", f"{signoff.by} is not an author of this revision")
    keys = person.public_keys if held else (*person.public_keys, *person.retired_keys)
    if not any(verifies(signoff, key) for key in keys):
        message = f"the signature doesn't verify with any key of {signoff.by}: sign again, with the key that is trusted"
        return _refusal(signoff, "signature-wrong", message)
    if held and signoff.role != Role.AUTHOR and not person.holds(signoff.role, topic):
        message = f"{signoff.by} doesn't hold the role {signoff.role} on the topic {topic or '—'}"
        return _refusal(signoff, "role-not-held", message)
    return None


def waiver_counts(
    waiver: Waiver, person: Person | None, contributors: frozenset[str], topic: str, roles: Sequence[str]
) -> Refusal | None:
    """None when the waiver counts: a trusted person who contributed nothing, in a role the policy names, with a reason."""
    if waiver.role not in roles:
        return _refusal(waiver, "waiver-role", f"the policy lets {', '.join(roles) or 'nobody'} waive a finding")
    if waiver.by in contributors:
        return _refusal(waiver, "signer-contributed", f"{waiver.by} contributed to this revision and can't waive in it")
    if person is None or not person.holds(waiver.role, topic):
        return _refusal(waiver, "role-not-held", f"{waiver.by} doesn't hold the role {waiver.role} on this topic")
    if not waiver.reason.strip():
        return _refusal(waiver, "reason-missing", "a waiver says why")
    if not any(verifies(waiver, key) for key in person.public_keys):
        return _refusal(waiver, "signature-wrong", f"the signature doesn't verify with any key of {waiver.by}")
    return None


def missing(asked: Mapping[str, int], signed: Iterable[SignOff]) -> dict[str, int]:
    """How many distinct people each role still lacks; the author's own signature is always asked."""
    people: dict[str, set[str]] = {}
    for signoff in signed:
        people.setdefault(signoff.role, set()).add(signoff.by)
    wanted = {**asked, Role.AUTHOR.value: max(1, asked.get(Role.AUTHOR, 0))}
    lacking = {role: count - len(people.get(role, ())) for role, count in wanted.items()}
    return {str(role): count for role, count in sorted(lacking.items()) if count > 0}


def _refusal(statement: SignOff | Waiver, code: str, message: str) -> Refusal:
    return Refusal(statement.key, statement.locale, statement.hash, statement.by, statement.role, code, message)
