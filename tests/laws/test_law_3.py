"""Law 3: one value, one place: a released change of a fact makes new renditions of every dependent, transitively."""

import pytest

from kb.channels.profiles import CHANNELS
from kb.channels.values import Money
from kb.entries import queries as entries
from tests.builders import (
    SPANISH,
    Home,
    a_claim,
    a_fact,
    a_translation,
    an_answer,
    asked,
    changed,
    live,
    payload,
    read,
    released,
)

pytestmark = pytest.mark.both_databases

FEE = a_fact("card.fee", Money("5.00", "GBP"))
DEPENDENTS = (("a", ("en-GB", SPANISH)), ("b", ("en-GB",)), ("c", ("en-GB",)), ("fee-claim", ("en-GB",)))


async def test_a_new_price_is_said_by_all_that_say_it_at_one_position_without_a_new_revision(house: Home) -> None:
    direct = an_answer("a", "A new card costs {{fact:card.fee}}.")
    await live(
        house,
        FEE,
        direct,
        a_translation(direct, "Una tarjeta nueva cuesta {{fact:card.fee}}."),
        a_claim("fee-claim", "We charge {{fact:card.fee}}."),
        a_claim("wide-claim", "No surprises. {{claim:fee-claim}}"),
        an_answer("b", "Good to know. {{claim:wide-claim}}"),
        an_answer("c", "Yes. {{claim:fee-claim}}"),
    )
    versions = {(key, locale, number) for key, locale, number, _ in await read(house, entries.places)}
    outcome = await live(house, changed(FEE, fact=Money("6.00", "GBP")))
    for key, locales in DEPENDENTS:
        for locale in locales:
            for channel in CHANNELS:
                told = await payload(house, key, asked(channel, locale))
                assert told is not None
                assert told["position"] == outcome.position
                assert told["facts"]["card.fee"]["value"] == {"type": "money", "amount": "6.00", "currency": "GBP"}
                assert "5" not in told["text"]
    after = {(key, locale, number) for key, locale, number, _ in await read(house, entries.places)}
    assert after - versions == {("card.fee", "und", 2)}


async def test_a_fact_has_one_version_wherever_it_is_said(house: Home) -> None:
    await live(house, FEE, an_answer("a", "It costs {{fact:card.fee}}."), an_answer("b", "You pay {{fact:card.fee}}."))
    await live(house, changed(FEE, fact=Money("6.00", "GBP")))
    versions = set()
    for key in ("a", "b"):
        for channel in CHANNELS:
            told = await payload(house, key, asked(channel))
            assert told is not None
            versions.add((told["facts"]["card.fee"]["version"], told["facts"]["card.fee"]["hash"]))
    assert len(versions) == 1


@pytest.mark.parametrize(
    "figure", ["£5.00", "14 days", "2.75%", "22 November 2026", "0808 157 0123", "www.larkfield.example"]
)
async def test_a_figure_typed_into_a_text_is_refused(house: Home, figure: str) -> None:
    outcome = await released(house, an_answer(text=f"You should know {figure} before you begin."))
    assert [code for code in outcome.codes("card-arrival") if code.startswith("literal-")]
    assert outcome.released is None
