"""Writing through a door: one request is one work, and a request that may be repeated has one effect."""

from collections.abc import Awaitable, Callable
from functools import wraps

import msgspec

from kb.base.errors import Code, Conflict, Invalid, NotFound, Stale
from kb.base.work import Work, open_work
from kb.web.answers import Answer
from kb.web.door import Call, Handle
from kb.web.repeats import kept_since, recall, remember, repeat_of


class Done(msgspec.Struct, frozen=True):
    """What a write answers; `replay` is what a repetition is answered instead, where the first answer held a secret."""

    answer: Answer
    replay: Answer | None = None


Do = Callable[[Work], Awaitable[Done]]
"""The effect of a request inside its transaction."""


async def act(call: Call, do: Do) -> Answer:
    """Do it in one transaction as the caller, who is judged once more in it, and answer.

    With an Idempotency-Key the answer is stored in that transaction: whoever repeats the request gets it again, one who
    comes while it goes on waits; Invalid (422) when the same key comes with another request. What raises stores nothing.
    """
    repeat = await repeat_of(call)
    async with open_work(call.services.sessions, call.actor) as work:
        work.actor = await call.again(work.connection)
        since = kept_since(work.now, call.services.settings.keep_answers)
        if repeat is not None and (stored := await recall(work.connection, repeat, since)):
            return stored
        done = await do(work)
        if repeat is not None and done.answer.status < 400:
            await remember(work.connection, repeat, done.replay or done.answer, work.stamp, since)
    return done.answer


def repeatable(handle: Handle) -> Handle:
    """For a handler that prepares long before it acts: whoever repeats its request is answered before that.

    Where it is refused, the very same request may have come a moment earlier and have been what stood in its way.
    """

    @wraps(handle)
    async def handled(call: Call) -> Answer:
        if stored := await answered(call):
            return stored
        try:
            return await handle(call)
        except (Conflict, NotFound):
            if stored := await answered(call):
                return stored
            raise

    return handled


async def answered(call: Call) -> Answer | None:
    """What this request was answered when it came before, None when it is new: a cheap look before a long preparation."""
    repeat = await repeat_of(call)
    if repeat is None:
        return None
    since = kept_since(call.services.clock.now(), call.services.settings.keep_answers)
    async with call.services.sessions.reading() as connection:
        return await recall(connection, repeat, since)


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
