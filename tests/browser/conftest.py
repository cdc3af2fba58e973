"""A real server with a small bank, and a browser whose every request, message and violation is written down."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from kb.app import build
from kb.cli.running import listen, serve_until_told
from kb.migrations import upgrade
from kb.settings import Settings
from tests.browser.bank import the_bank
from tests.builders import a_house, an_open_home

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SHARED = {"scope": "session", "loop_scope": "session"}

Opens = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(**SHARED)
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Where the server answers that all these tests ask."""
    folder = tmp_path_factory.mktemp("bank")
    settings = Settings(home=folder, port=0)
    await asyncio.to_thread(upgrade, settings.database)
    await a_house(settings.database)
    async with an_open_home(settings.database) as home:
        home.clock.move(seconds=(datetime.now(UTC) - home.clock.now()).total_seconds())
        await the_bank(home)
    house = await build(settings)
    await house.follower.catch_up()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    with listen(settings) as bound:
        serving = asyncio.create_task(serve_until_told(house, bound, ready.set_result))
        await asyncio.wait((serving, ready), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        yield ready.result()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    await house.close()


@pytest_asyncio.fixture(**SHARED)
async def chromium() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium here: install Debian's package of that name")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        yield browser
        await browser.close()


class Watch:
    """What a page did that it shouldn't: asked elsewhere, complained, or broke its own policy."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def over(self, page: Page, host: str) -> None:
        page.on("request", lambda one: self._asked(one.url, host))
        page.on("pageerror", lambda error: self.found.append(f"error: {error}"))
        page.on("console", lambda message: self.found.append(f"{message.type}: {message.text}"))

    def _asked(self, url: str, host: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "data" and parts.hostname != host:
            self.found.append(f"asked {url}")


@pytest_asyncio.fixture(loop_scope="session")
async def opens(chromium: Browser, address: str) -> AsyncIterator[Opens]:
    """Opens a path as (path, width, scheme); afterwards no page may have asked elsewhere or complained."""
    watch = Watch()
    contexts = []

    async def opened(path: str = "/", width: int = 1280, scheme: str = "light") -> Page:
        context = await chromium.new_context(
            base_url=address, viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
        )
        contexts.append(context)
        context.set_default_timeout(5000)
        await context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = await context.new_page()
        watch.over(page, "127.0.0.1")
        await page.goto(path)
        await page.wait_for_load_state("networkidle")
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert watch.found == []
