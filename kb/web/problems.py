"""Problem documents (RFC 9457): each error of the tree and of the framework becomes one, in one place."""

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from litestar.exceptions import HTTPException

from kb.base.errors import (
    Broken,
    Code,
    Conflict,
    Detail,
    Forbidden,
    Invalid,
    KbError,
    Limited,
    NotFound,
    Stale,
    Unavailable,
    Unknown,
)
from kb.web.answers import PRIVATE, PROBLEM, Answer, Headers

log = logging.getLogger("kb.web")

STATUSES: tuple[tuple[type[KbError], int], ...] = (
    (NotFound, 404),
    (Stale, 412),
    (Conflict, 409),
    (Unknown, 401),
    (Limited, 429),
    (Forbidden, 403),
    (Invalid, 400),
    (Unavailable, 503),
    (Broken, 500),
)

BY_CODE = {
    Code.PRECONDITION_REQUIRED: 428,
    Code.KEY_REUSED: 422,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.TOO_LARGE: 413,
}

MEANINGS = {
    Code.NOT_FOUND: "There is no such thing here, or it isn't for you.",
    Code.STALE: "What was to be changed has changed since it was read; its tag and the differences are in the answer.",
    Code.UNAUTHENTICATED: "A credential is missing, or the one sent doesn't hold.",
    Code.CROSS_SITE: "A browser sent this from a page of another site.",
    Code.REAUTHENTICATE: "This act needs a fresh proof of who you are.",
    Code.PRECONDITION_REQUIRED: "A change needs the header If-Match with the ETag of what was read.",
    Code.KEY_REUSED: "This Idempotency-Key was used for another request.",
    Code.RATE_LIMITED: "Too many requests in a short time; try again after the seconds in Retry-After.",
    Code.CONFLICT: "It can't be done now: someone was faster, or the state is another.",
    Code.FORBIDDEN: "It can't be done with these credentials.",
    Code.INVALID: "Something in the request is wrong; `errors` says where and what to do.",
    Code.UNKNOWN_PARAMETER: "The address has a parameter that this resource doesn't know.",
    Code.UNKNOWN_PROFILE: "The channel has no profile of this name.",
    Code.MALFORMED: "The body can't be read.",
    Code.METHOD_NOT_ALLOWED: "This resource doesn't answer that method; the header Allow lists those it does.",
    Code.UNSUPPORTED_MEDIA_TYPE: "The body has a media type that this resource doesn't read.",
    Code.TOO_LARGE: "The request is larger than this resource reads.",
    Code.UNAVAILABLE: "A part that is needed can't answer now; try again after the seconds in Retry-After.",
    Code.INTERNAL: "Something went wrong on this side; the request id finds it in the log.",
}
"""One sentence for each code: the title of its problem documents and the text of its page."""


class Problem(msgspec.Struct, frozen=True):
    """The body of every answer that is no success."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: tuple[Detail, ...] = ()


class StaleProblem(Problem, frozen=True, kw_only=True):
    """A problem of what has changed since it was read; `diff` is the address of its differences, empty without any."""

    diff: str = ""


CHALLENGE = (b"www-authenticate", b'Bearer realm="kb"')
"""What every 401 carries (RFC 9110 §11.6.1)."""

NO_SUCH_THING = "Nothing here answers to that."
"""The one sentence of every 404, whatever its reason."""


def problem_of(error: Exception, request_id: bytes = b"") -> Answer:
    """The answer to an error; what isn't ours or the framework's is logged and told as `internal` without its text."""
    if isinstance(error, NotFound):
        return answer_of(404, Code.NOT_FOUND, NO_SUCH_THING)
    if isinstance(error, Stale):
        return _stale(error)
    if isinstance(error, Broken):
        log.error("request %s: what is stored contradicts itself", request_id.decode("latin-1"), exc_info=error)
        return answer_of(500, Code.INTERNAL, MEANINGS[Code.INTERNAL])
    if isinstance(error, KbError):
        status = BY_CODE.get(error.code) or next(status for kind, status in STATUSES if isinstance(error, kind))
        return answer_of(status, error.code, error.message, error.errors, _headers_of(error))
    if isinstance(error, HTTPException):
        return _framework(error)
    log.error("request %s: unexpected error", request_id.decode("latin-1"), exc_info=error)
    return answer_of(500, Code.INTERNAL, MEANINGS[Code.INTERNAL])


def _headers_of(error: KbError) -> Headers:
    if isinstance(error, Unavailable | Limited):
        return ((b"retry-after", b"%d" % error.retry_after),)
    return (CHALLENGE,) if isinstance(error, Unknown) else ()


def _stale(error: Stale) -> Answer:
    """A 412 with the tag of what is there now, and where its differences from what was read are."""
    link: Headers = ((b"link", f'<{error.diff}>; rel="diff"'.encode()),) if error.diff else ()
    document = StaleProblem(
        type=f"/problems/{error.code}",
        title=HTTPStatus(412).phrase,
        status=412,
        detail=error.message,
        code=error.code.value,
        errors=error.errors,
        diff=error.diff,
    )
    headers = ((b"etag", error.etag.encode()), *link)
    return Answer(msgspec.json.encode(document), status=412, media=PROBLEM, cache=PRIVATE, headers=headers)


def answer_of(status: int, code: Code, detail: str, errors: tuple[Detail, ...] = (), headers: Any = ()) -> Answer:
    """A problem document."""
    problem = Problem(f"/problems/{code}", HTTPStatus(status).phrase, status, detail, code.value, errors)
    return Answer(msgspec.json.encode(problem), status=status, media=PROBLEM, cache=PRIVATE, headers=headers)


def _framework(error: HTTPException) -> Answer:
    code = {404: Code.NOT_FOUND, 405: Code.METHOD_NOT_ALLOWED, 413: Code.TOO_LARGE, 415: Code.UNSUPPORTED_MEDIA_TYPE}
    if error.status_code >= 500:
        log.error("unexpected error", exc_info=error)
        return answer_of(500, Code.INTERNAL, MEANINGS[Code.INTERNAL])
    found = code.get(error.status_code, Code.INVALID)
    detail = NO_SUCH_THING if found is Code.NOT_FOUND else MEANINGS[found]
    headers = tuple((key.lower().encode(), value.encode()) for key, value in (error.headers or {}).items())
    return answer_of(error.status_code, found, detail, headers=headers)
