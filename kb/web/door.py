"""Routes as data, and the one thin ASGI layer that answers them, so that a read costs little more than its bytes.

Litestar 2.25 can't route an `@asgi` handler whose path has parameters (it looks its parameters up under the request's
method, where there are none), and its router costs as much as the read: REST stands before it, other doors behind a
mount.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache, partial
from random import getrandbits
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar.handlers import ASGIRouteHandler, asgi

from kb.base.clock import Clock
from kb.base.errors import Code, Detail, Invalid, NotFound
from kb.base.hashing import instant
from kb.base.work import ANONYMOUS, Actor, Sessions
from kb.delivery.node import Node, View
from kb.search.find import Finder
from kb.settings import Settings
from kb.web.answers import Answer, Headers, send_answer
from kb.web.memory import Memory
from kb.web.problems import answer_of, problem_of

REPEATED = frozenset({"GET", "HEAD"})
QUERY_BYTES = 4096
BODY_BYTES = 65_536
BARE_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
NOT_ENCODED = "the query isn't percent-encoded UTF-8: encode it again"


class Services(msgspec.Struct, frozen=True):
    """What the handlers of the web doors lean on."""

    node: Node
    finder: Finder
    clock: Clock
    version: str
    sessions: Sessions
    settings: Settings

    def now(self) -> str:
        """The time as delivery compares it."""
        return instant(self.clock.now())


class Parameter(msgspec.Struct, frozen=True):
    """A query parameter: its name, what it means, and its JSON Schema."""

    name: str
    about: str
    schema: Mapping[str, Any] = msgspec.field(default_factory=lambda: {"type": "string"})
    required: bool = False


class Query(msgspec.Struct, frozen=True):
    """The query of a request: known parameters only, each once unless it may repeat."""

    values: Mapping[str, tuple[str, ...]]

    def one(self, name: str, default: str = "") -> str:
        found = self.values.get(name)
        return found[0] if found else default

    def all(self, name: str) -> tuple[str, ...]:
        return self.values.get(name, ())

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number within bounds; Invalid otherwise."""
        text = self.one(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and low <= int(text[:10]) <= high):
            raise wrong(name, f"{name} is a whole number from {low} to {high}")
        return int(text)


class Call(msgspec.Struct, frozen=True):
    """One request as a handler sees it; `body` reads at most `BODY_BYTES`, `address` is the client's."""

    services: Services
    view: View
    actor: Actor
    path: Mapping[str, str]
    query: Query
    headers: Mapping[bytes, bytes]
    body: Callable[[], Awaitable[bytes]]
    method: str = "GET"
    address: str = ""


Handle = Callable[[Call], Awaitable[Answer]]


class Route(msgspec.Struct, frozen=True):
    """One row of a door's table of contents; `answer` and `accepts` are the types its contract shows.

    `access` says who may call it: `public` is everyone (a credential widens what they see), `guest` whoever proves who they
    are in the request itself, `person` any signed-in person, else the `Right` that the actor needs. There is no default:
    a route that declares none, or one that means nothing, stops the start. `success` is the status of a 2xx answer.
    """

    path: str
    handle: Handle
    summary: str
    access: str
    answer: Any = None
    parameters: tuple[Parameter, ...] = ()
    methods: tuple[str, ...] = ("GET", "HEAD")
    accepts: Any = None
    media: str = "application/json"
    tag: str = "delivery"
    statuses: tuple[int, ...] = (400, 404, 503)
    revalidates: bool = True
    success: int = 200


Respond = Callable[[str, Any, Any, Any], Awaitable[None]]
"""Answers a request by its path: (path, scope, receive, send)."""


class Front:
    """An ASGI layer before the framework's router that answers the paths under `prefix`, and hands on all others."""

    def __init__(self, app: Any, routes: Sequence[Route], services: Services, prefix: str) -> None:
        self._app = app
        self._prefix = prefix
        self._respond = responder(routes, services)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(self._prefix):
            await self._respond(scope["path"], scope, receive, send)
        else:
            await self._app(scope, receive, send)


def mount(routes: Sequence[Route], services: Services, prefix: str) -> ASGIRouteHandler:
    """A Litestar handler of all routes whose paths begin with `prefix`; paths are written `/site/things/{name}`."""
    respond = responder([route for route in routes if route.path.startswith(prefix)], services)

    @asgi(prefix, is_mount=True, copy_scope=False)
    async def handle(scope: Any, receive: Any, send: Any) -> None:
        await respond(prefix + scope["path"], scope, receive, send)

    return handle


def responder(routes: Sequence[Route], services: Services) -> Respond:
    """What answers requests for these routes: whatever happens, the client gets an answer or a problem document."""
    table, memory = _Table(routes), Memory(services.node)
    version = (b"kb-version", services.version.encode())

    async def respond(path: str, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        shared: Headers = (version, _request_id(headers))
        try:
            view = await services.node.view()
            shared = (*shared, (b"kb-position", b"%d" % view.position))
            question = (path, scope["query_string"])
            known = memory.recall(question, view, services.now()) if scope["method"] in REPEATED else None
            answer = known or await _answered(table.find(path), services, view, scope, receive)
            if known is None:
                memory.keep(question, view, answer)
        except Exception as error:
            answer = problem_of(error)
        await send_answer(answer, scope, send, headers, shared)

    return respond


async def _answered(found: "_Found | None", services: Services, view: View, scope: Any, receive: Any) -> Answer:
    if found is None:
        raise NotFound("no route")
    if scope["method"] not in found.route.methods:
        return _other_method(found.route)
    headers = dict(scope["headers"])
    query = read_query(scope["query_string"], found.known, found.repeated)
    body = partial(_body, headers, receive)
    return await found.route.handle(Call(services, view, ANONYMOUS, found.values, query, headers, body))


class _Found(msgspec.Struct, frozen=True):
    route: Route
    values: Mapping[str, str]
    known: frozenset[str]
    repeated: frozenset[str]


class _Table:
    """Routes by the number of their segments; a request compares its segments with the few that have as many."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._by_length: dict[int, list[tuple[tuple[str, ...], _Found]]] = {}
        for route in routes:
            segments = tuple(route.path.strip("/").split("/"))
            known = frozenset(parameter.name for parameter in route.parameters)
            repeated = frozenset(one.name for one in route.parameters if one.schema.get("type") == "array")
            self._by_length.setdefault(len(segments), []).append((segments, _Found(route, {}, known, repeated)))

    def find(self, path: str) -> _Found | None:
        asked = path.strip("/").split("/")
        for segments, found in self._by_length.get(len(asked), ()):
            values = {}
            for segment, given in zip(segments, asked, strict=True):
                if segment[0] == "{":
                    values[segment[1:-1]] = given
                elif segment != given:
                    break
            else:
                return _Found(found.route, values, found.known, found.repeated)
        return None


def _other_method(route: Route) -> Answer:
    allow = ((b"allow", ", ".join(route.methods).encode()),)
    return answer_of(405, Code.METHOD_NOT_ALLOWED, f"Use {route.methods[0]} here.", headers=allow)


def wrong(name: str, message: str, code: Code = Code.INVALID) -> Invalid:
    """An Invalid about one parameter or field."""
    return Invalid(message, code=code, errors=(Detail(name, code.value, message),))


@lru_cache(maxsize=4096)
def read_query(raw: bytes, known: frozenset[str], repeated: frozenset[str]) -> Query:
    """The query string as values; Invalid for an unknown or repeated parameter, bad UTF-8, or one that is too long."""
    if not raw:
        return Query({})
    if len(raw) > QUERY_BYTES:
        raise Invalid(f"the query is longer than {QUERY_BYTES} bytes", code=Code.TOO_LARGE)
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError as error:
        raise Invalid(NOT_ENCODED) from error
    if BARE_PERCENT.search(raw):
        raise Invalid(NOT_ENCODED)
    values: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise wrong(name, f"unknown parameter {name!r}; known here: {listed}", Code.UNKNOWN_PARAMETER)
        if name in values and name not in repeated:
            raise wrong(name, f"{name} is given twice: give it once")
        if "\x00" in value:
            raise wrong(name, f"{name} holds a NUL character: leave it out")
        values[name] = (*values.get(name, ()), value)
    return Query(values)


async def _body(headers: Mapping[bytes, bytes], receive: Any) -> bytes:
    media = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if media != b"application/json":
        raise Invalid("send the body as application/json", code=Code.UNSUPPORTED_MEDIA_TYPE)
    received: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Invalid("the client went away before its body was complete", code=Code.MALFORMED)
        received += message.get("body", b"")
        if len(received) > BODY_BYTES:
            raise Invalid(f"the body is larger than {BODY_BYTES} bytes", code=Code.TOO_LARGE)
        if not message.get("more_body"):
            return received


def _request_id(headers: Mapping[bytes, bytes]) -> tuple[bytes, bytes]:
    """The caller's request id where it is a plain one, else a fresh one."""
    given = headers.get(b"x-request-id", b"")
    plain = 0 < len(given) <= 64 and given.replace(b"-", b"").isalnum()
    return (b"x-request-id", given if plain else b"%016x" % getrandbits(64))
