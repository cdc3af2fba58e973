"""Reading a body: it has as long as a slow line needs, and no longer."""

import asyncio
from typing import Any

import pytest

from kb.base.errors import Invalid
from kb.web import receiving
from kb.web.answers import Answer
from kb.web.door import Call, Route
from kb.web.receiving import Body


async def nothing(_: Call) -> Answer:
    return Answer(b"")


async def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "PATIENCE", 0.05)

    async def dripping() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"{", "more_body": True}

    body = Body({b"content-type": b"application/json"}, dripping, Route("/v1/x", nothing, "X", "public"))
    with pytest.raises(Invalid, match="too long"):
        await body.typed()
