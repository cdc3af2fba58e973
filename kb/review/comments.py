"""Comments on a place in a wording: written, resolved, and erased where they must be."""

from collections.abc import Collection, Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.db import chunks
from kb.base.errors import Code, Conflict, Detail, Forbidden, Invalid, NotFound
from kb.base.hashing import canonical, digest
from kb.base.work import Right, Work
from kb.entries.texts import fields_of
from kb.entries.types import Content
from kb.review.cases import case_of
from kb.review.counting import holds
from kb.review.rules import refuse, topics_for, why_not
from kb.review.settling import settle
from kb.review.tables import comment_resolutions, comment_texts, comments
from kb.review.types import Act, Dossier, Someone

LONGEST = 4_000
"""Characters of a comment at most."""


class Remark(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What someone has to say: of a whole revision, of one `field`, or of the passage `quote` at `start`–`end` in it.

    `field` is a path as issues name them (`text`, `short`, `next.more.label`); positions count characters of its text,
    `end` behind the last one. With `blocks` the revision can't be approved until it is resolved.
    """

    text: str
    field: str = ""
    start: int = 0
    end: int = 0
    quote: str = ""
    blocks: bool = False


class Comment(msgspec.Struct, frozen=True):
    """A comment as it stands; `text` and `quote` are None where they were erased, `resolved_by` empty while it is open."""

    id: str
    hash: str
    number: int
    by: str
    at: str
    field: str
    start: int
    end: int
    text: str | None
    quote: str | None
    blocks: bool
    resolved_by: str
    resolved_at: str


async def comment(work: Work, hash_: str, remark: Remark) -> str:
    """Comment on a revision and return the comment's id; its text stays out of the journal, which holds its digest.

    Invalid for an empty or overlong text, or a place that the revision doesn't have.
    """
    dossier, someone = await case_of(work, hash_)
    refuse(why_not(dossier, someone, Act.COMMENT, work.now))
    _check(remark, dossier.revision.draft.content)
    comment_id = work.ids.new()
    review = dossier.review
    place = {"key": review.key, "locale": review.locale, "hash": hash_}
    said = said_digest(comment_id, remark.text, remark.quote)
    data = {**place, "comment": comment_id, "blocks": remark.blocks, "digest": said}
    data |= {"place": place_digest(remark.field, remark.start, remark.end)}
    position = await work.record("comment.written", data)
    row = {**place, "id": comment_id, "number": review.number, "by": work.actor.id, "at": work.stamp, "digest": said}
    row |= {name: getattr(remark, name) for name in ("field", "start", "end", "blocks")}
    await work.connection.execute(comments.insert().values(**row, position=position))
    text = {"comment": comment_id, "text": remark.text, "quote": remark.quote}
    await work.connection.execute(comment_texts.insert().values(**text))
    return comment_id


async def resolve(work: Work, hash_: str, comment_id: str) -> None:
    """Close a comment: by who wrote it, by someone who may sign the revision, or, unless it blocks, by an author of it.

    It may have been all that the approval waited for. NotFound for a comment of another revision, Conflict for a closed one.
    """
    dossier, someone = await case_of(work, hash_)
    found = (await comments_of(work.connection, dossier)).get(comment_id)
    if found is None:
        raise NotFound(f"no comment {comment_id}")
    if not _may_resolve(found, dossier, someone, work):
        who = "someone who may sign the text" if found.blocks else "an author of the text, or someone who may sign it"
        raise Forbidden(f"who wrote the comment resolves it, or {who}")
    if found.resolved_by:
        raise Conflict("this comment was resolved already")
    data = {"key": dossier.review.key, "locale": dossier.review.locale, "hash": found.hash, "comment": comment_id}
    position = await work.record("comment.resolved", data)
    row = {"comment": comment_id, "by": work.actor.id, "at": work.stamp, "position": position}
    await work.connection.execute(comment_resolutions.insert().values(**row))
    await settle(work, [hash_])


async def erase(work: Work, comment_ids: Collection[str]) -> int:
    """Erase the texts of these comments, a line `comment.erased` each; that they were made, by whom and where, stays.

    Returns how many there were to erase.
    """
    work.actor.must(Right.REDACT)
    return await _erase(work, comment_ids)


async def erase_those_of(work: Work, person: str) -> int:
    """Erase the texts of all comments of a person who is being erased themselves; returns how many there were."""
    work.actor.must(Right.PEOPLE)
    return await _erase(work, await written_by(work.connection, person))


async def _erase(work: Work, comment_ids: Collection[str]) -> int:
    erased = 0
    for comment_id in sorted(set(comment_ids)):
        gone = await work.connection.execute(comment_texts.delete().where(comment_texts.c.comment == comment_id))
        if gone.rowcount:
            await work.record("comment.erased", {"comment": comment_id})
            erased += 1
    return erased


def said_digest(comment_id: str, text: str, quote: str) -> str:
    """The hash of what somebody wrote, bound to the comment: it stays when the words are erased."""
    return digest(canonical({"comment": comment_id, "text": text, "quote": quote}))


def place_digest(field: str, start: int, end: int) -> str:
    """The hash of the passage a comment is of."""
    return digest(canonical({"field": field, "start": start, "end": end}))


async def written_by(connection: AsyncConnection, person: str) -> list[str]:
    """The ids of all comments of a person."""
    statement = sa.select(comments.c.id).where(comments.c.by == person).order_by(comments.c.position)
    return list((await connection.execute(statement)).scalars())


async def comments_of(connection: AsyncConnection, dossier: Dossier, also: Collection[str] = ()) -> dict[str, Comment]:
    """The comments on a revision by id, oldest first, behind the open blocking ones on the candidates before it.

    `also` are further ones, by id.
    """
    own = comments.c.hash == dossier.revision.hash
    found = await _comments(connection, [own])
    former = [one for one in (*dossier.blocking, *also) if one not in found]
    earlier = await _comments(connection, [comments.c.id.in_(chunk) for chunk in chunks(former)])
    return {**earlier, **found}


async def _comments(connection: AsyncConnection, conditions: Iterable[sa.ColumnElement[bool]]) -> dict[str, Comment]:
    columns = [comments.c[name] for name in ("id", "hash", "number", "by", "at", "field", "start", "end", "blocks")]
    resolved = (comment_resolutions.c.by.label("resolved_by"), comment_resolutions.c.at.label("resolved_at"))
    base = sa.select(*columns, comment_texts.c.text, comment_texts.c.quote, *resolved)
    base = base.outerjoin(comment_texts, comment_texts.c.comment == comments.c.id)
    base = base.outerjoin(comment_resolutions, comment_resolutions.c.comment == comments.c.id)
    found = {}
    for condition in conditions:
        for row in await connection.execute(base.where(condition).order_by(comments.c.position)):
            values = dict(row._mapping)
            open_ones = {name: values[name] or "" for name in ("resolved_by", "resolved_at")}
            found[row.id] = Comment(**{**values, **open_ones})
    return found


def _may_resolve(found: Comment, dossier: Dossier, someone: Someone, work: Work) -> bool:
    actor, person = someone.actor, someone.person
    if person is None or person.suspended:
        return False
    if actor.id == found.by:
        return True
    if not actor.may(Right.COMMENT, dossier.topic) and not any(actor.may(Right.COMMENT, one) for one in dossier.topics):
        return False
    if actor.id in dossier.contributors:
        return not found.blocks
    return any(holds(person, role, topics_for(dossier), work.now, dossier.leaving) for role in dossier.asked)


def _check(remark: Remark, content: Content) -> None:
    if not remark.text.strip():
        raise _wrong("/text", "say something: the comment is empty")
    if len(remark.text) > LONGEST:
        raise _wrong("/text", f"a comment has at most {LONGEST:,} characters")
    if "\x00" in remark.text:
        raise _wrong("/text", "the text holds a NUL character: leave it out")
    texts = dict(fields_of(content))
    if remark.field and remark.field not in texts and remark.field not in Content.__struct_fields__:
        raise _wrong("/field", f"this revision has no field {remark.field!r}")
    if (remark.start, remark.end) == (0, 0) and not remark.quote:
        return
    text = texts.get(remark.field, "")
    if not 0 <= remark.start < remark.end <= len(text):
        raise _wrong("/start", f"the field {remark.field!r} has no characters {remark.start} to {remark.end}")
    if text[remark.start : remark.end] != remark.quote:
        raise _wrong("/quote", "the text at this place is another: quote it as the revision has it")


def _wrong(pointer: str, message: str) -> Invalid:
    return Invalid(message, errors=(Detail(pointer, Code.INVALID.value, message),))
