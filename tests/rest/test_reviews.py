"""REST of reviews, through the whole app: the inbox, a review from draft to approval, comments, and the outside expert."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from kb.accounts.signing import Sealer, add_kept_key
from kb.base.hashing import instant
from kb.entries.types import Revision
from kb.review.types import State
from tests.builders import Home, a_signoff, an_answer, changed, head, live, signed, written
from tests.doors.answers import assert_problem
from tests.review.acting import drafted, state
from tests.web.callers import FROM_OURS, Headers, a_session, open_doors

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def door(house: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with open_doors(house, tmp_path, secret_file=tmp_path / "secret") as (client, _):
        yield client


async def at(house: Home, person: str) -> Headers:
    """A person at a page of ours."""
    return await a_session(house, person) | FROM_OURS


async def done(door: httpx.AsyncClient, headers: Headers, revision: Revision, act: str, **body: Any) -> httpx.Response:
    return await door.post(f"/v1/reviews/{revision.hash}/{act}", json=body or None, headers=headers)


async def test_a_draft_is_submitted_signed_and_approved(house: Home, door: httpx.AsyncClient, tmp_path: Path) -> None:
    (revision,) = await drafted(house, an_answer())
    async with house.work() as work:
        for person in ("ana", "lea"):
            await add_kept_key(work, Sealer(tmp_path / "secret"), person)
    ana, lea = await at(house, "ana"), await at(house, "lea")
    answer = await done(door, ana, revision, "submit")
    assert (answer.status_code, answer.json()["state"]) == (200, "in_review")
    assert answer.json()["sign_as"] == ["author"]
    assert (await done(door, ana, revision, "sign", role="author")).json()["missing"] == {"legal": 1}
    assert (await done(door, lea, revision, "take", role="legal")).json()["takes"][0]["by"] == "lea"
    answer = await done(door, lea, revision, "sign", role="legal")
    assert (answer.json()["state"], answer.json()["missing"]) == ("approved", {})


async def test_a_sign_off_made_with_ones_own_key_is_handed_in(house: Home, door: httpx.AsyncClient) -> None:
    (revision,) = await written(house, an_answer())
    statement = msgspec.to_builtins(a_signoff(house, revision, "legal", "lea"))
    answer = await done(door, await at(house, "lea"), revision, "sign", statement=statement)
    assert [one["by"] for one in answer.json()["signed"]] == ["lea"]
    both = await done(door, await at(house, "lea"), revision, "sign", statement=statement, role="legal")
    assert_problem(both, 400, "invalid")
    forged = await done(door, await at(house, "leo"), revision, "sign", statement=statement)
    assert_problem(forged, 403, "forbidden")


async def test_a_repeated_sign_off_has_one_effect(house: Home, door: httpx.AsyncClient) -> None:
    (revision,) = await written(house, an_answer())
    statement = msgspec.to_builtins(a_signoff(house, revision, "legal", "lea"))
    headers = await at(house, "lea") | {"Idempotency-Key": "once"}
    first = await done(door, headers, revision, "sign", statement=statement)
    before = await head(house)
    assert (await done(door, headers, revision, "sign", statement=statement)).json() == first.json()
    assert await head(house) == before


async def test_the_inbox_is_filtered_and_paged(house: Home, door: httpx.AsyncClient) -> None:
    await written(house, *(an_answer(f"answer-{number}") for number in range(3)), an_answer("loan", topic="loans"))
    lea = await at(house, "lea")
    first = (await door.get("/v1/reviews?limit=3", headers=lea)).json()
    second = (await door.get(f"/v1/reviews?limit=3&cursor={first['next']}", headers=lea)).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 1, None)
    assert [one["key"] for one in (await door.get("/v1/reviews?topic=loans", headers=lea)).json()["items"]] == ["loan"]
    for query in ("state=draft", "sort=key", "mine=yes", "role=boss", "cursor=x", "limit=0", "what=1"):
        answer = await door.get(f"/v1/reviews?{query}", headers=lea)
        assert answer.status_code == 400, query


async def test_the_dossier_tells_why_not_before_the_act(house: Home, door: httpx.AsyncClient) -> None:
    (revision,) = await written(house, an_answer())
    bea = (await door.get(f"/v1/reviews/{revision.hash}", headers=await at(house, "bea"))).json()
    assert [one["code"] for one in bea["why_not"]["release"]] == ["state", "release-takes-it"]
    assert "role" in {one["code"] for one in bea["why_not"]["sign"]}
    answer = await done(door, await at(house, "bea"), revision, "request-changes", reason="No.")
    assert_problem(answer, 403, "forbidden")
    assert await state(house, revision) is State.IN_REVIEW


async def test_comments_are_written_listed_and_resolved(house: Home, door: httpx.AsyncClient) -> None:
    (revision,) = await written(house, an_answer())
    lea, ana = await at(house, "lea"), await at(house, "ana")
    place = {"field": "text", "start": 5, "end": 9, "quote": "card"}
    made = await done(door, lea, revision, "comments", text="Which one?", blocks=True, **place)
    assert made.status_code == 201, made.text
    await signed(house, revision)
    assert await state(house, revision) is State.IN_REVIEW
    listed = (await door.get(f"/v1/reviews/{revision.hash}/comments", headers=ana)).json()
    assert listed == {"items": [made.json()], "next": None}
    assert_problem(await done(door, ana, revision, f"comments/{made.json()['id']}/resolve"), 403, "forbidden")
    resolved = await done(door, lea, revision, f"comments/{made.json()['id']}/resolve")
    assert (resolved.status_code, resolved.json()["resolved_by"]) == (200, "lea")
    assert await state(house, revision) is State.APPROVED
    assert_problem(await done(door, ana, revision, "comments/c-none/resolve"), 404, "not-found")


async def test_unknown_and_forbidden_revisions_are_the_same_to_whoever_asks(
    house: Home, door: httpx.AsyncClient
) -> None:
    lea = await at(house, "lea")
    unknown = await door.get(f"/v1/reviews/{'0' * 64}", headers=lea)
    assert_problem(unknown, 404, "not-found")
    (revision,) = await written(house, an_answer())
    for path in (f"/v1/reviews/{revision.hash}", "/v1/reviews"):
        assert_problem(await door.get(path), 401, "unauthenticated")


async def test_changes_are_asked_for_and_the_next_revision_takes_the_place(
    house: Home, door: httpx.AsyncClient
) -> None:
    (first,) = await written(house, an_answer())
    answer = await done(door, await at(house, "lea"), first, "request-changes", reason="Say when.")
    assert (answer.json()["state"], len(answer.json()["blocking"])) == ("changes_requested", 1)
    (second,) = await drafted(house, changed(an_answer(), text="Your card comes soon."))
    answer = await done(door, await at(house, "ana"), second, "submit")
    assert (answer.json()["state"], len(answer.json()["blocking"])) == ("in_review", 1)
    assert await state(house, first) is State.DRAFT
    answer = await done(door, await at(house, "ana"), second, "take-back")
    assert answer.json()["state"] == "draft"
    assert_problem(await done(door, await at(house, "ana"), second, "take-back"), 409, "conflict")


async def test_a_live_text_is_verified_by_who_proved_who_they_are(
    house: Home, door: httpx.AsyncClient, tmp_path: Path
) -> None:
    (revision,) = (await live(house, an_answer())).revisions
    async with house.work() as work:
        await add_kept_key(work, Sealer(tmp_path / "secret"), "lea")
    lea = await at(house, "lea")
    house.clock.move(minutes=6)
    assert_problem(await done(door, lea, revision, "verify", role="legal"), 403, "reauthenticate")
    answer = await done(door, await at(house, "lea"), revision, "verify", role="legal")
    assert (answer.status_code, answer.json()["verified_at"]) == (200, house.now)


async def test_a_waiver_is_made_here_with_a_reason(house: Home, door: httpx.AsyncClient, tmp_path: Path) -> None:
    (revision,) = await written(house, an_answer())
    async with house.work() as work:
        await add_kept_key(work, Sealer(tmp_path / "secret"), "lea")
    lea = await at(house, "lea")
    finding = {"role": "legal", "code": "negation-lost", "field": "short"}
    assert_problem(await done(door, lea, revision, "waive", **finding), 400, "invalid")
    answer = await done(door, lea, revision, "waive", reason="a title", **finding)
    assert [one["code"] for one in answer.json()["waived"]] == ["negation-lost"]
    figures = finding | {"code": "fact-missing", "reason": "so"}
    assert_problem(await done(door, lea, revision, "waive", **figures), 400, "invalid")


# ---- the outside expert ----------------------------------------------------------------------------------------------


async def invited(house: Home, door: httpx.AsyncClient, revision: Revision, *, signs: bool) -> Headers:
    ends = instant(house.clock.now() + timedelta(days=2))
    body = {"role": "legal", "expires_at": ends, "signs": signs}
    headers = await at(house, "ada") | {"Idempotency-Key": f"invite-{revision.hash[:8]}"}
    made = await done(door, headers, revision, "invitations", **body)
    assert made.status_code == 201, made.text
    again = await done(door, headers, revision, "invitations", **body)
    assert (again.json()["token"], again.json()["person"]) == ("", made.json()["person"])
    return {"Authorization": f"Bearer {made.json()['token']}"}


async def test_an_expert_sees_one_revision_comments_and_signs_and_nothing_else(
    house: Home, door: httpx.AsyncClient
) -> None:
    revision, other = await written(house, an_answer(), an_answer("another"))
    expert = await invited(house, door, revision, signs=True)
    shown = (await door.get("/v1/invited", headers=expert)).json()
    assert (shown["hash"], shown["content"]["wording"]["text"]) == (revision.hash, "Your card is on its way.")
    assert (shown["comments"], shown["sign"], shown["comment"], shown["signed"]) == ([], [], [], False)
    commented = await door.post("/v1/invited/comments", json={"text": "Fine."}, headers=expert)
    assert commented.status_code == 201
    after = await door.post("/v1/invited/sign", headers=expert)
    assert (after.status_code, after.json()["signed"]) == (200, True)
    assert [one["text"] for one in after.json()["comments"]] == ["Fine."]
    for path in (f"/v1/reviews/{revision.hash}", f"/v1/reviews/{other.hash}", "/v1/reviews", "/v1/entries"):
        assert (await door.get(path, headers=expert)).status_code in {403, 404}, path


async def test_invitations_are_listed_and_revoked_by_who_may_invite(house: Home, door: httpx.AsyncClient) -> None:
    (revision,) = await written(house, an_answer())
    expert, where = await invited(house, door, revision, signs=True), f"/v1/reviews/{revision.hash}/invitations"
    for method, path in (("GET", where), ("DELETE", f"{where}/none")):
        assert (await door.request(method, path)).status_code == 401
        assert (await door.request(method, path, headers=expert)).status_code == 403
    ada = await at(house, "ada")
    (found,) = (await door.get(where, headers=ada)).json()["items"]
    assert (found["role"], found["signs"], found["by"], found["state"]) == ("legal", True, "ada", "open")
    assert_problem(await door.delete(f"{where}/none", headers=ada), 404, "not-found")
    (ended,) = (await door.delete(f"{where}/{found['link']}", headers=ada)).json()["items"]
    assert ended == found | {"state": "ended"}
    assert_problem(await door.get("/v1/invited", headers=expert), 401, "unauthenticated")
    assert_problem(await door.delete(f"{where}/{found['link']}", headers=ada), 404, "not-found")


async def test_an_expert_asked_for_comments_cannot_sign_and_an_ended_link_opens_nothing(
    house: Home, door: httpx.AsyncClient
) -> None:
    (revision,) = await written(house, an_answer())
    expert = await invited(house, door, revision, signs=False)
    assert_problem(await door.post("/v1/invited/sign", headers=expert), 403, "forbidden")
    shown = (await door.get("/v1/invited", headers=expert)).json()
    assert [one["code"] for one in shown["sign"]] == ["right"]
    house.clock.move(days=2)
    assert_problem(await door.get("/v1/invited", headers=expert), 401, "unauthenticated")


async def test_the_expert_sees_what_the_gate_has_against_the_text(house: Home, door: httpx.AsyncClient) -> None:
    (revision,) = await written(house, an_answer(text="Your card costs £5."))
    shown = (await door.get("/v1/invited", headers=await invited(house, door, revision, signs=True))).json()
    assert "literal-not-a-fact" in {one["code"] for one in shown["issues"]}
