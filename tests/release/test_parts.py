"""A text message that a changed fact makes longer by a part: it stops the release, unless that was waived."""

import pytest

from kb.channels.values import Url
from kb.release.prepare import prepare
from kb.review import actions as review
from kb.review.signatures import sign_waiver
from kb.review.types import Waiver
from tests.builders import (
    ENGLISH,
    KEYS,
    Home,
    a_fact,
    an_answer,
    approved,
    asked,
    changed,
    committed,
    live,
    payload,
)

pytestmark = pytest.mark.both_databases

NAME = a_fact("link.track", Url("https://lark.example/a"))
LONGER = changed(NAME, fact=Url("https://lark.example/where-is-the-card-that-was-sent-to-me"))
SAYS = an_answer(text="Follow your card at {{fact:link.track}} today. " + "We tell you when it is there. " * 3)


async def parts(home: Home) -> int:
    told = await payload(home, "card-arrival", asked("sms"))
    assert told is not None
    return len(told["parts"])


async def test_a_fact_that_makes_a_message_grow_by_a_part_stays_behind_with_the_list(house: Home) -> None:
    await live(house, NAME, SAYS)
    assert await parts(house) == 1
    ready = await approved(house, LONGER)
    (blocked,) = ready.blocked
    assert (blocked.key, blocked.because_of) == ("link.track", f"card-arrival ({ENGLISH})")
    assert [issue.code for issue in blocked.issues] == ["sms-part-more"]


async def test_a_message_that_is_released_with_the_fact_may_grow(house: Home) -> None:
    await live(house, NAME, SAYS)
    ready = await approved(house, LONGER, changed(SAYS, phrasings=("card sent",)))
    assert ready.blocked == ()


async def test_a_waiver_bound_to_the_message_lets_it_grow(house: Home) -> None:
    outcome = await live(house, NAME, SAYS)
    (message,) = [one for one in outcome.revisions if one.draft.key == "card-arrival"]
    ready = await approved(house, LONGER)
    (issue,) = ready.blocked[0].issues
    plain = Waiver(
        "card-arrival", ENGLISH, message.hash, issue.code, issue.field, "it is worth it", "legal", "leo", house.now, ""
    )
    async with house.work() as work:
        assert await review.sign(work, [], [sign_waiver(plain, KEYS["leo"][1])]) == []
    async with house.reading() as connection:
        again = await prepare(connection, [ready.blocked[0].hash], house.clock.now())
    assert again.blocked == ()
    await committed(house, again)
    assert await parts(house) == 2
