"""Rules of entries: what is hashed, what a translation inherits, and which content is shaped for its kind."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from kb.channels.types import Issue, Link, Next, Placement, Severity, Slot, SlotType, Staff, Variant, When, Wording
from kb.entries.rules import content_hash, cycle, shape_issues, signed_bytes, slot_issues, source_locale, variant_issues
from kb.entries.texts import fields_of, uses_of
from kb.entries.translation import inherit, translation_issues
from kb.entries.types import Audience, Content, Draft, Evidence, House, Kind, NoticeTerms, Policy, PromiseTerms
from tests.builders import a_claim, a_disclosure, a_fact, a_notice, a_promise, an_answer, changed

ELEPHANTS = datetime(2030, 1, 1, tzinfo=UTC)


def codes(issues: tuple[Issue, ...]) -> list[tuple[str, str]]:
    return [(issue.code, issue.field) for issue in issues]


# ---- hashes ----------------------------------------------------------------------------------------------------------


def test_the_signed_bytes_are_written_as_the_design_says() -> None:
    draft = Draft("a.b", Kind.ANSWER, "en-GB", "ana", Content(title="T", wording=Wording("x")), editors=("c", "b"))
    assert signed_bytes(draft) == (
        b'{"author":"ana","content":{"title":"T","wording":{"text":"x"}},"editors":["b","c"],"format":"kb.revision/1",'
        b'"key":"a.b","kind":"answer","locale":"en-GB","source":""}'
    )


CHANGES: dict[str, Any] = {
    "title": "Other",
    "topic": "savings",
    "product": "gold",
    "stage": "after",
    "owner": "team-other",
    "audience": Audience.STAFF,
    "valid_from": ELEPHANTS,
    "valid_until": ELEPHANTS,
    "cadence_days": 30,
    "wording": Wording("Other."),
    "alternates": (Wording("Other."),),
    "variants": (Variant(When(tone=("warm",)), Wording("Other.")),),
    "phrasings": ("where is it",),
    "slots": {"name": Slot(SlotType.NAME, 20, required=True)},
    "ask": "Anything else?",
    "next": (Next("end", "No", "end"),),
    "links": (Link("Help", "https://larkfield.example/help"),),
    "staff": Staff(notes="Check the name."),
    "evidence": (Evidence("Tariff", document="T-1"),),
    "placement": Placement(),
}


@pytest.mark.parametrize("field", CHANGES)
def test_everything_an_editor_writes_is_signed(field: str) -> None:
    draft = an_answer()
    assert content_hash(changed(draft, **{field: CHANGES[field]})) != content_hash(draft)


@pytest.mark.parametrize("field", ["author", "editors", "source"])
def test_who_wrote_it_and_from_what_is_signed_too(field: str) -> None:
    value: Any = ("ben",) if field == "editors" else "ben"
    assert content_hash(changed(an_answer(), **{field: value})) != content_hash(an_answer())


def test_the_order_of_editors_changes_nothing() -> None:
    assert content_hash(an_answer(editors=("b", "c"))) == content_hash(an_answer(editors=("c", "b")))


# ---- shape -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("draft", [an_answer(), a_fact(), a_claim(), a_disclosure(), a_promise(), a_notice()])
def test_every_builder_makes_a_well_shaped_entry(draft: Draft) -> None:
    assert shape_issues(draft.kind, draft.content) == ()


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (an_answer(title=""), "title"),
        (an_answer(wording=None), "wording"),
        (an_answer(owner=""), "owner"),
        (changed(a_fact(), fact=None), "fact"),
        (a_claim(evidence=()), "evidence"),
        (a_disclosure(placement=None), "placement"),
        (a_promise(promise=None), "promise"),
        (a_notice(notice=None), "notice"),
    ],
)
def test_a_field_that_the_kind_needs_is_missed(draft: Draft, field: str) -> None:
    assert codes(shape_issues(draft.kind, draft.content)) == [("field-missing", field)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fact", a_fact().content.fact),
        ("evidence", (Evidence("Tariff"),)),
        ("placement", Placement()),
        ("house", House(policy=Policy(rules=()))),
        ("promise", PromiseTerms("a", "b", "c", "d")),
        ("notice", NoticeTerms("a", "b")),
    ],
)
def test_a_field_of_another_kind_is_misplaced(field: str, value: Any) -> None:
    found = shape_issues(Kind.ANSWER, changed(an_answer(), **{field: value}).content)
    assert codes(found) == [("field-misplaced", field)]
    assert found[0].severity is Severity.BLOCKS


def test_a_fact_has_no_wording() -> None:
    draft = changed(a_fact(), wording=Wording("Five days."))
    assert codes(shape_issues(draft.kind, draft.content)) == [("field-misplaced", "text")]


# ---- translations ----------------------------------------------------------------------------------------------------

SOURCE = an_answer(
    product="gold",
    audience=Audience.CUSTOMER,
    valid_until=ELEPHANTS,
    slots={"name": Slot(SlotType.NAME, 20, required=True)},
    next=(Next("lost", "Lost it", "entry:card-lost"), Next("end", "No", "end")),
    links=(Link("Help", "https://larkfield.example/help"),),
    variants=(Variant(When(tone=("warm",)), Wording("Dear, it is on its way.")),),
    ask="Anything else?",
).content
SPANISH = Content(
    title="T",
    wording=Wording("En camino."),
    next=(Next("end", "No", ""), Next("lost", "La perdí", "")),
    links=(Link("Ayuda", ""),),
    variants=(Variant(When(tone=("warm",)), Wording("Querida, en camino.")),),
    ask="¿Algo más?",
)


def test_a_translation_inherits_all_that_is_not_words() -> None:
    whole = inherit(SOURCE, SPANISH)
    assert (whole.title, whole.wording, whole.ask) == ("T", Wording("En camino."), "¿Algo más?")
    for field in ("topic", "product", "owner", "audience", "valid_until", "slots"):
        assert getattr(whole, field) == getattr(SOURCE, field)
    assert [(way.id, way.label, way.to) for way in whole.next] == [
        ("lost", "La perdí", "entry:card-lost"),
        ("end", "No", "end"),
    ]
    assert whole.links == (Link("Ayuda", "https://larkfield.example/help"),)
    assert whole.variants == (Variant(When(tone=("warm",)), Wording("Querida, en camino.")),)
    assert translation_issues(SOURCE, SPANISH) == ()


@pytest.mark.parametrize(
    ("field", "value", "code", "place"),
    [
        ("topic", "tarjetas", "translation-not-words", "topic"),
        ("audience", Audience.STAFF, "translation-not-words", "audience"),
        ("evidence", (Evidence("Tarifa", valid_until=date(2030, 1, 1)),), "translation-not-words", "evidence"),
        ("next", SPANISH.next[:1], "translation-incomplete", "next.lost"),
        ("next", (*SPANISH.next, Next("more", "Más", "")), "translation-extra", "next.more"),
        ("links", (), "translation-incomplete", "links"),
        ("variants", (), "translation-incomplete", "variants"),
        ("ask", "", "translation-incomplete", "ask"),
    ],
)
def test_a_translation_that_differs_in_more_than_words_is_told(field: str, value: Any, code: str, place: str) -> None:
    content = changed(an_answer(), **{field: value}).content
    spanish = {name: getattr(SPANISH, name) for name in ("title", "wording", "next", "links", "variants", "ask")}
    content = Content(**(spanish | {field: getattr(content, field)}))
    assert codes(translation_issues(SOURCE, content)) == [(code, place)]


def test_a_notice_in_translation_keeps_its_consent_and_hours() -> None:
    source = Content(notice=NoticeTerms("tell", "marketing", "21:00", "08:00", {"STOP": "We stop."}))
    words = Content(notice=NoticeTerms("avisar", "", replies={"STOP": "Paramos."}))
    assert inherit(source, words).notice == NoticeTerms("avisar", "marketing", "21:00", "08:00", {"STOP": "Paramos."})


def test_facts_and_house_documents_have_no_locale() -> None:
    assert [source_locale(kind, "en-GB") for kind in (Kind.FACT, Kind.HOUSE, Kind.ANSWER)] == ["und", "und", "en-GB"]


# ---- variants and slots ----------------------------------------------------------------------------------------------


def variants(*whens: When) -> Content:
    return Content(variants=tuple(Variant(when, Wording("x")) for when in whens))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (When(product=("gold",)), When(tone=("warm",))),
        (When(product=("gold", "blue")), When(product=("blue",))),
        (When(product=("gold",), tone=("warm",)), When(product=("gold",), stage=("after",))),
    ],
)
def test_two_variants_that_can_both_win_are_refused(one: When, other: When) -> None:
    assert codes(variant_issues(variants(one, other))) == [("variant-tie", "variants[1].when")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (When(product=("gold",)), When(product=("blue",))),
        (When(product=("gold",)), When(product=("gold",), tone=("warm",))),
        (When(product=("gold",), tone=("warm",)), When(product=("blue",), stage=("after",))),
    ],
)
def test_variants_that_exclude_or_outdo_each_other_are_fine(one: When, other: When) -> None:
    assert variant_issues(variants(one, other)) == ()


def test_a_variant_without_a_condition_is_refused() -> None:
    assert codes(variant_issues(variants(When()))) == [("variant-without-when", "variants[0].when")]


def test_five_alternates_are_enough() -> None:
    five = (Wording("x"),) * 5
    assert variant_issues(Content(alternates=five)) == ()
    assert codes(variant_issues(Content(alternates=(*five, Wording("y"))))) == [("too-many-alternates", "alternates")]


@pytest.mark.parametrize(
    ("slot", "code"),
    [
        (None, "slot-undeclared"),
        (Slot(SlotType.NAME, 20), "slot-without-fallback"),
        (Slot(SlotType.NAME, 3, fallback="customer"), "slot-too-long"),
    ],
)
def test_a_slot_that_could_leave_a_hole_is_told(slot: Slot | None, code: str) -> None:
    content = Content(wording=Wording("Hello {{slot:name}}."), slots={"name": slot} if slot else {})
    assert codes(slot_issues(content)) == [(code, "slots.name")]


@pytest.mark.parametrize("slot", [Slot(SlotType.NAME, 20, required=True), Slot(SlotType.NAME, 20, fallback="friend")])
def test_a_slot_that_is_required_or_has_a_fallback_is_fine(slot: Slot) -> None:
    assert slot_issues(Content(wording=Wording("Hello {{slot:name}}."), slots={"name": slot})) == ()


# ---- references ------------------------------------------------------------------------------------------------------


def test_references_are_found_in_every_text_and_ways_on_too() -> None:
    content = Content(
        title="{{fact:a}}",
        wording=Wording("{{fact:b}}", short="{{claim:c}}", overrides={"sms": "{{disclosure:d}}"}),
        alternates=(Wording("{{fact:e}}"),),
        variants=(Variant(When(tone=("warm",)), Wording("{{fact:f}}"), (Wording("{{fact:g}}"),)),),
        ask="{{fact:h}}",
        next=(Next("x", "X", "entry:i", say="{{fact:j}}"), Next("y", "Y", "link:{{fact:k}}")),
        links=(Link("l", "{{fact:l}}"),),
        staff=Staff(steps=("{{fact:m}}",), notes="{{fact:n}}"),
        promise=PromiseTerms("{{fact:o}}", "p", "q", "r"),
        phrasings=("{{fact:never}}",),
    )
    assert {key for _, key in uses_of(content)} == set("abcdefghijklmno")
    assert ("entry", "i") in uses_of(content)


def test_a_field_is_named_by_its_path() -> None:
    content = Content(title="T", variants=(Variant(When(tone=("warm",)), Wording("x"), (Wording("y", short="z"),)),))
    assert [name for name, text in fields_of(content) if text] == [
        "title",
        "variants[0].text",
        "variants[0].alternates[0].text",
        "variants[0].alternates[0].short",
    ]


def test_a_circle_of_references_is_walked_out() -> None:
    edges: dict[str, Any] = {"a": ["b", "c"], "b": ["d"], "c": ["a"], "d": ["b"]}
    assert cycle("a", edges) == ("a", "c", "a")
    assert cycle("b", edges) == ("b", "d", "b")
    assert cycle("x", edges) == ()
