"""REST of what was and what would be: timelines, intervals, differences, effects, coverage, translations and previews."""

import re
from collections.abc import Collection

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Forbidden, NotFound
from kb.base.paging import decode, encode
from kb.base.work import Actor, Right
from kb.entries.queries import by_hashes, numbered
from kb.entries.types import DELIVERED, KEY, NO_LOCALE, Revision
from kb.entries.visible import reads
from kb.release import coverage as covering
from kb.release import translations as translating
from kb.release.compared import compared
from kb.release.coverage import CellState
from kb.release.effects import Affected, Shown, effects
from kb.release.intervals import Interval
from kb.release.intervals import intervals as intervals_of
from kb.release.places import Entries
from kb.release.preview import preview, previewable
from kb.release.scheduled import PENDING, find
from kb.release.seeing import may_see
from kb.release.timeline import Happening
from kb.release.timeline import timeline as timeline_of
from kb.release.topics import About, abouts_of, written_in
from kb.release.translations import Translation, TranslationState
from kb.web.answers import PRIVATE, Answer, Headers, json_answer
from kb.web.asking import LOCALE, asked_of, channels_of, one_of
from kb.web.door import Call, wrong

HASH = re.compile(r"[0-9a-f]{64}")
MOST_REVISIONS = 50
LONGEST = 365


class HappeningPage(msgspec.Struct, frozen=True):
    """What happened, in order; `next` is the cursor of what happened then."""

    items: tuple[Happening, ...]
    next: str | None


class Intervals(msgspec.Struct, frozen=True):
    """Every interval of a key, by locale and in order."""

    items: tuple[Interval, ...]


class EffectPage(msgspec.Struct, frozen=True):
    """A page of what would change; `affected` counts all of it, `next` is the cursor of the page behind."""

    items: tuple[Affected, ...]
    affected: int
    next: str | None


class CoveragePage(msgspec.Struct, frozen=True):
    """A page of cells; `counts` are of all that pass the filters, `complete` says whether all that waits was judged."""

    items: tuple[covering.Cell, ...]
    counts: dict[str, int]
    complete: bool
    next: str | None


class TranslationPage(msgspec.Struct, frozen=True):
    """A page of translations; `counts` are of all that pass the filters."""

    items: tuple[Translation, ...]
    counts: dict[str, int]
    next: str | None


async def timeline(call: Call) -> Answer:
    """What happened to an entry."""
    limit = call.query.number("limit", 20, 1, 100)
    after = decode(call.query.one("cursor"), (int,))
    async with call.services.sessions.reading() as connection:
        await _must_know(call, connection)
        found = await timeline_of(connection, call.path["key"], after=int(after[0]) if after else 0, limit=limit)
    kept = tuple(one for one in found.items if not one.locale or reads(call.actor, one.locale))
    return json_answer(HappeningPage(kept, encode([found.next]) if found.next else None))


async def intervals(call: Call) -> Answer:
    """From when until when an entry was live, suspended, withdrawn, expired or superseded."""
    async with call.services.sessions.reading() as connection:
        await _must_know(call, connection)
        found = await intervals_of(connection, call.path["key"], call.services.now())
    return json_answer(Intervals(tuple(one for one in found if reads(call.actor, one.locale))))


async def diff(call: Call) -> Answer:
    """What changed between two revisions, and with a base how both changes go together."""
    async with call.services.sessions.reading() as connection:
        await _must_know(call, connection)
        before, after = await _numbered(call, connection, "from"), await _numbered(call, connection, "to")
        base = await _numbered(call, connection, "base") if call.query.one("base") else None
        found = await compared(connection, before, after, base, _channel(call))
    return json_answer(found)


async def effected(call: Call) -> Answer:
    """What would change if these revisions went live together."""
    limit = call.query.number("limit", 20, 1, 100)
    after = decode(call.query.one("cursor"), (str, str))
    locales = frozenset({locale} if (locale := _locale(call)) else call.actor.locales)
    shown = Shown(
        channels=frozenset({channel} if (channel := _channel(call)) else call.actor.channels),
        locales=locales,
        audiences=call.actor.audiences,
        broken=one_of(call, "broken", ("true", "false")) == "true",
    )
    async with call.services.sessions.reading() as connection:
        found = await by_hashes(connection, _hashes(call))
        await _must_see(call, connection, found)
        place = (str(after[0]), str(after[1])) if after else None
        told = await effects(connection, found, call.services.now(), shown=shown, after=place, limit=limit)
    return json_answer(EffectPage(told.items, told.affected, encode(told.next) if told.next else None))


async def coverage(call: Call) -> Answer:
    """How every entry stands in every channel, profile and locale."""
    wanted = covering.Wanted(
        entries=_entries(call),
        state=one_of(call, "state", tuple(CellState)),
        channel=_channel(call),
        channels=call.actor.channels,
        judge=one_of(call, "judge", ("true", "false")) == "true",
        days=call.query.number("days", covering.SOON, 0, LONGEST),
    )
    limit = call.query.number("limit", 20, 1, 100)
    after = decode(call.query.one("cursor"), (str, str, str, str))
    async with call.services.sessions.reading() as connection:
        place = tuple(map(str, after)) if after else None
        found = await covering.coverage(connection, wanted, call.services.clock.now(), after=place, limit=limit)
    page = CoveragePage(found.items, found.counts, found.complete, encode(found.next) if found.next else None)
    return json_answer(page)


async def translations(call: Call) -> Answer:
    """How every translation stands against its source."""
    state = one_of(call, "state", tuple(TranslationState))
    limit = call.query.number("limit", 20, 1, 100)
    after = decode(call.query.one("cursor"), (str, str))
    async with call.services.sessions.reading() as connection:
        place = (str(after[0]), str(after[1])) if after else None
        found = await translating.translations(connection, _entries(call), state=state, after=place, limit=limit)
    return json_answer(TranslationPage(found.items, found.counts, encode(found.next) if found.next else None))


async def previewed(call: Call) -> Answer:
    """What a channel would be served if these revisions, or a schedule's, were live."""
    now = call.services.now()
    async with call.services.sessions.reading() as connection:
        schedule = call.query.one("schedule")
        if schedule:
            planned = await find(connection, schedule)
            if planned.state != PENDING or call.query.all("revision"):
                raise NotFound("no such schedule is pending")
            hashes, now = tuple(item.hash for item in planned.items), max(now, planned.at)
        else:
            hashes = _hashes(call)
        found = await previewable(connection, hashes)
        await _must_preview(call, connection, hashes, found)
        supposed = await preview(connection, call.services.node.reader, hashes, schedule)
        told = await supposed.get(call.path["key"], asked_of(call, supposed.profiles), now)
    if told is None:
        raise NotFound("not live, not for this reader, or unknown: nobody is told which")
    headers: Headers = (
        (b"kb-preview", b"true"),
        (b"kb-answered", told.key.encode()),
        (b"content-language", told.locale.encode()),
    )
    return Answer(told.body, cache=PRIVATE, headers=headers)


# ---- who may see what ------------------------------------------------------------------------------------------------


async def _must_know(call: Call, connection: AsyncConnection) -> None:
    """Raise NotFound unless the entry of the path is there and for this caller."""
    key = call.path["key"]
    about = (await abouts_of(connection, [key])).get(key) if re.fullmatch(KEY, key) else None
    if about is None or not may_see(call.actor, about, call.path.get("locale", NO_LOCALE)):
        raise NotFound(key)
    if call.actor.locales and key not in await written_in(connection, [key], call.actor.locales):
        raise NotFound(key)


async def _must_see(call: Call, connection: AsyncConnection, found: dict[str, Revision]) -> None:
    """Raise NotFound unless every revision asked for is there and for this caller, by its own topic and its entry's."""
    abouts = await abouts_of(connection, {one.draft.key for one in found.values()})
    for one in found.values():
        told = [abouts[one.draft.key], *([] if one.draft.source else [_about(one)])]
        if not all(may_see(call.actor, about, one.draft.locale) for about in told):
            raise NotFound(one.hash)
    if set(_hashes(call)) - found.keys():
        raise NotFound("no such revision")


async def _must_preview(
    call: Call, connection: AsyncConnection, hashes: Collection[str], found: dict[str, Revision]
) -> None:
    abouts = await abouts_of(connection, {one.draft.key for one in found.values()})
    for one in found.values():
        topics = {abouts[one.draft.key].topic, *([] if one.draft.source else [one.draft.content.topic])}
        if not call.actor.may(Right.PREVIEW, *topics) or not reads(call.actor, one.draft.locale):
            raise NotFound(one.hash)
    if set(hashes) - found.keys():
        raise NotFound("no such revision")


def _about(revision: Revision) -> About:
    return About(revision.draft.content.topic, revision.draft.content.audience.value)


def _topics(actor: Actor) -> frozenset[str] | None:
    """The topics whose entries an actor may know of (None: all); Forbidden where that is none at all."""
    limits = [actor.limits.get(right) for right in (Right.DRAFTS, Right.WRITE, Right.RELEASE) if right in actor.rights]
    if not limits:
        raise Forbidden(f"{actor.id} may not see how entries stand: ask an admin for a role that may")
    topics = [limit for limit in limits if limit is not None]
    return frozenset().union(*topics) if len(topics) == len(limits) else None


# ---- what is asked ---------------------------------------------------------------------------------------------------


def _entries(call: Call) -> Entries:
    locale = _locale(call)
    if locale and not reads(call.actor, locale):
        raise NotFound("no such locale for this caller")
    return Entries(
        kind=one_of(call, "kind", tuple(sorted(DELIVERED))),
        topic=call.query.one("topic"),
        key=call.query.one("key"),
        topics=_topics(call.actor),
        audiences=call.actor.audiences,
        locales=frozenset({locale}) if locale else call.actor.locales,
        readable=call.actor.locales,
    )


async def _numbered(call: Call, connection: AsyncConnection, name: str) -> Revision:
    """The revision of the path's place with the number that a parameter names."""
    if not call.query.one(name):
        raise wrong(name, f"give {name}, the number of a revision")
    number = call.query.number(name, 0, 1, 999_999_999)
    key, locale = call.path["key"], call.path["locale"]
    found = await numbered(connection, key, locale, number) if locale == NO_LOCALE or LOCALE.fullmatch(locale) else None
    if found is None or not (found.draft.source or may_see(call.actor, _about(found), locale)):
        raise NotFound(f"no revision {number}")
    return found


def _hashes(call: Call) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(call.query.all("revision")))
    if not 0 < len(found) <= MOST_REVISIONS:
        raise wrong("revision", f"give revision, the content hash of one, from 1 to {MOST_REVISIONS} times")
    if not all(HASH.fullmatch(one) for one in found):
        raise wrong("revision", "a revision is named by its content hash: 64 characters 0-9 and a-f")
    return found


def _channel(call: Call) -> str:
    return one_of(call, "channel", channels_of(call))


def _locale(call: Call) -> str:
    locale = call.query.one("locale")
    if locale and not LOCALE.fullmatch(locale):
        raise wrong("locale", f"{locale!r} is no locale: write it like en-GB or es")
    return locale
