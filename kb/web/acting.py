"""Writing through a door: one request is one work, and a request that may be repeated has one effect."""

from collections.abc import Awaitable, Callable

import msgspec

from kb.base.errors import Code, Invalid, Stale
from kb.base.work import Work, open_work
from kb.web.answers import Answer
from kb.web.door import Call


class Done(msgspec.Struct, frozen=True):
    """What a write answers; `replay` is what a repetition is answered instead, where the first answer held a secret."""

    answer: Answer
    replay: Answer | None = None


Do = Callable[[Work], Awaitable[Done]]
"""The effect of a request inside its transaction."""


async def act(call: Call, do: Do) -> Answer:
    """Do it in one transaction as the caller, and answer.

    With an Idempotency-Key the answer is stored in that transaction: whoever repeats the request gets it again, one who
    comes while it goes on waits; Invalid (422) when the same key comes with another request.
    """
    async with open_work(call.services.sessions, call.actor) as work:
        return (await do(work)).answer


def must_match(call: Call, etag: str, diff: str = "") -> None:
    """Raise unless If-Match names `etag`, the tag of what is there now.

    Invalid (428) where it is absent, Stale (412) with the tag and the address of a three-way diff where it is another's.
    """
    given = call.headers.get(b"if-match")
    if given is None:
        message = "send If-Match with the ETag of what you read, so that nobody's change is lost"
        raise Invalid(message, code=Code.PRECONDITION_REQUIRED)
    if given.strip() != b"*" and etag.encode() not in [one.strip() for one in given.split(b",")]:
        raise Stale("someone has changed it since you read it: look at the differences", etag=etag, diff=diff)
