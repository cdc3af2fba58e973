"""What leaves over HTTP: bytes with headers, conditional requests, and the headers every answer carries."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from kb.delivery.queries import etag

JSON = b"application/json"
PROBLEM = b"application/problem+json"
HTML = b"text/html; charset=utf-8"
NDJSON = b"application/x-ndjson"

REVALIDATE = b"public, max-age=0, must-revalidate"
PRIVATE = b"private, no-store"

Header = tuple[bytes, bytes]
Headers = tuple[Header, ...]

ALWAYS: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class Answer(msgspec.Struct, frozen=True):
    """One answer: `cache` is its Cache-Control; with `tag` it carries a strong ETag and answers 304.

    One with a `stream` sends that in place of `body`, as it comes. One with `until` may be given again before that
    time, as long as nothing is committed. `etag` is the tag where it is known already.
    """

    body: bytes
    status: int = 200
    media: bytes = JSON
    cache: bytes = PRIVATE
    tag: bool = False
    headers: Headers = ()
    stream: AsyncIterator[bytes] | None = None
    until: str = ""
    etag: bytes = b""


_encoder = msgspec.json.Encoder()


def json_answer(value: Any, *, cache: bytes = PRIVATE, tag: bool = False, headers: Headers = ()) -> Answer:
    """An answer from a struct or plain values."""
    return Answer(_encoder.encode(value), cache=cache, tag=tag, headers=headers)


def tagged(answer: Answer) -> Answer:
    """The answer with its entity tag worked out, for sending it more than once."""
    return msgspec.structs.replace(answer, etag=etag(answer.body).encode()) if answer.tag else answer


async def send_answer(
    answer: Answer, scope: Any, send: Any, request_headers: dict[bytes, bytes], shared: Sequence[Header]
) -> None:
    """Send an answer: 304 where the client has these bytes already, no body to HEAD (RFC 9110 §13.1.2, §9.3.2)."""
    headers = [(b"cache-control", answer.cache), (b"vary", b"Authorization, Cookie, Accept-Encoding"), *ALWAYS, *shared]
    headers += answer.headers
    status, body = answer.status, answer.body
    if answer.tag and status == 200:
        tag = answer.etag or etag(body).encode()
        headers.append((b"etag", tag))
        if matches(request_headers.get(b"if-none-match"), tag):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
    if answer.stream is not None:
        headers.append((b"content-type", answer.media))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await _send_stream(answer.stream, send, wanted=scope["method"] != "HEAD")
        return
    if status != 204:  # which has no content to describe (RFC 9110 §8.6)
        headers += [(b"content-type", answer.media), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def _send_stream(stream: AsyncIterator[bytes], send: Any, *, wanted: bool) -> None:
    if wanted:
        async for chunk in stream:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def matches(asked: bytes | None, tag: bytes) -> bool:
    """Whether If-None-Match names this tag, by weak comparison (RFC 9110 §13.1.2)."""
    if asked is None:
        return False
    return asked.strip() == b"*" or tag in [one.strip().removeprefix(b"W/") for one in asked.split(b",")]
