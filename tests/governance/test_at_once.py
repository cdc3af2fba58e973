"""Fifty at once, by turns at two servers over one database: each act happens once, and everybody is told how it went."""

import asyncio
import itertools
from collections.abc import Iterator
from threading import Event
from typing import Any

import httpx
import msgspec
import pytest

from kb.accounts.types import Role
from kb.entries.types import Draft, Revision
from kb.review import queries as reviews
from kb.review.types import State
from tests.builders import a_house, a_signoff, an_answer, live, read, signed, written
from tests.databases import Templates
from tests.governance.crowd import KEEPERS, LAWYERS, MANY, PUBLISHER, SUSPENDED, Crowd, Request, a_crowd
from tests.review.acting import drafted

TOO_LATE = frozenset({409, 412})
GONE = frozenset({404})
"""What isn't live is no different from what never was, to whoever would withdraw it."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def crowd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """A house on each of the databases, two servers over it, and people who are signed in."""
    templates = request.getfixturevalue("sqlite_templates" if request.param == "sqlite" else "postgres_templates")
    assert isinstance(templates, Templates)
    url = asyncio.run(templates.built("house", a_house))
    with a_crowd(url, tmp_path_factory.mktemp("crowd")) as crowd:
        yield crowd


def in_review(crowd: Crowd, draft: Draft) -> Revision:
    (revision,) = crowd.inside(lambda home: written(home, draft))
    return revision


def approved(crowd: Crowd, draft: Draft) -> Revision:
    revision = in_review(crowd, draft)
    assert crowd.inside(lambda home: signed(home, revision)) == ()
    return revision


def state(crowd: Crowd, revision: Revision) -> State:
    found: Any = crowd.inside(lambda home: read(home, reviews.by_hashes, [revision.hash]))
    return State(found[revision.hash].state)


def assert_one_winner(answers: list[httpx.Response], won: int, refused: frozenset[int] = TOO_LATE) -> None:
    """One was answered with this status, the others that they were too late, each by a problem document."""
    assert sorted(one.status_code for one in answers if one.status_code not in refused) == [won], told(answers)
    for one in answers:
        assert (one.status_code == won) == (one.headers["content-type"] == "application/json"), one.text


def told(answers: list[httpx.Response]) -> set[tuple[int, str]]:
    return {(one.status_code, one.text[:200]) for one in answers}


# ---- signing ---------------------------------------------------------------------------------------------------------


def test_fifty_who_sign_at_once_are_all_recorded_once_and_one_moves_the_state(crowd: Crowd) -> None:
    revision = in_review(crowd, an_answer("signed-by-many", topic="crowd"))
    path = f"/v1/reviews/{revision.hash}/sign"
    author = crowd.inside(lambda home: signed(home, revision, signers=[]))
    assert author == ()
    statements = crowd.inside(lambda home: _statements(home, revision))
    twice = [
        Request(person, "POST", path, {"statement": statements[person]})
        for person in LAWYERS
        if person not in KEEPERS
        for _ in range(2)
    ]
    once = [Request(person, "POST", path, {"role": Role.LEGAL.value}) for person in KEEPERS]
    before = crowd.head()
    answers = crowd.at_once([*once, *twice])
    assert {one.status_code for one in answers} == {200}, told(answers)
    assert crowd.events(before) == {"review.signed": MANY, "review.approved": 1}
    assert state(crowd, revision) is State.APPROVED
    by = [one.by for one in _signoffs(crowd, revision)]
    assert sorted(by) == sorted(["ana", *LAWYERS])
    states = {one.json()["state"] for one in answers}
    assert states == {"in_review", "approved"}
    crowd.assert_whole()


async def _statements(home: Any, revision: Revision) -> dict[str, Any]:
    return {person: msgspec.to_builtins(a_signoff(home, revision, "legal", person)) for person in LAWYERS}


def _signoffs(crowd: Crowd, revision: Revision) -> list[Any]:
    found: Any = crowd.inside(lambda home: read(home, reviews.signoffs_of, [revision.hash]))
    return list(found[revision.hash])


def test_a_kept_key_that_signs_at_once_in_many_windows_signs_once(crowd: Crowd) -> None:
    revision = in_review(crowd, an_answer("signed-in-many-windows"))
    request = Request(KEEPERS[0], "POST", f"/v1/reviews/{revision.hash}/sign", {"role": "legal"})
    before = crowd.head()
    assert_one_winner(crowd.at_once([request] * MANY), 200)
    assert crowd.events(before) == {"review.signed": 1}


def test_fifty_submits_of_one_draft_move_it_once(crowd: Crowd) -> None:
    (revision,) = crowd.inside(lambda home: drafted(home, an_answer("submitted-by-many")))
    before = crowd.head()
    assert_one_winner(crowd.at_once([Request("ana", "POST", f"/v1/reviews/{revision.hash}/submit")] * MANY), 200)
    assert crowd.events(before) == {"review.submitted": 1}
    assert state(crowd, revision) is State.IN_REVIEW


# ---- writing ---------------------------------------------------------------------------------------------------------


def test_of_fifty_creations_of_one_key_one_wins(crowd: Crowd) -> None:
    before = crowd.head()
    answers = crowd.at_once(
        Request("ana", "POST", "/v1/entries", a_new_entry("made-by-many", f"This is number {number}."))
        for number in range(MANY)
    )
    assert_one_winner(answers, 201)
    assert crowd.events(before) == {"entry.created": 1, "entry.written": 1}


def a_new_entry(key: str, text: str) -> dict[str, Any]:
    content = {"title": "By many", "topic": "cards", "owner": "team-cards", "wording": {"text": text}}
    return {"key": key, "kind": "answer", "content": content}


def test_of_fifty_edits_with_one_tag_one_wins_and_the_others_are_shown_the_differences(crowd: Crowd) -> None:
    new = a_new_entry("edited-by-many", "As it was.")
    made = crowd.send(Request("ana", "POST", "/v1/entries", new))
    path, tag = "/v1/entries/edited-by-many/en-GB", {"If-Match": made.headers["etag"]}
    edits = [new["content"] | {"wording": {"text": f"This is number {number}."}} for number in range(MANY)]
    before = crowd.head()
    answers = crowd.at_once(Request("ana", "PUT", path, {"content": content}, tag) for content in edits)
    assert_one_winner(answers, 200)
    assert crowd.events(before) == {"entry.written": 1}
    (winner,) = [one for one in answers if one.status_code == 200]
    for loser in answers:
        if loser is not winner:
            assert (loser.status_code, loser.headers["etag"]) == (412, winner.headers["etag"])
    assert crowd.send(Request("ana", "GET", path)).json()["content"] == winner.json()["content"]


# ---- releasing -------------------------------------------------------------------------------------------------------


def test_of_fifty_releases_of_one_revision_one_wins(crowd: Crowd) -> None:
    revision = approved(crowd, an_answer("released-by-many"))
    before = crowd.head()
    answers = crowd.at_once([Request(PUBLISHER, "POST", "/v1/releases", {"hashes": [revision.hash]})] * MANY)
    assert_one_winner(answers, 201)
    assert crowd.events(before) == {"release.made": 1}
    assert state(crowd, revision) is State.LIVE
    crowd.assert_whole()


def test_of_fifty_schedules_of_one_revision_one_wins(crowd: Crowd) -> None:
    revision = approved(crowd, an_answer("scheduled-by-many"))
    order = {"hashes": [revision.hash], "at": "2999-01-01T09:00", "zone": "Europe/London"}
    before = crowd.head()
    assert_one_winner(crowd.at_once([Request(PUBLISHER, "POST", "/v1/schedules", order)] * MANY), 201)
    assert crowd.events(before) == {"schedule.made": 1}
    assert state(crowd, revision) is State.SCHEDULED


def test_of_fifty_withdrawals_of_one_list_one_wins(crowd: Crowd) -> None:
    revision = crowd.inside(lambda home: live(home, an_answer("withdrawn-by-many"))).revisions[0]
    shown = crowd.send(Request(PUBLISHER, "GET", "/v1/withdrawals/foresee?key=withdrawn-by-many"))
    order = {"keys": ["withdrawn-by-many"], "reason": "old", "expected": shown.json()["digest"]}
    before = crowd.head()
    assert_one_winner(crowd.at_once([Request(PUBLISHER, "POST", "/v1/withdrawals", order)] * MANY), 201, GONE)
    assert crowd.events(before) == {"release.withdraw": 1}
    assert state(crowd, revision) is State.WITHDRAWN
    crowd.assert_whole()


# ---- one request, many times -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["comment", "release", "create"])
def test_one_request_that_comes_fifty_times_has_one_effect_and_one_answer(crowd: Crowd, act: str) -> None:
    request, *events = repeated(crowd, act)
    before = crowd.head()
    answers = crowd.at_once([request] * MANY)
    assert {one.status_code for one in answers} == {201}, told(answers)
    assert len({one.content for one in answers}) == 1
    assert sum("idempotency-replayed" in one.headers for one in answers) == MANY - 1
    assert crowd.events(before) == dict.fromkeys(events, 1)


def repeated(crowd: Crowd, act: str) -> tuple[Request, *tuple[str, ...]]:
    """A request that may be repeated, and the events of its lines."""
    key, once = f"{act}-again-and-again", {"Idempotency-Key": f"one {act}"}
    if act == "create":
        return Request("ana", "POST", "/v1/entries", a_new_entry(key, "Once."), once), "entry.created", "entry.written"
    if act == "comment":
        revision = in_review(crowd, an_answer(key))
        return Request("ana", "POST", f"/v1/reviews/{revision.hash}/comments", {"text": "Hm."}, once), "comment.written"
    hashes = [approved(crowd, an_answer(key)).hash]
    return Request(PUBLISHER, "POST", "/v1/releases", {"hashes": hashes}, once), "release.made"


# ---- suspended meanwhile ---------------------------------------------------------------------------------------------


def test_nothing_is_recorded_of_a_person_behind_the_line_of_their_suspension(crowd: Crowd) -> None:
    person = SUSPENDED
    revision = in_review(crowd, an_answer("commented-by-one"))
    path = f"/v1/reviews/{revision.hash}/comments"
    begun, over, before = Event(), Event(), crowd.head()

    def go_on(number: int) -> tuple[int, int]:
        """Comment until that is refused; how often it wasn't, and how it was refused."""
        for count in itertools.count():
            late = over.is_set()
            answer = crowd.send(Request(person, "POST", path, {"text": f"{number}, {count}."}), number)
            if answer.status_code != 201 or late:
                return count, answer.status_code
            begun.set()
        raise AssertionError("counting doesn't end")

    def suspend(number: int) -> tuple[int, int]:
        try:
            assert begun.wait(30)
            return 0, crowd.send(Request("ada", "POST", f"/v1/people/{person}/suspend", {}), number).status_code
        finally:
            over.set()

    *comments, suspended = crowd.together([*[go_on] * MANY, suspend])
    assert suspended == (0, 200)
    assert {status for _, status in comments} == {401}
    lines = crowd.lines(before)
    (end,) = [line.position for line in lines if line.event == "account.suspended"]
    theirs = [line.position for line in lines if line.actor == person]
    assert max(theirs) < end
    assert len(theirs) == sum(count for count, _ in comments) > 0
    crowd.assert_whole()
