"""Every route and method of the web doors has an access rule, and refuses a credential that doesn't hold like any other."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest
from litestar.routes import HTTPRoute

from kb.accounts.key_format import KeyKind, new_id, new_token
from kb.app import House, web
from kb.base.errors import Broken
from kb.base.work import Right
from kb.rest.routes import ROUTES
from kb.site.routes import ROUTES as SITE_ROUTES
from kb.web.answers import Answer
from kb.web.door import Call, Route
from kb.web.front import responder
from kb.web.table import OPEN, Table, methods_of
from tests.builders import Home
from tests.web.callers import (
    COOKIE,
    FROM_OURS,
    PAGE,
    Headers,
    a_publishable_key,
    a_revoked_key,
    a_secret_key,
    a_session,
    an_ended_session,
    an_expert_link,
    open_doors,
    suspended,
)

EVERYTHING = tuple((route, method) for route in (*ROUTES, *SITE_ROUTES) for method in methods_of(route))
"""Every route with each of its methods: a new one is here by being in a table of contents."""
UNIQUE = {"x-request-id", "set-cookie"}


def address_of(route: Route) -> str:
    """An address of this route; what stands there needn't exist."""
    return re.sub(r"\{(\w+)\}", lambda found: {"channel": "chat", "locale": "en-GB"}.get(found[1], "0"), route.path)


def told(answer: httpx.Response) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    """All of an answer that could tell one case from another."""
    return (
        answer.status_code,
        answer.content,
        tuple(sorted(item for item in answer.headers.items() if item[0] not in UNIQUE)),
    )


async def refused_credentials(home: Home, folder: Path) -> dict[str, Headers]:
    """Credentials of every kind that don't hold."""
    unknown = new_token(KeyKind.SECRET, new_id()).text
    short, elsewhere = await a_secret_key(home, "ana", days=1), await a_publishable_key(home, "ada")
    link = await an_expert_link(home, folder, "0" * 64)
    over, gone = await a_session(home, "ana"), await an_ended_session(home, "ana")
    revoked = await a_revoked_key(home, "lea")
    session, key = await a_session(home, "ben"), await a_secret_key(home, "ben", Right.READ)
    await suspended(home, "ben")
    home.clock.move(days=400)
    return {
        "an empty header": {"Authorization": ""},
        "no token": {"Authorization": "Bearer "},
        "another scheme": {"Authorization": "Basic a2I6a2I="},
        "no key": {"Authorization": "Bearer nonsense"},
        "two words": {"Authorization": f"Bearer {unknown} {unknown}"},
        "a very long token": {"Authorization": "Bearer kb_" + "a" * 6000},
        "an unknown key": {"Authorization": f"Bearer {unknown}"},
        "a key with a typo": {"Authorization": f"Bearer {unknown[:-1]}{'a' if unknown[-1] != 'a' else 'b'}"},
        "an expired key": short,
        "a revoked key": revoked,
        "a suspended person's key": key,
        "a page's key without its page": elsewhere,
        "a page's key from another page": {**elsewhere, "Origin": "https://evil.example"},
        "an expired link": link,
        "an unknown link": {"Authorization": f"Bearer kb_ln_0123456789_{'a' * 48}"},
        "an empty cookie": {"Cookie": f"{COOKIE}="},
        "an unknown cookie": {"Cookie": f"other=1; {COOKIE}=nonsense"},
        "an expired session": over,
        "an ended session": gone,
        "a suspended person's session": session,
    }


@pytest.fixture
async def doors(house: Home, tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, House]]:
    async with open_doors(house, tmp_path / "home") as opened:
        yield opened


async def test_a_credential_that_does_not_hold_is_refused_alike_on_every_route_and_method(
    house: Home, tmp_path: Path, doors: tuple[httpx.AsyncClient, House]
) -> None:
    client, _ = doors
    credentials = await refused_credentials(house, tmp_path)
    for route, method in EVERYTHING:
        answers = {
            why: await client.request(method, address_of(route), headers={**headers, **FROM_OURS})
            for why, headers in credentials.items()
        }
        assert {why: answer.status_code for why, answer in answers.items()} == dict.fromkeys(answers, 401), route.path
        assert len({told(answer) for answer in answers.values()}) == 1, (method, route.path)
        (one, *_) = answers.values()
        assert one.headers["www-authenticate"] == 'Bearer realm="kb"'
        assert one.headers["cache-control"] == "private, no-store"


async def test_what_is_no_route_refuses_them_too(
    house: Home, tmp_path: Path, doors: tuple[httpx.AsyncClient, House]
) -> None:
    client, _ = doors
    for headers in (await refused_credentials(house, tmp_path)).values():
        assert (await client.get("/v1/nothing", headers=headers)).status_code == 401
        assert (await client.delete("/v1/changes", headers=headers)).status_code == 401


async def test_nobody_is_answered_only_by_routes_that_are_for_everyone(
    doors: tuple[httpx.AsyncClient, House],
) -> None:
    client, _ = doors
    for route, method in EVERYTHING:
        answer = await client.request(method, address_of(route))
        if route.access not in {"public", "guest"}:
            assert answer.status_code == 401, (method, route.path)
            assert answer.headers["www-authenticate"]
        elif route.access == "public":
            assert answer.status_code not in {401, 403}, (method, route.path)


async def test_who_may_only_read_is_refused_before_anything_is_looked_at(
    house: Home, doors: tuple[httpx.AsyncClient, House]
) -> None:
    client, _ = doors
    page = await a_publishable_key(house, "ada")
    bodies = set()
    for route, method in EVERYTHING:
        answer = await client.request(method, address_of(route), headers={**page, "Origin": PAGE})
        if route.access not in {"public", "guest", "read"}:
            assert answer.status_code == 403, (method, route.path)
            if method != "HEAD":
                bodies.add(answer.content)
    assert len(bodies) <= 1


async def test_an_experts_link_opens_nothing_but_what_is_for_experts(
    house: Home, tmp_path: Path, doors: tuple[httpx.AsyncClient, House]
) -> None:
    client, _ = doors
    link = await an_expert_link(house, tmp_path, "0" * 64)
    for route, method in EVERYTHING:
        if route.access not in {"guest", Right.INVITED}:
            answer = await client.request(method, address_of(route), headers=link)
            assert answer.status_code == 403, (method, route.path)


async def test_whatever_answers_get_answers_head(doors: tuple[httpx.AsyncClient, House]) -> None:
    table = Table((*ROUTES, *SITE_ROUTES))
    for route, _ in EVERYTHING:
        place = table.find(route.path.replace("{", "").replace("}", ""))
        assert place is not None
        assert ("GET" in place.methods) is ("HEAD" in place.methods), route.path


async def test_pages_only_ever_answer_reading(doors: tuple[httpx.AsyncClient, House]) -> None:
    """What the framework routes by itself has no access rule of its own: it is for everyone, and changes nothing."""
    routes = [route for route in web(doors[1]).routes if isinstance(route, HTTPRoute)]
    assert len(routes) > 5
    for route in routes:
        assert set(route.methods) <= {"GET", "HEAD", "OPTIONS"}, route.path


def test_every_access_rule_means_something() -> None:
    assert len(EVERYTHING) > 20
    assert {route.access for route, _ in EVERYTHING} <= {*OPEN, *Right}


@pytest.mark.parametrize("access", ["", "everyone", "PUBLIC", "Read"])
async def test_a_route_without_an_access_rule_stops_the_start(
    access: str, doors: tuple[httpx.AsyncClient, House]
) -> None:
    async def handle(_: Call) -> Answer:
        return Answer(b"{}")

    route = Route("/v1/secrets", handle, "Secrets", access)
    with pytest.raises(Broken, match="declares no access rule"):
        responder([route], doors[1].services)


async def test_two_routes_for_one_method_of_a_path_stop_the_start() -> None:
    twice = msgspec.structs.replace(ROUTES[0], path="/v1/channels/{channel}/entries/{name}")
    with pytest.raises(Broken, match="has two routes"):
        Table([ROUTES[0], twice])
