"""Signing in with a real browser: the link that `kb up` prints, a password, a signing key, and out again."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from kb.accounts.signing import Sealer
from kb.migrations import upgrade
from kb.review.experts import Invitation, invite
from kb.settings import Settings
from tests.accounts.people import acting
from tests.browser.conftest import Watch
from tests.builders import a_house, an_answer, an_open_home, written
from tests.doors.program import Server, done, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "three quick words"
SAID = "sign in as an admin"

Enters = Callable[..., Awaitable[Page]]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Server]:
    """`kb up` in a home of nobody and nothing."""
    with serving("up", "--home", tmp_path / "home", "--no-open", cwd=tmp_path) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def enters(chromium: Browser) -> AsyncIterator[Enters]:
    """Opens an address in a browser that nobody signed in with; afterwards no page may have asked elsewhere or complained."""
    watch, contexts = Watch(), list[BrowserContext]()

    async def entered(address: str, width: int = 1000) -> Page:
        context = await chromium.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        context.set_default_timeout(5000)
        page = await context.new_page()
        watch.over(page, "127.0.0.1")
        await page.goto(address)
        return page

    yield entered
    for context in contexts:
        await context.close()
    refused = "Failed to load resource: the server responded with a status of"
    assert [found for found in watch.found if refused not in found] == []


def link_of(server: Server) -> str:
    """The link that `kb up` printed."""
    (line,) = [line for line in server.told if line.startswith(SAID)]
    return line.split()[-1]


async def test_the_printed_link_signs_in_once_and_then_a_password_does(empty: Server, enters: Enters) -> None:
    page = await enters(link_of(empty))
    assert (await page.evaluate("fetch('/v1/me').then(answer => answer.status)")) == 401
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/account")
    await expect(page.get_by_text("admin", exact=True)).to_be_visible()
    person = await page.locator("#who code").inner_text()
    cookies = [(one["name"], one["secure"], one["httpOnly"], one["sameSite"]) for one in await page.context.cookies()]
    assert cookies == [("__Host-kb-session", True, True, "Lax")]
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_role("button", name="Set password").click()
    await expect(page.get_by_role("status")).to_have_text("Your password is set.")
    await page.get_by_role("button", name="Make a signing key").click()
    await expect(page.get_by_role("status")).to_have_text("Your signing key is made.")
    await expect(page.locator("#keys li")).to_contain_text("kept here, sealed")
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await page.wait_for_url("**/sign-in")
    assert await page.context.cookies() == []
    await page.get_by_label("E-mail address or id").fill(person)
    await page.get_by_label("Password").fill("not the password")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("status")).to_contain_text("Nobody signs in with these")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/account")
    await expect(page.locator("#who code")).to_have_text(person)


async def test_a_used_link_says_so_and_leaves_the_password_form(empty: Server, enters: Enters) -> None:
    first = await enters(link_of(empty))
    await first.get_by_role("button", name="Sign in").click()
    await first.wait_for_url("**/account")
    second = await enters(link_of(empty))
    await second.get_by_role("button", name="Sign in").click()
    await expect(second.get_by_role("status")).to_contain_text("This link was used or has expired")
    await expect(second.get_by_label("Password")).to_be_visible()
    assert "#" not in second.url


async def test_opening_a_link_uses_nothing_up_and_sends_it_nowhere(empty: Server, enters: Enters) -> None:
    page = await enters("about:blank")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(f"{one.url} {one.post_data or ''}"))
    await page.goto(link_of(empty))
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    await page.reload()
    token = link_of(empty).partition("#")[2]
    assert asked
    assert not any(token in one.partition("#")[0] + one.partition(" ")[2] for one in asked)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/account")


async def test_who_was_signed_out_elsewhere_can_sign_in_again(empty: Server, enters: Enters, tmp_path: Path) -> None:
    page = await enters(link_of(empty))
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/account")
    person = await page.locator("#who code").inner_text()
    for act in ("suspend", "reinstate"):
        done("people", act, person, "--home", tmp_path / "home")
    await page.goto(f"{empty.address}/account")
    await page.wait_for_url("**/sign-in")
    address = done("people", "link", person, "--home", tmp_path / "home", KB_BASE_URL=empty.address).out.split()[0]
    await page.goto(address)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/account")
    assert await page.locator("#who code").inner_text() == person


async def test_who_signs_in_by_links_alone_proves_who_they_are_by_a_fresh_one(
    empty: Server, enters: Enters, tmp_path: Path
) -> None:
    page = await enters(link_of(empty))
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/account")
    person = await page.locator("#who code").inner_text()
    await page.get_by_label("Name", exact=True).fill("Ada Ash")
    await page.get_by_label("E-mail address").fill("ada@larkfield.example")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ada Ash")
    with contextlib.closing(sqlite3.connect(tmp_path / "home" / "kb.db")) as database:  # as if they had been away
        database.execute("UPDATE browser_sessions SET authenticated_at = '2026-01-01T00:00:00.000Z'")
        database.commit()
    await page.get_by_role("button", name="Make a signing key").click()
    await expect(page.get_by_text("You sign in by links only.")).to_be_visible()
    address = done("people", "link", person, "--home", tmp_path / "home", KB_BASE_URL=empty.address).out.split()[0]
    await page.goto(address)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/account")
    await page.get_by_role("button", name="Make a signing key").click()
    await expect(page.get_by_role("status")).to_have_text("Your signing key is made.")
    await page.get_by_role("button", name="Sign out everywhere").click()
    await page.wait_for_url("**/sign-in")


async def test_the_pages_fit_a_phone(empty: Server, enters: Enters) -> None:
    page = await enters(link_of(empty), 320)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/account")
    await expect(page.locator("#who code")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_second_start_prints_a_link_again_and_adds_nothing(tmp_path: Path) -> None:
    positions, told = [], []
    for _ in range(2):
        with serving("up", "--home", tmp_path / "home", "--no-open", cwd=tmp_path) as server:
            positions.append(server.get("/v1/changes").headers["kb-position"])
            told.append(link_of(server))
            if len(told) == 2:
                token = told[0].partition("#")[2]
                assert server.client.post("/v1/sessions", json={"link": token}).status_code == 201
    assert positions == ["0", "0"]
    with serving("up", "--home", tmp_path / "home", "--no-open", cwd=tmp_path) as server:
        assert not any(line.startswith(SAID) for line in server.told)


async def test_an_outside_expert_sees_one_text_comments_on_it_and_signs_it(tmp_path: Path, enters: Enters) -> None:
    home, token = tmp_path / "home", await an_invitation(tmp_path / "home")
    with serving("serve", "--home", home) as server:
        page = await enters(f"{server.address}/invited#{token}")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Where is my card?")
        await expect(page.locator("#text")).to_contain_text("Your card is on its way.")
        await page.get_by_label("Your comment").fill("Say by when.")
        await page.get_by_role("button", name="Comment").click()
        await expect(page.get_by_role("status")).to_have_text("Your comment is with the authors.")
        await expect(page.locator("#comments li")).to_contain_text("Say by when.")
        await page.get_by_role("button", name="Approve and sign").click()
        await expect(page.get_by_role("status")).to_contain_text("Signed.")
        await expect(page.get_by_role("button", name="Approve and sign")).to_be_hidden()
        broken = await enters(f"{server.address}/invited#{token[:-1]}")
        await expect(broken.get_by_role("status")).to_contain_text("This link has ended, or isn't whole")
        await expect(broken.locator("#text")).to_be_hidden()


async def an_invitation(folder: Path) -> str:
    """A home with an answer in review, and the token of the link by which an admin asks a lawyer from outside."""
    settings = Settings(home=folder)
    await asyncio.to_thread(upgrade, settings.database)
    await a_house(settings.database)
    async with an_open_home(settings.database) as home:
        home.clock.move(seconds=(datetime.now(UTC) - home.clock.now()).total_seconds())
        (revision,) = await written(home, an_answer())
        asked = Invitation(role="legal", expires_at=home.clock.now() + timedelta(days=3), signs=True, name="Dr Roe")
        async with home.work(await acting(home, "ada")) as work:
            return (await invite(work, Sealer(settings.secret), revision.hash, asked)).token
