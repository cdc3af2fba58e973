"""What the gate would say of a content that nobody has saved or approved."""

from typing import Any

import pytest

from kb.channels.profiles import ProfilesDocument
from kb.channels.types import Wording
from kb.channels.values import Money
from kb.entries.actions import write
from kb.entries.types import Draft
from kb.release.checks import stored_issues, unsaved_issues
from tests.builders import (
    Home,
    a_channels_document,
    a_claim,
    a_fact,
    a_translation,
    an_answer,
    changed,
    head,
    live,
    read,
)

pytestmark = pytest.mark.both_databases


async def codes(home: Home, draft: Draft, *together: str) -> set[str]:
    found = await read(home, unsaved_issues, draft, home.clock.now(), together)
    return {issue.code for issue in found}


async def test_a_good_content_raises_nothing_and_nothing_is_stored(house: Home) -> None:
    before = await head(house)
    assert await codes(house, an_answer()) == set()
    assert await head(house) == before


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"title": ""}, "field-missing"),
        ({"text": "It costs {{fact:card.fee}}."}, "reference-not-live"),
        ({"text": "Hello {{slot:name}}."}, "slot-undeclared"),
        ({"text": "It costs £5."}, "literal-not-a-fact"),
        ({"wording": Wording("You can't get it.", short="You can get it.")}, "negation-lost"),
    ],
)
async def test_each_part_of_the_gate_is_asked(house: Home, content: dict[str, Any], code: str) -> None:
    assert await codes(house, changed(an_answer(), **content)) == {code}


async def test_rendered_limits_are_told_with_the_profile_they_are_of(house: Home) -> None:
    found = await read(house, unsaved_issues, an_answer(text="word " * 400), house.clock.now())
    assert {"sms", "social"} <= {issue.where.split("/")[0] for issue in found if issue.where}


async def test_what_would_be_released_with_it_counts_as_there(house: Home) -> None:
    async with house.work() as work:
        (fee,) = await write(work, [a_fact("card.fee", Money("5.00", "GBP"))])
    answer = an_answer(text="It costs {{fact:card.fee}}.")
    assert "reference-not-live" in await codes(house, answer)
    assert await codes(house, answer, fee.hash) == set()


async def test_what_is_live_is_leant_on_through_others(house: Home) -> None:
    await live(house, a_fact("atm.fee", Money("5.00", "GBP")), a_claim(text="Cash costs {{fact:atm.fee}}."))
    assert await codes(house, an_answer(text="{{claim:free-atm}}")) == set()


async def test_a_translation_needs_its_source(house: Home) -> None:
    english = an_answer()
    spanish = a_translation(english, "Está en camino.")
    assert await codes(house, spanish) == {"source-not-live"}
    await live(house, english)
    assert await codes(house, spanish) == set()


async def test_profiles_that_contradict_themselves_are_told_and_break_nothing(house: Home) -> None:
    assert await codes(house, a_channels_document(ProfilesDocument(locales=()))) != set()


async def test_a_stored_revision_is_judged_whether_it_is_approved_or_not(house: Home) -> None:
    async with house.work() as work:
        (revision,) = await write(work, [an_answer(text="It costs {{fact:card.fee}}.")])
    found = await read(house, stored_issues, revision, house.clock.now())
    assert [issue.code for issue in found] == ["reference-not-live"]
