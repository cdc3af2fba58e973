"""History over HTTP: what was, what would be and what is missing, for those who may know; and taking back what was shown."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from kb.accounts.types import Role
from kb.base.work import Right
from kb.channels.values import Duration, Unit
from kb.review.signatures import new_keys
from tests.builders import (
    Home,
    a_claim,
    a_fact,
    a_signer,
    a_translation,
    an_answer,
    changed,
    head,
    live,
    text,
    trusted,
    written,
)
from tests.web.callers import FROM_OURS, Headers, a_preview_key, a_secret_key, a_session, open_doors

pytestmark = pytest.mark.both_databases

ARRIVAL = an_answer(text="Your card arrives in {{fact:card.delivery}}.")
SLOWER = changed(a_fact(), fact=Duration(8, Unit.WORKING_DAYS, 9))
WITHHELD = ("timeline", "intervals", "en-GB/diff?from=1&to=1")


@pytest.fixture
async def client(house: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    publisher = a_signer("pia", Role.PUBLISHER, key=new_keys()[0])
    loans = a_signer("lou", Role.PUBLISHER, topics=("loans",), key=new_keys()[0])
    await trusted(house, publisher, loans)
    async with open_doors(house, tmp_path / "home") as (client, _):
        yield client


async def as_person(house: Home, person: str) -> Headers:
    return await a_session(house, person) | FROM_OURS


async def test_an_author_reads_the_past_of_an_entry(house: Home, client: httpx.AsyncClient) -> None:
    await live(house, an_answer("a", "Call us."))
    await live(house, changed(an_answer("a", "Call us."), text="Write to us."))
    ana = await as_person(house, "ana")
    told = (await client.get("/v1/entries/a/timeline?limit=100", headers=ana)).json()
    assert "number 2 in en-GB was released" in [one["words"] for one in told["items"]]
    found = (await client.get("/v1/entries/a/intervals", headers=ana)).json()["items"]
    assert [one["state"] for one in found] == ["live", "superseded", "live"]
    diff = (await client.get("/v1/entries/a/en-GB/diff?from=1&to=2&channel=sms", headers=ana)).json()
    assert (diff["change"], [field["field"] for field in diff["difference"]["fields"]]) == ("wording", ["text"])
    assert [(one["before"], one["after"]) for one in diff["renderings"]] == [("Call us.", "Write to us.")]
    assert diff["merge"] is None


async def test_a_base_tells_how_two_changes_go_together(house: Home, client: httpx.AsyncClient) -> None:
    first = an_answer("a", "Call us.")
    await written(house, first, changed(first, ask="Anything else?"), changed(first, text="Write to us."))
    answer = await client.get("/v1/entries/a/en-GB/diff?from=2&to=3&base=1", headers=await as_person(house, "ana"))
    merge = answer.json()["merge"]
    assert (merge["clean"], {one["field"]: one["outcome"] for one in merge["fields"]}) == (
        True,
        {"ask": "theirs", "text": "mine"},
    )


async def test_what_is_unknown_and_what_is_not_for_them_is_one_404(house: Home, client: httpx.AsyncClient) -> None:
    await live(house, an_answer("a"))
    lou = await as_person(house, "lou")
    for rest in WITHHELD:
        mine, unknown = [await client.get(f"/v1/entries/{key}/{rest}", headers=lou) for key in ("a", "b")]
        assert (mine.status_code, mine.content) == (404, unknown.content)
        nobody = await client.get(f"/v1/entries/a/{rest}")
        assert nobody.status_code == 401


async def test_a_reviewer_sees_the_effects_of_a_fact(house: Home, client: httpx.AsyncClient) -> None:
    await live(house, a_fact(), ARRIVAL)
    (revision,) = await written(house, SLOWER)
    lea = await as_person(house, "lea")
    page = (await client.get(f"/v1/effects?revision={revision.hash}&channel=sms&limit=1", headers=lea)).json()
    assert (page["affected"], [one["key"] for one in page["items"]]) == (2, ["card.delivery"])
    more = (await client.get(f"/v1/effects?revision={revision.hash}&cursor={page['next']}", headers=lea)).json()
    (arrival,) = more["items"]
    (sms,) = [one for one in arrival["effects"] if one["channel"] == "sms"]
    assert ("5-7" in sms["before"]["text"], "8-9" in sms["after"]["text"]) == (True, True)
    for wrong, status in (("", 400), ("revision=x", 400), (f"revision={'0' * 64}", 404)):
        assert (await client.get(f"/v1/effects?{wrong}", headers=lea)).status_code == status


async def test_coverage_and_translations_are_lists_with_counts(house: Home, client: httpx.AsyncClient) -> None:
    first = an_answer("a", "Call us.")
    await live(house, first, a_translation(first, "Llama."), an_answer("loan", topic="loans"))
    await live(house, changed(first, text="Do call us."))
    pia = await as_person(house, "pia")
    found = (await client.get("/v1/coverage?key=a&channel=chat", headers=pia)).json()
    assert found["counts"] == {"live": 1, "stale": 1}
    stale = (await client.get("/v1/translations?state=stale", headers=pia)).json()
    assert [(one["key"], one["change"]) for one in stale["items"]] == [("a", "wording")]
    lou = (await client.get("/v1/coverage?channel=chat&state=live", headers=await as_person(house, "lou"))).json()
    assert [one["key"] for one in lou["items"]] == ["loan"]
    assert (await client.get("/v1/coverage?state=wrong", headers=pia)).status_code == 400


async def test_a_preview_key_sees_a_release_that_has_not_happened(house: Home, client: httpx.AsyncClient) -> None:
    await live(house, a_fact(), ARRIVAL)
    (revision,) = await written(house, SLOWER)
    path = f"/v1/previews/channels/chat/entries/card-arrival?revision={revision.hash}"
    shown = await client.get(path, headers=await a_preview_key(house, "ana"))
    assert "8–9" in shown.json()["text"]
    assert (shown.headers["kb-preview"], shown.headers["cache-control"]) == ("true", "private, no-store")
    assert "5–7" in str(await text(house))
    elsewhere = await client.get(
        f"/v1/previews/channels/chat/entries/nothing?revision={revision.hash}",
        headers=await a_preview_key(house, "ana"),
    )
    unknown = await client.get("/v1/channels/chat/entries/nothing")
    assert (elsewhere.status_code, elsewhere.content) == (404, unknown.content)
    assert (await client.get(path)).status_code == 401
    reader = await a_secret_key(house, "ana", Right.READ)
    assert (await client.get(path, headers=reader)).status_code == 403


async def test_a_withdrawal_takes_the_list_that_was_shown(house: Home, client: httpx.AsyncClient) -> None:
    await live(house, a_claim(), an_answer("news", "Good. {{claim:free-atm}}"))
    pia = await as_person(house, "pia")
    shown = (await client.get("/v1/withdrawals/foresee?key=claim:free-atm", headers=pia)).json()
    assert [one["key"] for one in shown["suspended"]] == ["news"]
    request = {"keys": ["free-atm"], "reason": "it isn't", "expected": "0" * 64}
    assert (await client.post("/v1/withdrawals", json=request, headers=pia)).status_code == 409
    refused = await client.post(
        "/v1/withdrawals", json=request | {"expected": shown["digest"]}, headers=await as_person(house, "lou")
    )
    assert refused.status_code == 404  # of what isn't hers to withdraw she isn't told that it is there
    assert await text(house, "news") is not None
    done = await client.post("/v1/withdrawals", json=request | {"expected": shown["digest"]}, headers=pia)
    assert (done.status_code, done.json()["position"]) == (201, await head(house))
    assert await text(house, "news") is None


async def test_a_retired_key_is_answered_by_another(house: Home, client: httpx.AsyncClient) -> None:
    await live(house, an_answer("old", "The old way."), an_answer("new", "The new way."))
    then = await head(house)
    pia = await as_person(house, "pia")
    foreseen = await client.get("/v1/retirements/foresee?key=old&replacement=new", headers=pia)
    assert foreseen.json()["retired"] == [["old", "en-GB"]]
    done = await client.post("/v1/retirements", json={"key": "old", "replacement": "new", "reason": ""}, headers=pia)
    assert done.status_code == 201, done.text
    answered = await client.get("/v1/channels/chat/entries/old")
    assert (answered.headers["kb-answered"], answered.json()["text"]) == ("new", "The new way.")
    past = f"/v1/channels/chat/entries/old?as_of={then}"
    assert (await client.get(past)).status_code == 404
    assert (await client.get(past, headers=await a_secret_key(house, "lea", Right.READ, Right.HISTORY))).json()[
        "text"
    ] == "The old way."
    explained = await client.get("/v1/channels/chat/entries/old/explain")
    assert (explained.json()["key"], len(explained.json()["wordings"])) == ("new", 1)
