"""Routes as data, and a request as their handlers see it."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.signing import Sealer
from kb.base.clock import Clock
from kb.base.errors import Code, Detail, Invalid
from kb.base.hashing import instant
from kb.base.work import Actor, Sessions
from kb.delivery.node import Node, View
from kb.search.find import Finder
from kb.settings import Settings
from kb.web.answers import Answer
from kb.web.credentials import Credentials
from kb.web.limits import Limits

PUBLIC, GUEST, PERSON = "public", "guest", "person"
"""Access that is no right: for everyone, for whoever proves who they are in the request itself, for signed-in people."""

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
    credentials: Credentials
    limits: Limits
    sealer: Sealer

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


Read = Callable[[], Awaitable[bytes]]
Again = Callable[[AsyncConnection], Awaitable[Actor]]
"""Judges the caller once more, within the transaction that is to act: Unknown or Forbidden where that has changed."""


class Call(msgspec.Struct, frozen=True):
    """One request as a handler sees it; `address` is the client's.

    `body` reads what was sent as the media type the route takes, `raw` whatever was sent; both at most the route's
    `body_bytes`, and as often as asked. `target` is the path as it was asked, and its query.
    """

    services: Services
    view: View
    actor: Actor
    path: Mapping[str, str]
    query: Query
    headers: Mapping[bytes, bytes]
    body: Read
    raw: Read
    again: Again
    method: str = "GET"
    address: str = ""
    target: tuple[str, bytes] = ("", b"")


Handle = Callable[[Call], Awaitable[Answer]]


class Route(msgspec.Struct, frozen=True):
    """One row of a door's table of contents; `answer` and `accepts` are the types its contract shows.

    `access` says who may call it: `public` is everyone (a credential widens what they see), `guest` whoever proves who they
    are in the request itself, `person` any signed-in person, else the `Right` that the actor needs. There is no default:
    a route that declares none, or one that means nothing, stops the start. `success` is the status of a 2xx answer.
    Whatever answers GET answers HEAD. `takes` is the media type of bodies, `body_bytes` the most of one that is read.
    `headers` are those of a success that say more than every answer's, `other_media` the forms it can have beside `media`.
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
    takes: str = "application/json"
    body_bytes: int = BODY_BYTES
    headers: tuple[str, ...] = ()
    other_media: tuple[str, ...] = ()


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
