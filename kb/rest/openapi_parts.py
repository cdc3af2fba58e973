"""What the operations of the OpenAPI document share: headers, the parameters that are headers, and refusals."""

from collections.abc import Iterable
from typing import Any

TAG = '^(W/)?"[!#-~]*"$'
TAGS = f"^(\\*|{TAG[1:-1]}(, *{TAG[1:-1]})*)$"
INTEGER, TEXT = {"type": "integer"}, {"type": "string"}


def _header(description: str, schema: dict[str, Any] | None = None, *, required: bool = False) -> dict[str, Any]:
    return {"description": description, "required": required, "schema": schema or TEXT}


HEADERS: dict[str, dict[str, Any]] = {
    "KB-Version": _header("The version of the program that answered.", required=True),
    "X-Request-Id": _header("The request's id, one's own where a plain one was sent; the log knows it.", required=True),
    "KB-Position": _header("The journal's position that the answer is of.", INTEGER | {"minimum": 0}, required=True),
    "ETag": _header("The tag of these very bytes.", TEXT | {"pattern": TAG}),
    "Location": _header("The address of what was made, or of where to go on.", TEXT | {"format": "uri-reference"}, required=True),
    "Link": _header('With `rel="diff"`, the address of the differences from what was read.'),
    "Set-Cookie": _header("The session's cookie; emptied where the session is over, absent where a request is repeated."),
    "KB-Answered": _header("The key that answered: the one asked for, its replacement, or the one named by `or`.", required=True),
    "KB-Preview": _header("Always `true`: nothing of this is released.", TEXT | {"const": "true"}, required=True),
    "Content-Language": _header("The locale of the text.", required=True),
    "Surrogate-Key": _header("The names by which a cache may forget the answer."),
    "Content-Disposition": _header("The name of the file to keep it in."),
    "Idempotency-Replayed": _header("`true`: this was answered before, and had no second effect.", TEXT | {"const": "true"}),
    "RateLimit": _header("What is left of the quota, and in how many seconds it is whole again; absent without a quota."),
    "RateLimit-Policy": _header("The quota: requests (`q`) in a window of seconds (`w`); absent without one."),
    "Retry-After": _header("Seconds after which it is worth trying again.", INTEGER | {"minimum": 0}, required=True),
    "WWW-Authenticate": _header("The kind of credential that is asked for.", required=True),
    "Allow": _header("The methods that are answered here.", required=True),
}  # fmt: skip
"""Headers of answers that say something about these resources; those that every answer on the web may have are left out."""

ALWAYS = ("KB-Version", "X-Request-Id", "KB-Position")
COUNTED = ("RateLimit", "RateLimit-Policy")
REFUSED_WITH: dict[int, tuple[str, ...]] = {
    304: ("ETag",),
    401: ("WWW-Authenticate", "Set-Cookie"),
    405: ("Allow",),
    412: ("ETag", "Link"),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
"""Which headers an answer of this status has beside those of all."""

REFUSALS: dict[int, tuple[str, str]] = {
    304: ("NotModified", "The client has these bytes already."),
    400: ("Invalid", "Something in the request is wrong: `errors` says where and what to do."),
    401: ("Unknown", "A credential is missing, or the one sent doesn't hold."),
    403: ("Forbidden", "It can't be done with this credential."),
    404: ("NotFound", "There is no such thing, or it isn't for you: the two are never told apart."),
    405: ("MethodNotAllowed", "This resource doesn't answer that method."),
    409: ("Conflict", "It can't be done now: someone was faster, or the state is another."),
    412: ("Stale", "What was to be changed has changed since it was read."),
    413: ("TooLarge", "The body or the query is larger than this resource reads."),
    415: ("UnsupportedMediaType", "The body has a media type that this resource doesn't read."),
    422: ("KeyReused", "This Idempotency-Key came with another request before."),
    428: ("PreconditionRequired", "A change needs If-Match with the ETag of what was read."),
    429: ("Limited", "Too many requests in a short time."),
    503: ("Unavailable", "A part that is needed can't answer now."),
}
"""The answers that aren't a success: their name in the contract and what they mean."""

PARAMETERS: dict[str, dict[str, Any]] = {
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of what one has already: the answer is a 304 where it still holds.",
        "schema": TEXT | {"pattern": TAGS},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag of what was read; without it 428, with another's 412.",
        "schema": TEXT | {"pattern": TAGS},
    },
    "If-Match-Or-New": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of what was read; without it 428, with another's 412. Not where nothing is there yet.",
        "schema": TEXT | {"pattern": TAGS},
    },
    "If-New": {
        "name": "If-None-Match",
        "in": "header",
        "description": "`*` writes what isn't there yet; 412 where it is.",
        "schema": TEXT | {"const": "*"},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A string of your own: sent again with the same request, it gets the same answer and has no second "
        "effect; with another request it is refused (422).",
        "schema": TEXT | {"pattern": "^[!-~]([ -~]{0,253}[!-~])?$"},
    },
}


def parameter(name: str) -> dict[str, str]:
    """A shared parameter by its name."""
    return {"$ref": f"#/components/parameters/{name}"}


def headers(names: Iterable[str]) -> dict[str, Any]:
    """Headers of an answer by their names."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def refusals(problem: Any, stale: Any) -> dict[str, Any]:
    """The answers that aren't a success, by name: each a problem document, but for 304, which has no content."""
    found = {}
    for status, (name, meaning) in REFUSALS.items():
        always = tuple(one for one in ALWAYS if one != "KB-Position" or status != 503)  # which may not know it
        told: dict[str, Any] = {"headers": headers((*always, *COUNTED, *REFUSED_WITH.get(status, ())))}
        if status >= 400:
            told["content"] = {"application/problem+json": {"schema": stale if status == 412 else problem}}
        found[name] = {"description": meaning, **told}
    return found


def refusal(status: int) -> dict[str, str]:
    """A shared answer by its status."""
    return {"$ref": f"#/components/responses/{REFUSALS[status][0]}"}
