"""Signing in at a real OpenID provider and coming back, through the whole app."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from kb.accounts.people import suspend
from kb.accounts.types import Role
from kb.app import House
from tests.accounts.openid_provider import BASE, SECRET, RunningProvider, answer_for, running
from tests.accounts.people import an_account
from tests.builders import Home
from tests.doors.answers import assert_problem
from tests.web.callers import COOKIE, Headers, a_session, open_doors

BEGIN = "/v1/sign-in/openid"
BACK = f"{BEGIN}/callback"
OURS = "__Host-kb-openid"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def canaille() -> Iterator[RunningProvider]:
    with running() as provider:
        yield provider


@pytest.fixture
async def door(house: Home, canaille: RunningProvider, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with doors_to(house, canaille, tmp_path) as (client, _):
        yield client


@asynccontextmanager
async def doors_to(
    house: Home, provider: RunningProvider, folder: Path
) -> AsyncIterator[tuple[httpx.AsyncClient, House]]:
    """The doors of a house that knows this provider, at the machine's time, by which the provider lives."""
    (folder / "client-secret").write_text(SECRET + "\n", encoding="utf-8")
    house.clock.move(seconds=(datetime.now(UTC) - house.clock.now()).total_seconds())
    settings: dict[str, Any] = {
        "base_url": BASE,
        "oidc_issuer": provider.issuer,
        "oidc_client_id": provider.client(),
        "oidc_client_secret_file": folder / "client-secret",
    }
    async with open_doors(house, folder, **settings) as opened:
        yield opened


def cookies_of(answer: httpx.Response) -> dict[str, str]:
    pairs = [cookie.split(";")[0].partition("=") for cookie in answer.headers.get_list("set-cookie")]
    return {name: value for name, _, value in pairs}


def with_cookies(cookies: dict[str, str]) -> Headers:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


async def begun(door: httpx.AsyncClient, query: str = "", headers: Headers | None = None) -> tuple[str, dict[str, str]]:
    """Where the browser is sent, and the cookies it keeps for its return."""
    answer = await door.get(f"{BEGIN}{query}", headers=headers)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"], cookies_of(answer)


async def signed_in(door: httpx.AsyncClient, person: str = "lena") -> dict[str, str]:
    """The cookies of a browser in which somebody has signed in."""
    where, cookies = await begun(door)
    answer = await door.get(BACK, params=answer_for(where, person), headers=with_cookies(cookies))
    assert answer.status_code == 303, answer.text
    return cookies_of(answer)


async def test_an_invited_person_signs_in_and_goes_on_where_they_wanted(house: Home, door: httpx.AsyncClient) -> None:
    person = await an_account(house, Role.LEGAL, email="lena@larkfield.example")
    where, cookies = await begun(door, "?to=/console/reviews")
    answer = await door.get(BACK, params=answer_for(where, "lena"), headers=with_cookies(cookies))
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/reviews")
    kept = cookies_of(answer)
    assert kept[OURS] == ""
    me = (await door.get("/v1/me", headers=with_cookies({COOKIE: kept[COOKIE]}))).json()
    assert (me["account"]["id"], me["fresh"]) == (person, True)


async def test_the_cookies_are_this_host_s_alone(house: Home, door: httpx.AsyncClient) -> None:
    await an_account(house, Role.LEGAL, email="lena@larkfield.example")
    answer = await door.get(BEGIN)
    back = await door.get(
        BACK, params=answer_for(answer.headers["location"], "lena"), headers=with_cookies(cookies_of(answer))
    )
    rules = [cookie.partition("; ")[2] for one in (answer, back) for cookie in one.headers.get_list("set-cookie")]
    assert len(rules) == 3
    for rule in rules:
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= set(rule.split("; "))
        assert "Domain" not in rule


async def test_proving_it_again_makes_the_session_fresh(house: Home, door: httpx.AsyncClient) -> None:
    house.clock.move(minutes=-10)
    person = await an_account(house, Role.LEGAL, email="lena@larkfield.example")
    session = await a_session(house, person)
    house.clock.move(minutes=10)
    await signed_in(door)
    assert (await door.get("/v1/me", headers=session)).json()["fresh"] is False
    where, cookies = await begun(door, "?again=true&to=/console", session)
    both = {"Cookie": f"{session['Cookie']}; {with_cookies(cookies)['Cookie']}"}
    answer = await door.get(BACK, params=answer_for(where, "lena"), headers=both)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console"), answer.text
    assert COOKIE not in cookies_of(answer)
    assert (await door.get("/v1/me", headers=session)).json()["fresh"] is True


async def test_another_person_at_the_provider_confirms_nothing(house: Home, door: httpx.AsyncClient) -> None:
    person = await an_account(house, Role.LEGAL, email="lena@larkfield.example")
    await an_account(house, Role.ADMIN, email="tom@larkfield.example")
    await signed_in(door, "lena")
    await signed_in(door, "tom")
    session = await a_session(house, person)
    where, cookies = await begun(door, "?again=true", session)
    both = {"Cookie": f"{session['Cookie']}; {with_cookies(cookies)['Cookie']}"}
    assert_problem(await door.get(BACK, params=answer_for(where, "tom"), headers=both), 403, "forbidden")


async def test_only_who_is_signed_in_proves_it_again(door: httpx.AsyncClient) -> None:
    assert_problem(await door.get(f"{BEGIN}?again=true"), 401, "unauthenticated")
    assert_problem(await door.get(f"{BEGIN}?again=yes"), 400, "invalid")


@pytest.mark.parametrize("person", ["sue", "una"], ids=["not invited", "address not verified"])
async def test_a_stranger_with_an_account_there_is_nobody_here(
    house: Home, door: httpx.AsyncClient, person: str
) -> None:
    await an_account(house, Role.LEGAL, email="una@larkfield.example")
    where, cookies = await begun(door)
    answer = await door.get(BACK, params=answer_for(where, person), headers=with_cookies(cookies))
    assert_problem(answer, 403, "forbidden")
    assert COOKIE not in cookies_of(answer)


async def test_a_suspended_person_stays_out(house: Home, door: httpx.AsyncClient) -> None:
    person = await an_account(house, Role.LEGAL, email="lena@larkfield.example")
    await signed_in(door)
    async with house.work() as work:
        await suspend(work, person)
    where, cookies = await begun(door)
    answer = await door.get(BACK, params=answer_for(where, "lena"), headers=with_cookies(cookies))
    assert_problem(answer, 403, "forbidden")


async def test_an_answer_that_this_browser_did_not_ask_for_is_refused(house: Home, door: httpx.AsyncClient) -> None:
    """Another's state, another browser's cookie, none, nonsense, and one's own that is spent."""
    await an_account(house, Role.LEGAL, email="lena@larkfield.example")
    where, cookies = await begun(door)
    _, others = await begun(door)
    answer = answer_for(where, "lena")
    for params, headers in (
        (answer | {"state": "another"}, with_cookies(cookies)),
        (answer, with_cookies(others)),
        (answer, {}),
        (answer, with_cookies({OURS: "nonsense"})),
        (answer, with_cookies({OURS: "A" * 200})),
    ):
        assert_problem(await door.get(BACK, params=params, headers=headers), 401, "unauthenticated")
    assert (await door.get(BACK, params=answer, headers=with_cookies(cookies))).status_code == 303
    assert_problem(await door.get(BACK, params=answer, headers=with_cookies(cookies)), 403, "forbidden")


async def test_an_answer_that_comes_late_is_refused(house: Home, door: httpx.AsyncClient) -> None:
    where, cookies = await begun(door)
    answer = answer_for(where, "lena")
    house.clock.move(minutes=11)
    assert_problem(await door.get(BACK, params=answer, headers=with_cookies(cookies)), 401, "unauthenticated")


async def test_a_refusal_of_the_provider_is_told_in_words_and_to_browsers_as_a_page(door: httpx.AsyncClient) -> None:
    where, cookies = await begun(door)
    state = httpx.URL(where).params["state"]
    said = {"error": "access_denied", "error_description": "<b>no</b>", "state": state}
    program = await door.get(BACK, params=said, headers=with_cookies(cookies))
    assert_problem(program, 403, "forbidden")
    assert "access_denied" in program.json()["detail"]
    page = await door.get(BACK, params=said, headers=with_cookies(cookies) | BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert "access_denied" in page.text
    assert "<b>" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_a_provider_that_is_down_is_no_fault_of_ours(house: Home, tmp_path: Path) -> None:
    gone = RunningProvider()
    async with doors_to(house, gone, tmp_path) as (door, _):
        answer = await door.get(BEGIN)
        assert_problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "60"
        assert (await door.get(BEGIN, headers=BROWSER)).status_code == 503


async def test_without_a_provider_there_is_no_such_door(house: Home, tmp_path: Path) -> None:
    async with open_doors(house, tmp_path) as (door, _):
        for path in (BEGIN, BACK):
            assert_problem(await door.get(path), 404, "not-found")
