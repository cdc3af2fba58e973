"""REST of reading entries: lists, the newest revision of a place, earlier ones, and who refers to an entry."""

import re
from collections.abc import Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import NotFound
from kb.base.hashing import digest, instant
from kb.base.paging import decode, encode
from kb.base.work import Actor
from kb.channels.types import Issue
from kb.entries import queries
from kb.entries.rules import own_issues, source_locale
from kb.entries.types import KEY, NO_LOCALE, Audience, Kind, Revision, Stage
from kb.entries.visible import reads
from kb.release import catalogue
from kb.release.catalogue import SORTS, ListedEntry, Wanted
from kb.release.checks import stored_issues
from kb.release.referrers import Referrer, referrers
from kb.rest.entry_shapes import EntryRevision, RevisionLine, RevisionPage, UsePage
from kb.review.types import State
from kb.web.answers import Answer, json_answer
from kb.web.asking import LOCALE, one_of
from kb.web.door import Call

_KEY = re.compile(KEY)
MOST = 2_147_483_647
"""The largest number a revision can have."""


async def listed(call: Call) -> Answer:
    """Entries with the newest revision of each locale."""
    query = call.query
    live = one_of(call, "live", ("true", "false"))
    wanted = Wanted(
        kind=one_of(call, "kind", tuple(Kind)),
        topic=query.one("topic"),
        product=query.one("product"),
        stage=one_of(call, "stage", tuple(Stage)),
        owner=query.one("owner"),
        audience=one_of(call, "audience", tuple(Audience)),
        locale=query.one("locale"),
        state=one_of(call, "state", tuple(State)),
        live=live == "true" if live else None,
        q=query.one("q"),
    )
    sort = one_of(call, "sort", SORTS) or "key"
    limit = query.number("limit", 20, 1, 100)
    async with call.services.sessions.reading() as connection:
        page = await catalogue.listed(
            connection, call.actor, default_locale(call), wanted, sort, query.one("cursor"), limit
        )
    return json_answer(page)


async def entry(call: Call) -> Answer:
    """One entry with the newest revision of each locale."""
    async with call.services.sessions.reading() as connection:
        return json_answer(await entry_of(call, call.actor, connection), tag=True)


async def newest(call: Call) -> Answer:
    """The newest revision at a place; with `gate=true` judged as if it were released now, and then without a tag."""
    async with call.services.sessions.reading() as connection:
        revision = await newest_of(call, call.actor, connection)
        return await _judged(call, connection, revision)


async def numbered(call: Call) -> Answer:
    """One revision by number."""
    number = call.path["number"]
    async with call.services.sessions.reading() as connection:
        here = (await newest_of(call, call.actor, connection)).draft
        known = number.isascii() and number.isdigit() and len(number) < 10
        revision = await queries.numbered(connection, here.key, here.locale, int(number)) if known else None
        if revision is None:
            raise NotFound(f"no revision {number}")
        return await _judged(call, connection, revision)


async def revisions(call: Call) -> Answer:
    """The revisions of a place, the newest first."""
    limit = call.query.number("limit", 20, 1, 100)
    after = decode(call.query.one("cursor"), (int,))
    async with call.services.sessions.reading() as connection:
        here = (await newest_of(call, call.actor, connection)).draft
        below = min(int(after[0]), MOST) if after else MOST
        found = await queries.at_place(connection, here.key, here.locale, below, limit + 1)
        states = await catalogue.states_of(connection, here.key, here.locale)
    lines = tuple(_line(one, states[one.hash]) for one in found[:limit])
    return json_answer(RevisionPage(lines, encode([lines[-1].number]) if len(found) > limit else None))


async def used(call: Call) -> Answer:
    """Who refers to an entry."""
    transitive = one_of(call, "transitive", ("true", "false")) == "true"
    live = one_of(call, "live", ("true", "false"))
    limit = call.query.number("limit", 20, 1, 100)
    after = decode(call.query.one("cursor"), (str, str, int, str, str))
    async with call.services.sessions.reading() as connection:
        key = (await entry_of(call, call.actor, connection)).key
        found = await referrers(connection, call.actor, default_locale(call), key, transitive=transitive)
    kept = [one for one in found if not live or one.live is (live == "true")]
    behind = [one for one in kept if after is None or _place(one) > after]
    page = tuple(behind[:limit])
    return json_answer(UsePage(page, encode(_place(page[-1])) if len(behind) > limit else None))


async def entry_of(call: Call, actor: Actor, connection: AsyncConnection) -> ListedEntry:
    """The entry of the path; NotFound for an unknown one and for one whose drafts aren't for the caller alike."""
    key = call.path["key"]
    found = await catalogue.one(connection, actor, default_locale(call), key) if _is_key(key) else None
    if found is None:
        raise NotFound(key)
    return found


async def newest_of(call: Call, actor: Actor, connection: AsyncConnection) -> Revision:
    """The newest revision at the place of the path."""
    key, locale = (await entry_of(call, actor, connection)).key, call.path["locale"]
    known = (locale == NO_LOCALE or LOCALE.fullmatch(locale)) and reads(actor, locale)
    revision = await queries.latest(connection, key, locale) if known else None
    if revision is None:
        raise NotFound(f"{key} {locale}")
    return revision


async def _judged(call: Call, connection: AsyncConnection, revision: Revision) -> Answer:
    """A revision with its tag; or, where the gate is asked, with what that says now, which no tag can stand for."""
    if one_of(call, "gate", ("true", "false")) == "true":
        found = await stored_issues(connection, revision, call.services.clock.now())
        return json_answer(await told(call, connection, revision, found))
    answer = json_answer(await told(call, connection, revision, None), tag=True)
    return msgspec.structs.replace(answer, etag=tag_of(revision, answer.body).encode())


async def told(
    call: Call, connection: AsyncConnection, revision: Revision, issues: Sequence[Issue] | None
) -> EntryRevision:
    draft = revision.draft
    if issues is None:
        home = source_locale(draft.kind, default_locale(call))
        source = None if draft.locale == home else await queries.latest(connection, draft.key, home)
        issues = own_issues(draft.kind, draft.content, source.draft.content if source else None)
    states = await catalogue.states_of(connection, draft.key, draft.locale)
    return EntryRevision(
        key=draft.key,
        kind=draft.kind,
        locale=draft.locale,
        number=revision.number,
        hash=revision.hash,
        state=states[revision.hash],
        author=draft.author,
        editors=draft.editors,
        source=draft.source,
        at=instant(revision.at),
        position=revision.position,
        content=draft.content,
        issues=tuple(issues),
    )


def tag_of(revision: Revision, body: bytes) -> str:
    """A strong tag of these bytes that tells also which revision they are of, for the differences of a later one."""
    return f'"{revision.number}-{digest(body)}"'


def _line(revision: Revision, state: State) -> RevisionLine:
    draft = revision.draft
    return RevisionLine(
        revision.number, revision.hash, state, draft.author, draft.editors, draft.source, instant(revision.at),
        revision.position,
    )  # fmt: skip


def _place(one: Referrer) -> tuple[str, str, int, str, str]:
    return (one.key, one.locale, one.number, one.target, one.uses)


def default_locale(call: Call) -> str:
    return call.view.profiles.locales[0]


def _is_key(text: str) -> bool:
    return len(text) <= 120 and _KEY.match(text) is not None
