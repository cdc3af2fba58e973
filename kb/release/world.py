"""Fetching the world a release is judged in: candidates, what leans on them, and all that any of these lean on."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from kb.entries.queries import by_hashes
from kb.entries.texts import uses_of
from kb.entries.types import NO_LOCALE, Content, Revision
from kb.release import queries
from kb.release.inputs import SAYS
from kb.release.times import sets_other_times
from kb.release.types import GLOBAL_KEYS, At, World
from kb.review.queries import waivers_of
from kb.review.standing import POLICY_KEY

ALWAYS = (*GLOBAL_KEYS, "policy", "glossary", "synonyms", *SAYS)


async def fetch(
    connection: AsyncConnection, hashes: Iterable[str], *, keys: Collection[str] = (), everything: bool = False
) -> World:
    """The world after releasing these revisions; `keys` are rendered with all that leans on them, as if they were released.

    `everything` renders all that is live, whatever it leans on.
    """
    chosen = await by_hashes(connection, hashes)
    candidates = {(one.draft.key, one.draft.locale): one for one in chosen.values()}
    named = {key for key, _ in candidates} | set(keys)
    ruling = await queries.live(connection, [POLICY_KEY]) if POLICY_KEY in named else {}
    if everything or named & set(GLOBAL_KEYS) or sets_other_times(candidates, ruling):
        live = await queries.live(connection)
        affected = frozenset(live) | frozenset(candidates)
        reopening: dict[At, Revision] = {}
    else:
        touched = await queries.dependents(connection, named, asleep=True)
        around = {key for key, _ in touched} | named
        live = await queries.live(connection, around)
        asleep = await queries.suspended(connection, around)
        standing = {*candidates, *live}
        reopening = {at: one for at, one in asleep.items() if at not in standing and _may_return(one, touched, named)}
        named_live = {at for at in live if at[0] in named}
        affected = frozenset(candidates) | (touched & live.keys()) | reopening.keys() | named_live
        live |= await _leant_on(connection, [*candidates.values(), *live.values(), *reopening.values()], set(live))
    fetched = [*candidates.values(), *live.values(), *reopening.values()]
    waived = await waivers_of(connection, [one.hash for one in fetched])
    return World(
        live=live,
        candidates=candidates,
        reopening=reopening,
        affected=affected,
        waived={hash_: frozenset((one.code, one.field) for one in found) for hash_, found in waived.items()},
        pinned=await _pinned(connection, fetched),
    )


def _may_return(one: Revision, touched: Collection[At], named: Collection[str]) -> bool:
    """Whether a release gives a suspended revision another chance: what it leans on is released, or its source is."""
    at = (one.draft.key, one.draft.locale)
    return at in touched or (bool(one.draft.source) and one.draft.key in named)


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


async def _pinned(connection: AsyncConnection, fetched: Iterable[Revision]) -> dict[str, Content | None]:
    """The contents of the sources that translations were made from; None for one that was never stored here."""
    known = {one.hash: one.draft.content for one in fetched}
    wanted = {one.draft.source for one in fetched if one.draft.source}
    more = await by_hashes(connection, wanted - known.keys())
    known |= {hash_: one.draft.content for hash_, one in more.items()}
    return {hash_: known.get(hash_) for hash_ in wanted}
