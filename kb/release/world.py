"""Fetching the world a release is judged in: candidates, what leans on them, and all that any of these lean on."""

from collections.abc import Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from kb.entries.queries import by_hashes
from kb.entries.texts import uses_of
from kb.entries.types import NO_LOCALE, Revision
from kb.release import queries
from kb.release.inputs import SAYS
from kb.release.types import GLOBAL_KEYS, At, World
from kb.review.queries import waivers_of

ALWAYS = (*GLOBAL_KEYS, "policy", "glossary", "synonyms", *SAYS)


async def fetch(connection: AsyncConnection, hashes: Iterable[str], *, everything: bool = False) -> World:
    """The world after releasing these revisions; `everything` renders all that is live, whatever it leans on."""
    chosen = await by_hashes(connection, hashes)
    candidates = {(one.draft.key, one.draft.locale): one for one in chosen.values()}
    keys = {key for key, _ in candidates}
    if everything or keys & set(GLOBAL_KEYS):
        live = await queries.live(connection)
        affected = frozenset(live) | frozenset(candidates)
        reopening: dict[At, Revision] = {}
    else:
        touched = await queries.dependents(connection, keys, asleep=True)
        around = {key for key, _ in touched} | keys
        live = await queries.live(connection, around)
        asleep = await queries.suspended(connection, around)
        reopening = {at: one for at, one in asleep.items() if at in touched and at not in candidates and at not in live}
        translations = {at for at in live if at[0] in keys}
        affected = frozenset(candidates) | (touched & (live.keys() | reopening.keys())) | translations
        live |= await _leant_on(connection, [*candidates.values(), *live.values(), *reopening.values()], set(live))
    waived = await waivers_of(
        connection, [one.hash for one in (*candidates.values(), *live.values(), *reopening.values())]
    )
    return World(
        live=live,
        candidates=candidates,
        reopening=reopening,
        affected=affected,
        waived={hash_: frozenset((one.code, one.field) for one in found) for hash_, found in waived.items()},
    )


async def _leant_on(connection: AsyncConnection, start: list[Revision], known: set[At]) -> Mapping[At, Revision]:
    """The live revisions that these refer to, transitively, ways on included one step far."""
    found: dict[At, Revision] = {}
    targets = {target for revision in start for _, target in uses_of(revision.draft.content)} | set(ALWAYS)
    seen: set[str] = set()
    while fresh := targets - seen:
        seen |= fresh
        more = await queries.live(connection, fresh)
        found |= {at: one for at, one in more.items() if at not in known}
        targets = {
            target
            for one in more.values()
            for kind, target in uses_of(one.draft.content)
            if kind != "entry" and one.draft.locale != NO_LOCALE
        }
    return found
