"""Writing entries: every draft becomes the next immutable revision of its key and locale."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from kb.base.db import chunks
from kb.base.errors import Conflict
from kb.base.hashing import digest
from kb.base.work import Work
from kb.entries.rules import signed_bytes
from kb.entries.tables import entries, latest_revisions, revisions, uses
from kb.entries.texts import uses_of
from kb.entries.types import Draft, Revision

NOTHING: Mapping[str, Any] = {}


async def write(work: Work, drafts: Sequence[Draft], *, note: Mapping[str, Any] = NOTHING) -> list[Revision]:
    """Store each draft as a revision, one journal line `entry.written` each, and return them in order.

    A draft whose hash is stored already is returned as it stands, with no line. Conflict when a key has another kind.
    `note` goes into the lines beside the place, hash and author: ids and numbers, never text.
    """
    await _entries_for(work, drafts)
    bodies = [signed_bytes(draft) for draft in drafts]
    hashes = [digest(body) for body in bodies]
    numbers, known = await _stored(work, dict(zip(hashes, drafts, strict=True)))
    written: list[Revision] = []
    fresh: list[tuple[Revision, bytes]] = []
    for draft, hash_, body in zip(drafts, hashes, bodies, strict=True):
        place = (draft.key, draft.locale)
        revision = known.get((*place, hash_))
        if revision is None:
            number = numbers[place] = numbers.get(place, 0) + 1
            data = {"key": draft.key, "locale": draft.locale, "number": number, "hash": hash_, "author": draft.author}
            position = await work.record("entry.written", {**data, **note})
            revision = known[(*place, hash_)] = Revision(draft, number, hash_, position, work.now)
            fresh.append((revision, body))
        written.append(revision)
    await _insert(work, fresh)
    return written


async def _entries_for(work: Work, drafts: Sequence[Draft]) -> None:
    kinds: dict[str, str] = {}
    for chunk in chunks(sorted({draft.key for draft in drafts})):
        statement = sa.select(entries.c.key, entries.c.kind).where(entries.c.key.in_(chunk))
        kinds.update({row.key: row.kind for row in await work.connection.execute(statement)})
    rows = []
    for draft in drafts:
        if draft.key not in kinds:
            kinds[draft.key] = draft.kind
            position = await work.record("entry.created", {"key": draft.key, "kind": draft.kind})
            rows.append({"key": draft.key, "kind": draft.kind, "position": position})
        elif kinds[draft.key] != draft.kind:
            raise Conflict(
                f"{draft.key} is a {kinds[draft.key]} and can't become a {draft.kind}: give the new entry another key"
            )
    if rows:
        await work.connection.execute(entries.insert(), rows)


async def _stored(
    work: Work, by_hash: Mapping[str, Draft]
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str, str], Revision]]:
    """The highest number of each (key, locale), and those of these drafts that are stored already."""
    numbers: dict[tuple[str, str], int] = {}
    known: dict[tuple[str, str, str], Revision] = {}
    columns = (revisions.c.key, revisions.c.locale, revisions.c.number, revisions.c.hash, revisions.c.position)
    for chunk in chunks(sorted({draft.key for draft in by_hash.values()})):
        for row in await work.connection.execute(sa.select(*columns).where(revisions.c.key.in_(chunk))):
            place = (row.key, row.locale)
            numbers[place] = max(numbers.get(place, 0), row.number)
            if draft := by_hash.get(row.hash):
                known[(*place, row.hash)] = Revision(draft, row.number, row.hash, row.position, work.now)
    return numbers, known


async def _insert(work: Work, fresh: Sequence[tuple[Revision, bytes]]) -> None:
    if not fresh:
        return
    at = work.stamp
    rows = [
        {
            "key": revision.draft.key,
            "locale": revision.draft.locale,
            "number": revision.number,
            "hash": revision.hash,
            "kind": revision.draft.kind,
            "author": revision.draft.author,
            "source": revision.draft.source,
            "body": body,
            "position": revision.position,
            "at": at,
        }
        for revision, body in fresh
    ]
    await work.connection.execute(revisions.insert(), rows)
    used = [
        {
            "target": target,
            "hash": revision.hash,
            "kind": kind,
            "key": revision.draft.key,
            "locale": revision.draft.locale,
        }
        for revision, _ in fresh
        for kind, target in sorted(uses_of(revision.draft.content))
    ]
    if used:
        await work.connection.execute(uses.insert(), used)
    await _keep_latest(work, [revision for revision, _ in fresh])


async def _keep_latest(work: Work, fresh: Sequence[Revision]) -> None:
    newest = {(one.draft.key, one.draft.locale): one for one in sorted(fresh, key=lambda one: one.number)}
    at = (latest_revisions.c.key == sa.bindparam("k")) & (latest_revisions.c.locale == sa.bindparam("l"))
    places = [{"k": key, "l": locale} for key, locale in newest]
    await work.connection.execute(sa.delete(latest_revisions).where(at), places)
    await work.connection.execute(latest_revisions.insert(), [_latest(one, work.stamp) for one in newest.values()])


def _latest(revision: Revision, at: str) -> dict[str, Any]:
    draft = revision.draft
    content = draft.content
    return {
        "key": draft.key,
        "locale": draft.locale,
        "number": revision.number,
        "hash": revision.hash,
        "author": draft.author,
        "position": revision.position,
        "at": at,
        "title": content.title,
        "topic": content.topic,
        "product": content.product,
        "stage": content.stage.value if content.stage else "",
        "owner": content.owner,
        "audience": content.audience.value,
    }
