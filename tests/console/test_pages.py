"""The console's pages as they are sent: their policy, their files, and cookies that are over."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from kb.accounts.people import suspend
from kb.app import build, web
from kb.console.pages import bundle
from kb.settings import Settings
from tests.accounts.people import an_account, signed_in
from tests.builders import Home

PAGES = ("/sign-in", "/account", "/invited")
COOKIE = "__Host-kb-session"


@pytest.fixture
async def door(house: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async for client in clients(house, Settings(home=tmp_path, database_url=house.url)):
        yield client


async def clients(house: Home, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    opened = await build(settings, house.clock)
    try:
        transport = httpx.ASGITransport(app=cast(Any, web(opened)))
        async with httpx.AsyncClient(transport=transport, base_url="http://kb.example") as client:
            yield client
    finally:
        await opened.close()


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_may_load_and_run_nothing_but_its_own_files(door: httpx.AsyncClient, path: str) -> None:
    answer = await door.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "{{" not in answer.text
    assert not re.findall(r"<script(?![^>]*src=)|\sstyle=|\son\w+=", answer.text)


@pytest.mark.parametrize("path", PAGES)
async def test_everything_a_page_and_its_modules_load_is_there_to_keep_for_ever(
    door: httpx.AsyncClient, path: str
) -> None:
    files = set(re.findall(r'(?:src|href)="(/console/assets/[^"]+)"', (await door.get(path)).text))
    assert len(files) == 3
    for file in files:
        answer = await door.get(file)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert set(re.findall(r'from "\./([^"]+)"', answer.text)) <= {"page.js"}
        assert not re.findall(r"https?://", answer.text)


async def test_files_of_another_version_are_not_mixed_in(door: httpx.AsyncClient) -> None:
    assert (await door.get("/console/assets/0000000000000000/page.js")).status_code == 404
    assert (await door.get(f"/console/assets/{bundle().edition}/none.js")).status_code == 404


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_sent_once_and_then_only_checked(door: httpx.AsyncClient, path: str) -> None:
    first = await door.get(path)
    again = await door.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await door.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])


@pytest.mark.parametrize("path", PAGES)
async def test_a_cookie_that_is_over_is_taken_back_and_one_that_holds_stays(
    house: Home, door: httpx.AsyncClient, path: str
) -> None:
    mia = await an_account(house)
    cookie = {"cookie": f"{COOKIE}={(await signed_in(house, mia)).token}"}
    assert "set-cookie" not in (await door.get(path, headers=cookie)).headers
    async with house.work() as work:
        await suspend(work, mia)
    answer = await door.get(path, headers=cookie)
    assert answer.headers["set-cookie"].startswith(f"{COOKIE}=;")
    for file in re.findall(r'(?:src|href)="(/console/assets/[^"]+)"', answer.text):
        assert (await door.get(file, headers=cookie)).status_code == 200


async def test_the_providers_button_is_there_where_there_is_a_provider(house: Home, tmp_path: Path) -> None:
    shown = []
    for issuer in ("", "https://login.example"):
        settings = Settings(home=tmp_path, database_url=house.url, oidc_issuer=issuer, oidc_client_id="kb")
        async for client in clients(house, settings):
            shown.append('<p class="other" >' in (await client.get("/sign-in")).text)
    assert shown == [False, True]
