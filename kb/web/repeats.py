"""Requests that may come again: what they were answered the first time, kept beside their effect.

After draft-ietf-httpapi-idempotency-key-header-07, whose key is a string of the caller's own.
"""

import re
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Code, Invalid
from kb.base.hashing import digest, instant
from kb.base.work import ANONYMOUS
from kb.web.answers import Answer, tagged
from kb.web.door import Call
from kb.web.tables import repeats

HEADER = b"idempotency-key"
KEY = re.compile(rb"[\x20-\x7e]{1,255}")
REPLAYED = (b"idempotency-replayed", b"true")
NEVER_KEPT = frozenset({b"set-cookie"})
"""Headers that only the first answer may have: what signs somebody in is given once."""

Pairs = list[tuple[str, str]]


class Repeat(msgspec.Struct, frozen=True):
    """A request as it is known again: whose it is, the key they gave it, and what it was."""

    owner: str
    key: str
    fingerprint: str


async def repeat_of(call: Call) -> Repeat | None:
    """The request as it may come again; None where its sender doesn't ask for that, or is nobody we would know again.

    Invalid (400) for a key that isn't 1 to 255 printable ASCII characters.
    """
    key = call.headers.get(HEADER)
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise Invalid("Idempotency-Key is 1 to 255 printable ASCII characters of your own, such as a UUID")
    if call.actor.id == ANONYMOUS.id:
        return None
    path, query = call.target
    parts = (call.method.encode(), path.encode("utf-8", "surrogatepass"), query, await call.raw())
    return Repeat(call.actor.id, key.decode(), digest(b"".join(b"%d:%b" % (len(part), part) for part in parts)))


async def recall(connection: AsyncConnection, repeat: Repeat, since: str) -> Answer | None:
    """What was answered the first time, if that was after `since`; Invalid (422) where it was another request."""
    mine = (repeats.c.owner == repeat.owner) & (repeats.c.key == repeat.key) & (repeats.c.at >= since)
    row = (await connection.execute(sa.select(repeats).where(mine))).one_or_none()
    if row is None:
        return None
    if row.fingerprint != repeat.fingerprint:
        message = "this Idempotency-Key came with another request before: give each request a key of its own"
        raise Invalid(message, code=Code.KEY_REUSED)
    pairs = msgspec.json.decode(row.headers, type=Pairs)
    headers = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs)
    media, cache = headers[0][1], headers[1][1]
    return Answer(bytes(row.body), row.status, media, cache, headers=(*headers[2:], REPLAYED))


async def remember(connection: AsyncConnection, repeat: Repeat, answer: Answer, at: str, since: str) -> None:
    """Keep an answer for whoever repeats the request, and forget those from before `since`."""
    await forget_before(connection, since)
    told = tagged(answer)
    pairs = [(b"content-type", told.media), (b"cache-control", told.cache), *told.headers]
    if told.etag:
        pairs.append((b"etag", told.etag))
    kept = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs if name not in NEVER_KEPT]
    row = {
        "owner": repeat.owner,
        "key": repeat.key,
        "fingerprint": repeat.fingerprint,
        "status": told.status,
        "headers": msgspec.json.encode(kept).decode(),
        "body": told.body,
        "at": at,
    }
    await connection.execute(repeats.insert().values(**row))


async def forget_before(connection: AsyncConnection, since: str) -> None:
    """Forget answers from before a stored instant."""
    await connection.execute(repeats.delete().where(repeats.c.at < since))


async def forget_answers(connection: AsyncConnection, word: str) -> None:
    """Forget the answers to a person, and those that hold an id or a hash: what it stands for was erased."""
    await connection.execute(repeats.delete().where(repeats.c.owner == word))
    rows = await connection.execute(sa.select(repeats.c.owner, repeats.c.key, repeats.c.headers, repeats.c.body))
    for row in rows.all():
        if word in row.headers or word.encode() in bytes(row.body):
            mine = (repeats.c.owner == row.owner) & (repeats.c.key == row.key)
            await connection.execute(repeats.delete().where(mine))


def kept_since(now: datetime, hours: int) -> str:
    """The time from which answers are kept."""
    return instant(now - timedelta(hours=hours))
