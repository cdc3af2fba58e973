"""REST of writing entries: the first revision, the next one, a translation, what was said before, and a check of any."""

import re

from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Code, Invalid, NotFound, Stale
from kb.base.work import Work
from kb.channels.types import Severity
from kb.entries import editing, queries
from kb.entries.editing import Edit
from kb.entries.faults import sent_faults
from kb.entries.normal import normal_content
from kb.entries.rules import source_locale
from kb.entries.types import NO_LOCALE, Draft, Revision
from kb.entries.visible import must_write, reads
from kb.release import catalogue
from kb.release.checks import unsaved_issues
from kb.rest.entry_reading import default_locale, entry_of, newest_of, tag_of, told
from kb.rest.entry_shapes import CheckResult, EntryChange, NewEntry, Restoration, UnsavedContent
from kb.web.acting import Done, act, must_match
from kb.web.answers import Answer, json_answer
from kb.web.asking import LOCALE
from kb.web.bodies import read_body
from kb.web.door import Call, wrong

_TAG = re.compile(rb'"(\d{1,9})-[0-9a-f]{64}"')


async def created(call: Call) -> Answer:
    """Make an entry with its first revision."""
    request = await read_body(call, NewEntry)
    default = default_locale(call)
    locale = _locale(request.locale) or source_locale(request.kind, default)
    edit = Edit(request.key, locale, request.content, editors=request.editors)

    async def do(work: Work) -> Done:
        revision = await editing.create(work, request.kind, edit, default)
        return Done(await _written(call, work, revision, status=201))

    return await act(call, do)


async def changed(call: Call) -> Answer:
    """Write the next revision at a place, or with If-None-Match: * the first in another locale."""
    request = await read_body(call, EntryChange)

    async def do(work: Work) -> Done:
        key = (await entry_of(call, work.actor, work.connection)).key
        locale = _locale(call.path["locale"])
        if not reads(work.actor, locale):
            raise NotFound(locale)
        before = await queries.latest(work.connection, key, locale)
        if before is None:
            _must_be_new(call, locale)
        else:
            await _must_be_current(call, work.connection, before)
        last_live = await catalogue.last_live(work.connection, key, locale)
        edit = Edit(key, locale, request.content, request.source, request.editors, last_live)
        revision = await editing.revise(work, edit, default_locale(call))
        return Done(await _written(call, work, revision, status=200 if before else 201))

    return await act(call, do)


async def restored(call: Call) -> Answer:
    """Write a new draft with the content of an earlier revision."""
    request = await read_body(call, Restoration)

    async def do(work: Work) -> Done:
        before = await newest_of(call, work.actor, work.connection)
        key, locale = before.draft.key, before.draft.locale
        last_live = await catalogue.last_live(work.connection, key, locale)
        revision = await editing.restore(work, key, locale, request.number, last_live, default_locale(call))
        return Done(await _written(call, work, revision, status=200 if revision.hash == before.hash else 201))

    return await act(call, do)


async def checked(call: Call) -> Answer:
    """What the gate would raise against a content that is not saved."""
    request = await read_body(call, UnsavedContent)
    home = source_locale(request.kind, default_locale(call))
    locale = _locale(request.locale) or home
    if home == NO_LOCALE != locale:
        raise wrong("/locale", f"a {request.kind} has no locale: leave it out")
    content = normal_content(request.content)
    async with call.services.sessions.reading() as connection:
        source = None if locale == home else await queries.latest(connection, request.key, home)
        must_write(call.actor, locale, source.draft.content if source else content)
        faults = tuple(sent_faults(request.kind, request.key, content, translation=locale != home))
        found = tuple(one.issue for one in faults)
        if not faults:
            pinned = request.source or (source.hash if source else "")
            draft = Draft(request.key, request.kind, locale, call.actor.id, content, (), pinned)
            found = await unsaved_issues(connection, draft, call.services.clock.now(), request.together)
    return json_answer(CheckResult(found, any(one.severity is Severity.BLOCKS for one in found)))


async def _written(call: Call, work: Work, revision: Revision, *, status: int) -> Answer:
    """What a write answers: the revision that is the newest now, with the tag that the next change must name."""
    body = json_answer(await told(call, work.connection, revision, None)).body
    headers = [(b"etag", tag_of(revision, body).encode())]
    if status == 201:
        headers.append((b"location", f"/v1/entries/{revision.draft.key}/{revision.draft.locale}".encode()))
    return Answer(body, status=status, headers=tuple(headers))


async def _must_be_current(call: Call, connection: AsyncConnection, before: Revision) -> None:
    """Raise unless the caller has read what is there now."""
    tag = tag_of(before, json_answer(await told(call, connection, before, None)).body)
    diff = _diff(call, before)
    if call.headers.get(b"if-none-match", b"").strip() == b"*":
        message = f"{before.draft.key} is there in {before.draft.locale} already: read it, and send If-Match"
        raise Stale(message, etag=tag, diff=diff)
    must_match(call, tag, diff)


def _must_be_new(call: Call, locale: str) -> None:
    """Raise unless the caller says that nothing is there yet."""
    if call.headers.get(b"if-none-match", b"").strip() != b"*":
        message = f"there is nothing in {locale} yet: send If-None-Match: * to write the first revision there"
        raise Invalid(message, code=Code.PRECONDITION_REQUIRED)


def _diff(call: Call, now: Revision) -> str:
    """The differences between what the caller read, which its tag names, and what is there now."""
    named = _TAG.search(call.headers.get(b"if-match", b""))
    read = min(int(named[1]), now.number) if named else max(1, now.number - 1)
    place = f"/v1/entries/{now.draft.key}/{now.draft.locale}/diff"
    return f"{place}?base={max(1, read)}&from={max(1, read)}&to={now.number}"


def _locale(text: str) -> str:
    """A locale as given, empty where none is; Invalid for what can't be one."""
    if text and text != NO_LOCALE and not LOCALE.fullmatch(text):
        raise wrong("/locale", f"{text!r} is no locale: write it like en-GB or es")
    return text
