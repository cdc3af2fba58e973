"""Browsers: what they send by themselves counts only from our own pages, and other pages are answered only with their key."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.builders import Home, a_live_answer
from tests.doors.answers import assert_problem
from tests.web.callers import ADDRESS, FROM_OURS, PAGE, a_publishable_key, a_secret_key, a_session, open_doors

KEYS = "/v1/keys"
WANTED = {"kind": "secret", "name": "a script"}
ENTRY = "/v1/channels/chat/entries/card-arrival"


@pytest.fixture
async def client(house: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with open_doors(house, tmp_path) as (client, _):
        yield client


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": f"{ADDRESS}.evil.example"},
        {"Origin": ADDRESS},
    ],
)
async def test_a_session_writes_only_from_our_own_pages(
    house: Home, client: httpx.AsyncClient, sent: dict[str, str]
) -> None:
    session = await a_session(house, "ana")
    for method, path in (("POST", KEYS), ("DELETE", f"{KEYS}/0"), ("PUT", "/v1/nothing")):
        answer = await client.request(method, path, json=WANTED, headers={**session, **sent})
        assert_problem(answer, 403, "cross-site")


async def test_a_session_writes_from_our_own_pages(house: Home, client: httpx.AsyncClient) -> None:
    session = await a_session(house, "ana")
    for more in ({}, {"Origin": ADDRESS}, {"Origin": "http://KB.example"}):
        answer = await client.post(KEYS, json=WANTED, headers={**session, **FROM_OURS, **more})
        assert answer.status_code == 201, answer.text


async def test_the_address_people_reach_us_at_is_the_origin_that_counts(house: Home, tmp_path: Path) -> None:
    session = await a_session(house, "ana")
    async with open_doors(house, tmp_path, base_url="https://answers.example/") as (client, _):
        headers = {**session, **FROM_OURS}
        assert (await client.post(KEYS, json=WANTED, headers={**headers, "Origin": ADDRESS})).status_code == 403
        ours = await client.post(KEYS, json=WANTED, headers={**headers, "Origin": "https://answers.example"})
        assert ours.status_code == 201, ours.text


async def test_a_session_reads_from_wherever_a_person_comes(house: Home, client: httpx.AsyncClient) -> None:
    session = await a_session(house, "ana")
    for site in ("none", "cross-site", "same-origin"):
        assert (await client.get(KEYS, headers={**session, "Sec-Fetch-Site": site})).status_code == 200


async def test_a_key_needs_no_page(house: Home, client: httpx.AsyncClient) -> None:
    key = await a_secret_key(house, "ana")
    assert (await client.get(KEYS, headers=key)).status_code == 200
    assert (await client.post(KEYS, json=WANTED, headers=key)).status_code != 401


async def test_two_credentials_at_once_are_a_400(house: Home, client: httpx.AsyncClient) -> None:
    key, session = await a_secret_key(house, "ana"), await a_session(house, "ana")
    assert_problem(await client.get(ENTRY, headers={**key, **session}), 400, "invalid")
    twice = [("Authorization", key["Authorization"])] * 2
    assert_problem(await client.get(ENTRY, headers=twice), 400, "invalid")


async def test_a_page_reads_with_its_key_and_may_look_at_the_answer(house: Home, client: httpx.AsyncClient) -> None:
    await a_live_answer(house)
    key = await a_publishable_key(house, "ada", PAGE)
    for path, status in ((ENTRY, 200), ("/v1/channels/chat/entries/nothing", 404)):
        answer = await client.get(path, headers={**key, "Origin": PAGE})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert "Origin" in answer.headers["vary"]
        assert answer.headers["cache-control"] == "private, no-store"
        assert "access-control-allow-credentials" not in answer.headers


async def test_nobody_elses_pages_are_told_anything(house: Home, client: httpx.AsyncClient) -> None:
    await a_live_answer(house)
    page, own = await a_publishable_key(house, "ada", PAGE), await a_secret_key(house, "ana")
    for headers in ({}, own, await a_session(house, "ana"), {**page, "Origin": "https://evil.example"}):
        answer = await client.get(ENTRY, headers={"Origin": PAGE, **headers})
        assert "access-control-allow-origin" not in answer.headers


async def test_a_preflight_is_answered_to_listed_pages_on_what_is_public(
    house: Home, client: httpx.AsyncClient
) -> None:
    asks = {"Origin": PAGE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    assert (await client.options(ENTRY, headers=asks)).status_code == 405
    await a_publishable_key(house, "ada", PAGE)
    answer = await client.options(ENTRY, headers=asks)
    assert answer.status_code == 204
    assert answer.content == b""
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    assert "Origin" in answer.headers["vary"]
    other = await client.options(ENTRY, headers={**asks, "Origin": "https://evil.example"})
    assert other.status_code == 405
    assert "access-control-allow-origin" not in other.headers
    assert (await client.options(KEYS, headers=asks)).status_code == 405


async def test_a_browser_whose_session_is_over_is_told_to_forget_it(house: Home, client: httpx.AsyncClient) -> None:
    answer = await client.get(ENTRY, headers={"Cookie": "__Host-kb-session=over"})
    assert answer.status_code == 401
    assert answer.headers["set-cookie"].startswith("__Host-kb-session=; Path=/; Max-Age=0; Secure")
    assert "set-cookie" not in (await client.get(ENTRY, headers={"Authorization": "Bearer over"})).headers


async def test_cookies_of_others_are_no_credential(house: Home, client: httpx.AsyncClient) -> None:
    await a_live_answer(house)
    plain, other = await client.get(ENTRY), await client.get(ENTRY, headers={"Cookie": "theme=dark; kb-session=1"})
    assert other.status_code == 200
    assert (other.content, other.headers["cache-control"]) == (plain.content, plain.headers["cache-control"])
