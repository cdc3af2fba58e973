"""At the same time: what one release does to another that was prepared from the same state."""

import asyncio

import msgspec
import pytest

from kb.base.errors import Conflict
from kb.channels.values import Duration, Unit
from kb.entries.types import Policy, PolicyRule
from kb.release import queries
from kb.release.types import Prepared, Released
from tests.builders import (
    CHANNELS,
    POLICY,
    Home,
    a_channels_document,
    a_claim,
    a_fact,
    a_policy,
    an_answer,
    approved,
    changed,
    committed,
    live,
    text,
    withdrawn,
)

pytestmark = pytest.mark.both_databases

SHORTER = Duration(3, Unit.WORKING_DAYS)
ARRIVAL = "Your card arrives in {{fact:card.delivery}}."


async def both(home: Home, one: Prepared, other: Prepared) -> tuple[Released | BaseException | None, ...]:
    return await asyncio.gather(committed(home, one), committed(home, other), return_exceptions=True)


async def test_of_two_releases_of_one_entry_one_wins_and_the_other_is_told(house: Home) -> None:
    one = await approved(house, changed(an_answer(), text="One."))
    other = await approved(house, changed(an_answer(), text="Other."))
    results = await both(house, one, other)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Released"]
    assert await text(house) in {"One.", "Other."}
    async with house.reading() as connection:
        assert len(await queries.live(connection, ["card-arrival"])) == 1


async def test_two_releases_that_have_nothing_to_do_with_each_other_both_win(house: Home) -> None:
    one = await approved(house, an_answer("a", "One."))
    other = await approved(house, an_answer("b", "Other."))
    results = await both(house, one, other)
    assert [type(result).__name__ for result in results] == ["Released", "Released"]


async def test_a_release_made_from_what_was_withdrawn_meanwhile_is_refused(house: Home) -> None:
    await live(house, a_claim())
    ready = await approved(house, an_answer(text="Good news. {{claim:free-atm}}"))
    await withdrawn(house, "free-atm")
    with pytest.raises(Conflict, match="prepare it again"):
        await committed(house, ready)
    assert await text(house) is None


async def test_a_release_judged_by_a_former_policy_is_refused(house: Home) -> None:
    ready = await approved(house, an_answer())
    await live(house, a_policy(Policy(rules=(*POLICY.rules, PolicyRule("brand", {"brand": 1})))))
    with pytest.raises(Conflict, match="meanwhile"):
        await committed(house, ready)
    assert await text(house) is None


async def test_an_answer_released_while_its_fact_was_being_prepared_is_not_left_with_the_old_value(house: Home) -> None:
    await live(house, a_fact())
    ready = await approved(house, changed(a_fact(), fact=SHORTER))
    await live(house, an_answer(text=ARRIVAL))
    with pytest.raises(Conflict, match="prepare it again"):
        await committed(house, ready)
    await live(house, changed(a_fact(), fact=SHORTER))
    assert await text(house) == "Your card arrives in 3 working days."


async def test_an_answer_released_while_profiles_were_being_prepared_is_not_left_without_them(house: Home) -> None:
    wider = msgspec.structs.replace(CHANNELS, serve=("chat/core", "chat/slack"))
    ready = await approved(house, a_channels_document(wider))
    await live(house, an_answer())
    with pytest.raises(Conflict, match="prepare it again"):
        await committed(house, ready)
