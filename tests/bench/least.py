"""The least a web server can do: an ASGI application that sends bytes of any size, or 304. `python -m tests.bench.least`."""

import asyncio
import socket
from functools import lru_cache
from typing import Any

import uvicorn

Headers = list[tuple[bytes, bytes]]


async def app(scope: Any, _receive: Any, send: Any) -> None:
    """`/bytes/600` answers 200 with 600 bytes, anything else 304."""
    if scope["type"] != "http":
        return
    headers, body = answer(scope["path"])
    await send({"type": "http.response.start", "status": 200 if body else 304, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@lru_cache
def answer(path: str) -> tuple[Headers, bytes]:
    size = int(path.removeprefix("/bytes/")) if path.startswith("/bytes/") else 0
    if not size:
        return [(b"etag", b'"least"')], b""
    return [(b"content-type", b"application/json"), (b"content-length", b"%d" % size)], b"x" * size


async def main() -> None:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, access_log=False, log_level="warning", server_header=False, date_header=True, lifespan="off"
    )
    print("the least answers at http://{}:{}".format(*bound.getsockname()), flush=True)
    await uvicorn.Server(config).serve(sockets=[bound])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvicorn.Config(app).get_loop_factory()) as runner:
        runner.run(main())
