"""Content managed over HTTP: what is listed, read, written, restored and checked, and what is refused."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kb.base.journal import read_lines
from kb.base.work import Right
from tests.builders import Home, a_translation, an_answer, live, read, text
from tests.web.callers import FROM_OURS, Headers, a_session, open_doors

pytestmark = pytest.mark.both_databases

WRITES = (Right.READ, Right.DRAFTS, Right.WRITE)
CONTENT: dict[str, Any] = {
    "title": "Where is my card?",
    "topic": "cards",
    "owner": "team-cards",
    "wording": {"text": "Your card is on its way."},
}
NEW: dict[str, Any] = {"key": "card-arrival", "kind": "answer", "content": CONTENT}
PLACE = "/v1/entries/card-arrival/en-GB"


class Door:
    """The doors as one person's integration uses them."""

    def __init__(self, client: httpx.AsyncClient, headers: Headers) -> None:
        self.client = client
        self.headers = headers

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers | _named(headers))

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return await self.client.post(path, json=body, headers=self.headers | _named(headers))

    async def put(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return await self.client.put(path, json=body, headers=self.headers | _named(headers))


def _named(headers: dict[str, str]) -> Headers:
    return {name.replace("_", "-"): value for name, value in headers.items()}


async def an_own_key(house: Home, client: httpx.AsyncClient, owner: str, **scope: Any) -> Headers:
    """A secret key as its owner makes it: with it a program writes in the owner's name."""
    session = await a_session(house, owner) | FROM_OURS
    body = {"kind": "secret", "name": "a test", "scope": {"actions": WRITES, **scope}}
    made = await client.post("/v1/keys", json=body, headers=session)
    assert made.status_code == 201, made.text
    return {"Authorization": f"Bearer {made.json()['token']}"}


def worded(text: str, **content: Any) -> dict[str, Any]:
    return {"content": CONTENT | {"wording": {"text": text}} | content}


@pytest.fixture
async def client(house: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with open_doors(house, tmp_path / "home") as (client, _):
        yield client


@pytest.fixture
async def door(house: Home, client: httpx.AsyncClient) -> Door:
    """An integrator's secret key: it acts as its owner."""
    return Door(client, await an_own_key(house, client, "ana"))


async def made(door: Door, **content: Any) -> httpx.Response:
    answer = await door.post("/v1/entries", NEW | {"content": CONTENT | content})
    assert answer.status_code == 201, answer.text
    return answer


async def lines(house: Home) -> list[str]:
    return [line.event for line in await read(house, read_lines, 0, 10_000) if line.event.startswith("entry.")]


def problem(answer: httpx.Response, status: int, code: str) -> list[str]:
    """The places that a problem points at."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_what_was_made_is_read_and_may_be_put_back_as_it_is(house: Home, door: Door) -> None:
    answer = await made(door)
    assert answer.headers["location"] == PLACE
    body = answer.json()
    assert (body["number"], body["state"], body["author"], body["issues"]) == (1, "draft", "ana", [])
    assert body["content"] == CONTENT
    again = await door.get(PLACE)
    assert (again.content, again.headers["etag"]) == (answer.content, answer.headers["etag"])
    assert (await door.get(PLACE, if_none_match=again.headers["etag"])).status_code == 304
    before = await lines(house)
    same = await door.put(PLACE, {"content": body["content"]}, if_match=again.headers["etag"])
    assert (same.status_code, same.content, same.headers["etag"]) == (200, again.content, again.headers["etag"])
    assert await lines(house) == before


async def test_a_change_names_what_it_changes(door: Door) -> None:
    first = await made(door)
    problem(await door.put(PLACE, worded("B.")), 428, "precondition-required")
    second = await door.put(PLACE, worded("B."), if_match=first.headers["etag"])
    assert (second.status_code, second.json()["number"]) == (200, 2)
    late = await door.put(PLACE, worded("C."), if_match=first.headers["etag"])
    problem(late, 412, "stale")
    diff = f"{PLACE}/diff?base=1&from=1&to=2"
    assert (late.headers["etag"], late.json()["diff"]) == (second.headers["etag"], diff)
    assert (await door.put(PLACE, worded("C."), if_match=second.headers["etag"])).json()["number"] == 3


async def test_writing_changes_nothing_that_is_served(house: Home, door: Door) -> None:
    await live(house, an_answer())
    tag = (await door.get(PLACE)).headers["etag"]
    assert (await door.put(PLACE, worded("Something else."), if_match=tag)).status_code == 200
    assert await text(house) == "Your card is on its way."
    listed = (await door.get("/v1/entries?topic=cards")).json()["items"]
    assert [(one["number"], one["state"], one["live"]["number"]) for one in listed[0]["locales"]] == [(2, "draft", 1)]


async def test_of_fifty_who_change_one_text_at_once_one_wins(house: Home, door: Door) -> None:
    tag = (await made(door)).headers["etag"]
    answers = await asyncio.gather(*(door.put(PLACE, worded(f"Text {n}."), if_match=tag) for n in range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 49
    assert await lines(house) == [*(await lines(house))[:-1], "entry.written"]
    assert (await door.get(f"{PLACE}/revisions?limit=100")).json()["items"][0]["number"] == 2


async def test_of_fifty_who_make_one_key_at_once_one_does(house: Home, door: Door) -> None:
    before = await lines(house)
    bodies = [NEW | {"content": CONTENT | {"title": f"Title {n}"}} for n in range(50)]
    answers = await asyncio.gather(*(door.post("/v1/entries", body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
    assert (await lines(house))[len(before) :] == ["entry.created", "entry.written"]


async def test_an_idempotency_key_makes_one_revision_of_two_requests(house: Home, door: Door) -> None:
    first = await door.post("/v1/entries", NEW, idempotency_key="one")
    before = await lines(house)
    again = await door.post("/v1/entries", NEW, idempotency_key="one")
    assert (again.status_code, again.content, again.headers["etag"]) == (201, first.content, first.headers["etag"])
    assert await lines(house) == before


async def test_another_locale_begins_by_saying_that_nothing_is_there(door: Door) -> None:
    source = (await made(door)).json()["hash"]
    place = "/v1/entries/card-arrival/es-ES"
    body = {"content": {"title": "¿Y mi tarjeta?", "wording": {"text": "Está en camino."}}, "source": source}
    problem(await door.put(place, body), 428, "precondition-required")
    first = await door.put(place, body, if_none_match="*")
    assert (first.status_code, first.headers["location"], first.json()["source"]) == (201, place, source)
    assert first.json()["issues"] == []
    problem(await door.put(place, body, if_none_match="*"), 412, "stale")
    assert [one["locale"] for one in (await door.get("/v1/entries/card-arrival")).json()["locales"]] == [
        "en-GB",
        "es-ES",
    ]


async def test_earlier_revisions_are_listed_read_and_restored(door: Door) -> None:
    tag = (await made(door)).headers["etag"]
    for word in ("B.", "C."):
        tag = (await door.put(PLACE, worded(word), if_match=tag)).headers["etag"]
    page = (await door.get(f"{PLACE}/revisions?limit=2")).json()
    assert [one["number"] for one in page["items"]] == [3, 2]
    rest = (await door.get(f"{PLACE}/revisions?limit=2&cursor={page['next']}")).json()
    assert ([one["number"] for one in rest["items"]], rest["next"]) == ([1], None)
    assert (await door.get(f"{PLACE}/revisions/1")).json()["content"] == CONTENT
    again = await door.post(f"{PLACE}/restore", {"number": 1})
    assert (again.status_code, again.json()["number"], again.json()["content"]) == (201, 4, CONTENT)
    assert (await door.post(f"{PLACE}/restore", {"number": 1})).status_code == 200
    for number in ("0", "9", "x", "9" * 30):
        problem(await door.get(f"{PLACE}/revisions/{number}"), 404, "not-found")
    problem(await door.post(f"{PLACE}/restore", {"number": 99}), 404, "not-found")


async def test_who_refers_to_an_entry_is_told(house: Home, door: Door) -> None:
    fact = {
        "title": "Fee",
        "topic": "cards",
        "owner": "t",
        "fact": {"type": "money", "amount": "5.00", "currency": "GBP"},
    }
    assert (await door.post("/v1/entries", {"key": "card.fee", "kind": "fact", "content": fact})).status_code == 201
    await made(door, wording={"text": "It costs {{fact:card.fee}}."})
    found = (await door.get("/v1/entries/card.fee/uses")).json()["items"]
    assert [(one["key"], one["uses"], one["newest"], one["live"]) for one in found] == [
        ("card-arrival", "fact", True, False)
    ]
    assert (await door.get("/v1/entries/card.fee/uses?live=true")).json() == {"items": [], "next": None}


async def test_a_content_is_checked_without_saving_it(house: Home, door: Door) -> None:
    before = len(await read(house, read_lines, 0, 10_000))
    good = await door.post("/v1/checks", NEW)
    assert good.json() == {"issues": [], "blocks": False}
    body = NEW | {"content": CONTENT | {"wording": {"text": "It costs {{fact:card.fee}}."}}}
    bad = (await door.post("/v1/checks", body)).json()
    assert ([one["code"] for one in bad["issues"]], bad["blocks"]) == (["reference-not-live"], True)
    refused = (await door.post("/v1/checks", NEW | {"content": CONTENT | {"wording": {"text": "<b>x</b>"}}})).json()
    assert {one["code"] for one in refused["issues"]} == {"text-refused"}
    assert len(await read(house, read_lines, 0, 10_000)) == before


async def test_the_gate_is_asked_of_what_is_stored_on_demand(door: Door) -> None:
    await made(door, wording={"text": "It costs {{fact:card.fee}}."})
    assert (await door.get(PLACE)).json()["issues"] == []
    judged = await door.get(f"{PLACE}?gate=true")
    assert [one["code"] for one in judged.json()["issues"]] == ["reference-not-live"]
    assert "etag" not in judged.headers


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (NEW | {"extra": 1}, [""]),
        (NEW | {"content": CONTENT | {"extra": 1}}, ["/content"]),
        (NEW | {"content": CONTENT | {"wording": {"text": "A.", "sort": "B."}}}, ["/content/wording"]),
        (NEW | {"content": CONTENT | {"next": [{"id": "a", "label": "A", "to": "end", "x": 1}]}}, ["/content/next/0"]),
        (NEW | {"content": CONTENT | {"fact": {"type": "money", "amount": "1.00", "currency": "GBP", "x": 1}}},
         ["/content/fact"]),
        (NEW | {"content": CONTENT | {"fact": {"type": "gold"}}}, ["/content/fact/type"]),
        (NEW | {"key": "Card Arrival"}, ["/key"]),
        (NEW | {"kind": "story"}, ["/kind"]),
        (NEW | {"locale": "english"}, ["/locale"]),
        (NEW | {"locale": "es-ES"}, ["/locale"]),
        (NEW | {"content": CONTENT | {"wording": {"text": "<b>x</b>"}}}, ["/content/wording/text"] * 2),
        (NEW | {"content": CONTENT | {"links": [{"label": "A", "url": "http://a.example"}]}}, ["/content/links/0/url"]),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_content_is_told_with_its_place(
    door: Door, body: dict[str, Any], pointers: list[str]
) -> None:
    assert problem(await door.post("/v1/entries", body), 400, "invalid") == pointers


@pytest.mark.parametrize(
    "query", ["kind=story", "state=gone", "live=perhaps", "sort=title", "limit=0", "cursor=x", "x=1"]
)
async def test_lists_take_what_they_know_and_nothing_else(door: Door, query: str) -> None:
    answer = await door.get(f"/v1/entries?{query}")
    assert answer.status_code == 400, answer.text


async def test_what_isn_t_there_and_what_isn_t_yours_are_one_answer(house: Home, client: httpx.AsyncClient) -> None:
    await live(house, an_answer("a-cards"))
    source = an_answer("b-cards")
    await live(house, source, a_translation(source, "Está en camino."))
    spanish = Door(client, await an_own_key(house, client, "ana", locales=("es-ES",)))
    public = Door(client, await an_own_key(house, client, "ana", audiences=("customer",)))
    unknown = await spanish.get("/v1/entries/nothing")
    problem(unknown, 404, "not-found")
    for answer in (
        await spanish.get("/v1/entries/a-cards"),
        await spanish.get("/v1/entries/b-cards/en-GB"),
        await spanish.get("/v1/entries/b-cards/en-GB/revisions"),
        await spanish.get("/v1/entries/a-cards/uses"),
        await spanish.put("/v1/entries/b-cards/en-GB", worded("B."), if_match="*"),
        await spanish.post("/v1/entries/a-cards/en-GB/restore", {"number": 1}),
        await public.get("/v1/entries/a-cards"),
        await public.put("/v1/entries/a-cards/en-GB", worded("B."), if_match="*"),
        await public.get("/v1/entries/A-Cards"),
    ):
        assert (answer.status_code, answer.content) == (404, unknown.content), answer.url
    assert (await spanish.get("/v1/entries/b-cards/es-ES")).status_code == 200


async def test_who_may_not_write_changes_nothing(house: Home, client: httpx.AsyncClient, door: Door) -> None:
    await made(door)
    before = await lines(house)
    lawyer = Door(client, await a_session(house, "lea") | FROM_OURS)
    tag = (await lawyer.get(PLACE)).headers["etag"]
    for answer in (
        await lawyer.put(PLACE, worded("B."), if_match=tag),
        await lawyer.post("/v1/entries", NEW | {"key": "other"}),
        await lawyer.post(f"{PLACE}/restore", {"number": 1}),
        await lawyer.post("/v1/checks", NEW),
    ):
        problem(answer, 403, "forbidden")
    assert await lines(house) == before
