"""Retiring: an entry ends for good and names the live one that answers for it from now on."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Conflict, NotFound
from kb.base.work import Right, Work
from kb.delivery import actions as delivery
from kb.delivery.rules import WIDTH
from kb.delivery.tables import renditions, replacements
from kb.delivery.types import Change
from kb.entries.queries import kinds_of
from kb.entries.tables import uses
from kb.entries.types import DELIVERED
from kb.release import queries
from kb.release.ending import end, standing
from kb.release.tables import live_revisions
from kb.release.topics import live_topics
from kb.release.types import GLOBAL_KEYS, At, Released


class ForeseenRetirement(msgspec.Struct, frozen=True):
    """What retiring would do: the places that end, what holds their words and so stands in the way, and ways on to them.

    `leading` are live entries with a way on to the key: their readers are led to the replacement.
    """

    key: str
    replacement: str
    retired: tuple[At, ...]
    leaning: tuple[At, ...]
    leading: tuple[At, ...]


async def foresee(connection: AsyncConnection, key: str, replacement: str, now: str) -> ForeseenRetirement:
    """What retiring a key in favour of another would do.

    NotFound when the key stands nowhere. Conflict when it can't be retired or the other can't answer for it: it is the
    same, leads back, isn't live wherever the key is, or has a narrower audience.
    """
    held = await standing(connection, [key], lapsed=True)
    if not held:
        raise NotFound(f"nothing live has the key {key}: see `kb doctor` or check the spelling")
    kinds = await kinds_of(connection, [key, replacement])
    if key in GLOBAL_KEYS or kinds[key] not in DELIVERED:
        raise Conflict(f"{key} is a {kinds[key]} that others need: release another one in its place, or withdraw it")
    if key == replacement or key in await _answering_for(connection, replacement):
        raise Conflict(f"{key} can't be answered by itself: name another entry")
    await _must_answer(connection, set(held), key, replacement, now)
    leaning = {at for at in await queries.dependents(connection, [key]) if at[0] != key}
    return ForeseenRetirement(
        key, replacement, tuple(sorted(held)), tuple(sorted(leaning)), await _leading(connection, key)
    )


async def retire(work: Work, key: str, replacement: str, reason: str) -> Released:
    """End a key in every locale and let another answer for it, at one position.

    Conflict, beside `foresee`'s, while anything live holds the key's words: move it first.
    """
    work.actor.must(Right.WITHDRAW)
    foreseen = await foresee(work.connection, key, replacement, work.stamp)
    work.actor.must(Right.WITHDRAW, *await live_topics(work.connection, [key]))
    if foreseen.leaning:
        named = ", ".join(f"{one} ({locale})" for one, locale in foreseen.leaning)
        raise Conflict(f"these hold the words of {key}: {named}; write {replacement} in them first")
    ends = dict.fromkeys(foreseen.retired, Change.RETIRED)
    done = await end(work, ends, "retire", reason, {"key": key, "replacement": replacement})
    await delivery.replace(work, key, replacement, done.position)
    return done


async def _answering_for(connection: AsyncConnection, key: str) -> set[str]:
    """All that would be asked in turn when this key is asked for."""
    found: set[str] = set()
    following: str | None = key
    while following is not None and following not in found:
        found.add(following)
        now = (replacements.c.key == following) & replacements.c.closed_at.is_(None)
        following = await connection.scalar(sa.select(replacements.c.replacement).where(now))
    return found


async def _must_answer(connection: AsyncConnection, held: set[At], key: str, replacement: str, now: str) -> None:
    """Raise Conflict unless the replacement can be read wherever the key was, by everyone who could read that."""
    old = await _audiences(connection, key, now, lapsed=True)
    new = await _audiences(connection, replacement, now)
    lacking = sorted({locale for _, locale in held} - new.keys())
    if not new:
        raise Conflict(f"{replacement} isn't live, so it can't answer for {key}: release it first, or name another")
    if lacking:
        raise Conflict(f"{replacement} isn't live in {', '.join(lacking)}: translate it first, or name another")
    narrower = sorted(locale for _, locale in held if WIDTH[new[locale]] < WIDTH[old.get(locale, "staff")])
    if narrower:
        raise Conflict(
            f"{replacement} is for {new[narrower[0]]} alone, fewer than {key} was: name one that all of them may read"
        )


async def _audiences(connection: AsyncConnection, key: str, now: str, *, lapsed: bool = False) -> dict[str, str]:
    """The widest audience a key has, or with `lapsed` last had, in each locale."""
    statement = sa.select(renditions.c.locale, renditions.c.audience, renditions.c.opened_at)
    statement = statement.where(renditions.c.key == key)
    if not lapsed:
        holds = renditions.c.valid_until.is_(None) | (renditions.c.valid_until > now)
        statement = statement.where(renditions.c.closed_at.is_(None), holds)
    rows = (await connection.execute(statement.distinct())).all()
    last = {locale: max(row.opened_at for row in rows if row.locale == locale) for locale in {r.locale for r in rows}}
    found: dict[str, str] = {}
    for row in rows:
        if not lapsed or row.opened_at == last[row.locale]:
            found[row.locale] = max(found.get(row.locale, "staff"), row.audience, key=WIDTH.__getitem__)
    return found


async def _leading(connection: AsyncConnection, key: str) -> tuple[At, ...]:
    live = live_revisions
    same = (uses.c.hash == live.c.hash) & (uses.c.key == live.c.key) & (uses.c.locale == live.c.locale)
    statement = sa.select(uses.c.key, uses.c.locale).join(live, same)
    rows = await connection.execute(
        statement.where(uses.c.target == key, uses.c.kind == "entry", uses.c.key != key, live.c.closed_at.is_(None))
    )
    return tuple(sorted((row.key, row.locale) for row in rows))
