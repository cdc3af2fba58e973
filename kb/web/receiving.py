"""Reading the body of a request: at most as many bytes as its route reads, of the media type it takes, and only once."""

import asyncio
from collections.abc import Mapping
from typing import Any

from kb.base.errors import Code, Invalid
from kb.web.door import Route

PATIENCE = 20.0
"""Seconds that a body may take to come, and for each mebibyte that its route reads as many again."""


class Body:
    """The body of one request; nothing is read before it is asked for, and what was read is kept."""

    __slots__ = ("_headers", "_read", "_receive", "_route")

    def __init__(self, headers: Mapping[bytes, bytes], receive: Any, route: Route) -> None:
        self._headers = headers
        self._receive = receive
        self._route = route
        self._read: bytes | None = None

    async def typed(self) -> bytes:
        """The bytes; Invalid (415) unless they are said to be of the media type that is taken."""
        media = self._headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        if media != self._route.takes.encode():
            raise Invalid(f"send the body as {self._route.takes}", code=Code.UNSUPPORTED_MEDIA_TYPE)
        return await self.raw()

    async def raw(self) -> bytes:
        """The bytes, whatever they are said to be; Invalid (413) for too many."""
        if self._read is None:
            said = self._headers.get(b"content-length", b"")
            if said.isdigit() and int(said[:12]) > self._route.body_bytes:
                raise self._too_large()
            self._read = await self._received()
        return self._read

    async def _received(self) -> bytes:
        """What comes, in the time that a slow line needs for it: who drips bytes holds a connection and a task for nothing."""
        try:
            async with asyncio.timeout(PATIENCE * (1 + self._route.body_bytes // 1_048_576)):
                return await self._whole()
        except TimeoutError as error:
            raise Invalid("the body took too long to come: send it again, faster", code=Code.MALFORMED) from error

    async def _whole(self) -> bytes:
        received = bytearray()
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Invalid("the client went away before its body was complete", code=Code.MALFORMED)
            received += message.get("body", b"")
            if len(received) > self._route.body_bytes:
                raise self._too_large()
            if not message.get("more_body"):
                return bytes(received)

    def _too_large(self) -> Invalid:
        return Invalid(f"the body is larger than {self._route.body_bytes} bytes", code=Code.TOO_LARGE)
