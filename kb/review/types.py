"""The words of review: states, steps, sign-offs and waivers."""

from enum import StrEnum

import msgspec


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
    SUPERSEDE = "supersede"
    SUSPEND = "suspend"
    REOPEN = "reopen"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    RETIRE = "retire"
    ROLL_BACK = "roll_back"


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


class Place(msgspec.Struct, frozen=True):
    """One revision by its coordinates."""

    key: str
    locale: str
    hash: str


class Refusal(msgspec.Struct, frozen=True):
    """A sign-off or waiver that doesn't count, and why."""

    key: str
    locale: str
    hash: str
    by: str
    role: str
    code: str
    message: str


class Standing(msgspec.Struct, frozen=True):
    """How a revision stands: its state, the sign-offs that count, what the policy still asks for (role → how many)."""

    state: State
    change: ChangeClass
    signed: tuple[SignOff, ...]
    missing: dict[str, int]
