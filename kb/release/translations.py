"""Translations against their sources: current, behind with what changed since, ahead of what is live, or missing."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.entries.diff import Difference, difference
from kb.entries.queries import by_hashes
from kb.entries.types import Revision
from kb.release.places import Entries, Place, Revised, places, profiles_now
from kb.release.types import At
from kb.review.changes import change_class


class TranslationState(StrEnum):
    """`stale`: the source has changed since; `ahead`: it was made from a source that isn't live yet."""

    CURRENT = "current"
    STALE = "stale"
    AHEAD = "ahead"
    MISSING = "missing"


class Translation(msgspec.Struct, frozen=True):
    """One entry in one locale that isn't its source's.

    `number` and `hash` are of the live translation, or else the newest; `review` is its state. `source` is the revision it
    should be made from (the live one, or else the newest), `pinned` the one it was made from (None: never stored here).
    For a stale one `change` is the class of what changed since, and `since` the changes themselves.
    """

    key: str
    locale: str
    kind: str
    topic: str
    state: TranslationState
    review: str
    number: int | None
    hash: str
    source: int | None
    pinned: int | None
    pending: str = ""
    change: str = ""
    since: Difference | None = None


class Translations(msgspec.Struct, frozen=True):
    """A page in order of key and locale; `counts` are of all that pass the filters."""

    items: tuple[Translation, ...]
    next: At | None
    counts: dict[str, int]


async def translations(
    connection: AsyncConnection,
    wanted: Entries,
    *,
    state: str = "",
    after: At | None = None,
    limit: int = 100,
) -> Translations:
    """The translations behind `after` that pass the filters."""
    profiles = await profiles_now(connection)
    default = profiles.locales[0]
    everywhere = msgspec.structs.replace(wanted, locales=frozenset())
    page: list[tuple[Place, Revised]] = []
    counts: Counter[str] = Counter()
    async for run in places(connection, everywhere, profiles.locales):
        sources = {one.key: one.live or one.newest for one in run if one.locale == default}
        pinned = await _numbers(connection, run, sources)
        for place in run:
            source = sources.get(place.key)
            if place.locale == default or source is None or not _in(wanted, place.locale):
                continue
            found = _state(place, source, pinned)
            if not state or found == state:
                counts[found.value] += 1
                if len(page) <= limit and (after is None or (place.key, place.locale) > after):
                    page.append((place, source))
    items = await _told(connection, page[:limit], default)
    last = page[limit - 1][0] if len(page) > limit else None
    return Translations(tuple(items), (last.key, last.locale) if last else None, dict(counts))


def _in(wanted: Entries, locale: str) -> bool:
    return not wanted.locales or locale in wanted.locales


def _state(place: Place, source: Revised, pinned: dict[str, int]) -> TranslationState:
    one = place.live or place.newest
    if one is None:
        return TranslationState.MISSING
    if one.source == source.hash:
        return TranslationState.CURRENT
    return TranslationState.AHEAD if pinned.get(one.source, 0) > source.number else TranslationState.STALE


async def _numbers(
    connection: AsyncConnection, run: Sequence[Place], sources: dict[str, Revised | None]
) -> dict[str, int]:
    """The numbers of the sources that translations pin, where that isn't the current one."""
    current = {one.hash for one in sources.values() if one}
    wanted = {one.source for place in run if (one := place.live or place.newest) and one.source} - current
    return {hash_: one.number for hash_, one in (await by_hashes(connection, wanted)).items()}


async def _told(connection: AsyncConnection, page: Sequence[tuple[Place, Revised]], default: str) -> list[Translation]:
    """The page with what changed since; only here are contents read."""
    hashes = {source.hash for _, source in page}
    hashes |= {one.source for place, _ in page if (one := place.live or place.newest)}
    known = await by_hashes(connection, hashes - {""})
    pinned = {hash_: one.number for hash_, one in known.items()}
    return [_translation(place, source, known, _state(place, source, pinned), default) for place, source in page]


def _translation(
    place: Place, source: Revised, known: dict[str, Revision], state: TranslationState, default: str
) -> Translation:
    one = place.live or place.newest
    base = known.get(one.source) if one else None
    told = Translation(
        key=place.key,
        locale=place.locale,
        kind=place.kind,
        topic=place.topic,
        state=state,
        review=one.state.value if one else "",
        number=one.number if one else None,
        hash=one.hash if one else "",
        source=source.number,
        pinned=base.number if base else None,
        pending=place.pending.state.value if place.live and place.pending else "",
    )
    if state is not TranslationState.STALE or base is None:
        return told
    before, after = base.draft.content, known[source.hash].draft.content
    change = change_class(before, after, default).value
    return msgspec.structs.replace(told, change=change, since=difference(before, after, default))
