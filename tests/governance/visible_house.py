"""An installation in which every state has an entry of its own, and a credential of every kind that may be shown to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kb.accounts.types import Role
from kb.base import db
from kb.base.clock import RandomIds
from kb.base.work import Right, Sessions
from kb.delivery.reader import open_reader
from kb.delivery.tables import renditions
from kb.entries.types import Audience, Draft
from kb.migrations import upgrade
from kb.release import redact, withdraw
from kb.release.retire import retire
from kb.release.tables import releases
from kb.review import actions as review
from kb.review.comments import Remark
from tests.accounts.people import an_account
from tests.builders import (
    CHANNELS,
    POLICY,
    Home,
    Outcome,
    SetClock,
    a_channels_document,
    a_claim,
    a_policy,
    a_translation,
    an_answer,
    changed,
    head,
    lapsed,
    live,
    the_says,
    trusted,
    withdrawn,
    written,
)
from tests.governance.visibility_table import KEYS, WORDS
from tests.release.scheduling import approved_revisions, scheduled
from tests.review.acting import acting, drafted
from tests.web.callers import (
    PAGE,
    Headers,
    a_preview_key,
    a_publishable_key,
    a_revoked_key,
    a_secret_key,
    a_session,
    an_expert_link,
    suspended,
)

ELSEWHERE = "savings"
READ, DRAFTS, HISTORY = Right.READ, Right.DRAFTS, Right.HISTORY
STAFF_TOO = ("public", "customer", "staff")


@dataclass
class Visible:
    """What the house holds: hashes and positions by state, ids of releases and schedules, credentials by actor."""

    hashes: dict[str, str] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    releases: dict[str, str] = field(default_factory=dict)
    renditions: dict[str, str] = field(default_factory=dict)
    schedule: str = ""
    redaction: str = ""
    credentials: dict[str, Headers] = field(default_factory=dict)


async def a_visible_house(folder: Path) -> Visible:
    """Build it in a home's folder; its past lies in the two days before now, for a server's clock is the real one."""
    url = f"sqlite+aiosqlite:///{folder / 'kb.db'}"
    upgrade(url)
    clock = SetClock(datetime.now(UTC) - timedelta(days=2))
    engine, reader = db.connect(url), open_reader(url)
    home, seen = Home(url, Sessions(engine, clock, RandomIds()), clock, reader), Visible()
    try:
        await _founded(home)
        await _waiting(home, seen)
        await _live(home, seen)
        await _ended(home, seen)
        await _released(home, seen)
        early = await _early_credentials(home)
        clock.move(seconds=(datetime.now(UTC) - clock.now()).total_seconds())
        seen.credentials = early | await _credentials(home, folder, seen)
    finally:
        await reader.close()
        await engine.dispose()
    return seen


# ---- states ----------------------------------------------------------------------------------------------------------


async def _founded(home: Home) -> None:
    await trusted(home)
    await live(home, a_policy(POLICY))
    await live(home, a_channels_document(CHANNELS))
    await live(home, *the_says())


def told(state: str, **rest: Any) -> Draft:
    """The text of a state, with its word in all that readers read."""
    word = WORDS[state]
    content = {"title": f"About {word}", "phrasings": (f"what is {word}", f"tell me about {word}")} | rest
    return an_answer(KEYS[state], f"The {word} is on its way.", **content)


async def _waiting(home: Home, seen: Visible) -> None:
    """What was never released."""
    seen.hashes["draft"] = (await drafted(home, told("draft")))[0].hash
    seen.hashes["elsewhere"] = (await drafted(home, told("elsewhere", topic=ELSEWHERE)))[0].hash
    for state in ("in_review", "changes_requested"):
        seen.hashes[state] = (await written(home, told(state)))[0].hash
    seen.hashes["staff_review"] = (await written(home, told("staff_review", audience=Audience.STAFF)))[0].hash
    seen.hashes["approved"] = (await approved_revisions(home, told("approved")))[0].hash
    (planned,) = await approved_revisions(home, told("scheduled"))
    seen.hashes["scheduled"] = planned.hash
    seen.schedule = (await scheduled(home, home.clock.now() + timedelta(days=300), planned)).id
    for state, comment in (("draft", "remark"), ("in_review", "advice")):
        await _commented(home, seen.hashes[state], comment)
    async with home.work(await acting(home, "lea")) as work:
        await review.request_changes(work, seen.hashes["changes_requested"], f"Not {WORDS['demand']} enough.")


async def _live(home: Home, seen: Visible) -> None:
    """What is live, for each audience, and what it took the place of."""
    source = told("live")
    _note(seen, "live", await live(home, source))
    word = WORDS["translated"]
    content: dict[str, Any] = {"title": f"Sobre {word}", "phrasings": (f"qué es {word}",)}
    _note(seen, "translated", await live(home, a_translation(source, f"El {word} está en camino.", **content)))
    for audience in (Audience.CUSTOMER, Audience.STAFF):
        _note(seen, audience.value, await live(home, told(audience.value, audience=audience)))
    _note(seen, "superseded", await live(home, told("superseded")))
    _note(seen, "successor", await live(home, told("successor")))
    (edited,) = await drafted(home, told("edited"))
    seen.hashes["edited"], seen.numbers["edited"] = edited.hash, edited.number
    _note(seen, "replacement", await live(home, told("replacement")))


async def _ended(home: Home, seen: Visible) -> None:
    """What was live, in each of the ways in which that ends."""
    await live(home, a_claim("k-claim", "It is free."))
    draft = told("suspended")
    _note(
        seen,
        "suspended",
        await live(home, changed(draft, text=f"The {WORDS['suspended']} comes. {{{{claim:k-claim}}}}")),
    )
    await withdrawn(home, "k-claim")
    ends = home.clock.now() + timedelta(hours=1)
    _note(seen, "expired", await live(home, told("expired", valid_until=ends)))
    home.clock.move(hours=2)
    assert await lapsed(home)
    for state in ("withdrawn", "retired", "redacted"):
        _note(seen, state, await live(home, told(state)))
    await _commented(home, seen.hashes["redacted"], "erased_remark")
    async with home.work() as work:
        await withdraw.withdraw(work, [KEYS["withdrawn"]], f"It was too {WORDS['reason']}.")
        await withdraw.withdraw(work, [KEYS["redacted"]], "a test")
        await retire(work, KEYS["retired"], KEYS["replacement"], "a test")
    async with home.work(await acting(home, "ada")) as work:
        seen.redaction = (await redact.ask(work, seen.hashes["redacted"], "it names a customer")).id
    async with home.work(await acting(home, "adi")) as work:
        await redact.confirm(work, seen.redaction)
    assert await head(home) > seen.positions["redacted"]


async def _released(home: Home, seen: Visible) -> None:
    """The release that made each state live, and what it had chat say."""
    async with home.reading() as connection:
        for state, position in seen.positions.items():
            made = sa.select(releases.c.id).where(releases.c.position == position)
            seen.releases[state] = str(await connection.scalar(made))
            rows = sa.select(renditions.c.rendition).where(renditions.c.opened_at == position)
            chat = rows.where(renditions.c.key == KEYS[state], renditions.c.channel == "chat")
            seen.renditions[state] = str(await connection.scalar(chat))


async def _commented(home: Home, hash_: str, said: str) -> None:
    async with home.work(await acting(home, "lea")) as work:
        await review.comment(work, hash_, Remark(text=f"How {WORDS[said]}."))


def _note(seen: Visible, state: str, outcome: Outcome) -> None:
    (revision,) = outcome.revisions
    seen.hashes[state], seen.numbers[state], seen.positions[state] = revision.hash, revision.number, outcome.position


# ---- actors ----------------------------------------------------------------------------------------------------------


async def _early_credentials(home: Home) -> dict[str, Headers]:
    """Credentials that don't hold any more by now."""
    return {"expired key": await a_secret_key(home, "ana", days=1)}


async def _credentials(home: Home, folder: Path, seen: Visible) -> dict[str, Headers]:
    page = await a_publishable_key(home, "ada")
    sam = await an_account(home, Role.PUBLISHER, name="Sam Gone")
    gone = {
        "suspended owner's key": await a_secret_key(home, sam),
        "suspended person's session": await a_session(home, sam),
    }
    await suspended(home, sam)
    auditor = await an_account(home, Role.AUDITOR, name="Ida Auditor")
    return {
        "anonymous": {},
        "key": await a_secret_key(home, auditor),
        "key for chat": await a_secret_key(home, auditor, channels=("chat",)),
        "key for es-ES": await a_secret_key(home, auditor, locales=("es-ES",)),
        "key for customers": await a_secret_key(home, auditor, audiences=("public", "customer")),
        "key with history": await a_secret_key(home, auditor, READ, HISTORY),
        "page's key": page | {"Origin": PAGE},
        "page's key on another page": page | {"Origin": "https://evil.example"},
        "page's key without a page": page,
        "preview key": await a_preview_key(home, "ana"),
        "auditor": await a_session(home, auditor),
        **await _sessions(home),
        "program for public drafts": await a_secret_key(home, "lea", READ, DRAFTS, Right.PREVIEW),
        "program for es-ES drafts": await a_secret_key(
            home, "lea", READ, DRAFTS, Right.PREVIEW, audiences=STAFF_TOO, locales=("es-ES",)
        ),
        "outside expert": await an_expert_link(home, folder, seen.hashes["in_review"]),
        **gone,
        "revoked key": await a_revoked_key(home, "ana"),
        "garbage": {"Authorization": "Bearer kb_garbage"},
    }


async def _sessions(home: Home) -> Mapping[str, Headers]:
    """Somebody signed in for each role, without any, and with roles on another topic alone."""
    people = {"author": "ana", "legal": "lea", "brand": "bea", "admin": "ada"}
    for role in (Role.EDITOR, Role.PRODUCT, Role.PUBLISHER):
        people[role.value] = await an_account(home, role, name=f"Some {role.value}")
    people["person without a role"] = await an_account(home, name="Nell New")
    for role in (Role.AUTHOR, Role.PUBLISHER, Role.LEGAL):
        people[f"{role.value} elsewhere"] = await an_account(
            home, role, name=f"Other {role.value}", topics=(ELSEWHERE,)
        )
    return {name: {**await a_session(home, person), "Sec-Fetch-Site": "same-origin"} for name, person in people.items()}
