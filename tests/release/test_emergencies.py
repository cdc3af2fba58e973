"""Emergencies from end to end: who has to sign, how long they last, what they open, and how they are over."""

from datetime import timedelta

import msgspec
import pytest

from kb.base.hashing import instant
from kb.channels.values import Duration, Unit
from kb.entries.types import Draft, Emergency, Policy, Revision
from kb.release.audit import verify_all
from kb.release.prepare import prepare
from kb.release.rollback import plan_rollback, roll_back
from kb.release.types import Released
from kb.review.inbox import Inbox, Wanted, inbox
from kb.review.policy import emergency_until
from kb.review.queries import by_hashes
from kb.review.types import State
from tests.builders import (
    BEGINNING,
    POLICY,
    Home,
    a_fact,
    a_policy,
    an_answer,
    changed,
    committed,
    head,
    live,
    payload,
    read,
    signed,
    text,
    written,
)
from tests.release.scheduling import worked
from tests.review.acting import acting

pytestmark = pytest.mark.both_databases

OLD, NEW = "Your card is on its way.", "Your card comes by post."
ARRIVAL = "Your card arrives in {{fact:card.delivery}}."
URGENT = msgspec.structs.replace(POLICY, emergency=Emergency({"brand": 1}, 48))
HOURS = timedelta(hours=48)


async def urgently(home: Home, draft: Draft) -> tuple[Revision, Released]:
    """A draft that its author and one for the brand have signed, live by the emergency row."""
    (revision,) = await written(home, draft)
    await signed(home, revision, signers=[("bea", "brand")])
    async with home.reading() as connection:
        ready = await prepare(connection, [revision.hash], home.clock.now(), emergency=True)
    assert not ready.blocked, ready.blocked
    made = await committed(home, ready)
    assert made is not None
    return revision, made


async def waiting(home: Home, person: str) -> Inbox:
    found = await read(home, inbox, await acting(home, person), Wanted(), None, 10, home.clock.now())
    assert isinstance(found, Inbox)
    return found


async def state(home: Home, revision: Revision) -> State:
    found = (await read(home, by_hashes, [revision.hash]))[revision.hash].state
    assert isinstance(found, State)
    return found


async def until(home: Home) -> object:
    found = await payload(home)
    assert found is not None
    return found["valid_until"]


@pytest.mark.parametrize(("hours", "lasts"), [(48, 48), (72, 72), (500, 72), (0, 0), (-5, 0)])
def test_an_emergency_lasts_72_hours_at_most_whatever_a_policy_says(hours: int, lasts: int) -> None:
    policy = Policy(rules=(), emergency=Emergency({"brand": 1}, hours))
    assert emergency_until(policy, BEGINNING) == instant(BEGINNING + timedelta(hours=lasts))


async def test_an_emergency_opens_a_review_that_is_due_when_it_ends(house: Home) -> None:
    await live(house, a_policy(URGENT))
    revision, _ = await urgently(house, an_answer())
    (item,) = (await waiting(house, "lea")).items
    ends = instant(house.clock.now() + HOURS)
    assert (item.hash, item.emergency, item.due_at, item.overdue) == (revision.hash, True, ends, False)
    assert (item.missing, item.mine) == ({"legal": 1}, ("legal",))
    assert await until(house) == ends


async def test_signing_in_full_lifts_the_end_at_once(house: Home) -> None:
    await live(house, a_policy(URGENT))
    revision, _ = await urgently(house, an_answer())
    house.clock.move(hours=1)
    await signed(house, revision)
    assert (await worked(house)).verified is not None
    assert (await until(house), await text(house)) == (None, OLD)
    assert (await waiting(house, "lea")).items == ()
    before = await head(house)
    house.clock.move(days=30)
    assert (await worked(house)).lapsed is None
    assert await head(house) == before
    assert await read(house, verify_all) == (None, ())


async def test_signing_an_urgent_fact_in_full_lifts_the_end_of_all_that_says_it(house: Home) -> None:
    await live(house, a_policy(URGENT))
    await live(house, a_fact(), an_answer(text=ARRIVAL))
    revision, _ = await urgently(house, changed(a_fact(), fact=Duration(3, Unit.WORKING_DAYS)))
    assert await until(house) == instant(house.clock.now() + HOURS)
    await signed(house, revision)
    await worked(house)
    assert (await until(house), await text(house)) == (None, "Your card arrives in 3 working days.")
    assert await read(house, verify_all) == (None, ())


async def test_an_emergency_that_nobody_completes_is_overdue_and_expired(house: Home) -> None:
    await live(house, a_policy(URGENT))
    revision, _ = await urgently(house, an_answer())
    house.clock.move(hours=48)
    assert await text(house) is None
    assert (await waiting(house, "lea")).items[0].overdue
    done = await worked(house)
    assert done.lapsed is not None
    assert await state(house, revision) is State.EXPIRED
    assert (await waiting(house, "lea")).items == ()


async def test_an_emergency_is_rolled_back_to_what_was_signed_in_full(house: Home) -> None:
    await live(house, a_policy(URGENT))
    await live(house, an_answer())
    revision, made = await urgently(house, changed(an_answer(), text=NEW))
    assert await text(house) == NEW
    async with house.reading() as connection:
        back = await plan_rollback(connection, made.id, house.clock.now())
    async with house.work() as work:
        await roll_back(work, back)
    assert (await text(house), await until(house)) == (OLD, None)
    assert await state(house, revision) is State.SUPERSEDED
    assert (await waiting(house, "lea")).items == ()
    house.clock.move(days=30)
    assert (await worked(house)).lapsed is None
    assert await read(house, verify_all) == (None, ())


async def test_an_ordinary_newer_revision_ends_an_emergency(house: Home) -> None:
    await live(house, a_policy(URGENT))
    revision, _ = await urgently(house, an_answer())
    await live(house, changed(an_answer(), text=NEW))
    assert (await text(house), await until(house)) == (NEW, None)
    assert await state(house, revision) is State.SUPERSEDED
    assert (await waiting(house, "lea")).items == ()
    house.clock.move(days=30)
    assert (await worked(house)).lapsed is None
    assert await text(house) == NEW


async def test_nobody_who_wrote_it_counts_as_the_one_who_signs_an_emergency(house: Home) -> None:
    await live(house, a_policy(msgspec.structs.replace(POLICY, emergency=Emergency({"legal": 1}, 48))))
    (revision,) = await written(house, an_answer(editors=("ben",)))
    refused = await signed(house, revision, signers=[("ben", "legal")])
    assert [one.code for one in refused] == ["signer-contributed"]
    async with house.reading() as connection:
        ready = await prepare(connection, [revision.hash], house.clock.now(), emergency=True)
    assert "1 × legal" in ready.blocked[0].issues[0].message
