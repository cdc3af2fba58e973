"""What the gate would say of a content that nobody has saved, or that nobody has approved: judged, never stored."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import instant
from kb.channels.profiles import problems
from kb.channels.types import Issue
from kb.entries.queries import by_hashes
from kb.entries.rules import content_hash
from kb.entries.texts import uses_of
from kb.entries.types import Draft, Revision
from kb.release import queries
from kb.release.gate import judge
from kb.release.prepare import rulings_of
from kb.release.types import At, World
from kb.release.world import ALWAYS
from kb.review.queries import waivers_of
from kb.review.standing import policy_in_force


async def unsaved_issues(
    connection: AsyncConnection, draft: Draft, now: datetime, together: Iterable[str] = ()
) -> tuple[Issue, ...]:
    """What would block or warn if this draft were released now, with the revisions `together` by hash."""
    newest = max((one.number for one in (await queries.live(connection, {draft.key})).values()), default=0)
    return await stored_issues(connection, Revision(draft, newest + 1, content_hash(draft), 0, now), now, together)


async def stored_issues(
    connection: AsyncConnection, revision: Revision, now: datetime, together: Iterable[str] = ()
) -> tuple[Issue, ...]:
    """The same of a revision, whether it is approved or not."""
    at = (revision.draft.key, revision.draft.locale)
    world = await _world(connection, at, revision, together)
    house = revision.draft.content.house
    if house is not None and house.channels is not None and (wrong := problems(house.channels)):
        return tuple(wrong)  # nothing could be rendered by them, so there is nothing else to say
    rulings = rulings_of(world, await policy_in_force(connection))
    return judge(world, rulings, at, instant(now)).issues


async def _world(connection: AsyncConnection, at: At, revision: Revision, together: Iterable[str]) -> World:
    """What would be live: this and those released with it, over all that they lean on."""
    chosen = await by_hashes(connection, together)
    candidates = {(one.draft.key, one.draft.locale): one for one in chosen.values()} | {at: revision}
    live: dict[At, Revision] = {}
    targets = {key for key, _ in candidates} | set(ALWAYS)
    targets |= {target for one in candidates.values() for _, target in uses_of(one.draft.content)}
    seen: set[str] = set()
    while fresh := targets - seen:
        seen |= fresh
        more = await queries.live(connection, fresh)
        live |= more
        # a way on is followed one step far: it asks only whether its target is there
        targets = {key for one in more.values() for kind, key in uses_of(one.draft.content) if kind != "entry"}
    waived = (await waivers_of(connection, [revision.hash])).get(revision.hash, ())
    source = revision.draft.source
    made_from = (await by_hashes(connection, [source])).get(source)
    return World(
        live=live,
        candidates=candidates,
        reopening={},
        affected=frozenset({at}),
        waived={revision.hash: frozenset((one.code, one.field) for one in waived)},
        pinned={source: made_from.draft.content if made_from else None} if source else {},
    )
