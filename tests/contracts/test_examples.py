"""The examples of `schema/examples` are what the demo answers: same status, same shape, and both fit the contract.

`KB_WRITE_EXAMPLES=1` writes them anew from the demo.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.doors.program import Server

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


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_an_example_is_what_the_demo_answers(name: str, demo: Server) -> None:
    method, path, template, sent = REQUESTS[name]
    answer = demo.client.request(method, path, json=sent) if sent is not None else demo.get(path)
    file = SCHEMA / "examples" / f"{name}.json"
    if os.environ.get("KB_WRITE_EXAMPLES"):
        request = {"method": method, "path": path} | ({"body": sent} if sent is not None else {})
        example = {"request": request, "status": answer.status_code, "body": answer.json()}
        file.write_text(json.dumps(example, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    example = json.loads(file.read_text(encoding="utf-8"))
    assert example["request"]["path"] == path
    assert example["status"] == answer.status_code
    assert shape(example["body"]) == shape(answer.json())
    schema = schema_of(template, method, answer.status_code)
    for body in (example["body"], answer.json()):
        assert [error.message for error in schema.iter_errors(body)] == []


def test_every_example_is_run() -> None:
    assert {path.stem for path in (SCHEMA / "examples").glob("*.json")} == set(REQUESTS)


def schema_of(template: str, method: str, status: int) -> Draft202012Validator:
    """The contract's schema for an answer, its references resolved within the document."""
    content = CONTRACT["paths"][template][method.lower()]["responses"][str(status)]["content"]
    (media,) = content.values()
    return Draft202012Validator({**media["schema"], "components": CONTRACT["components"]})


def shape(value: Any) -> Any:
    """The names and kinds of a value, whatever the numbers, hashes and words."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__
