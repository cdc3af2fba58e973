"""Who sees what: every surface asked as everyone, held against the table; what isn't for somebody never was."""

import asyncio
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.doors.program import serving
from tests.governance.visibility_table import (
    ELSEWHERE,
    EVERYONE,
    FOR_CUSTOMERS,
    FOR_STAFF,
    KEYS,
    PUBLIC,
    REFUSED,
    SPOKEN,
    TABLE,
    WORDS,
    row_of,
)
from tests.governance.visible_house import Visible, a_visible_house
from tests.governance.visible_surfaces import (
    CHAT,
    FORBIDDEN,
    OF_EACH,
    SURFACES,
    TEXTS,
    Ask,
    ask,
    deep,
    named,
    refused,
    sampled,
    shallow,
    unknown,
)

DELIVERED = frozenset({"now, in chat", "now, in sms", "as it was", "changes"})
READERS = (
    "anonymous",
    "key for chat",
    "key for es-ES",
    "key for customers",
    "key with history",
    "person without a role",
)
WORKERS = (
    "author",
    "publisher",
    "auditor",
    *ELSEWHERE,
    "program for public drafts",
    "program for es-ES drafts",
    "preview key",
)
"""Those who are asked everything of what is served, and of what is worked on: nobody else has rights that these haven't."""
WHOLE = "KB_TEST_VISIBILITY" in os.environ
"""Whether each of them is asked everything of every state; else they share the states out, when nobody has the time."""
UNIQUE = frozenset({"x-request-id", "date"})
PATIENCE = 20.0


@dataclass(frozen=True)
class Told:
    """An answer whole."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def same(self) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        """All that could tell one answer from another."""
        return self.status, tuple(one for one in self.headers if one[0] not in UNIQUE), self.body


class Doors:
    """A server over the visible house, asked as anyone."""

    def __init__(self, house: Visible, address: str) -> None:
        self.house = house
        self._connection = HTTPConnection(address.removeprefix("http://"), timeout=PATIENCE)

    def ask(self, actor: str, request: Ask, **headers: str) -> Told:
        """A header's underscores stand for hyphens."""
        sent = self.house.credentials[actor] | {name.replace("_", "-"): value for name, value in headers.items()}
        body = None
        if request.body is not None:
            body, sent = json.dumps(request.body), sent | {"Content-Type": "application/json"}
        self._connection.request(request.method, request.path, body, sent)
        answer = self._connection.getresponse()
        lowered = tuple(sorted((name.lower(), value) for name, value in answer.getheaders()))
        return Told(answer.status, lowered, answer.read())

    def close(self) -> None:
        self._connection.close()

    def get(self, actor: str, path: str, **headers: str) -> Told:
        return self.ask(actor, Ask("", "GET", path), **headers)

    def json(self, actor: str, path: str) -> Any:
        told = self.get(actor, path)
        assert told.status == 200, (actor, path, told)
        return json.loads(told.body)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    home = tmp_path_factory.mktemp("visible")
    house = asyncio.run(a_visible_house(home))
    with serving("serve", "--home", home, KB_RATE_LIMIT="0", KB_SIGN_IN_LIMIT="0") as server:
        opened = Doors(house, server.address)
        waited = time.monotonic() + PATIENCE
        while not opened.json("anonymous", f"{CHAT}/search?q={WORDS['live']}")["hits"]:  # the index follows the journal
            assert time.monotonic() < waited, "search finds nothing"
            time.sleep(0.05)
        yield opened
        opened.close()


# ---- the matrix ------------------------------------------------------------------------------------------------------


def seen_in(request: Ask, told: Told) -> tuple[set[str], set[str]]:
    """States whose words are in an answer, and those whose key is without having been asked for."""
    text = f"{told.headers} {told.body.decode('utf-8', 'replace')}".lower()
    asked = f"{request.path} {request.body}"
    keys = {state for state in TEXTS if KEYS[state] in text and KEYS[state] not in asked}
    for key in set(KEYS.values()):
        text = text.replace(key, "")
    return {state for state, word in WORDS.items() if word in text and (told.status < 300 or word not in asked)}, keys


def leaks(doors: Doors, actor: str, surface: str, requests: Iterable[Ask]) -> Iterator[str]:
    """What an actor is told on a surface beside what the table says, and what it says that isn't told."""
    row = row_of(surface, actor)
    allowed = {KEYS[state] for state in row.states | row.named}
    missing = set(row.states)
    for request in requests:
        told = doors.ask(actor, request)
        words, keys = seen_in(request, told)
        missing -= words
        if told.status >= 500:
            yield f"{actor} gets a {told.status} on {surface} from {request.method} {request.path}"
        for state in sorted(words - row.states):
            yield f"{actor} sees the words of `{state}` on {surface}: {told.status} {request.method} {request.path}"
        for state in sorted(one for one in keys if KEYS[one] not in allowed):
            yield f"{actor} sees the key of `{state}` on {surface}: {told.status} {request.method} {request.path}"
    for state in sorted(missing):
        yield f"{actor} doesn't see the words of `{state}` on {surface}, and should"


def requests_of(doors: Doors, actor: str, surface: str) -> Iterator[Ask]:
    """As much of a surface as can tell something new of an actor."""
    if actor in (READERS if surface in DELIVERED else WORKERS):
        return deep(doors.house, surface, None if actor == "anonymous" or WHOLE else EVERYONE.index(actor))
    row = row_of(surface, actor)
    return (shallow if row.states or row.named else sampled)(doors.house, surface)


@pytest.mark.parametrize("actor", EVERYONE)
def test_what_everybody_sees_is_what_the_table_says(doors: Doors, actor: str) -> None:
    found = [leak for surface in SURFACES for leak in leaks(doors, actor, surface, requests_of(doors, actor, surface))]
    found += leaks(doors, actor, "refusals", refused(doors.house))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("actor", REFUSED)
def test_a_credential_that_does_not_hold_opens_nothing(doors: Doors, actor: str) -> None:
    bodies = set()
    for surface in SURFACES:
        for request in sampled(doors.house, surface):
            told = doors.ask(actor, request)
            if request.path.startswith(("/v1/", "/site/")):
                assert told.status == 401, (actor, request)
                bodies |= {told.body} if request.method != "HEAD" else set()
            words, keys = seen_in(request, told)
            assert not words | keys, f"{actor} sees {words | keys} on {surface}: {request.path}"
    assert len(bodies) == 1


def test_the_table_is_about_everyone_and_every_state() -> None:
    assert {actor for row in TABLE for actor in row.actors} == set(EVERYONE)
    assert {row.surface for row in TABLE} <= set(SURFACES)
    assert {state for row in TABLE for state in row.states} == set(WORDS) - {"redacted", "erased_remark"}
    assert len(set(WORDS.values())) == len(WORDS)


# ---- unknown and forbidden -------------------------------------------------------------------------------------------


ANSWERED_FOR = "retired"
"""Delivery answers for it with its replacement: nobody who may read that is told that it isn't there."""


def hidden(actor: str, surface: str) -> list[str]:
    """A few states whose entries an actor may not know of on a surface."""
    row = row_of(surface, actor)
    known = {KEYS[state] for state in row.states | row.named | {ANSWERED_FOR}}
    found = [state for state in TEXTS if KEYS[state] not in known]
    return [*found[:1], *found[len(found) // 2 :: 6]] if row.states or row.named else found[5:6]


@pytest.mark.parametrize("actor", [*READERS, *WORKERS, "outside expert", "legal"])
def test_what_is_not_for_somebody_never_was(doors: Doors, actor: str) -> None:
    ways = [(surface, way) for surface, several in OF_EACH.items() for way in several]
    ways += [("drafts", way) for way in FORBIDDEN]
    for surface, way in ways:
        for state in hidden(actor, surface):
            there, nowhere = (ask(surface, way, names(doors.house, state)) for names in (named, unknown))
            told, other = doors.ask(actor, there), doors.ask(actor, nowhere)
            assert told.status >= 400, f"{actor} gets `{state}` on {surface}: {there}"
            assert told.same == other.same, f"{actor} can tell `{state}` from nothing on {surface}: {there}"


@pytest.mark.parametrize("actor", ["anonymous", "key for es-ES", "key for chat", "page's key"])
def test_every_404_of_delivery_is_the_same(doors: Doors, actor: str) -> None:
    """Unreleased, ended, out of audience, in another channel or locale, and unknown."""
    shown = {KEYS[state] for state in row_of("now, in chat", actor).states | {ANSWERED_FOR}}
    hides = [state for state in TEXTS if KEYS[state] not in shown]
    paths = [f"{CHAT}/entries/{KEYS[state]}" for state in hides] + [f"{CHAT}/entries/k-never"]
    if actor in {"key for es-ES", "key for chat"}:
        other = "chat" if actor == "key for es-ES" else "sms"
        paths += [f"/v1/channels/{other}/entries/{KEYS['successor']}", "/v1/channels/nowhere/entries/k-never"]
    answers = {path: doors.get(actor, path) for path in paths}
    assert {told.status for told in answers.values()} == {404}
    assert len({told.same for told in answers.values()}) == 1
    assert not {"etag", "surrogate-key", "kb-answered", "link", "location", "content-language"} & {
        name for told in answers.values() for name, _ in told.headers
    }


def test_a_tag_that_somebody_else_was_given_confirms_nothing(doors: Doors) -> None:
    for state in sorted(FOR_STAFF - PUBLIC):
        path = f"{CHAT}/entries/{KEYS[state]}"
        (tag,) = (value for name, value in doors.get("person without a role", path).headers if name == "etag")
        assert doors.get("person without a role", path, if_none_match=tag).status == 304
        nothing = doors.get("anonymous", f"{CHAT}/entries/k-never").same
        for asked in (tag, f"W/{tag}", "*", f'"x", {tag}'):
            assert doors.get("anonymous", path, if_none_match=asked).same == nothing, (state, asked)


# ---- what is counted -------------------------------------------------------------------------------------------------

COUNTED: Mapping[str, frozenset[str]] = {
    "anonymous": PUBLIC,
    "key for customers": FOR_CUSTOMERS,
    "person without a role": FOR_STAFF,
    "publisher": FOR_STAFF,
}


@pytest.mark.parametrize("actor", COUNTED)
def test_searches_count_what_their_reader_may_see(doors: Doors, actor: str) -> None:
    found = doors.json(actor, f"{CHAT}/search?q=on+its+way&limit=50")
    expected = {KEYS[state] for state in COUNTED[actor]}
    assert {hit["key"] for hit in found["hits"]} == expected
    assert found["total"] == len(expected)
    assert found["facets"]["topic"] == {"cards": len(expected)}
    first = doors.json(actor, f"{CHAT}/search?q=on+its+way&limit=1")
    assert (first["total"], first["facets"]) == (found["total"], found["facets"])


@pytest.mark.parametrize("actor", ["anonymous", "key for customers", "key for es-ES"])
@pytest.mark.parametrize("way", ["search?q={0}", "search?q=on+its+{0}+way", "suggest?q={0}", "match?q=what+is+{0}"])
def test_a_word_of_what_is_hidden_is_any_word(doors: Doors, actor: str, way: str) -> None:
    """Neither hits, nor totals, nor scores, nor how a typing error is mended tell that a hidden text has a word."""
    known = {KEYS[state] for state in row_of("now, in chat", actor).states}
    for state in (one for one in TEXTS if KEYS[one] not in known):
        there = doors.get(actor, f"{CHAT}/{way.format(WORDS[state])}")
        nowhere = doors.get(actor, f"{CHAT}/{way.format('z' * len(WORDS[state]))}")
        assert there.same == nowhere.same, f"{actor} can tell that `{state}` has a word: {there.body!r}"


@pytest.mark.parametrize(
    "actor", ["publisher", "author elsewhere", "program for public drafts", "program for es-ES drafts"]
)
def test_coverage_and_translations_count_what_their_reader_may_know_of(doors: Doors, actor: str) -> None:
    row = row_of("history", actor)
    known = {KEYS[state] for state in row.states - SPOKEN}
    for path in ("/v1/coverage", "/v1/translations"):
        cells: list[dict[str, Any]] = []
        page = doors.json(actor, f"{path}?limit=100")
        counts = page["counts"]
        cells += page["items"]
        while page["next"]:
            page = doors.json(actor, f"{path}?limit=100&cursor={page['next']}")
            assert page["counts"] == counts
            cells += page["items"]
        assert sum(counts.values()) == len(cells)
        assert {cell["key"] for cell in cells if cell["key"].startswith("k-")} <= known | {"k-claim"}


def test_the_contract_is_the_same_for_everyone(doors: Doors) -> None:
    bodies = {doors.get(actor, "/v1/openapi.json").body for actor in EVERYONE if actor != "outside expert"}
    assert len(bodies) == 1
