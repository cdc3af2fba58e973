"""What can go wrong, by meaning: rooms raise these, each door maps them once.

    KbError
    ├── NotFound       there is no such thing, or not for you: the two are never told apart
    ├── Conflict       it can't be done *now*: someone was faster, or the state is another
    │   └── Stale      what it was to change has changed since it was read
    ├── Unknown        nobody knows who you are: no credential, or one that doesn't hold
    ├── Forbidden      it can't be done by *you*
    ├── Limited        too often in too short a time; try again after `retry_after` seconds
    ├── Invalid        the request itself is wrong; `errors` says where
    ├── Unavailable    a part we lean on can't answer; try again after `retry_after` seconds
    └── Broken         what is stored contradicts itself: the one error nobody should ever see

An error carries a closed `code`, ids as attributes, and its cause chained. What an editor can mend is not an error but
a list of issues (`kb.channels.types.Issue`).
"""

from enum import StrEnum

import msgspec


class Code(StrEnum):
    """Every code a problem document can carry; each has a page under `/problems/{code}`."""

    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    STALE = "stale"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    CROSS_SITE = "cross-site"
    REAUTHENTICATE = "reauthenticate"
    INVALID = "invalid"
    UNKNOWN_PARAMETER = "unknown-parameter"
    UNKNOWN_PROFILE = "unknown-profile"
    MALFORMED = "malformed"
    PRECONDITION_REQUIRED = "precondition-required"
    KEY_REUSED = "idempotency-key-reused"
    RATE_LIMITED = "rate-limited"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    TOO_LARGE = "too-large"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class Detail(msgspec.Struct, frozen=True):
    """One thing wrong with a request: a JSON pointer or parameter name, a code, and what to do about it."""

    pointer: str
    code: str
    message: str


class KbError(Exception):
    """The root of the tree; `message` is a sentence for people."""

    code = Code.INTERNAL

    def __init__(self, message: str, *, code: Code | None = None, errors: tuple[Detail, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors
        if code is not None:
            self.code = code


class NotFound(KbError):
    code = Code.NOT_FOUND


class Conflict(KbError):
    code = Code.CONFLICT


class Stale(Conflict):
    """`etag` is the tag of what is there now; `diff` is the address of its differences from what was read, if there are any."""

    code = Code.STALE

    def __init__(self, message: str, *, etag: str, diff: str = "") -> None:
        super().__init__(message)
        self.etag = etag
        self.diff = diff


class Unknown(KbError):
    code = Code.UNAUTHENTICATED


class Forbidden(KbError):
    code = Code.FORBIDDEN


class Limited(KbError):
    code = Code.RATE_LIMITED

    def __init__(self, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Invalid(KbError):
    code = Code.INVALID


class Unavailable(KbError):
    code = Code.UNAVAILABLE

    def __init__(self, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Broken(KbError):
    code = Code.INTERNAL
