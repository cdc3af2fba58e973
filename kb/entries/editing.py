"""Writing one entry as a person does: its first revision, the next one, a translation, or what it said before.

Every act checks that its actor may write on the topic as it was and as it will be; a translation has its source's topic.
What is served never changes here: a release does that.
"""

from collections.abc import Iterable

import msgspec

from kb.base.errors import Conflict, Detail, Invalid, NotFound
from kb.base.work import Work
from kb.entries import queries
from kb.entries.actions import write
from kb.entries.faults import ContentFault, sent_faults
from kb.entries.normal import normal_content
from kb.entries.paths import pointer
from kb.entries.rules import content_hash, source_locale, variant_issues
from kb.entries.translation import inherit
from kb.entries.types import Content, Draft, Kind, Revision
from kb.entries.visible import must_write


class Edit(msgspec.Struct, frozen=True):
    """What is to be written at a place.

    `source` is the hash a translation was made from (empty: the one it had), `editors` are people who contributed beside
    the actor and those who wrote since `last_live`, the number of the last revision that was ever live there.
    """

    key: str
    locale: str
    content: Content
    source: str = ""
    editors: tuple[str, ...] = ()
    last_live: int = 0


async def create(work: Work, kind: Kind, edit: Edit, default_locale: str) -> Revision:
    """The first revision of a new entry, in the locale entries of its kind begin in.

    Conflict when the key is taken, by whatever kind; Invalid for a content that can't be stored.
    """
    content = normal_content(edit.content)
    must_write(work.actor, edit.locale, content)
    if taken := (await queries.kinds_of(work.connection, [edit.key])).get(edit.key):
        raise Conflict(f"there is a {taken} {edit.key} already: give this one another key, or edit that one")
    expected = source_locale(kind, default_locale)
    if edit.locale != expected:
        raise _invalid("/locale", f"a {kind} begins in {expected}: write that first, then its translations")
    _storable(kind, edit.key, content, translation=False)
    draft = Draft(edit.key, kind, edit.locale, work.actor.id, content, _others(work, edit.editors))
    return (await write(work, [draft]))[0]


async def revise(work: Work, edit: Edit, default_locale: str) -> Revision:
    """The next revision at a place, or the first in another locale; the latest one when that says the same already.

    NotFound for an unknown key; Invalid for a content that can't be stored, and for a translation of nothing.
    """
    kind = (await queries.kinds_of(work.connection, [edit.key])).get(edit.key)
    if kind is None:
        raise NotFound(edit.key)
    before = await queries.latest(work.connection, edit.key, edit.locale)
    content = normal_content(edit.content)
    home = source_locale(kind, default_locale)
    source = ""
    if edit.locale == home:
        if edit.source:
            raise _invalid("/source", "only a translation names a source: leave it out")
        must_write(work.actor, edit.locale, *([before.draft.content] if before else []), content)
    else:
        source = await _source(work, kind, edit, before, content, home)
    _storable(kind, edit.key, content, translation=edit.locale != home)
    if before and normal_content(before.draft.content) == content and before.draft.source == source:
        return before
    return await _next(work, kind, edit, content, source, before)


async def restore(work: Work, key: str, locale: str, number: int, last_live: int, default_locale: str) -> Revision:
    """A new draft with the content of an earlier revision; the latest one when that says the same already.

    NotFound for a revision that isn't there.
    """
    earlier = await queries.numbered(work.connection, key, locale, number)
    before = await queries.latest(work.connection, key, locale)
    if earlier is None or before is None:
        raise NotFound(f"{key} {locale} {number}")
    kind, content, source = earlier.draft.kind, earlier.draft.content, earlier.draft.source
    home = source_locale(kind, default_locale)
    ruling = [before.draft.content, content]
    if locale != home and (whole := await queries.latest(work.connection, key, home)):
        ruling = [whole.draft.content]
    must_write(work.actor, locale, *ruling)
    if (before.draft.content, before.draft.source) == (content, source):
        return before
    edit = Edit(key, locale, content, source, (), last_live)
    return await _next(work, kind, edit, content, source, before, restored=number)


async def _source(work: Work, kind: Kind, edit: Edit, before: Revision | None, content: Content, home: str) -> str:
    """The hash a translation pins, after asking whether the actor may write what it is a translation of."""
    source = await queries.latest(work.connection, edit.key, home)
    if source is None or kind in {Kind.FACT, Kind.HOUSE}:
        raise _invalid("/locale", f"a {kind} is written in {home}: there is nothing that this could translate")
    must_write(work.actor, edit.locale, inherit(source.draft.content, content))
    pinned = edit.source or (before.draft.source if before else "")
    if not pinned:
        raise _invalid("/source", f"name the hash of the revision in {home} that this was made from")
    if edit.source:
        made_from = (await queries.by_hashes(work.connection, [edit.source])).get(edit.source)
        if made_from is None or (made_from.draft.key, made_from.draft.locale) != (edit.key, home):
            raise _invalid("/source", f"no revision of {edit.key} in {home} has this hash")
    return pinned


async def _next(
    work: Work, kind: Kind, edit: Edit, content: Content, source: str, before: Revision | None, *, restored: int = 0
) -> Revision:
    number = before.number if before else 0
    wrote = await queries.authors_between(work.connection, edit.key, edit.locale, edit.last_live, number)
    editors = _others(work, {*edit.editors, *wrote})
    draft = Draft(edit.key, kind, edit.locale, work.actor.id, content, editors, source)
    draft = await _unwritten(work, draft)
    note = {"restored": restored} if restored else {}
    return (await write(work, [draft], note=note))[0]


async def _unwritten(work: Work, draft: Draft) -> Draft:
    """The draft, counted as going back to its words if these very bytes were a revision of this place before."""
    while await queries.is_stored(work.connection, draft.key, draft.locale, content_hash(draft)):
        draft = msgspec.structs.replace(draft, again=draft.again + 1)
    return draft


def _others(work: Work, people: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*people} - {work.actor.id}))


def _storable(kind: Kind, key: str, content: Content, *, translation: bool) -> None:
    """Raise Invalid for what no file may hold either, and for variants of which nobody could say which one wins."""
    found = list(sent_faults(kind, key, content, translation=translation))
    found += [ContentFault(one.field, one.code, one.message, one.action) for one in variant_issues(content)]
    if found:
        errors = tuple(
            Detail(f"/content{pointer(content, one.field)}", one.code, f"{one.message}: {one.action}") for one in found
        )
        raise Invalid("the content can't be stored as it is", errors=errors)


def _invalid(at: str, message: str) -> Invalid:
    return Invalid(message, errors=(Detail(at, "invalid", message),))
