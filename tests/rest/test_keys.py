"""REST of API keys, through the whole app: what is shown once, to whom, and what a key opens until it ends."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from kb.accounts.key_format import looks_like_a_key
from kb.base.hashing import instant
from kb.base.work import Right
from tests.builders import Home, head
from tests.doors.answers import assert_points_at, assert_problem
from tests.web.callers import FROM_OURS, PAGE, Headers, a_secret_key, a_session, key_id, open_doors

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def door(house: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with open_doors(house, tmp_path) as (client, _):
        yield client


async def ada(house: Home) -> Headers:
    """An admin at a page of ours."""
    return await a_session(house, "ada") | FROM_OURS


async def made(door: httpx.AsyncClient, headers: Headers, **body: Any) -> httpx.Response:
    return await door.post("/v1/keys", json={"kind": "secret", "name": "the chat bot"} | body, headers=headers)


def showing(answer: httpx.Response) -> Headers:
    return {"Authorization": f"Bearer {answer.json()['token']}"}


async def test_a_key_is_made_shown_once_and_opens_what_its_scope_says(house: Home, door: httpx.AsyncClient) -> None:
    answer = await made(door, await ada(house), scope={"actions": ["read", "keys"], "audiences": ["public", "staff"]})
    assert answer.status_code == 201
    assert looks_like_a_key(answer.json()["token"])
    where = answer.headers["location"]
    assert where == f"/v1/keys/{answer.json()['key']['id']}"
    again = await door.get(where, headers=showing(answer))
    assert again.json() == answer.json()["key"]
    assert "token" not in again.json()
    assert (await door.get("/v1/people", headers=showing(answer))).status_code == 403


async def test_a_repeated_request_has_one_effect_and_shows_no_secret(house: Home, door: httpx.AsyncClient) -> None:
    headers = await ada(house) | {"Idempotency-Key": "make-it-once"}
    first = await made(door, headers)
    before = await head(house)
    second = await made(door, headers)
    assert (second.status_code, second.headers["location"]) == (201, first.headers["location"])
    assert second.json() == first.json() | {"token": None}
    assert first.json()["token"] not in second.text
    assert await head(house) == before
    rotate = f"{first.headers['location']}/rotate"
    turned = [await door.post(rotate, json={}, headers=headers | {"Idempotency-Key": "turn"}) for _ in range(2)]
    assert [one.status_code for one in turned] == [200, 200]
    assert turned[1].json() == turned[0].json() | {"token": None}


async def test_both_secrets_open_while_a_rotation_overlaps_and_none_after_a_revocation(
    house: Home, door: httpx.AsyncClient
) -> None:
    headers = await ada(house)
    first = await made(door, headers, scope={"actions": ["read", "keys"]})
    where, end = first.headers["location"], house.clock.now() + timedelta(days=1)
    second = await door.post(f"{where}/rotate", json={"old_until": end.isoformat()}, headers=headers)
    assert [one["until"] for one in second.json()["key"]["secrets"]] == [instant(end), None]
    for answer in (first, second):
        assert (await door.get(where, headers=showing(answer))).status_code == 200
    house.clock.move(days=1)
    assert_problem(await door.get(where, headers=showing(first)), 401, "unauthenticated")
    headers = await ada(house)  # who was away for a day signs in again
    revoked = await door.delete(where, headers=headers | {"If-Match": "*"})
    assert revoked.json()["revoked_at"] == house.now
    assert_problem(await door.get(where, headers=showing(second)), 401, "unauthenticated")


async def test_revoking_asks_for_the_tag_of_what_was_read(house: Home, door: httpx.AsyncClient) -> None:
    headers = await ada(house)
    where = (await made(door, headers)).headers["location"]
    assert_problem(await door.delete(where, headers=headers), 428, "precondition-required")
    stale = await door.delete(where, headers=headers | {"If-Match": '"old"'})
    tag = (await door.get(where, headers=headers)).headers["etag"]
    assert (stale.status_code, stale.json()["code"], stale.headers["etag"]) == (412, "stale", tag)
    assert (await door.delete(where, headers=headers | {"If-Match": tag})).status_code == 200


async def test_people_see_their_own_keys_and_those_who_handle_keys_see_all(
    house: Home, door: httpx.AsyncClient
) -> None:
    lea, admin = await a_session(house, "lea") | FROM_OURS, await ada(house)
    own = (await made(door, lea)).json()["key"]["id"]
    other = (await made(door, admin)).json()["key"]["id"]

    async def ids(headers: Headers, query: str = "") -> list[str]:
        answer = await door.get(f"/v1/keys{query}", headers=headers)
        assert answer.status_code == 200, answer.text
        return [key["id"] for key in answer.json()["items"]]

    assert await ids(lea) == await ids(lea, "?owner=ada") == [own]
    assert set(await ids(admin)) == {own, other}
    assert await ids(admin, "?owner=lea&kind=secret&state=working&sort=-made_at") == [own]
    missing = await door.get("/v1/keys/aaaaaaaaaaaa", headers=lea)
    hidden = await door.get(f"/v1/keys/{other}", headers=lea)
    assert_problem(hidden, 404, "not-found")
    assert hidden.content == missing.content
    for act in (f"{other}/rotate", f"{'a' * 12}/rotate"):
        assert_problem(await door.post(f"/v1/keys/{act}", json={}, headers=lea), 404, "not-found")


async def test_lists_are_paged_by_a_cursor(house: Home, door: httpx.AsyncClient) -> None:
    headers = await ada(house)
    keys = []
    for _ in range(5):
        keys.append((await made(door, headers)).json()["key"]["id"])
        house.clock.move(seconds=1)
    found, cursor = [], ""
    while cursor is not None:
        page = (await door.get(f"/v1/keys?limit=2&cursor={cursor}", headers=headers)).json()
        found += [key["id"] for key in page["items"]]
        cursor = page["next"]
    assert found == keys


@pytest.mark.parametrize("query", ["kind=other", "state=asleep", "sort=name", "limit=0", "cursor=no", "colour=red"])
async def test_a_list_knows_its_filters_and_no_others(house: Home, door: httpx.AsyncClient, query: str) -> None:
    answer = await door.get(f"/v1/keys?{query}", headers=await ada(house))
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"kind": "publishable"}),
        (400, {"kind": "publishable", "origins": ["http://www.larkfield.example"]}),
        (400, {"kind": "other"}),
        (400, {"name": ""}),
        (400, {"scope": {"actions": ["fly"]}}),
        (400, {"scope": {"colour": "red"}}),
        (400, {"colour": "red"}),
        (400, {"expires_at": "2026-11-22T10:00:00"}),
        (400, {"expires_at": "2020-01-01T00:00:00Z"}),
        (403, {"owner": "lea", "scope": {"actions": ["sign"]}}),
        (403, {"scope": {"actions": ["release"]}}),
        (404, {"owner": "nobody"}),
    ],
)
async def test_a_key_that_cannot_be_is_refused(
    house: Home, door: httpx.AsyncClient, status: int, body: dict[str, Any]
) -> None:
    headers, before = await ada(house), await head(house)
    answer = await made(door, headers, **body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await head(house) == before


async def test_keys_of_pages_and_previews_are_nobody_s_account(house: Home, door: httpx.AsyncClient) -> None:
    headers = await ada(house)
    page = await made(door, headers, kind="publishable", origins=[PAGE])
    preview = await made(door, headers, kind="preview")
    for answer, origin in ((page, {"Origin": PAGE}), (preview, {})):
        assert answer.status_code == 201, answer.text
        for path in ("/v1/me", "/v1/keys"):
            assert (await door.get(path, headers=showing(answer) | origin)).status_code == 403
    assert preview.json()["key"]["scope"]["actions"] == ["read", "preview"]


async def test_a_secret_key_lists_its_owner_s_keys_and_makes_none(house: Home, door: httpx.AsyncClient) -> None:
    key = await a_secret_key(house, "lea", Right.READ)
    assert [one["owner"] for one in (await door.get("/v1/keys", headers=key)).json()["items"]] == ["lea"]
    assert_problem(await made(door, key), 403, "forbidden")


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+10:00", "2999-01-01T00:00:00"])
async def test_an_end_that_is_no_time_of_ours_is_told_with_its_place(
    house: Home, door: httpx.AsyncClient, end: str
) -> None:
    assert_points_at(await made(door, await ada(house), expires_at=end), "/expires_at")


async def test_a_key_revokes_itself_and_none_of_its_owners_others(house: Home, door: httpx.AsyncClient) -> None:
    one, other = showing(await made(door, await ada(house))), await made(door, await ada(house))
    match = {"If-Match": "*"}
    assert_problem(await door.delete(f"/v1/keys/{other.json()['key']['id']}", headers=one | match), 403, "forbidden")
    assert (await door.delete(f"/v1/keys/{key_id(one)}", headers=one | match)).status_code == 200
    assert (await door.get("/v1/keys", headers=showing(other))).status_code == 200
