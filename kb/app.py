"""Putting the house together: the only module that knows every room."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import msgspec
from litestar import Litestar, Request, Response

from kb import __version__
from kb.accounts.sign_in import forget_ended
from kb.accounts.signing import Sealer
from kb.base.clock import Clock, RandomIds, SystemClock
from kb.base.db import connect, empty_log, writing
from kb.base.errors import Invalid, KbError
from kb.base.work import OPERATOR, Sessions
from kb.console.pages import pages as console_pages
from kb.delivery.node import Node
from kb.delivery.reader import open_reader
from kb.release.checkpoints import checkpoint_if_due
from kb.release.due import run_due
from kb.release.installation import signing
from kb.rest.pages import PAGES
from kb.rest.routes import ROUTES
from kb.search.embedded import EmbeddedIndex
from kb.search.find import Finder
from kb.search.follow import Follower
from kb.search.types import NoMisses, SearchIndex
from kb.settings import Settings
from kb.site.pages import pages
from kb.web.answers import ALWAYS, PRIVATE
from kb.web.credentials import Credentials
from kb.web.door import Services
from kb.web.front import Front
from kb.web.health import health
from kb.web.hosts import OnlyHosts
from kb.web.limits import Limits
from kb.web.problems import problem_of
from kb.web.repeats import forget_before, kept_since

log = logging.getLogger("kb.app")

SYSTEM_CLOCK = SystemClock()
DUE_EVERY = 1.0
"""Seconds between two looks at what is due."""
NOTE_EVERY = 30.0
"""Seconds between two writings of when credentials were last used."""
TIDY_EVERY = 3600.0
"""Seconds between two clearings of sessions and links that ended long ago."""


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
        self.services.limits.close()
        await self.index.close()
        await self.node.reader.close()
        await self.sessions.engine.dispose()


async def build(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> House:
    """Open an installation whose database is migrated."""
    if settings.search != "embedded":
        raise Invalid(f"there is no search engine {settings.search!r}: KB_SEARCH is embedded")
    sessions = Sessions(connect(settings.database), clock, RandomIds())
    node = Node(open_reader(settings.database), settings.max_stale)
    index = await asyncio.to_thread(EmbeddedIndex, settings.home / "search")
    follower = Follower(node, index)
    services = Services(
        node=node,
        finder=Finder(index, node, clock, NoMisses()),
        clock=clock,
        version=__version__,
        sessions=sessions,
        settings=settings,
        credentials=Credentials(sessions),
        limits=Limits(settings.home / "limits.db"),
        sealer=Sealer(settings.secret),
    )
    return House(settings, sessions, node, index, follower, services)


def web(house: House) -> Litestar:
    """The web doors of a house; the house stays open until the server has stopped."""

    @asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        await _checkpoint(house)
        tasks = [
            asyncio.create_task(house.follower.run()),
            asyncio.create_task(_do_what_is_due(house)),
            asyncio.create_task(_every(NOTE_EVERY, house.services.credentials.flush_used)),
            asyncio.create_task(_every(TIDY_EVERY, partial(_tidy, house))),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    app = Litestar(
        [*PAGES, *pages(house.services), *console_pages(house.services), *health(house.services)],
        lifespan=[running],
        openapi_config=None,
        exception_handlers={Exception: _problem},
        logging_config=None,
    )
    app.asgi_handler = Front(app.asgi_handler, ROUTES, house.services, "/v1/")
    if house.settings.allowed_hosts:
        app.asgi_handler = OnlyHosts(app.asgi_handler, house.settings.allowed_hosts)
    return app


async def introduce(house: House) -> None:
    """Have the installation's key before anything is released, so that the first checkpoint is no act of its own."""
    try:
        await signing(house.sessions, house.services.sealer)
    except KbError as error:
        log.warning("receipts and checkpoints can't be signed yet: %s", error.message)


async def _do_what_is_due(house: House) -> None:
    """Schedules, ends, verifications, escalations, and a checkpoint of what came of it; readers don't wait for any.

    What fails is logged and tried again.
    """
    while True:
        try:
            await run_due(house.sessions, OPERATOR)
        except Exception:
            log.exception("what is due could not be done; trying again")
        await _checkpoint(house)
        await asyncio.sleep(DUE_EVERY)


async def _checkpoint(house: House) -> None:
    """Sign the head where a release or an hour has passed: without a secret or a file that serves, the rest goes on."""
    try:
        await checkpoint_if_due(house.sessions, house.services.sealer, house.settings.checkpoints)
    except Exception:
        log.exception("no checkpoint could be signed; trying again")


async def _tidy(house: House) -> None:
    """Forget sessions, links and kept answers that are as old as the settings say, and what the database's log holds of them."""
    now = house.services.clock.now()
    async with writing(house.sessions.engine) as connection:
        await forget_ended(connection, now, house.settings.keep_sessions)
        await forget_before(connection, kept_since(now, house.settings.keep_answers))
    await empty_log(house.sessions.engine)


async def _every(seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    """Do something now and then, and once more at the end; what fails is logged and tried again."""
    going = True
    while going:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            going = False
        try:
            await act()
        except Exception:
            log.exception("keeping house failed; trying again")


def _problem(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Errors of pages and of the framework itself, as problem documents too."""
    answer = problem_of(error)
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    headers |= {name.decode(): value.decode() for name, value in ALWAYS}
    headers |= {"KB-Version": __version__, "Cache-Control": PRIVATE.decode()}
    return Response(answer.body, status_code=answer.status, media_type=answer.media.decode(), headers=headers)
