"""A key reads what its scope names, and what is outside it can't be told from what isn't there."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kb.base.work import Right
from kb.entries.types import Audience
from tests.builders import SPANISH, Home, a_translation, an_answer, changed, head, live, withdrawn
from tests.web.callers import Headers, a_preview_key, a_secret_key, open_doors

CANARY = "Wombats"


@pytest.fixture
async def client(house: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The doors of a house where one answer is for everyone, in two languages, and one is for staff."""
    everyone = an_answer("card-arrival", "Your card is on its way.", phrasings=("where is my card",))
    await live(house, everyone, a_translation(everyone, "Tu tarjeta está en camino."))
    await live(house, an_answer("inside", f"{CANARY} are for staff.", audience=Audience.STAFF, topic="fraud"))
    async with open_doors(house, tmp_path) as (client, _):
        yield client


async def get(client: httpx.AsyncClient, path: str, headers: Headers) -> httpx.Response:
    return await client.get(f"/v1/{path}", headers=headers)


READS = (
    "channels/{channel}/entries/card-arrival",
    "channels/{channel}/entries/card-arrival?as_of=2090-01-01T00:00:00Z",
    "channels/{channel}/entries/card-arrival/explain",
    "channels/{channel}/entries",
    "channels/{channel}/lookup?key=card-arrival",
    "channels/{channel}/search?q=card",
    "channels/{channel}/suggest?q=whe",
    "channels/{channel}/match?q=card",
)


@pytest.mark.parametrize("path", READS)
async def test_another_channel_is_the_404_of_an_unknown_one(house: Home, client: httpx.AsyncClient, path: str) -> None:
    key = await a_secret_key(house, "ana", channels=("chat", "sms"))
    assert (await get(client, path.format(channel="chat"), key)).status_code == 200
    other, unknown = [await get(client, path.format(channel=name), key) for name in ("email", "smoke")]
    assert other.status_code == unknown.status_code == 404
    assert other.content == unknown.content


async def test_filling_is_bound_to_the_channels_too(house: Home, client: httpx.AsyncClient) -> None:
    key = await a_secret_key(house, "ana", channels=("chat",))
    path = "/v1/channels/{}/entries/card-arrival/fill"
    assert (await client.post(path.format("chat"), json={"slots": {}}, headers=key)).status_code == 200
    assert (await client.post(path.format("sms"), json={"slots": {}}, headers=key)).status_code == 404


@pytest.mark.parametrize("path", READS)
async def test_no_locale_left_is_a_404_and_another_is_never_taken(
    house: Home, client: httpx.AsyncClient, path: str
) -> None:
    key = await a_secret_key(house, "ana", locales=(SPANISH,))
    joint = "&" if "?" in path else "?"
    spanish, english, unsaid = [
        await get(client, path.format(channel="chat") + wish, key)
        for wish in (f"{joint}locale={SPANISH}", f"{joint}locale=en-GB", "")
    ]
    assert spanish.status_code == 200
    assert english.status_code == unsaid.status_code == 404
    assert b"on its way" not in spanish.content


async def test_a_chain_is_followed_within_the_locales_of_a_key(house: Home, client: httpx.AsyncClient) -> None:
    await live(house, an_answer("english-only", "Only in English."))
    key = await a_secret_key(house, "ana", locales=(SPANISH,))
    path = f"channels/chat/entries/english-only?locale={SPANISH}"
    assert (await get(client, path, {})).status_code == 200
    assert (await get(client, path, key)).status_code == 404


async def told_of(client: httpx.AsyncClient, path: str, headers: Headers) -> list[dict[str, Any]]:
    answer = await get(client, path, headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_followers_are_told_of_their_channels_locales_and_audiences_alone(
    house: Home, client: httpx.AsyncClient
) -> None:
    narrow = await a_secret_key(house, "ana", channels=("chat", "sms"), locales=(SPANISH,))
    items = await told_of(client, "changes?limit=1000", narrow)
    assert {(item["channel"], item["locale"]) for item in items} == {("chat", SPANISH), ("sms", SPANISH)}
    assert await told_of(client, "changes?locale=en-GB", narrow) == []
    other, unknown = [await get(client, f"changes?channel={name}", narrow) for name in ("voice", "smoke")]
    assert other.status_code == unknown.status_code == 400
    assert other.text.replace("voice", "smoke") == unknown.text
    staff = await a_secret_key(house, "ana", audiences=("public", "staff"))
    for headers, seen in ((narrow, False), ({}, False), (staff, True)):
        assert ("inside" in {item["key"] for item in await told_of(client, "changes?limit=1000", headers)}) is seen


async def test_a_snapshot_holds_what_its_reader_may_read(house: Home, client: httpx.AsyncClient) -> None:
    narrow = await a_secret_key(house, "ana", channels=("chat",), locales=(SPANISH,))
    lines = (await get(client, "snapshot", narrow)).text.splitlines()
    assert lines
    assert all('"channel":"chat"' in line and f'"locale":"{SPANISH}"' in line for line in lines)
    assert (await get(client, "snapshot?locale=en-GB", narrow)).text == ""
    other, unknown = [await get(client, f"snapshot?channel={name}", narrow) for name in ("voice", "smoke")]
    assert other.status_code == 400
    assert other.content == unknown.content


async def test_counts_are_of_what_may_be_read(house: Home, client: httpx.AsyncClient) -> None:
    staff = await a_secret_key(house, "ana", audiences=("staff", "public"))
    path = f"channels/chat/search?q={CANARY}"
    assert (await get(client, path, staff)).json()["total"] == 1
    for headers in ({}, await a_secret_key(house, "ana"), await a_preview_key(house, "ada")):
        found = (await get(client, path, headers)).json()
        assert (found["total"], found["facets"].get("topic", {})) == (0, {})
        assert CANARY not in (await get(client, path, headers)).text


async def test_pages_are_told_of_a_keys_channels_and_locales_only(house: Home, client: httpx.AsyncClient) -> None:
    key = await a_secret_key(house, "ana", channels=("sms",), locales=(SPANISH,))
    told = (await client.get("/site/house", headers=key)).json()
    assert [channel["name"] for channel in told["channels"]] == ["sms"]
    assert [locale["code"] for locale in told["locales"]] == [SPANISH]


async def test_what_is_not_live_now_is_asked_with_the_right_to_history(house: Home, client: httpx.AsyncClient) -> None:
    at = await head(house)
    await withdrawn(house, "card-arrival")
    past = f"channels/chat/entries/card-arrival?as_of={at}"
    plain, historian = await a_secret_key(house, "lea"), await a_secret_key(house, "lea", Right.READ, Right.HISTORY)
    assert (await get(client, past, {})).status_code == 404
    assert (await get(client, past, plain)).status_code == 404
    found = await get(client, past, historian)
    assert found.status_code == 200
    assert found.json()["text"] == "Your card is on its way."
    assert (await get(client, past.replace("card-arrival", "inside"), historian)).status_code == 404


async def test_who_may_not_read_reads_nothing(house: Home, client: httpx.AsyncClient) -> None:
    key = await a_secret_key(house, "ana", Right.DRAFTS)
    for path in ("changes", "snapshot", "openapi.json", *(read.format(channel="chat") for read in READS)):
        answer = await get(client, path, key)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_later_wording_is_seen_by_every_reader_at_once(house: Home, client: httpx.AsyncClient) -> None:
    key = await a_secret_key(house, "ana", audiences=("staff", "public"))
    path = "channels/chat/entries/inside"
    assert CANARY in (await get(client, path, key)).text
    draft = an_answer("inside", f"{CANARY} are for staff.", audience=Audience.STAFF, topic="fraud")
    await live(house, changed(draft, text="Nothing to see."))
    assert CANARY not in (await get(client, path, key)).text
