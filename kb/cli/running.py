"""Running an installation from the command line: opening its house, and serving it until it is told to stop."""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn

from kb.app import House, build, web
from kb.base.db import plain_errors
from kb.base.errors import Invalid
from kb.cli.connections import Connection
from kb.migrations import upgrade
from kb.settings import Settings

T = TypeVar("T")


def with_house(settings: Settings, act: Callable[[House], Awaitable[T]]) -> T:
    """Migrate, open the house, act, close it again; a database or home that can't be used is told as one sentence."""

    async def run() -> T:
        await asyncio.to_thread(upgrade, settings.database)
        house = await build(settings)
        try:
            return await act(house)
        finally:
            await house.close()

    _collect_seldom()
    with plain_errors(), asyncio.Runner(loop_factory=uvicorn.Config("", log_config=None).get_loop_factory()) as runner:
        return runner.run(run())


def _collect_seldom() -> None:
    """Look for cyclic garbage less often: we make hardly any, and a load of 10,000 entries spends a sixth of its time so."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def listen(settings: Settings) -> socket.socket:
    """A bound socket, taken before anything long begins, so that a busy port is told at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, or asyncio leaves Nagle on
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as error:
        bound.close()
        raise Invalid(
            f"can't listen on {settings.host}:{settings.port} ({error.strerror}): give another --port, or --port 0 for a free one"
        ) from error
    bound.set_inheritable(True)
    return bound


class _Server(uvicorn.Server):
    """A server that being told to stop is no failure of: uvicorn's own raises the signal anew when it has stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


async def serve_until_told(house: House, bound: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve the house on a bound socket; `ready` is told the address once requests are answered."""
    logging.getLogger("uvicorn.access").disabled = True
    config = uvicorn.Config(
        web(house),
        http=Connection,
        access_log=False,  # it would hold query strings
        log_level="warning",
        server_header=False,
        date_header=True,
        proxy_headers=False,  # whose X-Forwarded-For is believed is our own setting
        lifespan="on",
    )
    server = _Server(config)
    task: asyncio.Task[Any] = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started and not task.done():  # noqa: ASYNC110 (uvicorn has a flag, no event)
        await asyncio.sleep(0.01)
    if server.started:
        host, port = bound.getsockname()[:2]
        ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
    await task
