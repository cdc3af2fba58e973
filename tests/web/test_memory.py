"""Answers given again: only while nothing was committed, and only until time itself changes them."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from kb.channels.profiles import resolve
from kb.delivery.node import Node, View
from kb.web import memory as memory_module
from kb.web.answers import Answer
from kb.web.memory import Memory

QUESTION = ("/v1/channels/chat/entries/card-arrival", b"")
NOON, LATER = "2026-11-22T12:00:00.000Z", "2026-11-23T12:00:00.000Z"
ANSWER = Answer(b"{}", tag=True, until=LATER)


def view(position: int) -> View:
    return View(position, NOON, resolve(None))


def memory(look_every: float = 0.0) -> Memory:
    node: Any = SimpleNamespace(reader=SimpleNamespace(look_every=look_every))
    return Memory(cast(Node, node))


def kept(answer: Answer = ANSWER, look_every: float = 0.0) -> Memory:
    made = memory(look_every)
    assert made.recall(QUESTION, view(7), NOON) is None
    made.keep(QUESTION, view(7), answer)
    return made


def test_an_answer_is_given_again_with_its_tag() -> None:
    again = kept().recall(QUESTION, view(7), NOON)
    assert again is not None
    assert again.body == ANSWER.body
    assert again.etag.startswith(b'"')


def test_another_question_is_not_answered_with_it() -> None:
    made = kept()
    assert made.recall((QUESTION[0], b"locale=es-ES"), view(7), NOON) is None
    assert made.recall(("/v1/channels/voice/entries/card-arrival", b""), view(7), NOON) is None


def test_a_commit_ends_every_answer() -> None:
    made = kept()
    assert made.recall(QUESTION, view(8), NOON) is None
    assert made.recall(QUESTION, view(7), NOON) is None


def test_an_answer_ends_at_its_time() -> None:
    assert kept().recall(QUESTION, view(7), LATER) is None


def test_an_answer_made_before_a_commit_is_not_kept_after_it() -> None:
    made = memory()
    made.recall(QUESTION, view(8), NOON)
    made.keep(QUESTION, view(7), ANSWER)
    assert made.recall(QUESTION, view(8), NOON) is None


def test_an_answer_that_does_not_say_until_when_it_holds_is_not_kept() -> None:
    assert kept(Answer(b"{}", tag=True)).recall(QUESTION, view(7), NOON) is None


def test_nothing_is_kept_where_a_commit_may_be_seen_late() -> None:
    assert kept(look_every=0.025).recall(QUESTION, view(7), NOON) is None


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "MOST_BYTES", 100)
    made = kept()
    made.keep(("/other", b""), view(7), Answer(b"x" * 80, tag=True, until=LATER))
    assert made.recall(QUESTION, view(7), NOON) is None
    made.keep(QUESTION, view(7), ANSWER)
    assert made.recall(QUESTION, view(7), NOON) is not None
