"""REST of what followers read: the change feed and the snapshot."""

from collections.abc import AsyncIterator, Sequence

from kb.base.errors import Code
from kb.delivery import feed
from kb.delivery.queries import Instant
from kb.delivery.types import Asked
from kb.web.answers import NDJSON, REVALIDATE, Answer, json_answer
from kb.web.asking import channels_of, locale_of
from kb.web.door import Call, wrong

CHUNK = 100


async def changes(call: Call) -> Answer:
    """What changed behind a cursor or a position, tombstones included, as this reader may see it."""
    limit = call.query.number("limit", 100, 1, 1000)
    channel, locale = call.query.one("channel"), locale_of(call)
    if channel and channel not in channels_of(call):
        raise wrong("channel", f"unknown channel {channel!r}; use one of: {', '.join(channels_of(call))}")
    found = await feed.changes(
        call.services.node.reader,
        _cursor(call),
        call.view.position,
        limit,
        call.actor.audiences,
        channel,
        locale,
        channels=call.actor.channels,
        locales=call.actor.locales,
    )
    return json_answer(found, cache=REVALIDATE, tag=True)


async def snapshot(call: Call) -> Answer:
    """Every live payload as lines of JSON: of one channel, or of each channel's default profile."""
    profiles, allowed = call.view.profiles, channels_of(call)
    channel, profile, locale = call.query.one("channel"), call.query.one("profile"), locale_of(call)
    served = [one for one in profiles.served if one.channel in allowed]
    chosen = [
        one
        for one in served
        if (not channel or one.channel == channel)
        and (one.name == profile if profile else channel or one.id == profiles.default(one.channel).id)
    ]
    if not chosen:
        known = ", ".join(one.id for one in served)
        raise wrong("profile", f"no served profile matches; known: {known}", Code.UNKNOWN_PROFILE)
    instant = Instant(call.view.position, call.services.now())
    limits = call.actor.locales
    places = [one for one in ([locale] if locale else profiles.locales) if not limits or one in limits]
    asked = [Asked(one.channel, one.name, (place,), call.actor.audiences) for one in chosen for place in places]
    return Answer(b"", media=NDJSON, cache=REVALIDATE, stream=_lines(call, asked, instant))


async def _lines(call: Call, asked: Sequence[Asked], instant: Instant) -> AsyncIterator[bytes]:
    """The payloads a line each, some hundred to a chunk."""
    chunk: list[bytes] = []
    for one in asked:
        async for item in feed.snapshot(call.services.node.reader, one, instant):
            chunk.append(item.body)
            if len(chunk) == CHUNK:
                yield b"\n".join(chunk) + b"\n"
                chunk = []
    if chunk:
        yield b"\n".join(chunk) + b"\n"


def _cursor(call: Call) -> feed.Cursor:
    text = call.query.one("cursor")
    if not text:
        return feed.Cursor(call.query.number("after", 0, 0, 2**53) + 1, 0, 0)
    try:
        return feed.decode_cursor(text)
    except ValueError as error:
        raise wrong("cursor", "this is no cursor: take the `next` of an earlier answer as it is") from error
