"""Redaction: two admins erase a text for good; its hash, its numbers and its journal lines stay (DESIGN, law 7)."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.db import chunks
from kb.base.errors import Code, Conflict, Detail, Forbidden, Invalid, NotFound
from kb.base.hashing import digest
from kb.base.work import Right, Work
from kb.delivery.tables import findable, payloads, renditions
from kb.entries.tables import latest_revisions, revisions
from kb.release.leaves import FindableFacts, findable_hash
from kb.release.quoting import Quoted, places_of, quotes_of, told_meanwhile
from kb.release.tables import live_revisions, redactions
from kb.review.queries import by_hashes
from kb.review.tables import comment_texts, comments
from kb.review.types import State

STANDING = frozenset({State.LIVE, State.SCHEDULED, State.SUSPENDED})
"""States of what is served, will be, or comes back by itself."""

FINDABLE = tuple(findable.c[name] for name in FindableFacts.__struct_fields__)


class Redaction(msgspec.Struct, frozen=True):
    """A text that somebody asked to erase; `confirmed_by` and `confirmed_at` are empty until a second admin agreed.

    `asked_at` and `confirmed_at` are positions of the journal. `quoting` are the places of other entries that said the text
    (the words of a claim, the value of a fact), whose former payloads go with it.
    """

    id: str
    key: str
    locale: str
    hash: str
    reason: str
    asked_by: str
    asked_at: int
    confirmed_by: str | None
    confirmed_at: int | None
    quoting: tuple[Quoted, ...] = ()


COLUMNS = ("id", "key", "locale", "hash", "reason", "asked_by", "asked_at", "confirmed_by", "confirmed_at")
SHOWN = (*(redactions.c[name] for name in COLUMNS), redactions.c.quoting)


async def ask(work: Work, hash_: str, reason: str) -> Redaction:
    """Ask that the text of a revision be erased; somebody else has to confirm it.

    NotFound where there is no such revision; Conflict while it is served or will be, and where it was asked already.
    """
    work.actor.must(Right.REDACT)
    if not reason.strip():
        raise Invalid("say why this text has to go: the reason is kept beside the redaction")
    columns = (revisions.c.key, revisions.c.locale)
    row = (await work.connection.execute(sa.select(*columns).where(revisions.c.hash == hash_))).one_or_none()
    if row is None:
        raise NotFound(f"no revision {hash_}")
    if await work.connection.scalar(sa.select(redactions.c.id).where(redactions.c.hash == hash_)) is not None:
        raise Conflict("its redaction was asked for already: somebody else has to confirm it")
    await _must_rest(work.connection, row.key, hash_)
    id_ = work.ids.new()
    data = {"redaction": id_, "key": row.key, "locale": row.locale, "hash": hash_, "reason": digest(reason.encode())}
    position = await work.record("redaction.asked", data)
    about = {"id": id_, "key": row.key, "locale": row.locale, "hash": hash_}
    asked = {"reason": reason, "asked_by": work.actor.id, "asked_at": position}
    await work.connection.execute(redactions.insert().values(**about, **asked))
    return await one(work.connection, id_)


async def confirm(work: Work, id_: str) -> Redaction:
    """Erase what was asked: the revision's text, all payloads that said it, what search knew, and comments on it.

    Its hash, columns and lines stay, so that the journal still holds. Forbidden to whoever asked for it.
    """
    work.actor.must(Right.REDACT)
    asked = await one(work.connection, id_)
    if asked.confirmed_at is not None:
        raise Conflict("this was confirmed before, and the text is gone")
    if asked.asked_by == work.actor.id:
        raise Forbidden("you asked for this redaction: another admin has to confirm it")
    await _must_rest(work.connection, asked.key, asked.hash)
    quotes = await quotes_of(work.connection, asked.key, asked.hash)
    kept = await _findable(work.connection, asked, await told_meanwhile(work.connection, quotes))
    quoting = msgspec.json.encode(sorted({quote.rendition for quote in quotes}))
    data = {"redaction": id_, "key": asked.key, "locale": asked.locale, "hash": asked.hash}
    position = await work.record("redaction.confirmed", data | {"kept": digest(kept), "quoting": digest(quoting)})
    values = {"confirmed_by": work.actor.id, "confirmed_at": position}
    values |= {"kept": kept.decode(), "quoting": quoting.decode()}
    await work.connection.execute(redactions.update().where(redactions.c.id == id_).values(**values))
    await _erase(work.connection, asked)
    await _erase_payloads(work.connection, [*await _only_of(work.connection, asked), *msgspec.json.decode(quoting)])
    await _erase_told(work.connection, [int(row) for row in msgspec.json.decode(kept)])
    return await one(work.connection, id_)


async def one(connection: AsyncConnection, id_: str) -> Redaction:
    """A redaction by its id; NotFound where there is none."""
    row = (await connection.execute(sa.select(*SHOWN).where(redactions.c.id == id_))).one_or_none()
    if row is None:
        raise NotFound(f"no redaction {id_}")
    return await _with_quotes(connection, row)


async def listed(connection: AsyncConnection) -> list[Redaction]:
    """All redactions, the oldest first."""
    rows = (await connection.execute(sa.select(*SHOWN).order_by(redactions.c.asked_at))).all()
    return [await _with_quotes(connection, row) for row in rows]


async def _with_quotes(connection: AsyncConnection, row: Any) -> Redaction:
    """A redaction with the places that quoted it: those of now while it waits, those that went with it afterwards."""
    if row.confirmed_at is None:
        quoting = sorted({quote.place for quote in await quotes_of(connection, row.key, row.hash)})
    else:
        quoting = await places_of(connection, msgspec.json.decode(row.quoting))
    return Redaction(**{name: getattr(row, name) for name in COLUMNS}, quoting=tuple(quoting))


async def _must_rest(connection: AsyncConnection, key: str, hash_: str) -> None:
    """Conflict while the revision is served or will be, or while anything live quotes it."""
    review = (await by_hashes(connection, [hash_])).get(hash_)
    live = sa.select(live_revisions.c.id).where(live_revisions.c.hash == hash_, live_revisions.c.closed_at.is_(None))
    saying = sorted({quote.place for quote in await quotes_of(connection, key, hash_) if quote.place.live})
    details = tuple(
        Detail(f"{one.key}.{one.locale}", Code.CONFLICT.value, f"{one.key} ({one.locale}) says it on {one.channel}")
        for one in saying
    )
    if (review and review.state in STANDING) or await connection.scalar(live) is not None:
        state = review.state if review else State.LIVE
        message = f"this revision is {state}: withdraw it, or release another in its place, and redact it then"
        raise Conflict(message, errors=details)
    if saying:
        named = ", ".join(sorted({f"{one.key} ({one.locale})" for one in saying}))
        raise Conflict(f"these are live and say it still: {named}; release them anew first", errors=details)


async def _findable(connection: AsyncConnection, asked: Redaction, others: Sequence[int]) -> bytes:
    """The hash of each thing search knew of it while it was live, and of `others`, by the id of its row, as JSON."""
    columns = sa.select(findable.c.id, *FINDABLE)
    rows = list(await connection.execute(columns.join(live_revisions, _of(asked))))
    for chunk in chunks(others):
        rows += list(await connection.execute(columns.where(findable.c.id.in_(chunk))))
    known = await _kept_before(connection)
    told = {str(row.id): known.get(str(row.id)) or findable_hash(FindableFacts(*row[1:])) for row in rows}
    return msgspec.json.encode(dict(sorted(told.items())))


async def _kept_before(connection: AsyncConnection) -> dict[str, str]:
    """What earlier redactions erased of search, with the hash of what it was."""
    found: dict[str, str] = {}
    for kept in (await connection.execute(sa.select(redactions.c.kept))).scalars():
        found |= msgspec.json.decode(kept or "{}")
    return found


def _of(asked: Redaction) -> sa.ColumnElement[bool]:
    """Joins what search knew to the time in which this very revision was live."""
    mine: sa.ColumnElement[bool] = (live_revisions.c.hash == asked.hash) & (live_revisions.c.key == findable.c.key)
    mine &= live_revisions.c.locale == findable.c.locale
    return (
        mine
        & (live_revisions.c.opened_at <= findable.c.opened_at)
        & (findable.c.opened_at < live_revisions.c.closed_at)
    )


async def _erase(connection: AsyncConnection, asked: Redaction) -> None:
    """The revision's own text, its title in lists, and the comments on it."""
    mine = (revisions.c.hash == asked.hash) & (revisions.c.key == asked.key) & (revisions.c.locale == asked.locale)
    await connection.execute(revisions.update().where(mine).values(body=b""))
    newest = latest_revisions.update().where(latest_revisions.c.hash == asked.hash)
    await connection.execute(newest.values(title="", owner=""))
    said = sa.select(comments.c.id).where(comments.c.hash == asked.hash)
    await connection.execute(comment_texts.delete().where(comment_texts.c.comment.in_(said)))


async def _erase_payloads(connection: AsyncConnection, hashes: Sequence[str]) -> None:
    for chunk in chunks(hashes):
        await connection.execute(payloads.update().where(payloads.c.hash.in_(chunk)).values(body=b""))


async def _erase_told(connection: AsyncConnection, ids: Sequence[int]) -> None:
    gone: dict[str, Any] = {"title": "", "text": "", "phrasings": "[]"}
    for chunk in chunks(ids):
        await connection.execute(findable.update().where(findable.c.id.in_(chunk)).values(**gone))


async def _only_of(connection: AsyncConnection, asked: Redaction) -> list[str]:
    """The payloads that were rendered of this revision, and of no other."""
    mine = sa.select(renditions.c.rendition).where(renditions.c.hash == asked.hash, renditions.c.key == asked.key)
    others = sa.select(renditions.c.rendition).where(renditions.c.hash != asked.hash)
    return list((await connection.execute(mine.distinct().except_(others))).scalars())
