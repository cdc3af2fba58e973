"""Whose sign-offs, waivers and verifications count, and what is missing still: pure decisions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from kb.accounts.types import Person, Role
from kb.channels.parity import WAIVABLE
from kb.review.signatures import verifies
from kb.review.types import Refusal, SignOff, Statement, Verification, Waiver

VOUCHED = frozenset({"trust-file", "demo"})
"""Origins of the people whose sign-offs count while no policy is in force: who runs the server can't make these."""


def counts(
    signoff: SignOff,
    person: Person | None,
    contributors: frozenset[str],
    topics: str | Collection[str],
    *,
    leaving: Collection[str] = (),
    held: bool = True,
    at: datetime | None = None,
    first: bool = False,
) -> Refusal | None:
    """None when the sign-off counts, else why it doesn't.

    The role is held on one of `topics`, and on all that the text moves away from (`leaving`): who writes it can't choose its
    signers by moving it.

    The author signs in role `author`; nobody who contributed since the last live revision signs in any other role.
    Role (held `at` this moment) and key are judged when the sign-off is recorded, and a suspended person's is refused then:
    `held=False` takes that as settled, and a key that was replaced since still verifies what it signed. `first` is while no
    policy is in force: only people whom the trust file or the demo names count as admins, by the keys named there.
    """
    if person is None:
        return _refusal(signoff, "signer-unknown", f"{signoff.by} is not among the people this installation trusts")
    if held and person.suspended:
        return _refusal(signoff, "signer-suspended", f"{signoff.by} is suspended and signs nothing new")
    if refusal := _contributing(signoff, contributors) or _by_their_key(signoff, person, held=held, first=first):
        return refusal
    if held and signoff.role != Role.AUTHOR and not holds(person, signoff.role, topics, at, leaving):
        message = (
            f"{signoff.by} doesn't hold the role {signoff.role} on the topic {_told({*_listed(topics), *leaving})}"
        )
        return _refusal(signoff, "role-not-held", message)
    return None


def waiver_counts(
    waiver: Waiver,
    person: Person | None,
    contributors: frozenset[str],
    topics: str | Collection[str],
    roles: Sequence[str],
    at: datetime | None = None,
) -> Refusal | None:
    """None when the waiver counts: a trusted person who contributed nothing, in a role the policy names, with a reason.

    Figures, disclosures and prohibited phrases are never waived (DESIGN law 4).
    """
    if waiver.code not in WAIVABLE:
        allowed = ", ".join(sorted(WAIVABLE))
        return _refusal(waiver, "never-waived", f"{waiver.code} is never waived; these may be: {allowed}")
    if waiver.role not in roles:
        return _refusal(waiver, "waiver-role", f"the policy lets {', '.join(roles) or 'nobody'} waive a finding")
    if not waiver.reason.strip():
        return _refusal(waiver, "reason-missing", "a waiver says why")
    return _confirms(waiver, person, contributors, topics, at)


def verification_counts(
    verification: Verification,
    person: Person | None,
    contributors: frozenset[str],
    topics: str | Collection[str],
    roles: Collection[str],
    at: datetime | None = None,
) -> Refusal | None:
    """None when the verification counts: a trusted person who contributed nothing, in a role the policy asks of it."""
    if verification.role not in roles:
        message = f"the policy asks {', '.join(sorted(roles)) or 'nobody'} of this text, not {verification.role}"
        return _refusal(verification, "role-not-asked", message)
    return _confirms(verification, person, contributors, topics, at)


def _confirms(
    statement: Waiver | Verification,
    person: Person | None,
    contributors: frozenset[str],
    topics: str | Collection[str],
    at: datetime | None,
) -> Refusal | None:
    by, role = statement.by, statement.role
    if by in contributors:
        return _refusal(statement, "signer-contributed", f"{by} contributed to this revision: someone else has to")
    if person is None or not holds(person, role, topics, at):
        return _refusal(statement, "role-not-held", f"{by} doesn't hold the role {role} on this topic")
    if person.suspended:
        return _refusal(statement, "signer-suspended", f"{by} is suspended and signs nothing new")
    if not any(verifies(statement, key) for key in person.public_keys):
        return _refusal(statement, "signature-wrong", f"the signature doesn't verify with any key of {by}")
    return None


def _contributing(signoff: SignOff, contributors: frozenset[str]) -> Refusal | None:
    """Whether the author signs as author, and nobody who contributed as anything else."""
    if signoff.role != Role.AUTHOR and signoff.by in contributors:
        message = f"{signoff.by} wrote or edited this revision: someone else has to sign as {signoff.role}"
        return _refusal(signoff, "signer-contributed", message)
    if signoff.role == Role.AUTHOR and signoff.by not in contributors:
        return _refusal(signoff, "signer-not-author", f"{signoff.by} is not an author of this revision")
    return None


def _by_their_key(signoff: SignOff, person: Person, *, held: bool, first: bool) -> Refusal | None:
    """Whether the key is the person's, and one that counts now."""
    keys = person.public_keys if held else (*person.public_keys, *person.retired_keys)
    if not any(verifies(signoff, key) for key in keys):
        message = f"the signature doesn't verify with any key of {signoff.by}: sign again, with the key that is trusted"
        return _refusal(signoff, "signature-wrong", message)
    if first and signoff.role == Role.ADMIN and not _vouched(signoff, person):
        message = f"before a policy is in force only people of the trust file sign as admin, and {signoff.by} isn't one"
        return _refusal(signoff, "signer-not-vouched", message)
    return None


def holds(
    person: Person, role: str, topics: str | Collection[str], at: datetime | None, leaving: Collection[str] = ()
) -> bool:
    """Whether a person holds a role on one of `topics` and on all of `leaving`: for as long as nobody ends it, or now.

    Now is what an outside expert holds theirs at, on the revision that they were shown.
    """
    shown = {topic for topic in _listed(topics) if topic[:1] == "#"}
    wanted = (_listed(topics), *({topic, *shown} for topic in leaving))
    return all(person.holds(role, each) or (at is not None and person.holds(role, each, at)) for each in wanted)


def missing(asked: Mapping[str, int], signed: Iterable[SignOff], author: str) -> dict[str, int]:
    """How many distinct people each role still lacks; the signature of whoever wrote this very revision is always asked."""
    people: dict[str, set[str]] = {}
    for signoff in signed:
        people.setdefault(signoff.role, set()).add(signoff.by)
    lacking = {role: count - len(people.get(role, ())) for role, count in asked.items()}
    own = 0 if author in people.get(Role.AUTHOR, ()) else 1
    lacking[Role.AUTHOR.value] = max(own, lacking.get(Role.AUTHOR, 0))
    return {str(role): count for role, count in sorted(lacking.items()) if count > 0}


def _vouched(signoff: SignOff, person: Person) -> bool:
    return person.origin in VOUCHED and any(verifies(signoff, key) for key in person.vouched_keys)


def _listed(topics: str | Collection[str]) -> set[str]:
    return {topics} if isinstance(topics, str) else set(topics)


def _told(topics: Collection[str]) -> str:
    return ", ".join(topic or "—" for topic in sorted(topics) if topic[:1] != "#")


def _refusal(statement: Statement, code: str, message: str) -> Refusal:
    return Refusal(statement.key, statement.locale, statement.hash, statement.by, statement.role, code, message)
