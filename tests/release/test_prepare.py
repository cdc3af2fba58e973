"""Preparing: what a changed fact takes with it, what has to stay behind and why, and what a waiver lets pass."""

from datetime import timedelta

import pytest

from kb.channels.profiles import CHANNELS as EVERY_CHANNEL
from kb.channels.types import Link, Next, Wording
from kb.channels.values import Duration, Integer, Unit, Url
from kb.entries import queries as entries
from kb.release.actions import differences
from kb.review import actions as review
from kb.review.signatures import sign_waiver
from kb.review.types import Waiver
from tests.builders import (
    ENGLISH,
    KEYS,
    SPANISH,
    Home,
    a_claim,
    a_fact,
    a_translation,
    an_answer,
    approved,
    asked,
    body,
    changed,
    committed,
    live,
    payload,
    prepared,
    read,
    released,
    signed,
    text,
    written,
)

pytestmark = pytest.mark.both_databases

SHORTER = Duration(3, Unit.WORKING_DAYS)
HELP = a_fact("link.help", Url("https://larkfield.example/help"))
BROKEN_HELP = changed(HELP, fact=Integer(3))
HELPFUL = (Link("Help", "{{fact:link.help}}"),)
ARRIVAL = "Your card arrives in {{fact:card.delivery}}."


async def link(home: Home) -> str:
    told = await payload(home)
    assert told is not None
    return str(told["links"][0]["url"])


# ---- one value, one place --------------------------------------------------------------------------------------------


async def test_a_changed_fact_says_the_new_value_everywhere_at_one_position(house: Home) -> None:
    await live(
        house,
        a_fact(),
        a_claim("fast-post", "Cards come in {{fact:card.delivery}}."),
        an_answer(text=ARRIVAL),
        an_answer("card-new", "We are quick. {{claim:fast-post}}"),
        an_answer("card-lost", "Call us."),
    )
    before = {channel: await body(house, "card-lost", asked(channel)) for channel in EVERY_CHANNEL}
    revisions = await read(house, entries.places)
    outcome = await live(house, changed(a_fact(), fact=SHORTER))
    for key in ("card-arrival", "card-new", "fast-post"):
        for channel in EVERY_CHANNEL:
            told = await payload(house, key, asked(channel))
            assert told is not None
            assert told["position"] == outcome.position
            assert told["facts"]["card.delivery"]["version"] == 2
            assert "three working days" in told["text"] if channel == "voice" else "3 working days" in told["text"]
    assert {channel: await body(house, "card-lost", asked(channel)) for channel in EVERY_CHANNEL} == before
    assert len(await read(house, entries.places)) == len(revisions) + 1


async def test_a_reviewer_can_see_which_entries_a_fact_would_change(house: Home) -> None:
    await live(house, a_fact(), an_answer(text=ARRIVAL), an_answer("card-lost", "Call us."))
    ready = await approved(house, changed(a_fact(), fact=SHORTER))
    assert await read(house, differences, ready) == (("card-arrival", ENGLISH),)


async def test_a_fact_that_would_break_what_leans_on_it_stays_behind(house: Home) -> None:
    await live(house, HELP, an_answer(links=HELPFUL))
    outcome = await released(house, BROKEN_HELP)
    assert outcome.released is None
    (blocked,) = outcome.blocked
    assert (blocked.key, blocked.because_of) == ("link.help", f"card-arrival ({ENGLISH})")
    assert await link(house) == "https://larkfield.example/help"


async def test_a_fact_that_breaks_something_may_go_with_what_mends_it(house: Home) -> None:
    await live(house, HELP, an_answer(links=HELPFUL))
    await live(house, BROKEN_HELP, an_answer(text="It is your card."))
    assert await text(house) == "It is your card."


async def test_what_is_live_is_guarded_even_while_a_candidate_for_its_place_stays_behind(house: Home) -> None:
    await live(house, HELP, an_answer(links=HELPFUL))
    unsigned, fact = await written(house, an_answer(text="It is your card."), BROKEN_HELP)
    await signed(house, fact)
    ready = await prepared(house, unsigned, fact)
    assert {one.key for one in ready.blocked} == {"link.help", "card-arrival"}
    await committed(house, ready)
    assert await link(house) == "https://larkfield.example/help"


# ---- staying behind --------------------------------------------------------------------------------------------------


async def test_whatever_needs_what_stays_behind_stays_behind_too_and_the_rest_goes_live(house: Home) -> None:
    outcome = await released(
        house,
        a_claim("bad", "It costs 30 pounds."),
        an_answer("a", "See: {{claim:bad}}"),
        an_answer("b", "Fine.", next=(Next("a", "More", "entry:a"),)),
        an_answer("c", "Fine.", next=(Next("b", "More", "entry:b"),)),
        an_answer("d", "Fine."),
    )
    assert {one.key for one in outcome.blocked} == {"bad", "a", "b", "c"}
    assert outcome.codes("bad") == {"literal-not-a-fact"}
    assert outcome.codes("a") == {"reference-not-live"}
    assert outcome.codes("b") == outcome.codes("c") == {"next-dead"}
    assert await text(house, "d") == "Fine."
    assert await text(house, "c") is None


async def test_what_needs_each_other_goes_together(house: Home) -> None:
    await live(
        house,
        an_answer("a", "Fine.", next=(Next("b", "More", "entry:b"),)),
        an_answer("b", "Fine.", next=(Next("a", "Back", "entry:a"),)),
    )
    assert await text(house, "a") == "Fine."


async def test_a_translation_waits_for_its_source(house: Home) -> None:
    source = an_answer(text="It costs 30 pounds.")
    outcome = await released(house, source, a_translation(source, "Está en camino."))
    assert outcome.codes("card-arrival") == {"literal-not-a-fact", "source-not-live"}
    assert await text(house, "card-arrival", asked("chat", SPANISH)) is None


async def test_a_translation_whose_way_on_stays_behind_stays_behind_too(house: Home) -> None:
    lost = an_answer("card-lost", "Call us.")
    source = an_answer(next=(Next("lost", "Lost it", "entry:card-lost"),))
    outcome = await released(
        house,
        lost,
        a_translation(lost, "Son 30 libras."),
        source,
        a_translation(source, "Está en camino.", next=(Next("lost", "La perdí", ""),)),
    )
    assert {(one.key, one.locale) for one in outcome.blocked} == {("card-lost", SPANISH), ("card-arrival", SPANISH)}
    assert await text(house) == "Your card is on its way."


async def test_a_reference_to_nothing_a_circle_and_a_wrong_kind_are_refused(house: Home) -> None:
    outcome = await released(
        house,
        a_fact(),
        an_answer("a", "In {{fact:nothing}}."),
        an_answer("b", "In {{claim:card.delivery}}."),
        a_claim("c", "See {{claim:d}}."),
        a_claim("d", "See {{claim:c}}."),
    )
    assert outcome.codes("a") == {"reference-not-live"}
    assert outcome.codes("b") >= {"reference-kind"} or outcome.codes("b") >= {"reference-not-live"}
    assert "reference-circular" in outcome.codes("c") & outcome.codes("d")
    assert [place.key for place in (outcome.released.items if outcome.released else ())] == ["card.delivery"]


async def test_a_blocked_revision_comes_with_field_place_and_what_to_do(house: Home) -> None:
    outcome = await released(house, an_answer(text="It takes 14 days."))
    (issue,) = outcome.blocked[0].issues
    assert (issue.code, issue.field, issue.found) == ("literal-not-a-fact", "text", "14 days")
    assert "It takes 14 days."[issue.start : issue.end] == "14 days"
    assert issue.action


# ---- waivers ---------------------------------------------------------------------------------------------------------


async def test_a_waived_finding_about_meaning_no_longer_stops_a_release(house: Home) -> None:
    draft = an_answer(wording=Wording("You can not cancel it.", short="You can cancel it."))
    outcome = await released(house, draft)
    (revision,) = outcome.revisions
    waivers = []
    for issue in outcome.blocked[0].issues:
        plain = Waiver(
            "card-arrival", ENGLISH, revision.hash, issue.code, issue.field, "so", "legal", "leo", house.now, ""
        )
        waivers.append(sign_waiver(plain, KEYS["leo"][1]))
    assert waivers
    async with house.work() as work:
        assert await review.sign(work, [], waivers) == []
    ready = await prepared(house, revision)
    assert ready.blocked == ()
    assert await committed(house, ready) is not None


async def test_a_figure_can_never_be_waived(house: Home) -> None:
    outcome = await released(house, an_answer(text="It takes 14 days."))
    (revision,) = outcome.revisions
    plain = Waiver(
        "card-arrival", ENGLISH, revision.hash, "literal-not-a-fact", "text", "so", "legal", "leo", house.now, ""
    )
    async with house.work() as work:
        await review.sign(work, [], [sign_waiver(plain, KEYS["leo"][1])])
    assert [one.key for one in (await prepared(house, revision)).blocked] == ["card-arrival"]


async def test_what_begins_to_hold_later_stays_behind_until_then(house: Home) -> None:
    begins = house.clock.now() + timedelta(days=2)
    early = await approved(house, changed(an_answer(), valid_from=begins))
    assert [(one.key, one.issues[0].code) for one in early.blocked] == [("card-arrival", "not-yet-valid")]
    house.clock.move(days=2)
    assert (await prepared(house, *(await written(house, changed(an_answer(), valid_from=begins))))).blocked == ()
