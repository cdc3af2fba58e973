"""A connection of the server: who sends an endless head, endless trailers or nothing at all is shown the door.

uvicorn 0.54 with httptools keeps whatever comes before a body, however long it is and however slowly it comes.
"""

import asyncio
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kb.base.errors import Code
from kb.web.problems import answer_of

HEAD_BYTES = 65_536
"""How long a request's line and headers may be together, give or take what came in one piece; trailers too."""
PATIENCE = 20.0
"""Seconds between two looks at a connection: a head that isn't there at two of them in turn doesn't come."""


class Connection(HttpToolsProtocol):
    """uvicorn's own, with bounds on what comes before and behind a body."""

    _in_head = True
    _begun = 0
    _seen = -1
    _known = 0
    _bytes = 0
    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._look = self.loop.call_later(PATIENCE, self._check)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._known, self._bytes = True, 0, 0
        self._begun += 1

    def on_headers_complete(self) -> None:
        self._in_head, self._known, self._bytes = False, len(self.headers), 0
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head or len(self.headers) > self._known:
            self._bytes += len(data)
            if self._bytes > HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(TOO_LARGE)
                self.transport.close()

    def _check(self) -> None:
        """Close a connection whose head was awaited at the last look too; the one between two requests closes by itself."""
        if self._in_head and self._seen == self._begun:
            self.transport.close()
            return
        self._seen = self._begun
        self._look = self.loop.call_later(PATIENCE, self._check)


def _too_large() -> bytes:
    problem = msgspec.json.decode(answer_of(413, Code.TOO_LARGE, "The head of this request is too large.").body)
    title = "Request Header Fields Too Large"
    body = msgspec.json.encode(problem | {"status": 431, "title": title})
    head = (
        f"HTTP/1.1 431 {title}\r\ncontent-type: application/problem+json\r\ncache-control: private, no-store\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


TOO_LARGE = _too_large()
"""The answer to a head that is too large (RFC 6585 §5)."""
