"""Text messages that grow: a changed fact may not make a message that leans on it cost another part unnoticed."""

from collections.abc import Collection, Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.channels.types import Issue, Severity, blocks
from kb.delivery.tables import payloads, renditions
from kb.delivery.types import Rendered, Slotted
from kb.release.queries import by_keys
from kb.release.types import At, Judged, World

CODE = "sms-part-more"
CHANNEL = "sms"
SLOTTED = tuple(renditions.c[name] for name in Slotted.__struct_fields__)


class _Parted(msgspec.Struct):
    parts: list[str] = []


_parted = msgspec.json.Decoder(_Parted).decode


async def parts_now(connection: AsyncConnection, places: Collection[At]) -> dict[Slotted, int]:
    """How many parts the live text messages of these places take."""
    base = sa.select(*SLOTTED, payloads.c.body).join(payloads, payloads.c.hash == renditions.c.rendition)
    base = base.where(renditions.c.channel == CHANNEL, renditions.c.closed_at.is_(None))
    found: dict[Slotted, int] = {}
    for statement in by_keys(base, renditions.c.key, {key for key, _ in places}):
        for *place, body in await connection.execute(statement):
            at = Slotted(*place)
            if (at.key, at.locale) in places:
                found[at] = _parts(body)
    return found


def with_grown(world: World, judged: Judged, now: Mapping[Slotted, int]) -> Judged:
    """The same with an issue for each text message of it that would take more parts than it does; a waived one warns.

    An entry that is itself released was signed as it is: nothing grows behind anyone's back.
    """
    if judged.at in world.candidates or judged.at not in world.live:
        return judged
    waived = world.waived.get(judged.revision.hash, frozenset())
    found: dict[str, Issue] = {}
    for one, _ in judged.rendered:
        before = now.get(one.at)
        if one.at.channel == CHANNEL and before and (parts := _parts(one.body)) > before:
            issue = _issue(one, before, parts, judged)
            if (CODE, issue.field) in waived:
                message = f"Waived: {issue.message}"
                issue = msgspec.structs.replace(issue, severity=Severity.WARNS, message=message)
            found.setdefault(issue.field, issue)
    return msgspec.structs.replace(judged, issues=(*judged.issues, *found.values())) if found else judged


def _issue(one: Rendered, before: int, parts: int, judged: Judged) -> Issue:
    field = f"sms:{one.at.variant}" if one.at.variant else "sms"
    message = f"As a text message {one.at.key} would take {parts} parts; it takes {before} now."
    action = "Shorten it and release it with this, or have the finding waived in it."
    return msgspec.structs.replace(blocks(CODE, field, message, action), locale=judged.at[1])


def _parts(body: bytes) -> int:
    return len(_parted(bytes(body)).parts)
