"""Who may know of what: of entries by topic, audience and locale, and of releases and schedules as far as they are about such."""

from collections.abc import Collection, Iterable
from typing import TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import NotFound
from kb.base.work import EVERY_AUDIENCE, Actor, Right
from kb.entries.queries import by_hashes
from kb.entries.visible import reads, sees
from kb.release.made import Made, find_made, page_of_made
from kb.release.scheduled import Schedule, find, page
from kb.release.topics import About, abouts_of
from kb.release.types import At

Act = TypeVar("Act", Made, Schedule)

KNOWING = (Right.DRAFTS, Right.WRITE, Right.RELEASE)
"""Rights whose holder on a topic knows what is being worked on there."""


def may_see(actor: Actor, about: About, locale: str) -> bool:
    """Whether an actor may know how an entry stands: whoever may read its drafts, and whoever releases it."""
    releases = actor.may(Right.RELEASE, about.topic) and about.audience in actor.audiences and reads(actor, locale)
    return sees(actor, about.topic, about.audience, locale) or releases


async def seen(connection: AsyncConnection, actor: Actor, places: Iterable[At]) -> frozenset[At]:
    """Those of these places that an actor may know of."""
    wanted = frozenset(places)
    if _sees_everything(actor):
        return wanted
    abouts = await abouts_of(connection, {key for key, _ in wanted})
    return frozenset(at for at in wanted if at[0] in abouts and may_see(actor, abouts[at[0]], at[1]))


async def must_see(connection: AsyncConnection, actor: Actor, places: Collection[At]) -> None:
    """Raise NotFound unless an actor may know of all these places: what is hidden and what isn't there are told alike."""
    if hidden := sorted(set(places) - await seen(connection, actor, places)):
        raise NotFound(f"nothing has the key {hidden[0][0]}")


async def must_see_revisions(connection: AsyncConnection, actor: Actor, hashes: Collection[str]) -> None:
    """The same of revisions by hash; of those that aren't there others tell."""
    found = (await by_hashes(connection, hashes)).values()
    await must_see(connection, actor, {(one.draft.key, one.draft.locale) for one in found})


async def made_seen(connection: AsyncConnection, actor: Actor, id_: str) -> Made:
    """A release with what of it an actor may know of; NotFound where that is nothing."""
    return _one(await _made(connection, actor, [await find_made(connection, id_)]), id_)


async def schedule_seen(connection: AsyncConnection, actor: Actor, id_: str) -> Schedule:
    """A schedule with what of it an actor may know of; NotFound where that is nothing."""
    return _one(await _schedules(connection, actor, [await find(connection, id_)]), id_)


async def must_see_all_of(connection: AsyncConnection, actor: Actor, id_: str) -> None:
    """Raise NotFound unless an actor may know of everything a release moved."""
    await must_see(connection, actor, {(one.key, one.locale) for one in (await find_made(connection, id_)).items})


async def page_of_made_seen(
    connection: AsyncConnection, actor: Actor, act: str, before: int | None, limit: int
) -> list[Made]:
    """Releases that an actor may know of, of one act or of all, the newest first, made before a position."""
    found: list[Made] = []
    while len(found) < limit:
        run = await page_of_made(connection, act, before, limit)
        found += await _made(connection, actor, run)
        if len(run) < limit:
            break
        before = run[-1].position
    return found[:limit]


async def page_of_schedules_seen(
    connection: AsyncConnection, actor: Actor, state: str, before: int | None, limit: int
) -> list[Schedule]:
    """Schedules that an actor may know of, of one state or of all, the newest first, made before a position."""
    found: list[Schedule] = []
    while len(found) < limit:
        run = await page(connection, state, before, limit)
        found += await _schedules(connection, actor, run)
        if len(run) < limit:
            break
        before = run[-1].made_at
    return found[:limit]


async def _made(connection: AsyncConnection, actor: Actor, acts: Collection[Made]) -> list[Made]:
    if _sees_everything(actor):
        return list(acts)
    visible = await seen(connection, actor, {(item.key, item.locale) for one in acts for item in one.items})
    found = []
    for one in acts:
        items = tuple(item for item in one.items if (item.key, item.locale) in visible)
        reason = one.reason if len(items) == len(one.items) else ""  # it may speak of what is hidden
        if items:
            found.append(msgspec.structs.replace(one, items=items, reason=reason))
    return found


async def _schedules(connection: AsyncConnection, actor: Actor, acts: Collection[Schedule]) -> list[Schedule]:
    if _sees_everything(actor):
        return list(acts)
    visible = await seen(connection, actor, {(item.key, item.locale) for one in acts for item in one.items})
    found = []
    for one in acts:
        kept = [at for at, item in enumerate(one.items) if (item.key, item.locale) in visible]
        shown = msgspec.structs.replace(
            one,
            items=tuple(one.items[at] for at in kept),
            numbers=tuple(one.numbers[at] for at in kept),
            stopped=tuple(each for each in one.stopped if (each.key, each.locale) in visible),
            reason=one.reason if len(kept) == len(one.items) else "",
        )
        if kept:
            found.append(shown)
    return found


def _one(found: list[Act], id_: str) -> Act:
    if not found:
        raise NotFound(f"nothing has the id {id_}")
    return found[0]


def _sees_everything(actor: Actor) -> bool:
    unlimited = any(right in actor.rights and right not in actor.limits for right in KNOWING)
    return unlimited and actor.audiences >= EVERY_AUDIENCE and not actor.locales
