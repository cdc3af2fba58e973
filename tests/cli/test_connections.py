"""What comes before and behind a body has its bounds, whoever sends it."""

import asyncio
import socket
import time
from pathlib import Path

import pytest
import uvicorn
from uvicorn.server import ServerState

from kb.cli import connections
from kb.migrations import upgrade
from kb.settings import Settings
from tests.doors.program import serving

HEAD = b"POST /v1/sessions HTTP/1.1\r\nHost: kb.example\r\n"


def flood(address: str, head: bytes, line: bytes) -> bytes:
    """What comes back when a line is sent again and again behind a head; empty where the connection is cut."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        try:
            connection.sendall(head)
            for _ in range(4 * connections.HEAD_BYTES // len(line)):
                connection.sendall(line)
                time.sleep(0.0002)
            return connection.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            return b""


def test_an_endless_head_and_endless_trailers_are_cut_off(tmp_path: Path) -> None:
    upgrade(Settings(home=tmp_path).database)
    chunked = HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    with serving("serve", "--home", tmp_path) as server:
        for head in (HEAD, chunked):
            answer = flood(server.address, head, b"X-More: " + b"a" * 1000 + b"\r\n")
            assert answer == b"" or answer.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 ")), answer[:200]
        large = {"cookie": "a" * 30_000}
        assert server.client.get("/livez", headers=large).status_code == 200


async def test_a_head_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.05)
    closed = asyncio.Event()

    class Transport(asyncio.Transport):
        def is_closing(self) -> bool:
            return closed.is_set()

        def close(self) -> None:
            closed.set()

    async def app(scope: object, receive: object, send: object) -> None:
        raise AssertionError("nothing was asked")

    config = uvicorn.Config(app, log_config=None)
    connection = connections.Connection(config, ServerState(), {}, asyncio.get_running_loop())
    connection.connection_made(Transport())
    connection.data_received(HEAD)
    async with asyncio.timeout(2):
        await closed.wait()
