"""What goes wrong is logged with the request's id, and never with what was asked or who asked it."""

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from kb.web.answers import Answer
from kb.web.door import Call, Parameter, Route
from kb.web.front import Front
from tests.builders import Home
from tests.web.callers import a_secret_key, open_doors

CANARY = "wombat"


async def test_an_unexpected_error_is_found_by_its_request_id_and_tells_nothing_more(
    house: Home, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def handle(call: Call) -> Answer:
        raise RuntimeError(f"there are {len(call.query.all('q'))} questions")

    route = Route("/v1/things", handle, "Things", "public", parameters=(Parameter("q", "words"),))
    key = await a_secret_key(house, "ana")
    with caplog.at_level(logging.DEBUG):
        async with open_doors(house, tmp_path) as (_, opened):
            front: Any = Front(None, [route], opened.services, "/v1/")
            transport = httpx.ASGITransport(app=front)
            async with httpx.AsyncClient(transport=transport, base_url="http://kb.example") as client:
                answer = await client.get(f"/v1/things?q={CANARY}", headers=key)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    ours = "\n".join(caplog.handler.format(record) for record in caplog.records if not record.name.startswith("httpx"))
    assert f"request {answer.headers['x-request-id']}" in ours
    assert CANARY not in ours
    assert key["Authorization"].split()[1] not in ours
    assert "questions" not in answer.text
