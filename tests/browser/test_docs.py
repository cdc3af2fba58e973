"""The contract's page in a real browser: everything is there to read and to try, with a key of one's own."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from kb.rest.openapi import TAGS
from tests.browser.conftest import Watch
from tests.doors.bank import Bank
from tests.journeys.managed import Managed, managing

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def managed(bank: Bank) -> Iterator[Managed]:
    with managing(bank) as managed:
        yield managed


@pytest_asyncio.fixture(loop_scope="session")
async def docs(chromium: Browser, managed: Managed) -> AsyncIterator[Page]:
    """The page, which may ask nobody but this server, and complain of nothing."""
    watch = Watch()
    context = await chromium.new_context(viewport={"width": 1280, "height": 1600})
    context.set_default_timeout(20_000)
    page = await context.new_page()
    watch.over(page, "127.0.0.1")
    await page.goto(f"{managed.server.address}/docs")
    await page.locator(".opblock-tag").first.wait_for()
    yield page
    await context.close()
    refused = "Failed to load resource: the server responded with a status of 401"
    assert [found for found in watch.found if refused not in found] == []


async def test_every_group_is_listed_and_a_key_opens_what_was_shut(docs: Page, managed: Managed) -> None:
    assert await docs.locator(".opblock-tag").evaluate_all("all => all.map(one => one.dataset.tag)") == list(TAGS)
    operation = docs.locator("#operations-people-get_me")
    await docs.locator('.opblock-tag[data-tag="people"]').click()
    await operation.locator(".opblock-summary-control").click()
    await operation.get_by_role("button", name="Execute").click()
    answered = operation.locator(".live-responses-table .response-col_status").last
    await expect(answered).to_contain_text("401")
    await docs.get_by_role("button", name="Authorize").first.click()
    shown = docs.locator(".auth-container").filter(has_text="bearer")
    await shown.get_by_role("textbox").fill(managed.program.headers["Authorization"].removeprefix("Bearer "))
    await shown.locator("button.authorize").click()
    await docs.locator(".auth-container button.btn-done").first.click()
    await operation.get_by_role("button", name="Execute").click()
    await expect(answered).to_contain_text("200")
    await expect(operation.locator(".live-responses-table")).to_contain_text("Olga Everything")
