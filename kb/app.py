"""Putting the house together: the only module that knows every room."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from litestar import Litestar, Request, Response

from kb import __version__
from kb.base.clock import RandomIds, SystemClock
from kb.base.db import connect
from kb.base.errors import Invalid
from kb.base.work import OPERATOR, Sessions, open_work
from kb.delivery.node import Node
from kb.delivery.reader import open_reader
from kb.release.lapse import anything_lapsed, lapse
from kb.rest.pages import PAGES
from kb.rest.routes import ROUTES
from kb.search.embedded import EmbeddedIndex
from kb.search.find import Finder
from kb.search.follow import Follower
from kb.search.types import NoMisses, SearchIndex
from kb.settings import Settings
from kb.site.pages import pages
from kb.web.answers import ALWAYS, PRIVATE
from kb.web.door import Front, Services
from kb.web.health import health
from kb.web.hosts import OnlyHosts
from kb.web.problems import problem_of

log = logging.getLogger("kb.app")

LAPSE_EVERY = 1.0


class House(msgspec.Struct, frozen=True):
    """One process of an installation, opened: what doors and commands lean on."""

    settings: Settings
    sessions: Sessions
    node: Node
    index: SearchIndex
    follower: Follower
    services: Services

    async def close(self) -> None:
        """Give back every connection and lock."""
        await self.index.close()
        await self.node.reader.close()
        await self.sessions.engine.dispose()


async def build(settings: Settings) -> House:
    """Open an installation whose database is migrated."""
    if settings.search != "embedded":
        raise Invalid(f"there is no search engine {settings.search!r}: KB_SEARCH is embedded")
    clock = SystemClock()
    sessions = Sessions(connect(settings.database), clock, RandomIds())
    node = Node(open_reader(settings.database), settings.max_stale)
    index = await asyncio.to_thread(EmbeddedIndex, settings.home / "search")
    follower = Follower(node, index)
    services = Services(node, Finder(index, node, clock, NoMisses()), clock, __version__, sessions, settings)
    return House(settings, sessions, node, index, follower, services)


def web(house: House) -> Litestar:
    """The web doors of a house; the house stays open until the server has stopped."""

    @asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(house.follower.run()),
            asyncio.create_task(_watch_ends(house)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    app = Litestar(
        [*PAGES, *pages(house.services), *health(house.services)],
        lifespan=[running],
        openapi_config=None,
        exception_handlers={Exception: _problem},
        logging_config=None,
    )
    app.asgi_handler = Front(app.asgi_handler, ROUTES, house.services, "/v1/")
    if house.settings.allowed_hosts:
        app.asgi_handler = OnlyHosts(app.asgi_handler, house.settings.allowed_hosts)
    return app


async def _watch_ends(house: House) -> None:
    """Give what has lapsed its journal line; readers don't wait for it. What fails is logged and tried again."""
    while True:
        try:
            async with house.sessions.reading() as connection:
                due = await anything_lapsed(connection, house.services.now())
            if due:
                async with open_work(house.sessions, OPERATOR) as work:
                    await lapse(work)
        except Exception:
            log.exception("lapsed entries could not be closed; trying again")
        await asyncio.sleep(LAPSE_EVERY)


def _problem(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Errors of pages and of the framework itself, as problem documents too."""
    answer = problem_of(error)
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    headers |= {name.decode(): value.decode() for name, value in ALWAYS}
    headers |= {"KB-Version": __version__, "Cache-Control": PRIVATE.decode()}
    return Response(answer.body, status_code=answer.status, media_type=answer.media.decode(), headers=headers)
