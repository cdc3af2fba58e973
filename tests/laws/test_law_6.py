"""Law 6: withdrawn means withdrawn: at the origin on commit, with all that leans on it, and in search at once."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kb.base.errors import Unavailable
from kb.base.work import OPERATOR, open_work
from kb.channels.profiles import CHANNELS
from kb.release.withdraw import foresee, withdraw
from tests.builders import EVERY_AUDIENCE, Home, a_claim, an_answer, asked, body, live, read, text, withdrawn
from tests.laws.doors import open_doors

LEANING = an_answer("b", "Good. {{claim:free-atm}}")


async def test_on_commit_nothing_of_it_is_served_on_any_channel_to_anyone(house: Home) -> None:
    await live(house, a_claim(), LEANING, an_answer("c"))
    assert (await read(house, foresee, ["free-atm"])).suspended == (("b", "en-GB"),)
    async with open_work(house.sessions, OPERATOR) as work:
        await withdraw(work, ["free-atm"], "it is no longer true")
        assert await text(house, "b") is not None
    for channel in CHANNELS:
        question = asked(channel, audiences=EVERY_AUDIENCE)
        assert [await body(house, key, question) for key in ("free-atm", "b")] == [None, None]
        assert await body(house, "c", question) is not None


async def test_search_forgets_it_at_once_even_before_the_index_has_followed(house: Home, tmp_path: Path) -> None:
    await live(house, a_claim(), LEANING)
    async with open_doors(house, tmp_path) as (client, opened):
        assert (await client.get("/v1/channels/chat/search?q=cash+free")).json()["total"] > 0
        await withdrawn(house, "free-atm")
        for _ in range(2):
            found = (await client.get("/v1/channels/chat/search?q=cash+free")).json()
            assert (found["hits"], found["total"]) == ([], 0)
            assert "free" not in (await client.get("/v1/channels/chat/suggest?q=Free")).text
            await opened.follower.catch_up()


async def test_a_node_that_cannot_read_the_head_answers_503_rather_than_an_old_text(
    house: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live(house, an_answer())
    async with open_doors(house, tmp_path) as (client, opened):
        assert (await client.get("/v1/channels/chat/entries/card-arrival")).status_code == 200

        async def fails(*_: Any) -> Sequence[tuple[Any, ...]]:
            raise Unavailable("the database can't be read right now")

        monkeypatch.setattr(type(opened.node.reader), "rows", fails)
        monkeypatch.setattr(type(opened.node.reader), "changed", fails)
        monkeypatch.setattr(opened.node, "_looked", time.monotonic() - 1.1)
        answer = await client.get("/v1/channels/chat/entries/card-arrival")
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) >= 1
        assert "way" not in answer.text
