"""Releasing: one transaction in which revisions go live, renditions open and close, and the journal says so."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Conflict
from kb.base.work import Work
from kb.channels.render import RENDERER
from kb.delivery import actions as delivery
from kb.delivery.tables import renditions
from kb.delivery.types import Change, Findable, Rendered, Slotted
from kb.entries.types import NO_LOCALE, Revision
from kb.release import merkle, queries
from kb.release.leaves import leaves_of, store_leaves
from kb.release.tables import live_revisions, release_items, releases
from kb.release.types import GLOBAL_KEYS, At, Prepared, Released
from kb.review import actions as review
from kb.review.standing import dossiers, policy_in_force
from kb.review.types import Place, State, Step

RULINGS = ("channels", "synonyms")
"""House documents that readers need, and so stand in delivery."""

SLOTTED = tuple(renditions.c[name] for name in Slotted.__struct_fields__)


class Open(msgspec.Struct, frozen=True):
    """A live row: its id, the rendition it serves, and until when."""

    id: int
    rendition: str
    valid_until: str | None


async def release(work: Work, prepared: Prepared, reason: str = "", act: str = "release") -> Released | None:
    """Commit what was prepared, at one position; None when it changes nothing.

    Conflict when anything it was made from has moved since: prepare again.
    """
    work.actor.must("release")
    await _recheck(work, prepared)
    changes = await _compare(work.connection, prepared)
    if not prepared.steps and not changes.fresh and not changes.gone:
        return None
    leaf_rows, root = leaves_of(prepared)
    items = _items(prepared)
    release_id = work.ids.new()
    data = {
        "release": release_id,
        "act": act,
        "policy": prepared.policy,
        "renderer": RENDERER,
        "root": root,
        "items": merkle.inputs_hash([f"{step} {place.key} {place.locale} {place.hash}" for place, step in items]),
        "count": len(items),
    }
    position = await work.record("release.made", data)
    await _note(work, release_id, position, act, reason, prepared.policy, root, items)
    await store_leaves(work, release_id, leaf_rows)
    await _move_revisions(work, prepared, position)
    await delivery.close_replaced(work, [row.id for row in changes.replaced], position)
    await delivery.close_rows(work, [row.id for row in changes.gone], position, Change.RETIRED)
    await delivery.open_rows(work, changes.fresh, position)
    await delivery.open_findable(work, _findables(prepared, changes), position)
    await _rule(work, prepared, position)
    closed = len(changes.replaced) + len(changes.gone)
    return Released(release_id, position, tuple(place for place, _ in items), len(changes.fresh), closed)


async def differences(connection: AsyncConnection, prepared: Prepared) -> tuple[At, ...]:
    """The entries whose renditions a release of this would open, close or replace."""
    return tuple(sorted((await _compare(connection, prepared)).touched))


class Changes(msgspec.Struct):
    """Rows to open, rows whose place they take, and rows that end with nothing in their place."""

    fresh: list[Rendered]
    replaced: list[Open]
    gone: list[Open]
    touched: set[At]


async def _recheck(work: Work, prepared: Prepared) -> None:
    """What was live when this was prepared must be live still, and every candidate approved under the same policy."""
    now = await queries.live_hashes(work.connection, {key for key, _ in prepared.expected} | _keys(prepared))
    if now != dict(prepared.expected):
        raise Conflict(
            "something this release was made from has gone live or been withdrawn meanwhile: prepare it again"
        )
    if not await _leaning_now(work.connection, prepared) <= prepared.world.affected:
        raise Conflict("something has gone live meanwhile that leans on what this releases: prepare it again")
    force = await policy_in_force(work.connection)
    if force.hash != prepared.policy:
        raise Conflict("another policy has come into force meanwhile: prepare the release again")
    candidates = [one.hash for one in prepared.world.candidates.values()]
    for dossier in (await dossiers(work.connection, candidates, force.policy)).values():
        if dossier.review.state not in {State.APPROVED, State.SCHEDULED} or dossier.standing.missing:
            raise Conflict(f"{dossier.review.key} in {dossier.review.locale} is no longer approved: prepare it again")


async def _leaning_now(connection: AsyncConnection, prepared: Prepared) -> AbstractSet[At]:
    """Everything that these candidates change the words of, as of now."""
    keys = {key for key, _ in prepared.world.candidates}
    if keys & set(GLOBAL_KEYS):
        return (await queries.live_hashes(connection)).keys()
    return await queries.dependents(connection, keys, asleep=True)


async def _compare(connection: AsyncConnection, prepared: Prepared) -> Changes:
    """What has to open and close so that delivery says what was rendered."""
    wanted = {one.at: one for judged in prepared.judged.values() for one, _ in judged.rendered}
    places = {judged.at for judged in prepared.judged.values()}
    open_rows = await _open_rows(connection, {key for key, _ in places})
    changes = Changes([], [], [], set())
    for at, rendered in wanted.items():
        row = open_rows.get(at)
        if row is not None and (row.rendition, row.valid_until) == (rendered.rendition, rendered.valid_until):
            continue
        changes.fresh.append(rendered)
        changes.touched.add((at.key, at.locale))
        if row is not None:
            changes.replaced.append(row)
    for at, row in open_rows.items():
        if (at.key, at.locale) in places and at not in wanted:
            changes.gone.append(row)
            changes.touched.add((at.key, at.locale))
    return changes


async def _open_rows(connection: AsyncConnection, keys: Collection[str]) -> dict[Slotted, Open]:
    columns = (renditions.c.id, renditions.c.rendition, renditions.c.valid_until)
    base = sa.select(*columns, *SLOTTED).where(renditions.c.closed_at.is_(None))
    found: dict[Slotted, Open] = {}
    for statement in queries.by_keys(base, renditions.c.key, keys):
        for row in await connection.execute(statement):
            found[Slotted(*row[3:])] = Open(*row[:3])
    return found


def _findables(prepared: Prepared, changes: Changes) -> list[Findable]:
    """What search is told: every entry that changed, and every one that goes live, its phrasings being no rendition."""
    fresh = {(one.draft.key, one.draft.locale) for one in prepared.world.candidates.values()} | changes.touched
    return [one.findable for at, one in prepared.judged.items() if one.findable is not None and at in fresh]


def _items(prepared: Prepared) -> list[tuple[Place, Step]]:
    world = prepared.world
    return [
        (Place(at[0], at[1], revision.hash), prepared.steps[revision.hash])
        for at, revision in sorted({**world.reopening, **world.candidates}.items())
    ]


async def _note(
    work: Work,
    release_id: str,
    position: int,
    act: str,
    reason: str,
    policy: str,
    root: str,
    items: Sequence[tuple[Place, Step]],
) -> None:
    row = {"id": release_id, "position": position, "at": work.stamp, "act": act, "actor": work.actor.id}
    row |= {"reason": reason, "policy": policy, "renderer": RENDERER, "root": root}
    await work.connection.execute(releases.insert().values(**row))
    rows = [{"release": release_id, **msgspec.structs.asdict(place), "step": step.value} for place, step in items]
    if rows:
        await work.connection.execute(release_items.insert(), rows)


async def _move_revisions(work: Work, prepared: Prepared, position: int) -> None:
    world = prepared.world
    going_live = {**world.reopening, **world.candidates}
    replaced = {at: world.live[at] for at in going_live if at in world.live}
    asleep = await queries.suspended(work.connection, {key for key, _ in world.candidates})
    superseded = {one.hash: Step.SUPERSEDE for one in replaced.values()}
    superseded |= {one.hash: Step.SUPERSEDE for at, one in asleep.items() if at in world.candidates}
    await close_live(work, list(replaced), position)
    await _open_live(work, going_live, position)
    await review.moved(work, {**superseded, **prepared.steps}, position)


async def close_live(work: Work, places: Sequence[At], position: int) -> None:
    """End the live revisions at these places."""
    if not places:
        return
    statement = live_revisions.update().where(
        live_revisions.c.key == sa.bindparam("of_key"),
        live_revisions.c.locale == sa.bindparam("of_locale"),
        live_revisions.c.closed_at.is_(None),
    )
    rows = [{"of_key": key, "of_locale": locale, "closed_at": position} for key, locale in places]
    await work.connection.execute(statement, rows)


async def _open_live(work: Work, going_live: Mapping[At, Revision], position: int) -> None:
    rows = [
        {"key": at[0], "locale": at[1], "number": one.number, "hash": one.hash, "opened_at": position}
        for at, one in going_live.items()
    ]
    if rows:
        await work.connection.execute(live_revisions.insert(), rows)


async def _rule(work: Work, prepared: Prepared, position: int) -> None:
    """Put the house documents that readers need in force for them."""
    for name in RULINGS:
        revision = prepared.world.candidates.get((name, NO_LOCALE))
        if revision is not None and revision.draft.content.house is not None:
            document = getattr(revision.draft.content.house, name)
            await delivery.rule(work, name, msgspec.json.encode(document).decode(), position)


def _keys(prepared: Prepared) -> set[str]:
    world = prepared.world
    return {key for key, _ in (*world.live, *world.candidates, *world.reopening)}
