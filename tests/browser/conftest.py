"""A real server with a small bank, and a browser whose every request, message and violation is written down."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from kb.migrations import upgrade
from kb.settings import Settings
from tests.browser.bank import the_bank
from tests.builders import a_house, an_open_home
from tests.doors.program import Server, serving

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

Opens = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Where the server answers that all these tests ask."""
    folder = tmp_path_factory.mktemp("bank")
    database = Settings(home=folder).database
    await asyncio.to_thread(upgrade, database)
    await a_house(database)
    async with an_open_home(database) as home:
        home.clock.move(seconds=(datetime.now(UTC) - home.clock.now()).total_seconds())
        await the_bank(home)
    with serving("serve", "--home", folder) as server:
        while not indexed(server):  # noqa: ASYNC110 (another process has no event to wait for)
            await asyncio.sleep(0.05)
        yield server.address


def indexed(server: Server) -> bool:
    """Whether search knows everything that is live."""
    health = server.payload("/readyz")
    return bool(health["indexed"] == health["position"])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
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
            base_url=address,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        contexts.append(context)
        context.set_default_timeout(5000)
        await context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = await context.new_page()
        watch.over(page, "127.0.0.1")
        await page.goto(path)
        await page.locator("#answer:visible, #examples:visible").first.wait_for()
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert watch.found == []
