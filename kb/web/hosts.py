"""Answering only to names that are ours, so that no other site can make a browser talk to us under its own name."""

from collections.abc import Iterable
from typing import Any

from kb.base.errors import Code
from kb.web.answers import send_answer
from kb.web.problems import answer_of


class OnlyHosts:
    """An ASGI layer that refuses requests whose Host, without its port and in lower case, isn't one of these."""

    def __init__(self, app: Any, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.strip().lower() for host in hosts)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or name_of(dict(scope["headers"]).get(b"host", b"")) in self._hosts:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            answer = answer_of(400, Code.INVALID, "This installation doesn't answer to that host name.")
            await send_answer(answer, scope, send, {}, ())


def name_of(host: bytes) -> str:
    """A Host header's name: `[::1]:8080` is `[::1]`, `Example.org:80` is `example.org` (RFC 9110 §7.2)."""
    text = host.decode("latin-1").lower()
    if text.startswith("["):
        return text.partition("]")[0] + "]"
    return text.partition(":")[0]
