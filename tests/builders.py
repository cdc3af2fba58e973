"""Small builders that call the program's own actions: they can make nothing that the program itself can't."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.actions import trust
from kb.accounts.types import Role, RoleGrant, Signer
from kb.base import db
from kb.base.clock import RandomIds
from kb.base.hashing import instant
from kb.base.journal import read_head
from kb.base.work import OPERATOR, Actor, Sessions, Work, open_work
from kb.channels.profiles import ProfilesDocument
from kb.channels.types import Placement, Wording
from kb.channels.values import Duration, FactValue, Unit
from kb.delivery import queries as delivery
from kb.delivery.reader import Reader, open_reader
from kb.delivery.types import Asked, Circumstances
from kb.entries.actions import write
from kb.entries.rules import content_hash
from kb.entries.types import (
    NO_LOCALE,
    Content,
    Draft,
    Evidence,
    House,
    Kind,
    NoticeTerms,
    Policy,
    PolicyRule,
    PromiseTerms,
    Revision,
)
from kb.release import actions as releasing
from kb.release import lapse as lapsing
from kb.release import withdraw as withdrawing
from kb.release.prepare import prepare
from kb.release.types import Blocked, Prepared, Released
from kb.review import actions as review
from kb.review.signatures import new_keys, sign
from kb.review.types import Refusal, SignOff

BEGINNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
ENGLISH = "en-GB"
SPANISH = "es-ES"
PUBLIC = frozenset({"public"})
EVERY_AUDIENCE = frozenset({"public", "customer", "staff"})
ROLES = {
    "ana": (Role.AUTHOR,),
    "ben": (Role.AUTHOR, Role.LEGAL),
    "lea": (Role.LEGAL,),
    "leo": (Role.LEGAL,),
    "bea": (Role.BRAND,),
    "ada": (Role.ADMIN,),
    "adi": (Role.ADMIN,),
}
"""The people of every test: two write (one of them is a lawyer), two lawyers, one for the brand, two administrators."""

KEYS = {person: new_keys() for person in ROLES}
"""(public, private) of each."""

CONTENT_SIGNERS = (("lea", "legal"),)
HOUSE_SIGNERS = (("ada", "admin"), ("adi", "admin"))
POLICY = Policy(
    rules=(
        PolicyRule("content", {"legal": 1}, kinds=tuple(kind for kind in Kind if kind is not Kind.HOUSE)),
        PolicyRule("house", {"admin": 2}, kinds=(Kind.HOUSE,)),
    ),
    waivers=("legal",),
)
CHANNELS = ProfilesDocument(locales=(ENGLISH, SPANISH), fallbacks={SPANISH: (ENGLISH,), "es-MX": (SPANISH, ENGLISH)})


class SetClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, now: datetime = BEGINNING) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, **by: float) -> None:
        """Move by the arguments of a timedelta; backwards too."""
        self._now += timedelta(**by)


class Home:
    """One installation: its database, a clock that the test moves, and the reader that delivery reads through."""

    def __init__(self, url: str, sessions: Sessions, clock: SetClock, reader: Reader) -> None:
        self.url = url
        self.sessions = sessions
        self.clock = clock
        self.reader = reader

    @property
    def now(self) -> str:
        return instant(self.clock.now())

    def work(self, actor: Actor = OPERATOR) -> AbstractAsyncContextManager[Work]:
        return open_work(self.sessions, actor)

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self.sessions.reading()


class Outcome(msgspec.Struct, frozen=True):
    """What became of some drafts: their revisions, the sign-offs refused, what was left behind, what went live."""

    revisions: tuple[Revision, ...]
    refused: tuple[Refusal, ...]
    blocked: tuple[Blocked, ...]
    released: Released | None

    @property
    def position(self) -> int:
        assert self.released is not None, self.blocked
        return self.released.position

    def codes(self, key: str) -> set[str]:
        """The codes of the issues that keep a key behind."""
        return {issue.code for one in self.blocked if one.key == key for issue in one.issues}


# ---- homes -----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def an_open_home(url: str) -> AsyncIterator[Home]:
    """The home on a migrated database, a day after the house was built."""
    clock = SetClock(BEGINNING + timedelta(days=1))
    engine = db.connect(url)
    reader = open_reader(url)
    try:
        yield Home(url, Sessions(engine, clock, RandomIds()), clock, reader)
    finally:
        await reader.close()
        await engine.dispose()


async def a_house(url: str) -> None:
    """Fill an empty home with its people, a policy in force, the channels document and the `say-*` entries."""
    async with an_open_home(url) as home:
        home.clock.move(days=-1)
        await trusted(home)
        await live(home, a_policy(POLICY))
        await live(home, a_channels_document(CHANNELS))
        await live(home, *the_says())


async def trusted(home: Home, *others: Signer, people: Sequence[str] = tuple(ROLES)) -> int:
    """Let the installation trust exactly these people, `others` as their own lines say."""
    lines = {person: a_signer(person) for person in people} | {other.id: other for other in others}
    async with home.work() as work:
        return await trust(work, list(lines.values()), "trust-file")


def a_signer(person: str, *roles: Role, topics: tuple[str, ...] = ("*",), key: str = "") -> Signer:
    """A line of a trust file; without roles, those the person has in every test."""
    grants = tuple(RoleGrant(role, topics) for role in roles or ROLES[person])
    return Signer(person, grants, key or KEYS[person][0])


# ---- drafts ----------------------------------------------------------------------------------------------------------


def an_answer(key: str = "card-arrival", text: str = "Your card is on its way.", **rest: Any) -> Draft:
    """An answer; `rest` are fields of its content, or `author`, `editors`, `locale`, `source` of the draft."""
    content: dict[str, Any] = {"title": "Where is my card?", "topic": "cards", "owner": "team-cards"}
    return _draft(key, Kind.ANSWER, content | {"wording": Wording(text)} | rest)


def a_fact(key: str = "card.delivery", value: FactValue | None = None, **rest: Any) -> Draft:
    content: dict[str, Any] = {"title": "Delivery of cards", "topic": "cards", "owner": "team-cards"}
    value = value or Duration(5, Unit.WORKING_DAYS, 7)
    return _draft(key, Kind.FACT, content | {"fact": value, "locale": NO_LOCALE} | rest)


def a_claim(key: str = "free-atm", text: str = "Taking out cash is free.", **rest: Any) -> Draft:
    proof = (Evidence("Tariff", url="https://larkfield.example/tariff"),)
    content: dict[str, Any] = {"title": "Free cash", "topic": "cards", "owner": "team-cards", "evidence": proof}
    return _draft(key, Kind.CLAIM, content | {"wording": Wording(text)} | rest)


def a_disclosure(key: str = "capital", text: str = "Your capital is at risk.", **rest: Any) -> Draft:
    content: dict[str, Any] = {"title": "Risk", "topic": "savings", "owner": "team-legal", "placement": Placement()}
    return _draft(key, Kind.DISCLOSURE, content | {"wording": Wording(text)} | rest)


def a_promise(key: str = "promise-calls", text: str = "We answer calls soon.", **rest: Any) -> Draft:
    terms = PromiseTerms("every call", "calls answered", "each month", "we say sorry")
    content: dict[str, Any] = {"title": "Calls", "topic": "service", "owner": "team-care", "promise": terms}
    return _draft(key, Kind.PROMISE, content | {"wording": Wording(text)} | rest)


def a_notice(key: str = "card-sent", text: str = "We have sent your card.", **rest: Any) -> Draft:
    terms = NoticeTerms("tell that a card is on its way", "service")
    content: dict[str, Any] = {"title": "Card sent", "topic": "cards", "owner": "team-cards", "notice": terms}
    return _draft(key, Kind.NOTICE, content | {"wording": Wording(text)} | rest)


def a_policy(policy: Policy, **rest: Any) -> Draft:
    return a_house_document("policy", House(policy=policy), **rest)


def a_channels_document(document: ProfilesDocument, **rest: Any) -> Draft:
    return a_house_document("channels", House(channels=document), **rest)


def a_house_document(key: str, house: House, **rest: Any) -> Draft:
    content: dict[str, Any] = {"title": key.title(), "owner": "team-house", "house": house, "locale": NO_LOCALE}
    return _draft(key, Kind.HOUSE, content | rest)


def a_translation(source: Draft, text: str, locale: str = SPANISH, **rest: Any) -> Draft:
    """A translation that pins the revision it was made from; it has words and nothing else."""
    content: dict[str, Any] = {"title": "¿Dónde está mi tarjeta?", "wording": Wording(text)}
    return _draft(source.key, source.kind, content | {"source": content_hash(source), "locale": locale} | rest)


def changed(draft: Draft, **content: Any) -> Draft:
    """The same draft with other content, or with another author or other editors."""
    outer = {name: content.pop(name) for name in ("author", "editors", "source") if name in content}
    if "text" in content:
        content["wording"] = Wording(content.pop("text"))
    return msgspec.structs.replace(draft, content=msgspec.structs.replace(draft.content, **content), **outer)


def _draft(key: str, kind: Kind, fields: dict[str, Any]) -> Draft:
    outer = {name: fields.pop(name) for name in ("editors", "source") if name in fields}
    locale, author = fields.pop("locale", ENGLISH), fields.pop("author", "ana")
    return Draft(key, kind, locale, author, Content(**fields), **outer)


def the_says() -> tuple[Draft, ...]:
    """The entries that voice speaks on its own account, in both locales of the house."""
    handover = an_answer("say-handover", "One of us will help you.", title="Talk to a person", topic="house")
    again = an_answer("say-repeat", "Sorry, please say that again.", title="Say that again", topic="house")
    return (
        handover,
        a_translation(handover, "Te ayudará uno de nosotros.", title="Hablar con alguien"),
        again,
        a_translation(again, "Perdona, repítelo, por favor.", title="Repítelo"),
    )


# ---- the way to delivery ---------------------------------------------------------------------------------------------


async def written(home: Home, *drafts: Draft) -> tuple[Revision, ...]:
    """The drafts as revisions in review."""
    async with home.work() as work:
        revisions = await write(work, drafts)
        await review.submit(work, revisions)
    return tuple(revisions)


def a_signoff(home: Home, revision: Revision, role: str, by: str, **other: Any) -> SignOff:
    """One person's signature on a revision, as their own key makes it; `other` changes what is signed."""
    draft = revision.draft
    statement = SignOff(draft.key, draft.locale, revision.hash, role, by, home.now, "")
    return sign(msgspec.structs.replace(statement, **other), KEYS[by][1])


def signoffs(home: Home, revision: Revision, signers: Sequence[tuple[str, str]] | None = None) -> list[SignOff]:
    """The author's sign-off and those of `signers` as (person, role); without any, those the house's policy asks."""
    if signers is None:
        signers = HOUSE_SIGNERS if revision.draft.kind is Kind.HOUSE else CONTENT_SIGNERS
    return [a_signoff(home, revision, role, by) for by, role in ((revision.draft.author, "author"), *signers)]


async def signed(
    home: Home, *revisions: Revision, signers: Sequence[tuple[str, str]] | None = None
) -> tuple[Refusal, ...]:
    """Have revisions signed; returns the sign-offs that don't count."""
    async with home.work() as work:
        return tuple(await review.sign(work, [one for each in revisions for one in signoffs(home, each, signers)]))


async def prepared(home: Home, *revisions: Revision, everything: bool = False) -> Prepared:
    async with home.reading() as connection:
        return await prepare(connection, [one.hash for one in revisions], home.clock.now(), everything=everything)


async def approved(home: Home, *drafts: Draft) -> Prepared:
    """Drafts written, signed and prepared together, and not yet committed."""
    revisions = await written(home, *drafts)
    refused = await signed(home, *revisions)
    assert not refused, refused
    return await prepared(home, *revisions)


async def committed(home: Home, release: Prepared) -> Released | None:
    async with home.work() as work:
        return await releasing.release(work, release)


async def released(home: Home, *drafts: Draft, signers: Sequence[tuple[str, str]] | None = None) -> Outcome:
    """Write, sign and release drafts together; what can't go live is told, not raised."""
    revisions = await written(home, *drafts)
    refused = await signed(home, *revisions, signers=signers)
    ready = await prepared(home, *revisions)
    return Outcome(revisions, refused, ready.blocked, await committed(home, ready))


async def live(home: Home, *drafts: Draft, signers: Sequence[tuple[str, str]] | None = None) -> Outcome:
    """The same, where anything left behind is a mistake of the test."""
    outcome = await released(home, *drafts, signers=signers)
    assert not outcome.blocked, outcome.blocked
    assert not outcome.refused, outcome.refused
    return outcome


async def a_live_answer(
    home: Home, key: str = "card-arrival", text: str = "Your card is on its way.", **rest: Any
) -> Draft:
    draft = an_answer(key, text, **rest)
    await live(home, draft)
    return draft


async def withdrawn(home: Home, *keys: str) -> Released:
    async with home.work() as work:
        return await withdrawing.withdraw(work, keys, "a test")


async def lapsed(home: Home) -> Released | None:
    async with home.work() as work:
        return await lapsing.lapse(work)


async def head(home: Home) -> int:
    """The journal's last position."""
    async with home.reading() as connection:
        return (await read_head(connection)).position


# ---- what channels receive -------------------------------------------------------------------------------------------


def asked(channel: str = "chat", *locales: str, audiences: frozenset[str] = PUBLIC, **when: Any) -> Asked:
    """A reader's question; `when` are circumstances: product, stage, tone, visibility, pick."""
    profile = "x" if channel == "social" else "core"
    return Asked(channel, profile, locales or (ENGLISH,), audiences, Circumstances(**when))


async def body(home: Home, key: str = "card-arrival", question: Asked | None = None) -> bytes | None:
    """The bytes a channel is sent now, None for a 404."""
    found = await delivery.get(home.reader, key, question or asked(), home.now)
    return found.body if found else None


async def payload(home: Home, key: str = "card-arrival", question: Asked | None = None) -> dict[str, Any] | None:
    """The same, decoded."""
    found = await body(home, key, question)
    return msgspec.json.decode(found) if found is not None else None


async def text(home: Home, key: str = "card-arrival", question: Asked | None = None) -> str | None:
    """What a person reads of a key in a channel (chat, English, public, unless asked otherwise), None for a 404."""
    found = await payload(home, key, question)
    return None if found is None else str(found["text"])


async def read(home: Home, query: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """What a query of a room answers on a reading connection."""
    async with home.reading() as connection:
        return await query(connection, *arguments, **named)
