"""The state of every review, recomputed from the lines that moved it and from what each release went live with."""

import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.journal import journal
from kb.entries.tables import revisions
from kb.release.audit_released import OPENING
from kb.release.finding import ByPosition, Finding, streamed, told
from kb.release.tables import release_items, releases, schedule_items
from kb.release.types import At
from kb.review.rules import MOVES
from kb.review.tables import reviews
from kb.review.types import Step

PART = 100_000
"""Reviews that are recomputed at once: a longer history is walked more than once, so that memory stays what it is."""

TARGETS = {step.value: state.value for (_, step), state in MOVES.items()}
"""The state each step leads to, from wherever it may be taken."""

STEPS = {
    "review.submitted": Step.SUBMIT,
    "review.taken-back": Step.TAKE_BACK,
    "review.changes-requested": Step.REQUEST_CHANGES,
    "review.approved": Step.APPROVE,
}
SCHEDULING = {"schedule.made": Step.SCHEDULE, "schedule.cancelled": Step.CANCEL, "schedule.failed": Step.CANCEL}
COLUMNS = ("state", "position", "due_at", "escalated", "emergency", "confirmed")


class Standing(msgspec.Struct):
    """One review as the lines so far make it."""

    state: str = ""
    position: int = 0
    due_at: str | None = None
    escalated: int | None = None
    emergency: int | None = None
    confirmed: int | None = None


class Past(msgspec.Struct):
    """The reviews of one part, and the revisions that are live or asleep at each place, by hash."""

    part: int
    parts: int
    known: dict[str, Standing] = {}
    live: dict[At, str] = {}
    asleep: dict[At, str] = {}

    def of(self, hash_: str) -> Standing:
        """The standing of a revision; of another part's, one that nobody keeps."""
        if not self.holds(hash_):
            return Standing()
        return self.known.setdefault(hash_, Standing())

    def holds(self, hash_: str) -> bool:
        return zlib.crc32(hash_.encode()) % self.parts == self.part

    def take(self, hash_: str, step: str, position: int) -> None:
        standing = self.of(hash_)
        standing.state, standing.position = TARGETS.get(step, ""), position


async def reviews_replayed(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Reviews whose state, position or marks aren't what the journal makes them."""
    parts = 1 + (await connection.scalar(sa.select(sa.func.count()).select_from(reviews)) or 0) // PART
    for part in range(parts):
        past = await _walked(connection, Past(part, parts))
        async for finding in _compared(connection, past):
            yield finding
    same = (revisions.c.hash == reviews.c.hash) & (revisions.c.key == reviews.c.key)
    same &= (revisions.c.locale == reviews.c.locale) & (revisions.c.number == reviews.c.number)
    alone = sa.select(reviews.c.key, reviews.c.locale).join(revisions, same, isouter=True)
    async for row in streamed(connection, alone.where(revisions.c.hash.is_(None))):
        yield Finding("reviews", f"{row.key} {row.locale}", "there is no such revision")


async def _compared(connection: AsyncConnection, past: Past) -> AsyncIterator[Finding]:
    columns = tuple(reviews.c[name] for name in COLUMNS)
    async for row in streamed(connection, sa.select(reviews.c.key, reviews.c.locale, reviews.c.hash, *columns)):
        if past.holds(row.hash):
            standing = past.known.pop(row.hash, None)
            if standing is None or msgspec.structs.astuple(standing) != tuple(row[3:]):
                yield Finding(
                    "reviews", f"{row.key} {row.locale} {row.hash[:12]}", "the journal makes it stand otherwise"
                )
    for hash_ in past.known:
        yield Finding("reviews", hash_[:12], "the journal tells of a review that isn't there")


async def _walked(connection: AsyncConnection, past: Past) -> Past:
    columns = (journal.c.position, journal.c.event, journal.c.data)
    kinds = (*STEPS, *SCHEDULING, "review.escalated")
    moving = journal.c.event.in_(kinds) | journal.c.event.like("release.%")
    of_release = sa.select(releases.c.position, release_items).join(releases, releases.c.id == release_items.c.release)
    items = ByPosition(connection, of_release.order_by(releases.c.position))
    lines = sa.select(*columns, releases.c.at).join(releases, releases.c.position == journal.c.position, isouter=True)
    async for row in streamed(connection, lines.where(moving).order_by(journal.c.position)):
        line = told(row.data)
        if row.event in SCHEDULING:
            await _scheduled(connection, past, line, SCHEDULING[row.event], row.position)
        elif row.event.startswith("release."):
            _, listed = await items.upto(row.position)
            _released(past, listed, line, row.position)
        elif isinstance(line.get("hash"), str):
            _moved(past, row, line)
    await items.close()
    return past


def _moved(past: Past, row: Any, line: Mapping[str, Any]) -> None:
    standing = past.of(line["hash"])
    if row.event == "review.escalated":
        standing.escalated = row.position
    elif line.get("emergency"):
        standing.confirmed = row.position
    else:
        standing.state, standing.position = TARGETS[STEPS[row.event]], row.position
    if row.event == "review.submitted":
        standing.due_at, standing.escalated = line.get("due_at"), None


def _released(past: Past, items: list[Any], line: Mapping[str, Any], position: int) -> None:
    """A release's own steps, and what it supersedes: the revision that was live at a place, or asleep there."""
    for item in items:
        at = (item.key, item.locale)
        if item.step in OPENING:
            before, asleep = past.live.get(at), past.asleep.get(at)
            if before == item.hash:
                continue  # the end that its emergency set is lifted: it stays live as it was
            for gone in {before, asleep} - {None, item.hash}:
                past.take(str(gone), Step.SUPERSEDE, position)
            past.live[at] = item.hash
            past.asleep.pop(at, None)
        else:
            past.live.pop(at, None)
            past.asleep.pop(at, None)
            if item.step == Step.SUSPEND:
                past.asleep[at] = item.hash
        past.take(item.hash, item.step, position)
        if item.step == Step.RELEASE_EMERGENCY:
            standing = past.of(item.hash)
            standing.emergency, standing.confirmed, standing.escalated = position, None, None
            standing.due_at = line.get("until", standing.due_at)


async def _scheduled(
    connection: AsyncConnection, past: Past, line: Mapping[str, Any], step: Step, position: int
) -> None:
    chosen = sa.select(schedule_items.c.hash).where(schedule_items.c.schedule == str(line.get("schedule", "")))
    for hash_ in (await connection.execute(chosen)).scalars():
        past.take(hash_, step, position)
