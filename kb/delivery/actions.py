"""Opening and closing rows: called by release alone, inside its transaction, at its line's position."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

import msgspec
import sqlalchemy as sa

from kb.base.db import chunks
from kb.base.work import Work
from kb.delivery.tables import findable, payloads, rendition_places, renditions, replacements, rulings
from kb.delivery.types import REPLACED, Change, Findable, Rendered

RUN = 2000


async def open_rows(work: Work, rendered: Sequence[Rendered], position: int) -> None:
    """Make these renditions live from `position` on; the rows they replace must be closed already."""
    known: set[str] = set()
    for chunk in chunks(sorted({one.rendition for one in rendered})):
        statement = sa.select(payloads.c.hash).where(payloads.c.hash.in_(chunk))
        known.update((await work.connection.execute(statement)).scalars())
    for start in range(0, len(rendered), RUN):
        run = rendered[start : start + RUN]
        fresh = {one.rendition: one.body for one in run if one.rendition not in known}
        known |= fresh.keys()
        if fresh:
            rows = [{"hash": hash_, "body": body} for hash_, body in fresh.items()]
            await work.connection.execute(payloads.insert(), rows)
        await work.connection.execute(renditions.insert(), [_row(one, position) for one in run])
    await _note_places(work, position)
    await _answer_themselves(work, {one.at.key for one in rendered}, position)


async def close_rows(work: Work, ids: Iterable[int], position: int, change: Change | str) -> None:
    """End these rows at `position`, told to followers as `change`."""
    for chunk in chunks(sorted(ids)):
        statement = renditions.update().where(renditions.c.id.in_(chunk))
        await work.connection.execute(statement.values(closed_at=position, closed_as=str(change)))


async def close_replaced(work: Work, ids: Iterable[int], position: int) -> None:
    """End rows whose place a new one takes at the same position."""
    await close_rows(work, ids, position, REPLACED)


async def open_findable(work: Work, found: Sequence[Findable], position: int) -> None:
    """Tell search what these entries say from `position` on, in place of what they said."""
    await close_findable(work, [(one.key, one.locale) for one in found], position)
    rows = [
        {
            **msgspec.structs.asdict(one),
            "phrasings": msgspec.json.encode(one.phrasings).decode(),
            "channels": msgspec.json.encode(one.channels).decode(),
            "opened_at": position,
        }
        for one in found
    ]
    for start in range(0, len(rows), RUN):
        await work.connection.execute(findable.insert(), rows[start : start + RUN])


async def close_findable(work: Work, places: Sequence[tuple[str, str]], position: int) -> None:
    """Take these entries out of what search may know."""
    if not places:
        return
    statement = findable.update().where(
        findable.c.key == sa.bindparam("of_key"),
        findable.c.locale == sa.bindparam("of_locale"),
        findable.c.closed_at.is_(None),
    )
    rows = [{"of_key": key, "of_locale": locale, "closed_at": position} for key, locale in places]
    await work.connection.execute(statement, rows)


async def replace(work: Work, key: str, replacement: str, position: int) -> None:
    """Let `replacement` answer whoever asks for `key` from `position` on; the rows of `key` must be closed."""
    await _answer_themselves(work, {key}, position)
    row = {"key": key, "replacement": replacement, "opened_at": position}
    await work.connection.execute(replacements.insert().values(**row))


async def _note_places(work: Work, position: int) -> None:
    """Remember where rows opened at `position` for the first time."""
    known = sa.and_(*(column == renditions.c[column.name] for column in rendition_places.c))
    opened = sa.select(*(renditions.c[column.name] for column in rendition_places.c)).distinct()
    fresh = opened.where(renditions.c.opened_at == position, ~sa.exists().where(known))
    await work.connection.execute(rendition_places.insert().from_select(list(rendition_places.c), fresh))


async def _answer_themselves(work: Work, keys: AbstractSet[str], position: int) -> None:
    """End what stood in for these keys: they are live again, or another stands in."""
    for chunk in chunks(sorted(keys)):
        statement = replacements.update().where(replacements.c.key.in_(chunk), replacements.c.closed_at.is_(None))
        await work.connection.execute(statement.values(closed_at=position))


async def rule(work: Work, name: str, body: str | None, position: int) -> None:
    """Put a house document in force for readers from `position` on; None takes it out of force."""
    in_force = (rulings.c.name == name) & rulings.c.closed_at.is_(None)
    await work.connection.execute(rulings.update().where(in_force).values(closed_at=position))
    if body is not None:
        await work.connection.execute(rulings.insert().values(name=name, body=body, opened_at=position))


def _row(one: Rendered, position: int) -> dict[str, object]:
    row = msgspec.structs.asdict(one)
    place = msgspec.structs.asdict(row.pop("at"))
    del row["body"]
    return {**place, **row, "opened_at": position}
