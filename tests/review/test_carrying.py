"""Sign-offs carried over: from a former candidate, where the policy doesn't ask that role about the difference."""

import msgspec
import pytest

from kb.base.journal import read_lines
from kb.entries.types import Kind, Policy, PolicyRule
from kb.review import actions as review
from kb.review import queries
from kb.review.types import Carried, ChangeClass, State
from tests.builders import Home, a_signoff, an_answer, changed, read, signed, written
from tests.review.acting import dossier, ruled, state

pytestmark = pytest.mark.both_databases

RULES = (
    PolicyRule("words", {"brand": 1}, classes=("value", "disclosure", "modality", "wording"), kinds=(Kind.ANSWER,)),
    PolicyRule("binding", {"legal": 1}, classes=("value", "disclosure", "modality"), kinds=(Kind.ANSWER,)),
    PolicyRule("house", {"admin": 2}, kinds=(Kind.HOUSE,)),
)
POLICY = Policy(rules=RULES)
FIRST = an_answer()
COMMA = changed(FIRST, text="Your card is on its way!")
WORDS = changed(FIRST, text="Your card is coming.")
BOTH = (("lea", "legal"), ("bea", "brand"))


async def test_a_mended_comma_keeps_the_sign_offs_that_nobody_asks_about_it(house: Home) -> None:
    await ruled(house, POLICY)
    (first,) = await written(house, FIRST)
    assert await signed(house, first, signers=(("lea", "legal"),)) == ()
    (second,) = await written(house, COMMA)
    found = await dossier(house, second)
    assert [(one.role, one.by, one.signed, one.change) for one in found.carried] == [
        ("legal", "lea", first.hash, ChangeClass.TYPO)
    ]
    assert found.standing.missing == {"author": 1, "brand": 1}
    assert found.standing.change is ChangeClass.VALUE
    await signed(house, second, signers=(("bea", "brand"),))
    assert await state(house, second) is State.APPROVED


async def test_carrying_over_is_an_act_of_its_own_and_is_done_once(house: Home) -> None:
    await ruled(house, POLICY)
    (first,) = await written(house, FIRST)
    await signed(house, first, signers=(("lea", "legal"),))
    (second,) = await written(house, COMMA)
    async with house.work() as work:
        await review.settle(work, [second.hash])
    lines = [line for line in await read(house, read_lines, 0) if line.event == "review.carried"]
    data = [msgspec.json.decode(line.data) for line in lines]
    assert [(one["hash"], one["signed"], one["role"], one["by"], one["change"]) for one in data] == [
        (second.hash, first.hash, "legal", "lea", "typo")
    ]
    carried = (await read(house, queries.carried_to, [second.hash]))[second.hash]
    assert carried == [Carried("legal", "lea", first.hash, ChangeClass.TYPO, lines[0].position)]


async def test_only_the_roles_that_are_not_asked_about_the_difference_carry_over(house: Home) -> None:
    await ruled(house, POLICY)
    (first,) = await written(house, FIRST)
    async with house.work() as work:
        await review.sign(work, [a_signoff(house, first, role, by) for by, role in BOTH])
    assert await state(house, first) is State.IN_REVIEW
    (second,) = await written(house, WORDS)
    found = await dossier(house, second)
    assert [one.role for one in found.carried] == ["legal"]
    assert found.standing.missing == {"author": 1, "brand": 1}


async def test_from_what_is_fully_signed_nothing_carries_over_since_only_the_difference_is_asked(house: Home) -> None:
    await ruled(house, POLICY)
    (first,) = await written(house, FIRST)
    await signed(house, first, signers=BOTH)
    (second,) = await written(house, WORDS)
    found = await dossier(house, second)
    assert (found.carried, found.asked) == ((), {"brand": 1})


async def test_a_sign_off_given_after_the_next_candidate_came_carries_over_when_that_settles(house: Home) -> None:
    await ruled(house, POLICY)
    (first,) = await written(house, FIRST)
    (second,) = await written(house, COMMA)
    await signed(house, first, signers=BOTH)
    assert await state(house, first) is State.DRAFT
    async with house.work() as work:
        await review.sign(work, [a_signoff(house, second, "author", "ana")])
    assert {one.role for one in (await dossier(house, second)).carried} == {"legal", "brand"}
    assert await state(house, second) is State.APPROVED


async def test_nothing_carries_over_through_a_chain_of_small_steps(house: Home) -> None:
    """Each step is a typo or a wording, the whole way from what was signed is what counts."""
    await ruled(house, POLICY)
    (first,) = await written(house, FIRST)
    await signed(house, first, signers=(("bea", "brand"),))
    await written(house, COMMA)
    (third,) = await written(house, changed(FIRST, text="Your card is coming!"))
    assert (await dossier(house, third)).carried == ()


async def test_who_contributed_since_has_signed_nothing_that_carries_over(house: Home) -> None:
    await ruled(house, POLICY)
    (first,) = await written(house, FIRST)
    await signed(house, first, signers=(("ben", "legal"),))
    (second,) = await written(house, changed(COMMA, author="ben"))
    assert (await dossier(house, second)).carried == ()
    assert (await dossier(house, second)).standing.missing == {"author": 1, "brand": 1, "legal": 1}


async def test_what_was_carried_counts_no_more_when_another_policy_asks_about_it(house: Home) -> None:
    await ruled(house, POLICY)
    (first,) = await written(house, FIRST)
    await signed(house, first, signers=(("lea", "legal"),))
    (second,) = await written(house, COMMA)
    assert "legal" not in (await dossier(house, second)).standing.missing
    await ruled(house, Policy(rules=(*RULES, PolicyRule("commas", {"legal": 1}, classes=("typo",)))))
    found = await dossier(house, second)
    assert found.carried == ()
    assert found.standing.missing["legal"] == 1
