"""A delivery with live entries in it, put there by delivery's own actions in works that leave journal lines."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import digest
from kb.base.work import OPERATOR, Sessions, open_work
from kb.channels.types import Markup, NextOut, Payload
from kb.delivery import actions
from kb.delivery.tables import renditions
from kb.delivery.types import Change, Findable, Rendered, Slotted
from kb.entries.types import Synonyms

LATER = "2099-01-01T00:00:00.000Z"


async def release(
    sessions: Sessions, *entries: Findable, valid_until: str | None = None, ways: Sequence[NextOut] = ()
) -> int:
    """Make these entries live, in place of what they were; the position is returned."""
    async with open_work(sessions, OPERATOR) as work:
        position = await work.record("release.committed", {"keys": [one.key for one in entries]})
        for one in entries:
            await actions.close_replaced(work, await _open(work.connection, one.key, one.locale), position)
        rows = [_rendered(one, channel, valid_until, ways) for one in entries for channel in one.channels]
        await actions.open_rows(work, rows, position)
        await actions.open_findable(work, entries, position)
    return position


async def withdraw(sessions: Sessions, *entries: Findable) -> int:
    """Take these entries away."""
    async with open_work(sessions, OPERATOR) as work:
        position = await work.record("release.withdrawn", {"keys": [one.key for one in entries]})
        for one in entries:
            ids = await _open(work.connection, one.key, one.locale)
            await actions.close_rows(work, ids, position, Change.WITHDRAWN)
        await actions.close_findable(work, [(one.key, one.locale) for one in entries], position)
    return position


async def rule(sessions: Sessions, synonyms: Synonyms) -> None:
    """Put these synonyms in force."""
    async with open_work(sessions, OPERATOR) as work:
        position = await work.record("release.committed", {"keys": ["synonyms"]})
        await actions.rule(work, "synonyms", msgspec.json.encode(synonyms).decode(), position)


async def _open(connection: AsyncConnection, key: str, locale: str) -> list[int]:
    statement = sa.select(renditions.c.id).where(
        renditions.c.key == key, renditions.c.locale == locale, renditions.c.closed_at.is_(None)
    )
    return list((await connection.execute(statement)).scalars())


def _rendered(one: Findable, channel: str, valid_until: str | None, ways: Sequence[NextOut]) -> Rendered:
    payload = Payload(
        key=one.key,
        kind=one.kind,
        topic=one.topic,
        product=one.product,
        stage=one.stage,
        tone="",
        channel=channel,
        profile="core",
        locale=one.locale,
        title=one.title,
        text=one.text,
        markup=Markup("plain", one.text),
        parts=(one.text,),
        ask="",
        next=tuple(ways),
        links=(),
        facts={},
        claims=(),
        disclosures=(),
        slots={},
        version=1,
        hash="0" * 64,
    )
    body = msgspec.json.encode(payload)
    return Rendered(
        at=Slotted(one.key, one.locale, channel, "core", one.audience, "", 0),
        kind=one.kind,
        topic=one.topic,
        product=one.product,
        stage=one.stage,
        version=1,
        hash="0" * 64,
        rendition=digest(body),
        body=body,
        valid_until=valid_until,
        verified_at="2026-01-01T00:00:00.000Z",
        due_at=LATER,
        overdue_at=LATER,
    )
