"""Schedules: nothing before its time, at its time the whole of it, and a hard one with no worker at all."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kb.base import db
from kb.base.errors import Conflict, Forbidden
from kb.base.work import Actor
from kb.channels.values import Duration, Unit
from kb.delivery import queries as delivery
from kb.entries.types import Policy, PolicyRule
from kb.release import schedules
from kb.release.audit import verify_all
from kb.release.scheduled import find
from kb.release.zones import moment
from kb.review.queries import by_hashes
from kb.review.types import State
from tests.builders import (
    POLICY,
    Home,
    a_fact,
    a_live_answer,
    a_policy,
    an_answer,
    asked,
    changed,
    committed,
    head,
    live,
    payload,
    prepared,
    read,
    text,
)
from tests.release.scheduling import approved_revisions, cancelled, scheduled, worked

pytestmark = pytest.mark.both_databases

OLD, NEW = "Your card is on its way.", "Your card comes by post."
ARRIVAL = "Your card arrives in {{fact:card.delivery}}."
DAY = timedelta(days=1)


async def state(home: Home, hash_: str) -> State:
    found = (await read(home, by_hashes, [hash_]))[hash_].state
    assert isinstance(found, State)
    return found


async def assert_sound(home: Home) -> None:
    """The journal's chain stands, and every row is what its line says."""
    assert await read(home, verify_all) == (None, ())


async def said_at(home: Home, position: int) -> tuple[str | None, str | None]:
    """What the answer said in chat at a position, and until when."""
    moment = await delivery.instant_of(home.reader, position)
    assert moment is not None
    found = await delivery.get_then(home.reader, "card-arrival", asked(), moment)
    return (None, None) if found is None else (found.body.decode(), found.until)


# ---- at a time -------------------------------------------------------------------------------------------------------


async def test_a_scheduled_text_is_live_from_its_time_and_not_before(house: Home) -> None:
    await a_live_answer(house)
    (revision,) = await approved_revisions(house, changed(an_answer(), text=NEW))
    made = await scheduled(house, house.clock.now() + DAY, revision)
    assert await state(house, revision.hash) is State.SCHEDULED
    assert (await worked(house)).released == ()
    house.clock.move(hours=23, minutes=59)
    assert (await worked(house)).released == ()
    assert await text(house) == OLD
    house.clock.move(minutes=1)
    assert (await worked(house)).released == (made.id,)
    assert await text(house) == NEW
    assert await state(house, revision.hash) is State.LIVE
    assert (await read(house, find, made.id)).state == "released"
    await assert_sound(house)


async def test_a_schedule_tells_its_zone_and_the_time_there(house: Home) -> None:
    (revision,) = await approved_revisions(house, an_answer())
    made = await scheduled(house, "2026-07-01T09:00", revision, zone="America/New_York")
    assert (made.at, made.zone, made.local) == ("2026-07-01T13:00:00.000Z", "America/New_York", "2026-07-01T09:00:00")


async def test_several_revisions_of_a_schedule_go_live_at_one_position(house: Home) -> None:
    revisions = await approved_revisions(house, a_fact(), an_answer(text=ARRIVAL))
    await scheduled(house, house.clock.now() + DAY, *revisions)
    house.clock.move(days=1)
    await worked(house)
    assert await text(house) == "Your card arrives in 5–7 working days."


async def test_what_is_cancelled_is_approved_again_and_never_comes(house: Home) -> None:
    await a_live_answer(house)
    (revision,) = await approved_revisions(house, changed(an_answer(), text=NEW))
    made = await scheduled(house, house.clock.now() + DAY, revision)
    assert (await cancelled(house, made.id)).state == "cancelled"
    assert await state(house, revision.hash) is State.APPROVED
    house.clock.move(days=2)
    assert (await worked(house)).released == ()
    assert await text(house) == OLD
    with pytest.raises(Conflict, match="is cancelled"):
        await cancelled(house, made.id)


async def test_what_is_due_can_no_longer_be_cancelled(house: Home) -> None:
    (revision,) = await approved_revisions(house, an_answer())
    made = await scheduled(house, house.clock.now() + DAY, revision)
    house.clock.move(days=1)
    with pytest.raises(Conflict, match="time has come"):
        await cancelled(house, made.id)


async def test_nobody_schedules_what_they_may_not_release(house: Home) -> None:
    (revision,) = await approved_revisions(house, an_answer())
    publisher = Actor("pat", rights=frozenset({"release"}), limits={"release": frozenset({"savings"})})
    when = moment("2026-07-01T09:00Z", "", house.clock.now())
    async with house.reading() as connection:
        plan = await schedules.plan(connection, [revision.hash], when, house.clock.now(), hard=False)

    async def attempt() -> None:
        async with house.work(publisher) as work:
            await schedules.schedule(work, plan)

    with pytest.raises(Forbidden):
        await attempt()


async def test_a_scheduled_revision_is_not_released_by_the_way(house: Home) -> None:
    (revision,) = await approved_revisions(house, an_answer())
    await scheduled(house, house.clock.now() + DAY, revision)
    ready = await prepared(house, revision)
    assert [issue.code for one in ready.blocked for issue in one.issues] == ["not-approved"]


async def test_what_a_schedule_is_bound_to_cannot_be_rewritten(house: Home) -> None:
    (revision,) = await approved_revisions(house, an_answer())
    await scheduled(house, house.clock.now() + DAY, revision)
    with pytest.raises(sa.exc.DBAPIError, match="schedule_items is written once"):
        async with db.writing(house.sessions.engine) as connection:
            await connection.execute(sa.text("UPDATE schedule_items SET hash = 'x'"))


# ---- several ---------------------------------------------------------------------------------------------------------


async def test_a_second_schedule_for_a_place_is_told_of_the_first(house: Home) -> None:
    one, two = await approved_revisions(house, an_answer(), changed(an_answer(), text=NEW))
    first = await scheduled(house, house.clock.now() + DAY, one)
    with pytest.raises(Conflict) as raised:
        await scheduled(house, house.clock.now() + 2 * DAY, two)
    assert [detail.pointer for detail in raised.value.errors] == [first.id]
    second = await scheduled(house, house.clock.now() + 2 * DAY, two, despite=[first.id])
    house.clock.move(days=3)
    assert (await worked(house)).released == (first.id, second.id)
    assert await text(house) == NEW


async def test_times_in_another_order_than_the_numbers_are_told(house: Home) -> None:
    one, two = await approved_revisions(house, an_answer(), changed(an_answer(), text=NEW))
    first = await scheduled(house, house.clock.now() + DAY, two)
    with pytest.raises(Conflict) as raised:
        await scheduled(house, house.clock.now() + 2 * DAY, one)
    assert "the order is wrong" in raised.value.errors[0].message
    second = await scheduled(house, house.clock.now() + 2 * DAY, one, despite=[first.id])
    house.clock.move(days=3)
    done = await worked(house)
    assert (done.released, done.failed) == ((first.id,), (second.id,))
    assert await text(house) == NEW


# ---- failing ---------------------------------------------------------------------------------------------------------


async def test_a_due_release_that_fails_its_gate_goes_back_and_says_why_once(house: Home) -> None:
    await live(house, a_fact())
    (revision,) = await approved_revisions(house, an_answer(text=ARRIVAL))
    made = await scheduled(house, house.clock.now() + DAY, revision)
    await live(house, a_policy(Policy(rules=(*POLICY.rules, PolicyRule("brand", {"brand": 1})))))
    house.clock.move(days=1)
    assert (await worked(house)).failed == (made.id,)
    assert await state(house, revision.hash) is State.APPROVED
    found = await read(house, find, made.id)
    assert (found.state, found.stopped[0].issues[0].code) == ("failed", "not-approved")
    before = await head(house)
    assert (await worked(house)).failed == ()
    assert await head(house) == before
    await assert_sound(house)


async def test_a_hard_schedule_that_fails_leaves_nothing_in_its_place(house: Home) -> None:
    await a_live_answer(house)
    (revision,) = await approved_revisions(house, changed(an_answer(), text=NEW))
    made = await scheduled(house, house.clock.now() + DAY, revision, hard=True)
    await live(house, a_policy(Policy(rules=(*POLICY.rules, PolicyRule("brand", {"brand": 1})))))
    house.clock.move(days=1)
    assert (await worked(house)).failed == (made.id,)
    assert await text(house) is None
    assert (await worked(house)).lapsed is None
    await assert_sound(house)


# ---- hard ------------------------------------------------------------------------------------------------------------


async def test_a_hard_schedule_ends_what_it_replaces_with_the_workers_stopped(house: Home) -> None:
    await live(house, a_fact(), an_answer(text=ARRIVAL))
    before = await head(house)
    (revision,) = await approved_revisions(house, changed(a_fact(), fact=Duration(3, Unit.WORKING_DAYS)))
    made = await scheduled(house, house.clock.now() + DAY, revision, hard=True)
    told = await payload(house)
    assert told is not None
    assert told["valid_until"] == made.at
    assert (await said_at(house, before))[1] != made.at
    house.clock.move(hours=23, minutes=59)
    assert await text(house) == "Your card arrives in 5–7 working days."
    house.clock.move(minutes=1)
    assert await text(house) is None
    done = await worked(house)
    assert (done.released, done.lapsed) == ((made.id,), None)
    told = await payload(house)
    assert told is not None
    assert (told["text"], told["valid_until"]) == ("Your card arrives in 3 working days.", None)
    await assert_sound(house)


async def test_cancelling_a_hard_schedule_gives_back_what_it_took(house: Home) -> None:
    await a_live_answer(house)
    (revision,) = await approved_revisions(house, changed(an_answer(), text=NEW))
    made = await scheduled(house, house.clock.now() + DAY, revision, hard=True)
    await cancelled(house, made.id)
    house.clock.move(days=2)
    told = await payload(house)
    assert told is not None
    assert (told["text"], told["valid_until"]) == (OLD, None)
    assert (await worked(house)).lapsed is None
    await assert_sound(house)


async def test_another_release_of_the_place_keeps_the_end_that_a_hard_schedule_set(house: Home) -> None:
    await a_live_answer(house)
    between, later = await approved_revisions(
        house, changed(an_answer(), text="It comes soon."), changed(an_answer(), text=NEW)
    )
    made = await scheduled(house, house.clock.now() + DAY, later, hard=True)
    await live(house, a_fact(), changed(an_answer("other"), text="Another."))
    ready = await prepared(house, between)
    assert ready.blocked == ()
    await committed(house, ready)
    told = await payload(house)
    assert told is not None
    assert (told["text"], told["valid_until"]) == ("It comes soon.", made.at)
    house.clock.move(days=1)
    assert await text(house) is None
    await worked(house)
    assert await text(house) == NEW


# ---- clocks and workers ----------------------------------------------------------------------------------------------


async def test_a_machine_that_slept_over_several_schedules_does_them_in_order(house: Home) -> None:
    await a_live_answer(house)
    one, two = await approved_revisions(house, changed(an_answer(), text="One."), changed(an_answer(), text="Two."))
    first = await scheduled(house, house.clock.now() + DAY, one, hard=True)
    second = await scheduled(house, house.clock.now() + 2 * DAY, two, hard=True, despite=[first.id])
    house.clock.move(days=30)
    assert await text(house) is None
    assert (await worked(house)).released == (first.id, second.id)
    assert await text(house) == "Two."
    await assert_sound(house)


async def test_a_clock_that_jumps_back_brings_nothing_back_and_does_nothing_twice(house: Home) -> None:
    await a_live_answer(house)
    (revision,) = await approved_revisions(house, changed(an_answer(), text=NEW))
    await scheduled(house, house.clock.now() + DAY, revision, hard=True)
    house.clock.move(days=1)
    await worked(house)
    house.clock.move(days=-1)
    assert await text(house) == NEW
    before = await head(house)
    await worked(house)
    house.clock.move(days=1, seconds=1)
    await worked(house)
    assert await head(house) == before
    assert await text(house) == NEW
    await assert_sound(house)


async def test_of_two_workers_at_once_one_does_it(house: Home) -> None:
    await a_live_answer(house)
    (revision,) = await approved_revisions(house, changed(an_answer(), text=NEW))
    made = await scheduled(house, house.clock.now() + DAY, revision)
    house.clock.move(days=1)
    done = await asyncio.gather(worked(house), worked(house), worked(house))
    assert sorted(one.released for one in done) == [(), (), (made.id,)]
    assert await text(house) == NEW
