"""Filling slots: values are checked against their declaration, escaped and spoken for each channel, and never stored."""

import sqlite3
from contextlib import closing
from typing import Any

import httpx
import nh3
import pytest
from defusedxml import ElementTree

from tests.doors.answers import assert_problem
from tests.doors.fixtures import Story
from tests.doors.program import Server

GOOD = {"amount": "12.50 GBP", "due": "2026-11-22"}
HOSTILE = "<b>&\"' *_[x](y) {{"
"""Twenty characters that mean something to every markup there is."""


def fill(server: Server, channel: str, slots: dict[str, str], query: str = "") -> httpx.Response:
    return server.client.post(f"/v1/channels/{channel}/entries/reminder/fill{query}", json={"slots": slots})


def filled(server: Server, channel: str, slots: dict[str, str], query: str = "") -> Any:
    answer = fill(server, channel, slots, query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_token_is_replaced_and_a_missing_name_takes_its_fallback(server: Server) -> None:
    for channel in ("voice", "chat", "social", "sms", "email", "faq", "agent"):
        answer = fill(server, channel, GOOD)
        assert answer.status_code == 200
        assert "{{" not in answer.text
        assert answer.json()["text"].startswith("Hello there")


def test_the_stored_text_keeps_its_tokens_and_the_answer_is_kept_by_nobody(server: Server) -> None:
    answer = fill(server, "chat", GOOD | {"customer.first_name": "Quillfeather"})
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers
    stored = server.payload("/v1/channels/chat/entries/reminder")
    assert "{{slot:customer.first_name}}" in stored["text"]
    assert answer.json()["rendition"] == stored["rendition"]


def test_a_value_is_said_as_the_channel_and_the_locale_say_it(server: Server) -> None:
    assert "£12.50 is due on 22 November 2026" in filled(server, "sms", GOOD)["text"]
    spoken = filled(server, "voice", GOOD)
    assert "twelve pounds fifty is due on the twenty-second of November" in spoken["text"]
    assert "12.50" not in spoken["markup"]["body"]


REFUSED = {
    "missing": ({"due": "2026-11-22"}, "/slots/amount", "slot-missing"),
    "empty": (GOOD | {"amount": ""}, "/slots/amount", "slot-missing"),
    "unknown": (GOOD | {"nickname": "Bo"}, "/slots/nickname", "slot-unknown"),
    "too long": (GOOD | {"customer.first_name": "x" * 21}, "/slots/customer.first_name", "slot-too-long"),
    "no money": (GOOD | {"amount": "a lot"}, "/slots/amount", "slot-type"),
    "money of no currency": (GOOD | {"amount": "12.50"}, "/slots/amount", "slot-type"),
    "digits of another script": (GOOD | {"amount": "１２.50 GBP"}, "/slots/amount", "slot-type"),
    "no date": (GOOD | {"due": "22.11.2026"}, "/slots/due", "slot-type"),
    "a day that isn't": (GOOD | {"due": "2026-02-30"}, "/slots/due", "slot-type"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_value_that_does_not_fit_its_slot_is_refused_with_the_slot_named(server: Server, why: str) -> None:
    slots, pointer, code = REFUSED[why]
    answer = fill(server, "chat", slots)
    assert_problem(answer, 400, "invalid")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


def test_all_that_is_wrong_is_told_at_once(server: Server) -> None:
    answer = fill(server, "chat", {"nickname": "Bo"})
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/slots/nickname", "/slots/amount", "/slots/due"}


def test_a_hostile_name_is_only_a_name_in_html(server: Server) -> None:
    for channel in ("email", "faq"):
        body = filled(server, channel, GOOD | {"customer.first_name": HOSTILE})["markup"]["body"]
        assert "<b>" not in body
        assert "&lt;b&gt;" in body
        assert nh3.clean(body, tags={"p", "a", "strong"}).count("<b") == 0


def test_a_hostile_name_is_only_a_name_in_ssml(server: Server) -> None:
    for query in ("", "?profile=polly"):
        voice = filled(server, "voice", GOOD | {"customer.first_name": HOSTILE}, query)
        spoken = [voice["markup"]["body"], *(segment["ssml"] for segment in voice["voice"]["segments"])]
        for ssml in spoken:
            tree = ElementTree.fromstring(ssml)
            assert {element.tag for element in tree.iter()} <= {"speak", "p", "s", "break", "sub", "say-as", "phoneme"}
            assert "<b>" in "".join(tree.itertext())


def test_a_hostile_name_is_only_a_name_in_markdown(server: Server) -> None:
    body = filled(server, "chat", GOOD | {"customer.first_name": HOSTILE})["markup"]["body"]
    assert "](y)" not in body.replace("\\]", "").replace("\\(", "")
    assert "<b>" not in body.replace("\\<", "")
    assert "\\*" in body


def test_a_token_in_a_value_is_not_read_again(server: Server) -> None:
    payload = filled(server, "sms", GOOD | {"customer.first_name": "{{slot:amount}}"})
    assert payload["text"].startswith("Hello {{slot:amount}}, £12.50")


def test_a_letter_outside_the_alphabet_makes_an_sms_of_another_kind_and_is_counted_so(server: Server) -> None:
    payload = filled(server, "sms", GOOD | {"customer.first_name": "Åsa Çelik 李"})
    assert "李" in payload["text"]
    assert all(len(part.encode("utf-16-be")) // 2 <= 70 for part in payload["parts"])


def test_nothing_of_what_was_filled_in_is_stored(server: Server, story: Story) -> None:
    filled(server, "chat", GOOD | {"customer.first_name": "Quillfeather"})
    for path in story.bank.home.rglob("*"):
        if path.is_file():
            assert b"Quillfeather" not in path.read_bytes(), path
    with closing(sqlite3.connect(f"file:{story.bank.home / 'kb.db'}?mode=ro", uri=True)) as database:
        assert database.execute("SELECT max(position) FROM journal").fetchone() == (story.withdrawn,)
