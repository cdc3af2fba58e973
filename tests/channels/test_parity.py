"""Law 4: every form of a wording says what its canonical text says.

The fixtures are fitted: each pair was written before the rules had seen it and then learned from, and `round` tells
when. What the rules made of pairs they had never seen, in the first rounds:

    pairs      locale   caught    figures   false alarms
    first      en-GB    111/119   36/36     6/71
    first      es-ES    108/119   36/36     8/59
    2 to 4     en-GB    72/73     14/14     14/86
    2 to 4     es-ES    69/72     14/14     8/78

So a free paraphrase now and then needs the words of its canonical text, or a waiver; a figure is never missed.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from kb.channels.figures import literals, literals_beside
from kb.channels.parity import DISCLOSURES, FIGURES, PROHIBITED, WAIVABLE, issues, sentence_check
from kb.channels.types import (
    ClaimInput,
    DisclosureInput,
    FactInput,
    Inputs,
    Issue,
    Next,
    Placement,
    Severity,
    Source,
    Staff,
    Wording,
)
from kb.channels.values import Duration, FactValue, Integer, Money, Unit

HERE = Path(__file__).parent
LOCALES = ("en-GB", "es-ES")
ALL = ("voice", "chat", "social", "sms", "email", "faq", "agent")


def fact(key: str, value: FactValue) -> FactInput:
    return FactInput(key=key, value=value, version=1, hash=key)


FACTS = {
    "delivery": fact("delivery", Duration(low=5, high=7, unit=Unit.WORKING_DAYS)),
    "cooling": fact("cooling", Duration(low=14, unit=Unit.DAYS)),
    "fee": fact("fee", Money(amount="5.00", currency="GBP")),
    "spares": fact("spares", Integer(value=2)),
}
CLAIMS = {"free": ClaimInput("free", "Free cards", Wording("Your first card is free for {{fact:cooling}}."), 1, "h")}
DISCLOSURES_MADE = {
    "apr": DisclosureInput("apr", "APR", Wording("Representative APR."), Placement(channels=("sms", "voice")), 1, "h"),
    "risk": DisclosureInput("risk", "Risk", Wording("Your capital is at risk."), Placement(), 1, "h"),
}
INPUTS = Inputs(facts=FACTS, claims=CLAIMS, disclosures=DISCLOSURES_MADE)


def found(text: str, *, at: str = "", channels: tuple[str, ...] = ALL, **forms: Any) -> tuple[Issue, ...]:
    wording = Wording(text, **forms)
    source = Source(key="k", kind="answer", locale="en-GB", title="Card", wording=wording, version=1, hash="h")
    return issues(source, INPUTS, channels, at)


def codes(text: str, **forms: Any) -> list[str]:
    return [issue.code for issue in found(text, **forms)]


# ---- references ------------------------------------------------------------------------------------------------------


def test_a_form_that_says_everything_has_no_issue() -> None:
    text = "Your card arrives within {{fact:delivery}}. You can't change the address once it's sent."
    assert codes(text, short="Cards take {{fact:delivery}}. The address can't be changed once it's sent.") == []


def test_a_form_that_drops_a_fact_is_refused_with_the_place_named() -> None:
    (issue,) = found("It costs {{fact:fee}}.", overrides={"social/x": "It has a cost."})
    assert (issue.code, issue.field, issue.severity) == ("fact-missing", "overrides.social/x", Severity.BLOCKS)
    assert issue.found == "{{fact:fee}}"
    assert "{{fact:fee}}" in issue.action


def test_a_fact_in_a_detail_may_be_left_out() -> None:
    text = "Cards are free.\n\n::: detail\nA spare costs {{fact:fee}}.\n:::"
    assert codes(text, short="Cards are free.") == []
    assert codes(text, short="Cards are free, spares {{fact:fee}}.") == []


def test_a_claim_brings_its_facts_along() -> None:
    assert codes("You have {{fact:cooling}}. {{claim:free}}", short="{{claim:free}}") == []
    assert codes("{{claim:free}} Enjoy.", short="{{fact:cooling}}. Enjoy.") == ["claim-missing"]


def test_a_slot_of_the_canonical_text_stays() -> None:
    assert codes("Hello {{slot:name}}.", spoken="Hello.") == ["slot-missing"]


def test_a_reference_that_the_canonical_text_lacks_is_refused() -> None:
    (issue,) = found("Cards arrive fast.", short="Cards arrive within {{fact:delivery}}.")
    assert (issue.code, issue.start, issue.end) == ("reference-extra", 20, 37)


def test_a_disclosure_is_missed_only_where_it_is_due() -> None:
    text = "Borrow more.\n\n{{disclosure:apr}}"
    assert codes(text, overrides={"sms": "Borrow more.", "social": "Borrow more."}) == ["disclosure-missing"]
    assert codes(text, short="Borrow more.", channels=("social", "faq")) == []
    assert codes(text, short="Borrow more.", channels=("sms", "faq")) == ["disclosure-missing"]
    assert codes(text, spoken="Borrow more.") == ["disclosure-missing"]


def test_a_disclosure_in_a_detail_is_due_all_the_same() -> None:
    assert codes("Invest.\n\n::: detail\n{{disclosure:risk}}\n:::", short="Invest.") == ["disclosure-missing"]


# ---- figures ---------------------------------------------------------------------------------------------------------


def test_thirty_days_where_the_fact_says_fourteen_is_refused_naming_both() -> None:
    (missing, issue) = found("You have {{fact:cooling}}.", short="You have 30 days.")
    assert missing.code == "fact-missing"
    assert issue.code == "literal-contradicts"
    assert issue.found == "30 days"
    assert "{{fact:cooling}} (14 days)" in issue.message


def test_a_figure_typed_where_its_reference_belongs_is_named() -> None:
    assert codes("You have {{fact:cooling}}.", short="You have two weeks.") == ["fact-missing", "literal-not-a-fact"]


def test_a_figure_that_the_canonical_text_has_nowhere_is_refused() -> None:
    assert codes("Call us.", short="Call us on 0808 157 0100.") == ["literal-extra"]


@pytest.mark.parametrize(
    "text",
    ["It costs £5.", "2.5% more.", "On 22 November.", "In 3 days.", "Call 0808 157 0100.", "See https://a.example/b.",
     "Write to a@b.example.", "By 5 pm.", "Open 24/7.", "::: detail\nIt costs £5.\n:::"],
)  # fmt: skip
def test_a_figure_that_matters_must_be_a_fact(text: str) -> None:
    assert [(issue.code, issue.severity) for issue in found(text)] == [("literal-not-a-fact", Severity.BLOCKS)]


def test_a_small_bare_number_is_part_of_the_sentence_and_a_large_one_warns() -> None:
    assert literals("One of us sends two cards to all three of you.", "en-GB", "text") == ()
    (issue,) = literals("Pick one of 40 designs.", "en-GB", "text")
    assert (issue.severity, issue.found) == (Severity.WARNS, "40")


def test_figures_round_a_wording_are_found_too() -> None:
    source = Source(
        key="k",
        kind="answer",
        locale="en-GB",
        title="The £5 fee",
        wording=Wording("x"),
        version=1,
        hash="h",
        ask="Within 3 days?",
        next=(Next(id="a", label="Pay £5", to="end", say="To pay five pounds"),),
        staff=Staff(steps=("Open it.", "Wait 5 minutes.")),
    )
    assert [issue.field for issue in literals_beside(source)] == [
        "title",
        "ask",
        "next[0].label",
        "next[0].say",
        "staff.steps[1]",
    ]


# ---- meaning ---------------------------------------------------------------------------------------------------------


def test_a_may_that_becomes_will_is_refused_at_its_place() -> None:
    short = "Cards are free. Shops will charge a fee."
    (issue,) = found("Cards are free. Shops may charge a fee.", short=short)
    assert issue.code == "modality-changed"
    assert short[issue.start : issue.end] == issue.found == "will"
    assert "“Shops may charge a fee.”" in issue.message


def test_a_lost_not_is_refused() -> None:
    assert codes("You can't cancel it.", spoken="You can cancel it.") == ["negation-lost"]


def test_a_negated_sentence_that_is_left_out_is_refused() -> None:
    assert codes("Freeze the card. We never ask for your PIN.", short="Freeze the card.") == ["negation-lost"]


def test_within_before_a_range_may_go_and_before_one_figure_may_not() -> None:
    assert codes("It comes within {{fact:delivery}}.", short="Delivery takes {{fact:delivery}}.") == []
    assert codes("It comes within {{fact:cooling}}.", short="It takes {{fact:cooling}}.") == ["qualifier-lost"]


def test_fields_carry_the_variants_prefix() -> None:
    assert [issue.field for issue in found("It costs £5.", at="variants[0].")] == ["variants[0].text"]


def test_a_locale_without_a_lexicon_is_compared_by_figures_and_references_alone() -> None:
    assert sentence_check("Das kostet 5 €.", "Das kostet nicht 6 €.", "de-DE")[0].code == "literal-contradicts"
    assert sentence_check("Das geht.", "Das geht nicht.", "de-DE") == ()


def test_only_findings_of_negation_and_modality_may_be_waived() -> None:
    assert not WAIVABLE & (FIGURES | DISCLOSURES | PROHIBITED)
    assert {"negation-lost", "modality-changed"} <= WAIVABLE


# ---- labelled pairs --------------------------------------------------------------------------------------------------


def pairs(locale: str) -> list[dict[str, str]]:
    with (HERE / f"parity_{locale}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize("locale", LOCALES)
def test_there_are_three_hundred_different_pairs(locale: str) -> None:
    assert len({(pair["canonical"], pair["other"]) for pair in pairs(locale)}) >= 300


@pytest.mark.parametrize("locale", LOCALES)
def test_every_wrong_figure_is_caught_as_one(locale: str) -> None:
    wrong = [pair for pair in pairs(locale) if pair["kind"] == "figure"]
    missed = [
        pair
        for pair in wrong
        if FIGURES.isdisjoint(issue.code for issue in sentence_check(pair["canonical"], pair["other"], locale))
    ]
    assert wrong
    assert not missed


@pytest.mark.parametrize("locale", LOCALES)
def test_nine_of_ten_contradictions_are_caught(locale: str) -> None:
    wrong = [pair for pair in pairs(locale) if pair["label"] == "contradiction"]
    missed = [pair for pair in wrong if not sentence_check(pair["canonical"], pair["other"], locale)]
    for pair in missed:
        print("missed:", pair)
    assert len(missed) <= 0.1 * len(wrong)


@pytest.mark.parametrize("locale", LOCALES)
def test_one_paraphrase_in_fifty_at_most_raises_an_alarm(locale: str) -> None:
    right = [pair for pair in pairs(locale) if pair["label"] == "ok"]
    alarms = [pair for pair in right if sentence_check(pair["canonical"], pair["other"], locale)]
    for pair in alarms:
        print("false alarm:", pair)
    assert len(alarms) <= 0.02 * len(right)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_text_agrees_with_itself(locale: str) -> None:
    texts = {text for pair in pairs(locale) for text in (pair["canonical"], pair["other"])}
    assert [text for text in texts if sentence_check(text, text, locale)] == []
