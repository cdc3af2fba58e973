"""Taking back: what a withdrawal or a lapse takes with it, what comes back, and what doesn't."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kb.base.errors import Conflict, Forbidden, NotFound
from kb.base.hashing import instant
from kb.base.journal import read_head, read_lines
from kb.base.work import ANONYMOUS, Actor
from kb.channels.profiles import CHANNELS
from kb.channels.types import Link
from kb.channels.values import Integer, Url
from kb.delivery import feed
from kb.delivery.types import Change
from kb.entries.rules import content_hash
from kb.entries.types import Draft, Evidence
from kb.release.lapse import anything_lapsed
from kb.release.withdraw import foresee, listed, withdraw
from kb.review.queries import by_hashes
from kb.review.types import State
from tests.builders import (
    EVERY_AUDIENCE,
    SPANISH,
    Home,
    a_claim,
    a_disclosure,
    a_fact,
    a_translation,
    an_answer,
    asked,
    changed,
    lapsed,
    live,
    payload,
    read,
    released,
    text,
    withdrawn,
)

pytestmark = pytest.mark.both_databases

GOOD_NEWS = an_answer(text="Good news. {{claim:free-atm}}")
ARRIVAL = "Your card arrives in {{fact:card.delivery}}."
SOON = datetime(2026, 1, 10, 12, tzinfo=UTC)


async def states(home: Home, *drafts: Draft) -> list[State]:
    hashes = [content_hash(draft) for draft in drafts]
    found = await read(home, by_hashes, hashes)
    return [found[hash_].state for hash_ in hashes]


async def told(home: Home, after: int) -> set[tuple[str, str, Change]]:
    """Changes behind a position as (key, locale, change)."""
    head = (await read(home, read_head)).position
    found = await feed.changes(home.reader, feed.Cursor(after + 1, 0, 0), head, 1000, EVERY_AUDIENCE)
    return {(one.key, one.locale, one.change) for one in found.items}


# ---- withdrawing -----------------------------------------------------------------------------------------------------


async def test_a_withdrawal_takes_all_that_leans_on_it_at_one_position(house: Home) -> None:
    await live(
        house,
        a_fact(),
        a_claim("fast-post", "Cards come in {{fact:card.delivery}}."),
        an_answer("a", ARRIVAL),
        an_answer("b", "We are quick. {{claim:fast-post}}"),
        an_answer("c", "Call us."),
    )
    before = (await read(house, read_head)).position
    taken = await read(house, foresee, ["card.delivery"])
    done = await withdrawn(house, "card.delivery")
    assert taken.withdrawn == (("card.delivery", "und"),)
    assert taken.suspended == (("a", "en-GB"), ("b", "en-GB"), ("fast-post", "en-GB"))
    assert {(place.key, place.locale) for place in done.items} == {*taken.withdrawn, *taken.suspended}
    for channel in CHANNELS:
        assert [await text(house, key, asked(channel)) for key in ("a", "b", "fast-post")] == [None] * 3
        assert await text(house, "c", asked(channel)) is not None
    assert await told(house, before) == {(key, "en-GB", Change.SUSPENDED) for key in ("a", "b", "fast-post")}
    assert [line.event for line in await read(house, read_lines, before)] == ["release.withdraw"]
    assert done.position == before + 1


async def test_a_withdrawn_entry_is_told_as_withdrawn_and_what_leant_on_it_as_suspended(house: Home) -> None:
    await live(house, a_claim(), GOOD_NEWS)
    done = await withdrawn(house, "free-atm")
    assert await states(house, a_claim(), GOOD_NEWS) == [State.WITHDRAWN, State.SUSPENDED]
    assert await told(house, done.position - 1) == {
        ("free-atm", "en-GB", Change.WITHDRAWN),
        ("card-arrival", "en-GB", Change.SUSPENDED),
    }


async def test_a_withdrawal_takes_every_locale(house: Home) -> None:
    source = an_answer()
    await live(house, source, a_translation(source, "Tu tarjeta está en camino."))
    await withdrawn(house, "card-arrival")
    assert await text(house) is None
    assert await text(house, "card-arrival", asked("chat", SPANISH)) is None


async def test_a_translation_goes_with_its_source_when_that_is_suspended(house: Home) -> None:
    claim = a_claim()
    await live(
        house,
        claim,
        a_translation(claim, "Sacar dinero es gratis."),
        GOOD_NEWS,
        a_translation(GOOD_NEWS, "Buenas noticias. {{claim:free-atm}}"),
        an_answer("b", "See. {{claim:free-atm}}"),
        a_translation(an_answer("b", "See. {{claim:free-atm}}"), "Mira."),
    )
    await withdrawn(house, "free-atm")
    for key in ("card-arrival", "b"):
        assert await text(house, key, asked("chat", SPANISH)) is None


async def test_the_reason_is_kept_out_of_the_journal(house: Home) -> None:
    await live(house, an_answer())
    done = await withdrawn(house, "card-arrival")
    (line,) = await read(house, read_lines, done.position - 1)
    assert "a test" not in line.data


async def test_what_is_not_there_cannot_be_withdrawn(house: Home) -> None:
    await live(house, an_answer())
    with pytest.raises(NotFound, match="nothing"):
        await withdrawn(house, "card-arrival", "nothing")
    assert await text(house) is not None


async def test_what_is_suspended_can_be_withdrawn_for_good(house: Home) -> None:
    await live(house, a_claim(), GOOD_NEWS)
    await withdrawn(house, "free-atm")
    await withdrawn(house, "card-arrival")
    assert await states(house, GOOD_NEWS) == [State.WITHDRAWN]
    await live(house, changed(a_claim(), text="Cash is free again."))
    assert await text(house) is None


async def test_a_stranger_may_not_withdraw(house: Home) -> None:
    await live(house, an_answer())

    async def attempt() -> None:
        async with house.work(ANONYMOUS) as work:
            await withdraw(work, ["card-arrival"], "mischief")

    with pytest.raises(Forbidden):
        await attempt()
    assert await text(house) is not None


async def test_releasing_the_withdrawn_revision_again_does_not_bring_it_back(house: Home) -> None:
    await live(house, an_answer())
    await withdrawn(house, "card-arrival")
    outcome = await released(house, an_answer())
    assert outcome.codes("card-arrival") == {"not-approved"}
    assert await text(house) is None


# ---- coming back -----------------------------------------------------------------------------------------------------


async def test_what_was_suspended_comes_back_with_what_it_leans_on(house: Home) -> None:
    await live(house, a_claim(), GOOD_NEWS, an_answer("b", "See. {{claim:free-atm}}"))
    await withdrawn(house, "free-atm")
    outcome = await live(house, changed(a_claim(), text="Cash is free again."))
    for key in ("card-arrival", "b"):
        told_now = await payload(house, key)
        assert told_now is not None
        assert told_now["position"] == outcome.position
        assert "Cash is free again." in told_now["text"]
    assert await states(house, GOOD_NEWS) == [State.LIVE]


async def test_what_would_break_stays_suspended_and_stops_nothing(house: Home) -> None:
    help_page = a_fact("link.help", Url("https://larkfield.example/help"))
    linked = an_answer(links=(Link("Help", "{{fact:link.help}}"),))
    said = an_answer("b", "Read {{fact:link.help}} first.")
    await live(house, help_page, linked, said)
    await withdrawn(house, "link.help")
    await live(house, changed(help_page, fact=Integer(3)))
    assert await states(house, linked, said) == [State.SUSPENDED, State.LIVE]
    assert await text(house, "b") == "Read 3 first."


async def test_a_suspended_answer_can_be_replaced_by_one_that_leans_on_nothing(house: Home) -> None:
    await live(house, a_claim(), GOOD_NEWS)
    await withdrawn(house, "free-atm")
    await live(house, an_answer(text="Your card is on its way."))
    assert await text(house) == "Your card is on its way."
    assert await states(house, GOOD_NEWS) == [State.SUPERSEDED]
    await live(house, changed(a_claim(), text="Cash is free again."))
    assert await text(house) == "Your card is on its way."


# ---- lapsing ---------------------------------------------------------------------------------------------------------


async def test_an_answer_is_gone_at_the_instant_its_validity_ends(house: Home) -> None:
    await live(house, an_answer(valid_until=SOON))
    told_now = await payload(house)
    assert told_now is not None
    assert told_now["valid_until"] == instant(SOON)
    house.clock.move(seconds=(SOON - house.clock.now()).total_seconds() - 0.001)
    assert await text(house) is not None
    house.clock.move(seconds=0.001)
    assert await text(house) is None


async def test_whatever_leans_on_it_is_gone_at_the_same_instant(house: Home) -> None:
    await live(
        house,
        a_fact(valid_until=SOON),
        a_claim("fast-post", "Cards come in {{fact:card.delivery}}."),
        an_answer(text="We are quick. {{claim:fast-post}}"),
    )
    house.clock.move(days=10)
    assert await text(house) is None


async def test_evidence_holds_to_the_end_of_its_last_day(house: Home) -> None:
    proof = (Evidence("Tariff", document="T-1", valid_until=date(2026, 1, 10)), Evidence("Survey", document="S-1"))
    await live(house, a_claim(evidence=proof), GOOD_NEWS)
    house.clock.move(seconds=(datetime(2026, 1, 10, 23, 59, 59, tzinfo=UTC) - house.clock.now()).total_seconds())
    assert await text(house) is not None
    house.clock.move(seconds=1)
    assert await text(house) is None


async def test_a_disclosure_that_lapses_takes_what_must_show_it(house: Home) -> None:
    await live(house, a_disclosure(valid_until=SOON), an_answer(text="Invest with us.\n\n{{disclosure:capital}}"))
    assert await text(house) is not None
    house.clock.move(days=10)
    assert await text(house) is None


async def test_a_lapse_gets_its_line_and_its_changes(house: Home) -> None:
    claim = a_claim(valid_until=SOON)
    await live(house, claim, GOOD_NEWS, an_answer("c", "Call us."))
    before = (await read(house, read_head)).position
    assert await lapsed(house) is None
    assert not await read(house, anything_lapsed, house.now)
    house.clock.move(days=10)
    assert await read(house, anything_lapsed, house.now)
    done = await lapsed(house)
    assert done is not None
    assert await told(house, before) == {
        ("free-atm", "en-GB", Change.EXPIRED),
        ("card-arrival", "en-GB", Change.SUSPENDED),
    }
    assert await states(house, claim, GOOD_NEWS) == [State.EXPIRED, State.SUSPENDED]
    assert [line.event for line in await read(house, read_lines, before)] == ["release.lapse"]
    assert await lapsed(house) is None
    assert await text(house, "c") is not None


async def test_what_a_lapse_suspended_comes_back_when_the_claim_is_renewed(house: Home) -> None:
    await live(house, a_claim(valid_until=SOON), GOOD_NEWS)
    house.clock.move(days=10)
    await lapsed(house)
    await live(house, a_claim(valid_until=SOON + timedelta(days=365)))
    assert await text(house) == "Good news. Taking out cash is free."


async def test_a_validity_cut_short_in_the_source_cuts_its_translations_short(house: Home) -> None:
    source = an_answer()
    await live(house, source, a_translation(source, "Tu tarjeta está en camino."))
    await live(house, changed(source, valid_until=SOON))
    assert await text(house, "card-arrival", asked("chat", SPANISH)) is not None
    house.clock.move(days=10)
    assert await text(house, "card-arrival", asked("chat", SPANISH)) is None


async def test_a_validity_prolonged_in_the_source_prolongs_its_translations(house: Home) -> None:
    source = an_answer(valid_until=SOON)
    await live(house, source, a_translation(source, "Tu tarjeta está en camino."))
    await live(house, changed(source, valid_until=SOON + timedelta(days=365)))
    house.clock.move(days=10)
    assert await lapsed(house) is None
    assert await text(house, "card-arrival", asked("chat", SPANISH)) is not None


@pytest.mark.parametrize("key", ["policy", "channels"])
async def test_what_rules_the_house_is_replaced_and_never_withdrawn(house: Home, key: str) -> None:
    with pytest.raises(Conflict, match="in its place"):
        await withdrawn(house, key)


# ---- the list is shown first -----------------------------------------------------------------------------------------


async def test_a_topic_is_withdrawn_whole_and_nothing_beside_it(house: Home) -> None:
    await live(house, an_answer("a"), a_fact(), an_answer("b", ARRIVAL), an_answer("other", topic="loans"))
    taken = await read(house, foresee, (), topic="cards")
    assert {key for key, _ in taken.withdrawn} == {"a", "b", "card.delivery"}
    async with house.work() as work:
        done = await withdraw(work, (), "a test", topic="cards")
    assert {(place.key, place.locale) for place in done.items} == set(taken.withdrawn)
    assert [await text(house, key) for key in ("a", "b")] == [None, None]
    assert await text(house, "other") is not None
    with pytest.raises(NotFound):
        await read(house, foresee, (), topic="cards")


async def test_a_key_may_be_named_with_its_kind(house: Home) -> None:
    await live(house, a_claim(), GOOD_NEWS)
    taken = await read(house, foresee, ["claim:free-atm"])
    assert (taken.withdrawn, taken.suspended) == ((("free-atm", "en-GB"),), (("card-arrival", "en-GB"),))
    with pytest.raises(NotFound):
        await read(house, foresee, ["fact:free-atm"])


async def test_a_withdrawal_takes_what_was_shown_or_nothing(house: Home) -> None:
    await live(house, a_claim(), GOOD_NEWS)
    shown = await read(house, listed, await read(house, foresee, ["free-atm"]))
    assert [(one.key, one.kind, one.topic) for one in shown.suspended] == [("card-arrival", "answer", "cards")]
    await live(house, an_answer("more", "More. {{claim:free-atm}}"))
    before = (await read(house, read_head)).position
    with pytest.raises(Conflict):
        async with house.work() as work:
            await withdraw(work, ["free-atm"], "", expected=shown.digest)
    assert (await read(house, read_head)).position == before
    again = await read(house, listed, await read(house, foresee, ["free-atm"]))
    async with house.work() as work:
        done = await withdraw(work, ["free-atm"], "", expected=again.digest)
    assert len(done.items) == 3


async def test_withdrawing_is_a_right_per_topic(house: Home) -> None:
    await live(house, an_answer("a"), an_answer("loan", topic="loans"))
    limited = Actor("pat", rights=frozenset({"withdraw"}), limits={"withdraw": frozenset({"loans"})})
    with pytest.raises(Forbidden):
        async with house.work(limited) as work:
            await withdraw(work, ["a"], "")
    async with house.work(limited) as work:
        await withdraw(work, ["loan"], "")
    assert (await text(house, "a"), await text(house, "loan")) == ("Your card is on its way.", None)
