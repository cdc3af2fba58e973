"""Law 12: no request of the default install leaves the machine."""

import re
import socket
from pathlib import Path
from typing import Any

import pytest

import kb
from tests.builders import Home, a_claim, an_answer, live
from tests.laws.doors import open_doors

LOADED = re.compile(r"""(?:src|srcset|action|data-src)\s*=\s*["']?(?:https?:)?//|@import|url\(\s*["']?(?:https?:)?//""")
STYLES = re.compile(r"""<link\b[^>]*href\s*=\s*["']?(?:https?:)?//""")
FETCHED = re.compile(r"""(?:fetch|EventSource|WebSocket|importScripts|import)\s*\(\s*["'`](?:https?:|wss?:)?//""")


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that anything tried to look up or to connect to."""
    addresses: list[Any] = []

    def looked_up(*arguments: Any, **_: Any) -> Any:
        addresses.append(arguments[0])
        raise OSError("this machine has no network")

    def connected(_: socket.socket, address: Any) -> None:
        addresses.append(address)
        raise OSError("this machine has no network")

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket.socket, "connect", connected)
    return addresses


async def test_releasing_reading_and_searching_reach_for_nothing(
    house: Home, tmp_path: Path, reached: list[Any]
) -> None:
    await live(house, a_claim(), an_answer(text="Good. {{claim:free-atm}}"))
    async with open_doors(house, tmp_path) as (client, _):
        for path in (
            "/v1/channels/chat/entries/card-arrival",
            "/v1/channels/voice/entries",
            "/v1/channels/chat/search?q=cash",
            "/v1/changes",
            "/v1/openapi.json",
        ):
            assert (await client.get(path)).status_code == 200
    assert reached == []


@pytest.mark.parametrize("path", ["/", "/docs", "/problems/not-found"])
async def test_no_page_loads_anything_from_elsewhere(house: Home, tmp_path: Path, path: str) -> None:
    async with open_doors(house, tmp_path) as (client, _):
        answer = await client.get(path)
    assert answer.status_code == 200
    assert not LOADED.search(answer.text)
    assert not STYLES.search(answer.text)
    assert "http" not in answer.headers.get("content-security-policy", "")


def test_no_asset_of_ours_loads_anything_from_elsewhere() -> None:
    for asset in Path(kb.__file__).parent.rglob("*"):
        if asset.suffix in {".js", ".css", ".html", ".svg"}:
            text = asset.read_text(encoding="utf-8")
            assert not LOADED.search(text), asset
            assert not STYLES.search(text), asset
            assert not FETCHED.search(text), asset
