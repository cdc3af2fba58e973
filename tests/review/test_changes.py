"""The class of a change: the gravest thing it touches, with examples of each."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from kb.channels.types import Link, Next, Placement, Slot, SlotType, Staff, Variant, When, Wording
from kb.channels.values import Duration, Unit
from kb.entries.types import Audience, Content, Evidence, Stage
from kb.review.changes import change_class
from kb.review.types import ChangeClass
from tests.builders import a_claim, a_disclosure, a_fact, an_answer, changed

TEXT = "You can cancel it in {{fact:cancel.days}}. {{disclosure:capital}} It is not a fee of £5.00."
OLD = an_answer(
    text=TEXT,
    next=(Next("lost", "Lost it", "entry:card-lost", phrases=("lost",)), Next("end", "No", "end")),
    links=(Link("Help", "https://larkfield.example/help"),),
    ask="Anything else?",
    staff=Staff(notes="Be kind."),
    slots={"name": Slot(SlotType.NAME, 20, required=True)},
    variants=(Variant(When(tone=("warm",)), Wording("Dear, {{fact:cancel.days}}.")),),
).content


def classed(new: Content, old: Content | None = OLD, locale: str = "en-GB") -> ChangeClass:
    return change_class(old, new, locale)


def with_text(old: str, new: str) -> Content:
    assert old in TEXT
    return with_fields(wording=Wording(TEXT.replace(old, new)))


def with_fields(**fields: Any) -> Content:
    values = {name: getattr(OLD, name) for name in OLD.__struct_fields__}
    return Content(**(values | fields))


def test_what_was_never_signed_is_of_the_strictest_class() -> None:
    assert classed(OLD, None) is ChangeClass.VALUE


@pytest.mark.parametrize(
    "fields",
    [
        {"audience": Audience.CUSTOMER},
        {"valid_from": datetime(2030, 1, 1, tzinfo=UTC)},
        {"valid_until": datetime(2030, 1, 1, tzinfo=UTC)},
        {"topic": "loans"},
        {"product": "gold"},
        {"stage": Stage.AFTER},
        {"slots": {}},
        {"links": (Link("Help", "https://elsewhere.example/help"),)},
        {"variants": (Variant(When(tone=("brisk",)), Wording("Dear, {{fact:cancel.days}}.")),)},
        {"variants": ()},
        {"ask": "Do you have £20?"},
    ],
)
def test_whatever_decides_who_hears_what_and_when_is_of_class_value(fields: dict[str, Any]) -> None:
    assert classed(with_fields(**fields)) is ChangeClass.VALUE


@pytest.mark.parametrize(
    ("old", "new"),
    [("£5.00", "£6.00"), ("{{fact:cancel.days}}", "{{fact:return.days}}"), ("{{fact:cancel.days}}", "14 days")],
)
def test_a_figure_or_a_fact_in_the_text_is_of_class_value(old: str, new: str) -> None:
    assert classed(with_text(old, new)) is ChangeClass.VALUE


def test_the_value_of_a_fact_and_the_evidence_of_a_claim_are_of_class_value() -> None:
    fact, claim = a_fact(), a_claim()
    assert classed(changed(fact, fact=Duration(3, Unit.DAYS)).content, fact.content, "und") is ChangeClass.VALUE
    proof = (Evidence("Tariff", url="https://larkfield.example/tariff", valid_until=date(2030, 1, 1)),)
    assert classed(changed(claim, evidence=proof).content, claim.content) is ChangeClass.VALUE


def test_a_fact_moved_to_another_form_is_of_class_value() -> None:
    old = changed(an_answer(), wording=Wording("In {{fact:a}}.", short="In {{fact:a}}.")).content
    new = changed(an_answer(), wording=Wording("In {{fact:a}}.", short="Soon.")).content
    assert classed(new, old) is ChangeClass.VALUE


def test_a_disclosure_that_comes_goes_or_moves_is_of_class_disclosure() -> None:
    assert classed(with_text("{{disclosure:capital}}", "{{disclosure:apr}}")) is ChangeClass.DISCLOSURE
    assert classed(with_text("{{disclosure:capital}} ", "")) is ChangeClass.DISCLOSURE
    disclosure = a_disclosure()
    placed = changed(disclosure, placement=Placement(must_hear=False))
    assert classed(placed.content, disclosure.content) is ChangeClass.DISCLOSURE


@pytest.mark.parametrize(
    ("old", "new"), [("You can", "You will"), ("You can", "You must"), ("is not", "is"), ("You can", "You may not")]
)
def test_a_negation_or_modality_is_of_class_modality(old: str, new: str) -> None:
    assert classed(with_text(old, new)) is ChangeClass.MODALITY


def test_in_a_language_without_a_lexicon_any_change_of_text_may_be_one_of_meaning() -> None:
    old, new = Content(wording=Wording("Voit perua sen.")), Content(wording=Wording("Et voi perua sitä."))
    assert classed(new, old, "fi-FI") is ChangeClass.MODALITY


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Where has my card gone?"},
        {"ask": "Is there anything else that you must have?"},
        {"ask": ""},
        {"next": OLD.next[:1]},
        {"next": (Next("lost", "Lost it", "entry:card-stolen", phrases=("lost",)), OLD.next[1])},
        {"next": (Next("lost", "Lost it", "entry:card-lost", phrases=("gone",)), OLD.next[1])},
        {"staff": Staff(notes="Never be unkind.")},
        {"links": (Link("Assistance", "https://larkfield.example/help"),)},
    ],
)
def test_words_ways_on_and_the_staff_part_are_of_class_wording(fields: dict[str, Any]) -> None:
    assert classed(with_fields(**fields)) is ChangeClass.WORDING


def test_other_words_with_the_same_meaning_are_of_class_wording() -> None:
    assert classed(with_text("cancel it", "cancel the order")) is ChangeClass.WORDING


def test_one_letter_is_of_class_wording_since_it_may_make_another_word() -> None:
    assert classed(with_text("fee", "feel")) is ChangeClass.WORDING


@pytest.mark.parametrize(("old", "new"), [("You can", "You  can"), ("}}. ", "}}; "), ("of £5.00.", "of £5.00")])
def test_white_space_and_punctuation_outside_values_are_of_class_typo(old: str, new: str) -> None:
    assert classed(with_text(old, new)) is ChangeClass.TYPO


def test_punctuation_inside_a_value_is_no_typo() -> None:
    assert classed(with_text("£5.00", "£500")) is ChangeClass.VALUE


@pytest.mark.parametrize("fields", [{"phrasings": ("where is it",)}, {"owner": "team-other"}, {"cadence_days": 30}, {}])
def test_phrasings_owner_and_cadence_are_metadata(fields: dict[str, Any]) -> None:
    assert classed(with_fields(**fields)) is ChangeClass.METADATA


def test_the_gravest_of_several_wins() -> None:
    both = Wording(TEXT.replace("You can", "You will").replace("£5.00", "£6.00"))
    assert classed(with_fields(wording=both, owner="team-other")) is ChangeClass.VALUE
