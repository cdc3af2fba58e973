"""Rolling back: what was live before is live again, what was new goes, and nothing withdrawn comes back."""

import pytest

from kb.base.errors import Conflict, NotFound
from kb.channels.values import Duration, Unit
from kb.entries.types import Policy, PolicyRule
from kb.release.audit import verify_all
from kb.release.made import find_made
from kb.release.rollback import Rollback, plan_rollback, roll_back
from kb.release.types import Released
from kb.review.queries import by_hashes
from kb.review.types import State
from tests.builders import (
    ENGLISH,
    POLICY,
    SPANISH,
    Home,
    a_claim,
    a_fact,
    a_policy,
    a_translation,
    an_answer,
    asked,
    changed,
    live,
    prepared,
    read,
    text,
    withdrawn,
)

pytestmark = pytest.mark.both_databases

OLD, NEW = "Your card is on its way.", "Your card comes by post."
ARRIVAL = "Your card arrives in {{fact:card.delivery}}."
SHORTER = Duration(3, Unit.WORKING_DAYS)


async def planned(home: Home, release_id: str, *despite: str) -> Rollback:
    async with home.reading() as connection:
        return await plan_rollback(connection, release_id, home.clock.now(), despite)


async def rolled_back(home: Home, release_id: str, *despite: str) -> Released:
    plan = await planned(home, release_id, *despite)
    async with home.work() as work:
        made = await roll_back(work, plan, "a test")
    assert made is not None
    return made


def id_of(released: Released | None) -> str:
    assert released is not None
    return released.id


async def states(home: Home, *hashes: str) -> list[State]:
    found = await read(home, by_hashes, hashes)
    return [found[hash_].state for hash_ in hashes]


async def test_what_was_live_before_is_live_again(house: Home) -> None:
    first = await live(house, an_answer())
    second = await live(house, changed(an_answer(), text=NEW))
    made = await rolled_back(house, id_of(second.released))
    assert await text(house) == OLD
    assert await states(house, first.revisions[0].hash, second.revisions[0].hash) == [State.LIVE, State.SUPERSEDED]
    told = await read(house, find_made, made.id)
    assert (told.act, [item.step for item in told.items]) == ("rollback", ["roll_back"])
    assert await read(house, verify_all) == (None, ())


async def test_a_fact_that_goes_back_says_the_old_value_everywhere(house: Home) -> None:
    await live(house, a_fact(), an_answer(text=ARRIVAL))
    second = await live(house, changed(a_fact(), fact=SHORTER))
    assert await text(house) == "Your card arrives in 3 working days."
    await rolled_back(house, id_of(second.released))
    assert await text(house) == "Your card arrives in 5–7 working days."


async def test_a_place_that_was_empty_is_withdrawn_with_what_leans_on_it_listed_first(house: Home) -> None:
    first = await live(house, a_claim(), changed(an_answer("other"), text="Other."))
    await live(house, an_answer(text="Good news. {{claim:free-atm}}"))
    plan = await planned(house, id_of(first.released))
    assert [(one.key, str(one.change)) for one in plan.prepared.closing] == [
        ("card-arrival", "suspended"),
        ("free-atm", "withdrawn"),
        ("other", "withdrawn"),
    ]
    made = await rolled_back(house, id_of(first.released))
    assert await text(house) is None
    assert await text(house, "free-atm") is None
    assert made.closed > 0
    assert await read(house, verify_all) == (None, ())


async def test_a_later_release_of_a_place_stands_in_the_way_unless_it_is_named(house: Home) -> None:
    await live(house, an_answer())
    second = await live(house, changed(an_answer(), text=NEW))
    third = await live(house, changed(an_answer(), text="It is there."))
    with pytest.raises(Conflict) as raised:
        await planned(house, id_of(second.released))
    assert id_of(third.released) in raised.value.errors[0].message
    await rolled_back(house, id_of(second.released), id_of(third.released))
    assert await text(house) == OLD


async def test_nothing_withdrawn_comes_back(house: Home) -> None:
    await live(house, an_answer())
    second = await live(house, changed(an_answer(), text=NEW))
    await withdrawn(house, "card-arrival")
    with pytest.raises(Conflict, match="doesn't come back"):
        await planned(house, id_of(second.released))
    third = await live(house, changed(an_answer(), text="It is there."))
    with pytest.raises(Conflict, match="doesn't come back"):
        await planned(house, id_of(second.released), id_of(third.released))


async def test_what_leans_on_something_withdrawn_meanwhile_does_not_come_back(house: Home) -> None:
    await live(house, a_claim(), an_answer(text="Good news. {{claim:free-atm}}"))
    second = await live(house, changed(an_answer(), text=NEW))
    await withdrawn(house, "free-atm")
    with pytest.raises(Conflict) as raised:
        await planned(house, id_of(second.released))
    assert {detail.code for detail in raised.value.errors} == {"reference-not-live"}


async def test_the_policy_in_force_is_asked_again(house: Home) -> None:
    await live(house, an_answer())
    second = await live(house, changed(an_answer(), text=NEW))
    await live(house, a_policy(Policy(rules=(*POLICY.rules, PolicyRule("brand", {"brand": 1})))))
    with pytest.raises(Conflict) as raised:
        await planned(house, id_of(second.released))
    assert {detail.code for detail in raised.value.errors} == {"not-approved"}


async def test_a_rollback_can_be_rolled_back(house: Home) -> None:
    await live(house, an_answer())
    second = await live(house, changed(an_answer(), text=NEW))
    made = await rolled_back(house, id_of(second.released))
    await rolled_back(house, made.id)
    assert await text(house) == NEW


async def test_source_and_translation_go_back_together(house: Home) -> None:
    source, newer = an_answer(), changed(an_answer(), text="You can't cancel your card.")
    await live(house, source, a_translation(source, "Tu tarjeta está en camino."))
    second = await live(house, newer, a_translation(newer, "No puedes cancelar tu tarjeta."))
    await rolled_back(house, id_of(second.released))
    assert await text(house) == OLD
    assert await text(house, "card-arrival", asked("chat", SPANISH)) == "Tu tarjeta está en camino."


async def test_an_unknown_release_is_not_found(house: Home) -> None:
    with pytest.raises(NotFound):
        await planned(house, "nothing")


async def test_an_older_revision_than_the_live_one_is_no_plain_release(house: Home) -> None:
    first = await live(house, an_answer())
    await live(house, changed(an_answer(), text=NEW))
    ready = await prepared(house, first.revisions[0])
    assert {issue.code for one in ready.blocked for issue in one.issues} & {"older-than-live", "not-approved"}
    assert [(one.key, one.locale) for one in ready.blocked] == [("card-arrival", ENGLISH)]
