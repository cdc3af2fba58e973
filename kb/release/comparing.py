"""What a release changes in delivery: rows to open, rows whose place they take, and rows that end for good."""

from collections.abc import Collection

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.delivery.tables import renditions
from kb.delivery.types import REPLACED, Change, Findable, Rendered, Slotted
from kb.release import queries
from kb.release.types import At, Prepared

SLOTTED = tuple(renditions.c[name] for name in Slotted.__struct_fields__)
SAME = ("rendition", "valid_until", "verified_at", "due_at", "overdue_at")
"""A row stays as it is where these are what was rendered; the rest follows from its place and its rendition."""


class Open(msgspec.Struct, frozen=True):
    """A live row that ends: its id, and what followers are told of it."""

    id: int
    told: str


class Changes(msgspec.Struct):
    """Rows to open, rows whose place they take, rows that end with nothing in their place, and the entries of all."""

    fresh: list[Rendered]
    replaced: list[Open]
    gone: list[Open]
    touched: set[At]


async def compare(connection: AsyncConnection, prepared: Prepared) -> Changes:
    """What has to open and close so that delivery says what was rendered."""
    wanted = {one.at: one for judged in prepared.judged.values() for one, _ in judged.rendered}
    ends = {(one.key, one.locale): one.change for one in prepared.closing}
    places = {*prepared.judged, *ends}
    open_rows = await _open_rows(connection, {key for key, _ in places})
    changes = Changes([], [], [], set())
    for at, rendered in wanted.items():
        row = open_rows.get(at)
        if row is not None and row[1:] == tuple(getattr(rendered, name) for name in SAME):
            continue
        changes.fresh.append(rendered)
        changes.touched.add((at.key, at.locale))
        if row is not None:
            changes.replaced.append(Open(row[0], REPLACED))
    for at, row in open_rows.items():
        place = (at.key, at.locale)
        if place in places and at not in wanted:
            changes.gone.append(Open(row[0], ends.get(place, Change.RETIRED).value))
            changes.touched.add(place)
    return changes


def findables(prepared: Prepared, changes: Changes) -> list[Findable]:
    """What search is told: every entry that changed, and every one that goes live, its phrasings being no rendition."""
    fresh = prepared.world.candidates.keys() | changes.touched
    return [one.findable for at, one in prepared.judged.items() if one.findable is not None and at in fresh]


async def _open_rows(
    connection: AsyncConnection, keys: Collection[str]
) -> dict[Slotted, tuple[int, *tuple[object, ...]]]:
    columns = (renditions.c.id, *(renditions.c[name] for name in SAME))
    base = sa.select(*columns, *SLOTTED).where(renditions.c.closed_at.is_(None))
    found: dict[Slotted, tuple[int, *tuple[object, ...]]] = {}
    for statement in queries.by_keys(base, renditions.c.key, keys):
        for row in await connection.execute(statement):
            found[Slotted(*row[len(columns) :])] = tuple(row[: len(columns)])
    return found
