"""What happened to a key, in words and in order: from the journal's lines that name it and the releases it was part of."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.tables import person_details
from kb.base.errors import NotFound
from kb.base.journal import journal
from kb.delivery.tables import replacements
from kb.entries.tables import entries, revisions
from kb.release.tables import release_items, releases

TOLD = ("entry.", "review.", "comment.", "redaction.", "schedule.", "files.")
"""Beginnings of the events that may name a key; releases are told from their own rows, which name what they moved."""

WORDS = {
    "entry.created": "the key was taken",
    "entry.written": "number {number} was written in {locale}",
    "entry.restored": "an earlier text was brought back as number {number} in {locale}",
    "review.submitted": "number {number} in {locale} was handed in for review",
    "review.signed": "number {number} in {locale} was signed as {role}",
    "review.carried": "the sign-off as {role} was carried over to number {number} in {locale}",
    "review.waived": "the finding {code} was waived in number {number} in {locale}",
    "review.approved": "number {number} in {locale} has every sign-off it needs",
    "review.verified": "number {number} in {locale} was verified as {role}",
    "review.changes-requested": "changes were asked for in number {number} in {locale}",
    "review.taken": "the review of number {number} in {locale} was taken as {role}",
    "review.handed-back": "the review of number {number} in {locale} was handed back",
    "review.taken-back": "number {number} in {locale} was taken back by who wrote it",
    "review.invited": "an outside expert was invited to number {number} in {locale}",
    "review.escalated": "the review of number {number} in {locale} is overdue: {roles} were told",
    "comment.written": "a comment was made on number {number} in {locale}",
    "comment.resolved": "a comment on number {number} in {locale} was resolved",
    "redaction.asked": "erasing the text of number {number} in {locale} was asked for",
    "redaction.confirmed": "the text of number {number} in {locale} was erased",
    "files.seen": "number {number} in {locale} was read from the content files",
    "release": "number {number} in {locale} was released",
    "release_emergency": "number {number} in {locale} was released in an emergency",
    "reopen": "number {number} in {locale} came back, what it leans on being live again",
    "roll_back": "number {number} in {locale} was brought back by a rollback",
    "schedule": "number {number} in {locale} was scheduled",
    "cancel": "the schedule of number {number} in {locale} was cancelled",
    "supersede": "number {number} in {locale} was superseded",
    "suspend": "number {number} in {locale} was suspended with what it leans on",
    "expire": "number {number} in {locale} reached its end",
    "withdraw": "number {number} in {locale} was withdrawn",
    "retire": "number {number} in {locale} was retired; {replacement} answers for it",
}
"""A sentence for each event, and for each step of a release; what is missing in one stays a dash."""


class Happening(msgspec.Struct, frozen=True):
    """One thing that happened: at which position and time, what, by whom, to which revision.

    `by` is an opaque id, `name` theirs if it is known still; `release` is set where a release did it, with its reason.
    """

    position: int
    at: str
    event: str
    words: str
    by: str
    name: str
    locale: str
    number: int | None
    hash: str
    release: str = ""
    reason: str = ""


class Timeline(msgspec.Struct, frozen=True):
    """Happenings in order; `next` is the position to go on behind (None: that was all)."""

    items: tuple[Happening, ...]
    next: int | None


async def timeline(connection: AsyncConnection, key: str, *, after: int = 0, limit: int = 100) -> Timeline:
    """What happened to a key behind a position, whole positions at a time; NotFound for a key that was never taken.

    Looks through the journal from there on: it has no index by key.
    """
    born = await connection.scalar(sa.select(entries.c.position).where(entries.c.key == key))
    if born is None:
        raise NotFound(f"there is no entry {key}")
    numbers = await _numbers(connection, key)
    start = max(after, born - 1)
    found = [*await _lines(connection, key, start, limit + 1, numbers)]
    found += await _releases(connection, key, start, limit + 1, numbers)
    found.sort(key=lambda one: (one.position, one.locale, one.number or 0))
    page = _whole(found, limit)
    names = await _names(connection, {one.by for one in page})
    items = tuple(msgspec.structs.replace(one, name=names.get(one.by, "")) for one in page)
    return Timeline(items, items[-1].position if len(page) < len(found) else None)


def _whole(found: list[Happening], limit: int) -> list[Happening]:
    """The first `limit` happenings and the rest of the last one's position."""
    if len(found) <= limit:
        return found
    last = found[limit - 1].position
    return [one for one in found if one.position <= last]


async def _lines(
    connection: AsyncConnection, key: str, after: int, limit: int, numbers: Mapping[str, tuple[str, int]]
) -> list[Happening]:
    named = journal.c.data.like(f'%"key":"{key}"%')
    events = sa.or_(*(journal.c.event.like(f"{beginning}%") for beginning in TOLD))
    statement = sa.select(journal).where(journal.c.position > after, events, named).order_by(journal.c.position)
    found = []
    for row in await connection.execute(statement.limit(limit)):
        data = msgspec.json.decode(row.data)
        if data.get("key") != key:
            continue
        by = str(data.get("by", "")) if row.event in {"review.signed", "review.waived", "review.verified"} else ""
        found.append(_happening(row.position, row.at, row.event, by or row.actor, data, numbers))
    return found


async def _releases(
    connection: AsyncConnection, key: str, after: int, limit: int, numbers: Mapping[str, tuple[str, int]]
) -> list[Happening]:
    items = release_items.c
    statement = (
        sa.select(releases, items.locale, items.hash, items.step)
        .join(release_items, releases.c.id == items.release)
        .where(items.key == key, releases.c.position > after)
        .order_by(releases.c.position, items.locale)
        .limit(limit + len(numbers))  # whole positions: at most every revision moves at one
    )
    standing_in = await connection.execute(
        sa.select(replacements.c.opened_at, replacements.c.replacement).where(replacements.c.key == key)
    )
    replaced = {row.opened_at: row.replacement for row in standing_in}
    found = []
    for row in await connection.execute(statement):
        data = {"locale": row.locale, "hash": row.hash, "replacement": replaced.get(row.position)}
        one = _happening(row.position, row.at, row.step, row.actor, data, numbers)
        found.append(msgspec.structs.replace(one, release=row.id, reason=row.reason))
    return found


def _happening(
    position: int, at: str, event: str, by: str, data: Mapping[str, Any], numbers: Mapping[str, tuple[str, int]]
) -> Happening:
    hash_ = str(data.get("hash", ""))
    locale, number = numbers.get(hash_, (str(data.get("locale", "")), None))
    told = _Dashed(data, locale=locale, number=number)
    words = WORDS.get(event, event.replace(".", ": ").replace("-", " ").replace("_", " ")).format_map(told)
    return Happening(position, at, event, words, by, "", locale, number, hash_)


class _Dashed(dict[str, Any]):
    """Values for a sentence; what isn't known is a dash."""

    def __init__(self, data: Mapping[str, Any], **more: Any) -> None:
        super().__init__({**data, **more})

    def __missing__(self, name: str) -> str:
        return "—"

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if isinstance(value, list):
            return ", ".join(map(str, value))
        return "—" if value is None or value == "" else value


async def _numbers(connection: AsyncConnection, key: str) -> dict[str, tuple[str, int]]:
    columns = (revisions.c.hash, revisions.c.locale, revisions.c.number)
    rows = await connection.execute(sa.select(*columns).where(revisions.c.key == key))
    return {row.hash: (row.locale, row.number) for row in rows}


async def _names(connection: AsyncConnection, people: Iterable[str]) -> dict[str, str]:
    columns = (person_details.c.person, person_details.c.name)
    rows = await connection.execute(sa.select(*columns).where(person_details.c.person.in_(sorted(people))))
    return {row.person: row.name for row in rows}
