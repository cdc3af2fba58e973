"""kill -9 at each named point of an act leaves all of it or nothing, and whoever repeats the request has one effect."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from kb.accounts.sign_in import start_session
from kb.accounts.signing import Sealer, make_key
from kb.accounts.types import Role
from kb.base.work import Actor
from kb.channels.values import Duration, Unit
from kb.entries.queries import by_hashes
from kb.release import withdraw as withdrawing
from kb.release.bundles import pack
from kb.release.installation import signing
from kb.review.signatures import new_keys
from tests.builders import (
    Home,
    a_fact,
    a_house,
    a_signer,
    an_answer,
    changed,
    live,
    read,
    signed,
    trusted,
    written,
)
from tests.databases import Templates
from tests.doors.bank import Bank
from tests.doors.program import PATIENCE, kb
from tests.faults.homes import releases, served
from tests.faults.killing import KILLED, Asked, Place, differing
from tests.governance.crowd import a_home_now
from tests.release.scheduling import scheduled

FIVE, THREE = Duration(5, Unit.WORKING_DAYS), Duration(3, Unit.WORKING_DAYS)
ARRIVAL = "Your card arrives in {{fact:card.delivery}}."
BEFORE, AFTER = "Your card arrives in 5 working days.", "It takes 3 working days."
COMMITTING = ("before COMMIT", "after COMMIT")
OPENING = (
    "after INSERT releases",
    "after INSERT release_items",
    "after UPDATE live_revisions",
    "after INSERT live_revisions",
    "after UPDATE reviews",
    "after UPDATE renditions",
    "after INSERT payloads",
    "after INSERT renditions",
    "after UPDATE findable",
    "after INSERT findable",
    "after INSERT journal",
    "after UPDATE journal_head",
)
"""The tables that a release writes, in that order."""


class Case(msgspec.Struct, frozen=True):
    """An act on a house: what was there before it, the points at which it is killed, and what it leaves when it is done.

    `begin` makes what it needs and returns the request; `events` are its lines, `says` is what chat is told in the end.
    """

    begin: Callable[[Home, Path], Awaitable[Asked]]
    points: tuple[str, ...]
    events: dict[str, int]
    says: str | None
    status: int = 201


# ---- what happened before --------------------------------------------------------------------------------------------


async def session_of(home: Home, person: str) -> str:
    async with home.work() as work:
        return (await start_session(work, person, "link")).token


async def a_live_pair(home: Home) -> None:
    """A fact and an answer that leans on it, live; and somebody who may release."""
    await trusted(home, a_signer("pam", Role.PUBLISHER, key=new_keys()[0]))
    await live(home, a_fact(value=FIVE), an_answer(text=ARRIVAL))


async def the_next_pair(home: Home) -> list[str]:
    """The same two changed and approved, and not released; their hashes."""
    answer = changed(an_answer(text=ARRIVAL), text="It takes {{fact:card.delivery}}.")
    revisions = await written(home, changed(a_fact(value=FIVE), fact=THREE), answer)
    assert await signed(home, *revisions) == ()
    return [one.hash for one in revisions]


async def a_release(home: Home, _: Path) -> Asked:
    await a_live_pair(home)
    order = {"hashes": await the_next_pair(home), "reason": "quicker now"}
    return Asked(await session_of(home, "pam"), "/v1/releases", order)


async def a_withdrawal(home: Home, _: Path) -> Asked:
    await a_live_pair(home)
    async with home.reading() as connection:
        shown = await withdrawing.listed(connection, await withdrawing.foresee(connection, ["card.delivery"]))
    order = {"keys": ["card.delivery"], "reason": "it is wrong", "expected": shown.digest}
    return Asked(await session_of(home, "pam"), "/v1/withdrawals", order)


async def a_hard_schedule(home: Home, _: Path) -> Asked:
    await a_live_pair(home)
    order = {"hashes": await the_next_pair(home), "at": "2999-01-01T09:00", "zone": "Europe/London", "hard": True}
    return Asked(await session_of(home, "pam"), "/v1/schedules", order)


async def a_sign_off(home: Home, folder: Path) -> Asked:
    (revision,) = await written(home, an_answer())
    assert await signed(home, revision, signers=[]) == ()
    async with home.work() as work:
        started = await start_session(work, "lea", "link")
        work.actor = Actor("lea", credential=started.session)
        await make_key(work, Sealer(folder / "secret"))
    return Asked(started.token, f"/v1/reviews/{revision.hash}/sign", {"role": "legal"})


async def a_comment(home: Home, _: Path) -> Asked:
    await a_live_pair(home)
    (revision,) = await written(home, changed(an_answer(text=ARRIVAL), text="Soon."))
    return Asked(await session_of(home, "lea"), f"/v1/reviews/{revision.hash}/comments", {"text": "When?"})


CASES = {
    "release": Case(
        a_release,
        (
            "before kb.release.making.prepare",
            "after kb.release.making.prepare",
            "before kb.release.actions.recheck",
            "after kb.release.actions.recheck",
            *OPENING,
            "before INSERT repeats",
            "after INSERT repeats",
        ),
        {"release.made": 1},
        AFTER,
    ),
    "withdrawal": Case(
        a_withdrawal,
        (
            "before kb.release.withdraw.end",
            "after INSERT release_items",
            "after UPDATE live_revisions",
            "after UPDATE reviews",
            "after UPDATE renditions",
            "after UPDATE findable",
            "after INSERT journal",
        ),
        {"release.withdraw": 1},
        None,
    ),
    "hard schedule": Case(
        a_hard_schedule,
        (
            "after kb.release.schedules.prepare 2",
            "after UPDATE renditions",
            "after INSERT renditions",
            "after INSERT schedules",
            "after INSERT schedule_items",
            "after UPDATE reviews",
        ),
        {"release.made": 1, "schedule.made": 1},
        BEFORE,
    ),
    "sign-off": Case(
        a_sign_off,
        (
            "after kb.review.signing.sign_with_kept_key",
            "after kb.review.signing._record",
            "after INSERT signoffs",
            "after UPDATE reviews",
            "after INSERT repeats",
            "after INSERT journal",
        ),
        {"review.signed": 1, "review.approved": 1},
        None,
        200,
    ),
    "comment": Case(
        a_comment,
        ("after INSERT comments", "after INSERT comment_texts", "after INSERT repeats", "before UPDATE journal_head"),
        {"comment.written": 1},
        BEFORE,
    ),
}


# ---- requests --------------------------------------------------------------------------------------------------------


@pytest.fixture
def place(databases: Templates, tmp_path: Path) -> Place:
    """A house whose program is going to be killed; it has the key that a first start makes."""
    place = Place(asyncio.run(databases.built("house", a_house)), tmp_path / "home")
    place.inside(lambda home: signing(home.sessions, Sealer(place.folder / "secret")))
    return place


def some(points: tuple[str, ...], place: Place) -> tuple[str, ...]:
    """All of these points on SQLite, and a few of them on PostgreSQL."""
    return points if place.url.startswith("sqlite") else points[2::6]


@pytest.mark.both_databases
@pytest.mark.parametrize("act", CASES)
def test_an_act_that_is_killed_at_any_point_is_done_or_not_and_repeating_it_has_one_effect(
    place: Place, act: str
) -> None:
    case = CASES[act]
    asked = place.inside(lambda home: case.begin(home, place.folder))
    before, start = place.picture(), place.head()
    for point in (*some(case.points, place), *COMMITTING):
        assert_killed(place, asked, point)
        place.assert_whole(point)
        moved = differing(before, place.picture())
        assert bool(moved) == (point == "after COMMIT"), (point, moved)
    done = place.picture()
    with place.server() as server:
        address = server.address()
        first, again = asked.send(address), asked.send(address)
        assert first.status_code == case.status, first.text
        assert (first.content, first.headers["idempotency-replayed"]) == (again.content, "true")
        assert_caught_up(place, address, case.says)
    assert place.events(start) == case.events
    assert differing(done, place.picture()) == []
    assert kb("audit", "verify", "--home", place.folder, KB_DATABASE_URL=place.url).code == 0


def assert_killed(place: Place, asked: Asked, point: str) -> None:
    """The request gets no answer, because the server dies at the point."""
    with place.server(point) as server:
        address = server.address()
        assert address, (point, server.said)
        with pytest.raises(httpx.TransportError):
            print(point, "went on and answered", asked.send(address).text)
        assert server.ended() == KILLED, (point, server.said)


def assert_caught_up(place: Place, address: str, says: str | None) -> None:
    """Readers are told what is live, and search comes as far as the journal."""
    end, until = place.head(), time.monotonic() + PATIENCE
    with httpx.Client(base_url=address, timeout=PATIENCE, trust_env=False) as client:
        while client.get("/readyz").json()["indexed"] < end:
            assert time.monotonic() < until, "search doesn't catch up"
            time.sleep(0.02)
        answer = client.get("/v1/channels/chat/entries/card-arrival?locale=en-GB")
        assert (answer.json()["text"] if answer.status_code == 200 else None) == says
        found = client.get("/v1/channels/chat/search?q=where+is+my+card").json()["hits"]
        assert ("card-arrival" in {one["key"] for one in found}) == (says is not None)


# ---- due work --------------------------------------------------------------------------------------------------------

DUE = ("after kb.release.due.prepare", "after INSERT releases", "after INSERT renditions", "after UPDATE schedules")


@pytest.mark.both_databases
def test_a_due_schedule_that_is_killed_at_any_point_is_released_once(place: Place) -> None:
    asyncio.run(a_schedule_that_is_due(place.url))
    before, start = place.picture(), place.head()
    for point in (*some(DUE, place), *COMMITTING):
        with place.server(point) as server:
            assert server.ended() == KILLED, (point, server.said)
        place.assert_whole(point)
        moved = differing(before, place.picture())
        assert bool(moved) == (point == "after COMMIT"), (point, moved)
    done = place.picture()
    with place.server() as server:
        assert_caught_up(place, server.address(), AFTER)
    assert place.events(start) == {"release.made": 1, "schedule.released": 1}
    assert differing(done, place.picture()) == []


async def a_schedule_that_is_due(url: str) -> None:
    """The next pair, bound two hours ago to a time an hour ago, while nobody served."""
    async with a_home_now(url) as home:
        home.clock.move(hours=-2)
        await a_live_pair(home)
        revisions = await read(home, by_hashes, await the_next_pair(home))
        await scheduled(home, home.clock.now() + timedelta(hours=1), *revisions.values())


# ---- bundles ---------------------------------------------------------------------------------------------------------

ACCEPTING = ("after INSERT revisions", "after INSERT reviews", "after INSERT signoffs")
RELEASING = ("after kb.release.bundles.prepare", "after INSERT releases", "after INSERT renditions", "before COMMIT 2")
"""What a bundle brings is written and committed first; then it is released."""


@pytest.mark.both_databases
def test_a_bundle_whose_import_is_killed_at_any_point_is_taken_in_once(
    place: Place, databases: Templates, tmp_path: Path
) -> None:
    other = Place(asyncio.run(databases.built("house", a_house)), tmp_path / "other")
    bundle = other.inside(lambda home: a_bundle(home, other.folder))
    asked = Asked(place.inside(a_publisher), "/v1/bundles", bundle)
    start, before = place.head(), place.picture()
    for point in (*some(ACCEPTING, place), *COMMITTING, *some(RELEASING, place), "after COMMIT 2"):
        assert_killed(place, asked, point)
        place.assert_whole(point)
        now = place.picture()
        moved = differing(before, now)
        assert bool(moved) == point.startswith("after COMMIT"), (point, moved)
        before = now
    with place.server() as server:
        address = server.address()
        first, again = asked.send(address), asked.send(address)
        assert first.status_code == 200, first.text
        assert (first.content, first.headers["idempotency-replayed"]) == (again.content, "true")
        assert_caught_up(place, address, BEFORE)
    assert differing(before, place.picture()) == []
    assert place.events(start)["release.made"] == 1
    assert place.events(start)["review.approved"] == 2


async def a_publisher(home: Home) -> str:
    await trusted(home, a_signer("pam", Role.PUBLISHER, key=new_keys()[0]))
    return await session_of(home, "pam")


async def a_bundle(home: Home, folder: Path) -> Any:
    """A release of the pair, as another installation exports it."""
    outcome = await live(home, a_fact(value=FIVE), an_answer(text=ARRIVAL))
    assert outcome.released is not None
    signer = await signing(home.sessions, Sealer(folder / "secret"))
    async with home.reading() as connection:
        return msgspec.json.decode((await pack(connection, signer, outcome.released.id)).written())


# ---- loads -----------------------------------------------------------------------------------------------------------

LOADING = (
    "before COMMIT",
    "after COMMIT",
    "after INSERT revisions",
    "after COMMIT 2",
    "before COMMIT 3",
    "after INSERT signoffs 2",
    "after kb.files.load.prepare",
    "after INSERT renditions",
    "after UPDATE reviews",
    "before kb.release.actions.move_revisions",
)
"""Trust, batches that are stored, batches that are signed, and the release: each run carries on where the last was killed."""


def test_a_load_that_is_killed_in_each_batch_is_carried_on(new_bank: Bank, loaded_bank: Bank) -> None:
    place = Place(f"sqlite+aiosqlite:///{new_bank.home / 'kb.db'}", new_bank.home)
    new_bank.home.mkdir()
    loading = ("content", "load", "--content", new_bank.content)
    for point in LOADING:
        with place.child(*loading, point=point, trust=new_bank.trust, patches={"kb.files.load.BATCH": 9}) as child:
            assert child.ended() == KILLED, (point, child.said)
        place.assert_whole(point)
        assert served(new_bank) == set(), point
    new_bank.loaded()
    assert served(new_bank) == served(loaded_bank)
    assert releases(new_bank) == 1
    place.assert_whole("the last load")
