"""Revisions that go live, come back and end at one position: their rows, their states, and the list the release keeps of them."""

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from kb.base.work import Work
from kb.delivery.types import Change
from kb.entries.types import Revision
from kb.release import queries
from kb.release.tables import live_revisions, release_items
from kb.release.types import At, Prepared
from kb.review import actions as review
from kb.review.types import RevisionAt, Step

ENDING = {
    Change.WITHDRAWN: Step.WITHDRAW,
    Change.SUSPENDED: Step.SUSPEND,
    Change.EXPIRED: Step.EXPIRE,
    Change.RETIRED: Step.RETIRE,
}
"""The step that each way to end is."""

Item = tuple[RevisionAt, Step]


def items_of(prepared: Prepared) -> list[Item]:
    """What a release makes live or ends, with the step of each, in order of key and locale."""
    going = {**prepared.world.reopening, **prepared.world.candidates}
    items = [(RevisionAt(*at, one.hash), prepared.steps.get(one.hash, Step.RELEASE)) for at, one in going.items()]
    items += [(RevisionAt(one.key, one.locale, one.hash), ENDING[one.change]) for one in prepared.closing]
    return sorted(items, key=lambda item: (item[0].key, item[0].locale, item[0].hash))


async def note_items(work: Work, release_id: str, items: Sequence[Item]) -> None:
    """Keep the list with its release."""
    rows = [{"release": release_id, **msgspec.structs.asdict(place), "step": step.value} for place, step in items]
    if rows:
        await work.connection.execute(release_items.insert(), rows)


async def move_revisions(work: Work, prepared: Prepared, position: int) -> None:
    """Open and close the live revisions, and take each revision's step.

    A revision whose emergency is lifted stays live: its row closes and opens, and it takes no step.
    """
    world = prepared.world
    going_live = {**world.reopening, **world.candidates}
    replaced = {at: world.live[at] for at in going_live if at in world.live}
    asleep = await queries.suspended(work.connection, {key for key, _ in world.candidates})
    steps = {one.hash: Step.SUPERSEDE for at, one in replaced.items() if at not in prepared.lifting}
    steps |= {one.hash: Step.SUPERSEDE for at, one in asleep.items() if at in world.candidates}
    steps |= {one.hash: ENDING[one.change] for one in prepared.closing}
    ended = [(one.key, one.locale) for one in prepared.closing]
    await close_live(work, [*replaced, *ended], position)
    await _open_live(work, going_live, position)
    await review.moved(work, {**steps, **prepared.steps}, position)


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
