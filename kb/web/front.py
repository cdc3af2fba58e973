"""The one thin ASGI layer that answers a door's routes, so that a read costs little more than its bytes.

Litestar 2.25 can't route an `@asgi` handler whose path has parameters (it looks its parameters up under the request's
method, where there are none), and its router costs as much as the read: REST stands before it, other doors behind a
mount.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import getrandbits
from typing import Any

import msgspec
from litestar.handlers import ASGIRouteHandler, asgi

from kb.base.errors import Code, NotFound
from kb.web.answers import PRIVATE, Answer, Header, send_answer
from kb.web.credentials import NOBODY, Caller, Shown
from kb.web.door import PUBLIC, Call, Route, Services, read_query
from kb.web.gate import Arrival, Gate
from kb.web.memory import Memory
from kb.web.origins import is_preflight, preflight
from kb.web.problems import answer_of, problem_of
from kb.web.receiving import Body
from kb.web.table import Place, Table

REPEATED = frozenset({"GET", "HEAD"})

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
    """What answers requests for these routes: whatever happens, the client gets an answer or a problem document.

    Raises Broken for a route that declares no access rule.
    """
    door, memory = _Door(routes, services), Memory(services.node)
    version = (b"kb-version", services.version.encode())

    async def respond(path: str, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        request_id = _request_id(headers)
        told: list[Header] = [version, (b"x-request-id", request_id)]
        try:
            view = await services.node.view()
            told.append((b"kb-position", b"%d" % view.position))
            if b"authorization" in headers or b"cookie" in headers:
                answer = await door.private(Arrival(path, scope, headers, receive, view, told))
            else:  # what follows is all that the busiest requests cost
                question = (path, scope["query_string"])
                known = memory.recall(question, view, services.now()) if scope["method"] in REPEATED else None
                if known is not None:
                    answer = known
                else:
                    answer = await door.handled(Arrival(path, scope, headers, receive, view, told), NOBODY, None)
                    memory.keep(question, view, answer)
        except Exception as error:
            answer = problem_of(error, request_id)
        await send_answer(answer, scope, send, headers, told)

    return respond


class _Door:
    """The routes of one door and what stands before them."""

    def __init__(self, routes: Sequence[Route], services: Services) -> None:
        self._table, self._gate, self._services = Table(routes), Gate(services), services

    async def private(self, arrival: Arrival) -> Answer:
        """The answer to whoever shows a credential; nobody else is ever given it."""
        caller, shown = await self._gate.caller(arrival)
        answer = await self.handled(arrival, caller, shown)
        return msgspec.structs.replace(answer, cache=PRIVATE) if shown else answer

    async def handled(self, arrival: Arrival, caller: Caller, shown: Shown | None) -> Answer:
        """What the route's handler answers to a caller who may ask it."""
        place = self._table.find(arrival.path)
        if place is None:
            raise NotFound("no route")
        method: str = arrival.scope["method"]
        way = place.ways.get(method)
        if way is None:
            return await self._other_method(arrival, place)
        route, query = way.route, arrival.scope["query_string"]
        if route.access != PUBLIC or shown is not None:
            self._gate.admit(route, caller, arrival)
        body = Body(arrival.headers, arrival.receive, route)
        call = Call(
            services=self._services,
            view=arrival.view,
            actor=caller.actor,
            path=dict(zip(way.names, place.values, strict=True)),
            query=read_query(query, way.known, way.repeated),
            headers=arrival.headers,
            body=body.typed,
            raw=body.raw,
            again=self._gate.again(route, shown),
            method=method,
            address=self._gate.address(arrival.scope),
            target=(arrival.path, query),
        )
        return await route.handle(call)

    async def _other_method(self, arrival: Arrival, place: Place) -> Answer:
        """A 405 that says what is understood; and to a browser's preflight, whether a page may ask."""
        shared = tuple(method for method, way in place.ways.items() if way.route.access == PUBLIC)
        if shared and is_preflight(arrival.method, arrival.headers):
            origin = arrival.headers[b"origin"]
            if await self._services.credentials.is_listed(origin.decode("latin-1"), arrival.view.position):
                return preflight(origin, shared)
        allow = ((b"allow", ", ".join(place.methods).encode()),)
        return answer_of(405, Code.METHOD_NOT_ALLOWED, f"Use {place.methods[0]} here.", headers=allow)


def _request_id(headers: Mapping[bytes, bytes]) -> bytes:
    """The caller's request id where it is a plain one, else a fresh one."""
    given = headers.get(b"x-request-id", b"")
    plain = 0 < len(given) <= 64 and given.replace(b"-", b"").isalnum()
    return given if plain else b"%016x" % getrandbits(64)
