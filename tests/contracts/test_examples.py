"""The examples of `schema/examples` are what a bank answers: same status, same shape, and both fit the contract.

Delivery is the demo's, management that of the tests' little bank. `KB_WRITE_EXAMPLES=1` writes them anew.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from tests.doors.bank import Bank
from tests.doors.program import Server
from tests.journeys.managed import ANSWER, Managed, managing

SCHEMA = Path(__file__).parents[2] / "schema"
CONTRACT: dict[str, Any] = json.loads((SCHEMA / "openapi.json").read_text(encoding="utf-8"))

REQUESTS: dict[str, tuple[str, str, str, Any]] = {
    "voice": ("GET", "/v1/channels/voice/entries/card-arrival", "/v1/channels/{channel}/entries/{key}", None),
    "chat-whatsapp": (
        "GET",
        "/v1/channels/chat/entries/card-arrival?profile=whatsapp&locale=es-ES",
        "/v1/channels/{channel}/entries/{key}",
        None,
    ),
    "social": ("GET", "/v1/channels/social/entries/lost-or-stolen-card", "/v1/channels/{channel}/entries/{key}", None),
    "sms": ("GET", "/v1/channels/sms/entries/card-arrival", "/v1/channels/{channel}/entries/{key}", None),
    "email": ("GET", "/v1/channels/email/entries/card-arrival", "/v1/channels/{channel}/entries/{key}", None),
    "faq": ("GET", "/v1/channels/faq/entries/card-arrival", "/v1/channels/{channel}/entries/{key}", None),
    "agent": ("GET", "/v1/channels/agent/entries/card-arrival", "/v1/channels/{channel}/entries/{key}", None),
    "list": ("GET", "/v1/channels/sms/entries?topic=exchange&limit=2", "/v1/channels/{channel}/entries", None),
    "lookup": (
        "GET",
        "/v1/channels/sms/lookup?key=card-arrival&key=no-such-key",
        "/v1/channels/{channel}/lookup",
        None,
    ),
    "search": ("GET", "/v1/channels/chat/search?q=charged+twice&limit=2", "/v1/channels/{channel}/search", None),
    "suggest": ("GET", "/v1/channels/chat/suggest?q=how+do+I+ch", "/v1/channels/{channel}/suggest", None),
    "match": ("GET", "/v1/channels/sms/match?q=I+was+charged+twice", "/v1/channels/{channel}/match", None),
    "match-no-answer": ("GET", "/v1/channels/sms/match?q=zzzz+qqqq", "/v1/channels/{channel}/match", None),
    "explain": (
        "GET",
        "/v1/channels/chat/entries/card-arrival/explain",
        "/v1/channels/{channel}/entries/{key}/explain",
        None,
    ),
    "fill": (
        "POST",
        "/v1/channels/sms/entries/card-arrival/fill",
        "/v1/channels/{channel}/entries/{key}/fill",
        {"slots": {}},
    ),
    "changes": ("GET", "/v1/changes?limit=2", "/v1/changes", None),
    "problem-not-found": ("GET", "/v1/channels/chat/entries/no-such-key", "/v1/channels/{channel}/entries/{key}", None),
    "problem-unknown-parameter": ("GET", "/v1/channels/chat/entries?page=2", "/v1/channels/{channel}/entries", None),
}


PREPARED = {"hashes": ["{hash}"], "reason": "express cards"}
MANAGING: dict[str, tuple[str, str, str, Any]] = {
    "check": ("POST", "/v1/checks", "/v1/checks", {"key": "express-card-2", "kind": "answer", "content": ANSWER}),
    "checkpoint": ("GET", "/v1/checkpoints/latest", "/v1/checkpoints/latest", None),
    "coverage": ("GET", "/v1/coverage?key=express-card&limit=2", "/v1/coverage", None),
    "effects": ("GET", "/v1/effects?revision={hash}&channel=sms", "/v1/effects", None),
    "entry": ("GET", "/v1/entries/express-card", "/v1/entries/{key}", None),
    "entry-revision": ("GET", "/v1/entries/express-card/en-GB", "/v1/entries/{key}/{locale}", None),
    "keys": ("GET", "/v1/keys?kind=publishable", "/v1/keys", None),
    "me": ("GET", "/v1/me", "/v1/me", None),
    "problem-no-if-match": ("PUT", "/v1/entries/express-card/en-GB", "/v1/entries/{key}/{locale}", {"content": ANSWER}),
    "release-prepare": ("POST", "/v1/releases/prepare", "/v1/releases/prepare", PREPARED),
    "review": ("GET", "/v1/reviews/{hash}", "/v1/reviews/{hash}", None),
    "schedule": ("GET", "/v1/schedules/{schedule}", "/v1/schedules/{schedule}", None),
    "timeline": ("GET", "/v1/entries/express-card/timeline?limit=3", "/v1/entries/{key}/timeline", None),
    "withdrawal-foresee": ("GET", "/v1/withdrawals/foresee?key=refund-time", "/v1/withdrawals/foresee", None),
}
"""Requests of whoever may do everything; names in braces are of what is there."""


@pytest.fixture(scope="module")
def bank(loaded_bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managed]:
    with managing(loaded_bank.copy(tmp_path_factory.mktemp("managed") / "bank")) as bank:
        yield bank


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_an_example_is_what_the_demo_answers(name: str, demo: Server) -> None:
    method, path, template, sent = REQUESTS[name]
    answer = demo.client.request(method, path, json=sent) if sent is not None else demo.get(path)
    example = kept(name, method, path, sent, answer)
    assert example["request"]["path"] == path
    assert_is_like(example, answer, template, method)


@pytest.mark.parametrize("name", sorted(MANAGING))
def test_an_example_is_what_a_managed_bank_answers(name: str, bank: Managed) -> None:
    method, path, template, sent = MANAGING[name]
    named, body = filled(path, bank), json.loads(filled(json.dumps(sent), bank))
    answer = bank.program.ask(method, named, body)
    example = kept(name, method, named, body, answer)
    assert re.fullmatch(re.sub(r"\\{\w+\\}", r"\\w+", re.escape(path)), example["request"]["path"])
    assert_is_like(example, answer, template, method)


def test_every_example_is_run() -> None:
    assert {path.stem for path in (SCHEMA / "examples").glob("*.json")} == {*REQUESTS, *MANAGING}


def filled(text: str, bank: Managed) -> str:
    """A text with the names of what is there."""
    for name, known in bank.names.items():
        text = text.replace(f"{{{name}}}", known[0])
    return text


def kept(name: str, method: str, path: str, sent: Any, answer: httpx.Response) -> Any:
    """The example as it is kept, written anew where that is asked for."""
    file = SCHEMA / "examples" / f"{name}.json"
    if os.environ.get("KB_WRITE_EXAMPLES"):
        request = {"method": method, "path": path} | ({"body": sent} if sent is not None else {})
        example = {"request": request, "status": answer.status_code, "body": answer.json()}
        file.write_text(json.dumps(example, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return json.loads(file.read_text(encoding="utf-8"))


def assert_is_like(example: Any, answer: httpx.Response, template: str, method: str) -> None:
    """Same status, same shape, and both as the contract says."""
    assert example["status"] == answer.status_code, answer.text
    assert shape(example["body"]) == shape(answer.json())
    schema = schema_of(template, method, answer.status_code)
    for body in (example["body"], answer.json()):
        assert [error.message for error in schema.iter_errors(body)] == []


def schema_of(template: str, method: str, status: int) -> Draft202012Validator:
    """The contract's schema for an answer, its references resolved within the document."""
    told = CONTRACT["paths"][template][method.lower()]["responses"][str(status)]
    if "$ref" in told:
        told = CONTRACT["components"]["responses"][told["$ref"].rpartition("/")[2]]
    (media,) = told["content"].values()
    return Draft202012Validator({**media["schema"], "components": CONTRACT["components"]})


def shape(value: Any) -> Any:
    """The names and kinds of a value, whatever the numbers, hashes and words."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__
