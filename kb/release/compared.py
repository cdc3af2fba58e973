"""Two revisions of an entry beside each other: words, references, figures, the class of the change, and each channel's text."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import instant
from kb.entries.diff import Difference, ThreeWay, WordRun, difference, segments, three_way
from kb.entries.types import Revision
from kb.release.effects import said_of
from kb.release.supposing import suppose
from kb.review.changes import change_class


class Side(msgspec.Struct, frozen=True):
    """One of the revisions; `source` is the revision a translation pins."""

    number: int
    hash: str
    author: str
    at: str
    source: str


class RenderedChange(msgspec.Struct, frozen=True):
    """What one profile says by each revision, both rendered with what is live now; empty where it says nothing."""

    profile: str
    variant: str
    pick: int
    before: str
    after: str
    segments: tuple[WordRun, ...]


class Compared(msgspec.Struct, frozen=True):
    """What changed between two revisions. `change` is the class of that change; with a base, `merge` is how both go together.

    `renderings` are of the channel that was asked for.
    """

    key: str
    locale: str
    kind: str
    before: Side
    after: Side
    change: str
    difference: Difference
    renderings: tuple[RenderedChange, ...] = ()
    merge: ThreeWay | None = None


async def compared(
    connection: AsyncConnection, before: Revision, after: Revision, base: Revision | None = None, channel: str = ""
) -> Compared:
    """The comparison of two revisions of one entry in one locale; `base` is the one both were made from."""
    old, new = before.draft, after.draft
    same = old.content == new.content
    return Compared(
        key=new.key,
        locale=new.locale,
        kind=new.kind.value,
        before=_side(before),
        after=_side(after),
        change="" if same else change_class(old.content, new.content, new.locale).value,
        difference=difference(old.content, new.content, new.locale),
        renderings=await _renderings(connection, before, after, channel) if channel else (),
        merge=three_way(base.draft.content, old.content, new.content) if base else None,
    )


async def _renderings(
    connection: AsyncConnection, before: Revision, after: Revision, channel: str
) -> tuple[RenderedChange, ...]:
    old, new = await _texts(connection, before, channel), await _texts(connection, after, channel)
    return tuple(
        RenderedChange(*place, told, tells, segments(told, tells))
        for place in sorted({*old, *new})
        for told, tells in [(old.get(place, ""), new.get(place, ""))]
    )


async def _texts(connection: AsyncConnection, revision: Revision, channel: str) -> dict[tuple[str, str, int], str]:
    """What a revision would say in each profile of a channel, if it were live."""
    at = (revision.draft.key, revision.draft.locale)
    judged = (await suppose(connection, [revision.hash], among=[at])).judged(at)
    return {
        (one.at.profile, one.at.variant, one.at.pick): said_of(one).text
        for one, _ in judged.rendered
        if one.at.channel == channel
    }


def _side(revision: Revision) -> Side:
    draft = revision.draft
    return Side(revision.number, revision.hash, draft.author, instant(revision.at), draft.source)
