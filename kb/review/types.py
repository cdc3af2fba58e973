"""The words of review: states, steps, statements that people sign, and how a revision stands."""

from enum import StrEnum

import msgspec

from kb.accounts.types import Person
from kb.base.work import Actor
from kb.entries.types import Revision


class State(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    LIVE = "live"
    SUPERSEDED = "superseded"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    RETIRED = "retired"


class Step(StrEnum):
    SUBMIT = "submit"
    REQUEST_CHANGES = "request_changes"
    APPROVE = "approve"
    TAKE_BACK = "take_back"
    SCHEDULE = "schedule"
    CANCEL = "cancel"
    RELEASE = "release"
    RELEASE_EMERGENCY = "release_emergency"
    SUPERSEDE = "supersede"
    SUSPEND = "suspend"
    REOPEN = "reopen"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    RETIRE = "retire"
    ROLL_BACK = "roll_back"


class Act(StrEnum):
    """What people do with a revision that by itself moves it nowhere."""

    SIGN = "sign"
    WAIVE = "waive"
    VERIFY = "verify"
    COMMENT = "comment"
    TAKE = "take"
    HAND_BACK = "hand_back"
    INVITE = "invite"


class ChangeClass(StrEnum):
    """What a change touches, the gravest first."""

    VALUE = "value"
    DISCLOSURE = "disclosure"
    MODALITY = "modality"
    WORDING = "wording"
    TYPO = "typo"
    METADATA = "metadata"
    RENDERING = "rendering"


class SignOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person's approval, in one role, of one content hash; `at` is UTC with milliseconds, `signature` base64url.

    The Ed25519 signature is over RFC 8785 JSON of {format, key, locale, hash, role, by, at}.
    """

    key: str
    locale: str
    hash: str
    role: str
    by: str
    at: str
    signature: str
    format: str = "kb.signoff/1"


class Waiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A finding about negation, modality or a qualifier let pass: bound to one hash, one code and one field, with a reason.

    The Ed25519 signature is over RFC 8785 JSON of {format, key, locale, hash, code, field, reason, role, by, at}.
    """

    key: str
    locale: str
    hash: str
    code: str
    field: str
    reason: str
    role: str
    by: str
    at: str
    signature: str
    format: str = "kb.waiver/1"


class Verification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person's word, in one role, that a live text is still right as it stands.

    The Ed25519 signature is over RFC 8785 JSON of {format, key, locale, hash, role, by, at}.
    """

    key: str
    locale: str
    hash: str
    role: str
    by: str
    at: str
    signature: str
    format: str = "kb.verification/1"


Statement = SignOff | Waiver | Verification
"""Whatever a person signs."""


class RevisionAt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One revision by its coordinates."""

    key: str
    locale: str
    hash: str


class Refusal(msgspec.Struct, frozen=True):
    """A statement that doesn't count, and why."""

    key: str
    locale: str
    hash: str
    by: str
    role: str
    code: str
    message: str


class Obstacle(msgspec.Struct, frozen=True):
    """Why somebody can't take a step now, told before they try; `code` is closed, `message` says what to do."""

    code: str
    message: str


class Review(msgspec.Struct, frozen=True):
    """The state of one revision, and the position at which it came to it.

    `due_at` is when it should have been signed, `escalated` the position at which it was told to be overdue. `emergency` is
    the position at which it went live by the emergency row, `confirmed` the one at which everybody else had signed it too.
    """

    key: str
    locale: str
    hash: str
    number: int
    state: State
    position: int
    due_at: str | None = None
    escalated: int | None = None
    emergency: int | None = None
    confirmed: int | None = None

    @property
    def unconfirmed(self) -> bool:
        """Whether it went live by the emergency row and still lacks what the policy asks."""
        return self.emergency is not None and self.confirmed is None


class Carried(msgspec.Struct, frozen=True):
    """A sign-off of a former candidate that counts for the present one, since the policy asks nobody about their difference.

    `signed` is the hash that the person signed, `change` the class of the difference, `position` where this was recorded.
    """

    role: str
    by: str
    signed: str
    change: ChangeClass
    position: int


class Standing(msgspec.Struct, frozen=True):
    """How a revision stands: its state, the sign-offs that count, what the policy still asks for (role → how many).

    `missing` counts what was carried over as well. `emergency_missing` is what the emergency row still asks for; None where
    the policy has no such row, or not for this.
    """

    state: State
    change: ChangeClass
    signed: tuple[SignOff, ...]
    missing: dict[str, int]
    emergency_missing: dict[str, int] | None = None


class Dossier(msgspec.Struct, frozen=True):
    """One revision with its review, its topic and audience (a translation's are its source's), its contributors and its standing.

    `topics` are those on which a role may be held to sign it: its own, and those of the live dependents that the policy
    asks about. `leaving` are those it moves away from: who signs it must hold the role there too. `carriable` are sign-offs
    of former candidates that would count and aren't recorded yet (position 0). `blocking` are the ids of open blocking
    comments on it or on a candidate before it. `emergency` says that it went live by the emergency row and is not confirmed
    yet; `verifiers` and `waivers` are the roles that may verify it and waive in it, `due_days` is how long its reviewers
    have.
    """

    revision: Revision
    review: Review
    topic: str
    contributors: frozenset[str]
    asked: dict[str, int]
    standing: Standing
    topics: frozenset[str] = frozenset()
    leaving: frozenset[str] = frozenset()
    carried: tuple[Carried, ...] = ()
    carriable: tuple[Carried, ...] = ()
    blocking: tuple[str, ...] = ()
    emergency: bool = False
    verifiers: frozenset[str] = frozenset()
    waivers: tuple[str, ...] = ()
    due_days: int = 14
    audience: str = "public"

    @property
    def waits(self) -> bool:
        """Whether sign-offs can still move it: in review, or live by the emergency row and unconfirmed."""
        state = self.review.state
        return state is State.IN_REVIEW or (self.emergency and state in {State.LIVE, State.SUSPENDED})


class Someone(msgspec.Struct, frozen=True):
    """Who would take a step: the actor with its rights, the person behind it, and whether they proved lately who they are.

    `signs` is false of an outside expert who was asked for comments only. `stood_in_for` is true of whoever has let such an
    expert sign this very revision: theirs is the one judgement, and the inviter's own would count it twice.
    """

    actor: Actor
    person: Person | None = None
    fresh: bool = False
    signs: bool = True
    stood_in_for: bool = False
