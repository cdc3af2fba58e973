"""The OpenAPI 3.1 document, generated from the routes and the types they answer with."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from kb.accounts.key_format import PATTERN
from kb.base.work import Right
from kb.channels.profiles import CHANNELS
from kb.entries.types import KEY
from kb.rest.openapi_parts import ALWAYS, COUNTED, HEADERS, PARAMETERS, headers, parameter, refusal, refusals
from kb.web.asking import LOCALE
from kb.web.credentials import SESSION_COOKIE
from kb.web.door import GUEST, PERSON, PUBLIC, Parameter, Route
from kb.web.problems import Problem, StaleProblem

REFERENCE = "#/components/schemas/{name}"

ABOUT = (
    "What a company has approved to say, in the form each channel needs, and how it comes to be approved. Every text that is "
    "served was signed by the people its policy asks, and is served until it is replaced, withdrawn or lapses. Anonymous "
    "readers are served audience public; everything else needs a key or a session."
)

TAGS = {
    "delivery": "Approved texts by channel.",
    "search": "Finding the approved answer in a customer's own words.",
    "feed": "What followers read.",
    "entries": "Writing entries, and looking at their revisions.",
    "reviews": "Signing, and all that leads to it.",
    "releases": "Letting revisions go live, now or later, and taking them back.",
    "history": "What was, what would be, and what is missing.",
    "people": "People, their roles, and signing in.",
    "keys": "API keys.",
    "proof": "Proof of what was said, and of who signed it.",
}
"""The groups of operations, in the order people come to need them."""

SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "kb_…",
        "description": f"An API key, or the link of an outside expert. For leak scanners, a key is `{PATTERN}`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE.decode(),
        "description": "A browser's session, from pages of this installation only.",
    },
}
ACCESS = {
    PUBLIC: "For everyone; a credential may widen what is seen.",
    GUEST: "For whoever proves in the request itself who they are.",
    PERSON: "For people who are signed in, and for the programs that have a secret key of theirs.",
}

OPAQUE = "^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$"
HASH = "^[0-9a-f]{64}$"
IN_PATHS: dict[str, dict[str, Any]] = {
    "channel": {"type": "string", "enum": list(CHANNELS)},
    "key": {"type": "string", "pattern": KEY, "maxLength": 120},
    "locale": {"type": "string", "pattern": LOCALE.pattern},
    "number": {"type": "string", "pattern": "^[0-9]{1,9}$"},
    "hash": {"type": "string", "pattern": HASH},
    "rendition": {"type": "string", "pattern": HASH},
}
"""What the segments of paths look like; one that isn't here is an opaque id."""


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """The whole document; operations in the order of the routes, schemas by name."""
    types = [kind for route in routes for kind in (route.answer, route.accepts) if kind is not None]
    schemas, components = msgspec.json.schema_components([*types, Problem, StaleProblem], ref_template=REFERENCE)
    by_type = dict(zip(map(repr, [*types, Problem, StaleProblem]), schemas, strict=True))
    operations = [(route, method) for route in routes for method in route.methods if method != "HEAD"]
    paths: dict[str, Any] = {}
    for route, method in operations:
        paths.setdefault(route.path, {})[method.lower()] = _operation(route, method, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "kb",
            "version": version,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The installation that served this."}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "responses": refusals(*(by_type[repr(kind)] for kind in (Problem, StaleProblem))),
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "securitySchemes": SCHEMES,
        },
        "tags": [{"name": name, "description": about} for name, about in TAGS.items()],
    }


def statuses_of(route: Route, method: str) -> tuple[int, ...]:
    """Every status but success that a route can give: what its handler may, and what stands before each of its kind.

    A credential that doesn't hold is refused on public routes too, and counted.
    """
    found = {400, 401, 403, 405, 413, 429, 503, *route.statuses}
    if "{" in route.path:
        found.add(404)
    if route.accepts is not None:
        found.add(415)
    if method == "GET" and route.revalidates:
        found.add(304)
    return tuple(sorted(found - {route.success}))


def _operation(route: Route, method: str, by_type: dict[str, Any]) -> dict[str, Any]:
    statuses = statuses_of(route, method)
    operation: dict[str, Any] = {
        "operationId": _operation_id(route, method),
        "tags": [route.tag],
        "summary": route.summary,
        "description": _who(route),
        "security": _security(route),
        "parameters": [
            *(_path_parameter(name) for name in re.findall(r"\{(\w+)\}", route.path)),
            *(_query_parameter(one) for one in route.parameters),
            *map(parameter, _asked_in_headers(statuses)),
        ],
        "responses": _responses(route, method, statuses, by_type),
    }
    if route.accepts is not None:
        schema = by_type[repr(route.accepts)]
        operation["requestBody"] = {"required": True, "content": {route.takes: {"schema": schema}}}
    return operation


def _who(route: Route) -> str:
    """Who may call it, for people; `security` says it for programs."""
    if route.access == Right.INVITED:
        return "For an outside expert, who sends the token of their link as a bearer."
    return ACCESS.get(route.access, f"It takes the right `{route.access}`.")


def _security(route: Route) -> list[dict[str, list[str]]]:
    """Which credentials an operation takes, an empty one being none at all; each with the right it has to have.

    After OpenAPI 3.1 §4.8.30, which lets schemes other than OAuth list what a credential needs.
    """
    if route.access == PUBLIC:
        return [{}, {"key": []}, {"session": []}]
    if route.access == GUEST:
        return [{}, {"session": []}]
    if route.access == Right.INVITED:
        return [{"key": [route.access]}]
    needed = [] if route.access == PERSON else [str(route.access)]
    return [{"key": needed}, {"session": needed}]


def _asked_in_headers(statuses: Sequence[int]) -> Iterator[str]:
    """The headers that a request may or must have, as its refusals tell: one that may also make a thing answers 201."""
    if 304 in statuses:
        yield "If-None-Match"
    if 412 in statuses:
        yield from ("If-Match-Or-New", "If-New") if 201 in statuses else ("If-Match",)
    if 422 in statuses:
        yield "Idempotency-Key"


def _responses(route: Route, method: str, statuses: Sequence[int], by_type: dict[str, Any]) -> dict[str, Any]:
    found = {status: refusal(status) for status in statuses if status >= 304}
    for status in (route.success, *(status for status in statuses if status < 304)):
        found[status] = _success(route, method, status, by_type)
    return {str(status): found[status] for status in sorted(found)}


def _success(route: Route, method: str, status: int, by_type: dict[str, Any]) -> dict[str, Any]:
    names = [*ALWAYS, *(name for name in route.headers if name != "Location" or status != 200)]
    if route.access != PUBLIC:
        names += COUNTED
    if (method == "GET" and route.revalidates) or (method == "PUT" and 412 in route.statuses):
        names.append("ETag")
    if 422 in route.statuses:
        names.append("Idempotency-Replayed")
    told = {"description": route.summary, "headers": headers(names)}
    if status >= 300:
        return told
    plain = {"type": "object" if route.media == "application/json" else "string"}
    schema = by_type[repr(route.answer)] if route.answer is not None else plain
    others = {media: {"schema": {"type": "string"}} for media in route.other_media}
    return {**told, "content": {route.media: {"schema": schema}, **others}}


def _path_parameter(name: str) -> dict[str, Any]:
    schema = IN_PATHS.get(name, {"type": "string", "pattern": OPAQUE})
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.about,
        "schema": dict(parameter.schema),
    }


def _operation_id(route: Route, method: str) -> str:
    words = re.sub(r"[^a-z]+", " ", route.path.replace("/v1", "").lower()).split()
    return "_".join([method.lower(), *words])
