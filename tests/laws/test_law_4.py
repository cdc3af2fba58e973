"""Law 4: all channels agree: a form that loses, adds or contradicts what the canonical text says can't be released."""

from typing import Any

import pytest

from kb.channels.profiles import CHANNELS
from kb.channels.types import Placement, Wording
from kb.channels.values import Duration, Unit
from kb.entries.types import Glossary, GlossaryTerm, House
from kb.review import actions as review
from kb.review.signatures import sign_waiver
from kb.review.types import Waiver
from tests.builders import (
    KEYS,
    Home,
    a_claim,
    a_disclosure,
    a_fact,
    a_house_document,
    an_answer,
    asked,
    committed,
    live,
    payload,
    prepared,
    released,
    text,
)

CANCEL = a_fact("cancel.days", Duration(14, Unit.DAYS))
TEXT = "You may cancel within {{fact:cancel.days}}, but not by post. {{claim:free-atm}}\n\n{{disclosure:capital}}"
GOOD = "Within {{fact:cancel.days}} you may cancel, but not by post. {{claim:free-atm}}"
SHOWN = f"{GOOD}\n\n{{{{disclosure:capital}}}}"

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a lost fact": ({"short": SHOWN.replace("Within {{fact:cancel.days}} you", "You")}, "fact-missing"),
    "a lost claim": ({"short": SHOWN.replace(" {{claim:free-atm}}", "")}, "claim-missing"),
    "a lost disclosure": ({"overrides": {"sms": GOOD}}, "disclosure-missing"),
    "another figure": ({"spoken": SHOWN.replace("{{fact:cancel.days}}", "30 days")}, "literal-contradicts"),
    "a lost not": ({"short": SHOWN.replace("but not", "and also")}, "negation-lost"),
    "may become must": ({"short": SHOWN.replace("may", "must")}, "modality-changed"),
    "may become will": ({"overrides": {"social/x": SHOWN.replace("may", "will")}}, "modality-changed"),
}


async def with_its_parts(house: Home) -> None:
    await live(house, CANCEL, a_claim(), a_disclosure(placement=Placement(must_hear=False)))


async def test_every_channel_says_every_fact_claim_and_disclosure(house: Home) -> None:
    await with_its_parts(house)
    await live(house, an_answer(wording=Wording(TEXT, short=SHOWN, spoken=SHOWN)))
    for channel in CHANNELS:
        told = await payload(house, "card-arrival", asked(channel))
        assert told is not None
        assert set(told["facts"]) == {"cancel.days"}
        assert [one["key"] for one in told["claims"]] == ["free-atm"]
        assert [one["key"] for one in told["disclosures"]] == ["capital"]
        assert "Taking out cash is free." in told["text"]
        assert "Your capital is at risk." in told["text"]
        assert ("fourteen days" if channel == "voice" else "14 days") in told["text"]


@pytest.mark.parametrize("case", REFUSED)
async def test_a_form_that_disagrees_is_refused_with_its_place(house: Home, case: str) -> None:
    wording, code = REFUSED[case]
    await with_its_parts(house)
    outcome = await released(house, an_answer(wording=Wording(TEXT, **wording)))
    assert outcome.released is None
    found = [issue for issue in outcome.blocked[0].issues if issue.code == code]
    assert found, outcome.codes("card-arrival")
    assert found[0].field.split(".")[0] in wording
    assert found[0].action
    assert await text(house) is None


@pytest.mark.parametrize("case", ["a lost fact", "a lost disclosure", "another figure"])
async def test_figures_and_disclosures_cannot_be_waived(house: Home, case: str) -> None:
    await with_its_parts(house)
    outcome = await released(house, an_answer(wording=Wording(TEXT, **REFUSED[case][0])))
    await all_waived(house, outcome.revisions[0].hash, [(one.code, one.field) for one in outcome.blocked[0].issues])
    ready = await prepared(house, *outcome.revisions)
    assert REFUSED[case][1] in {issue.code for one in ready.blocked for issue in one.issues}
    assert await committed(house, ready) is None


async def test_a_prohibited_phrase_cannot_be_released_nor_waived(house: Home) -> None:
    term = GlossaryTerm("guaranteed", "prohibited", "nothing is", "expected")
    await live(house, a_house_document("glossary", House(glossary=Glossary({"en-GB": (term,)}))))
    outcome = await released(house, an_answer(text="Delivery is guaranteed."))
    assert "term-prohibited" in outcome.codes("card-arrival")
    await all_waived(house, outcome.revisions[0].hash, [("term-prohibited", "text")])
    assert [one.key for one in (await prepared(house, *outcome.revisions)).blocked] == ["card-arrival"]


async def all_waived(house: Home, hash_: str, findings: list[tuple[str, str]]) -> None:
    waivers = [
        sign_waiver(
            Waiver("card-arrival", "en-GB", hash_, code, field, "so", "legal", "leo", house.now, ""), KEYS["leo"][1]
        )
        for code, field in findings
    ]
    async with house.work() as work:
        await review.sign(work, [], waivers)
