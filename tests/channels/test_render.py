"""The one door: what every rendition has in common, its bytes, and its issues."""

import json

import pytest

from kb.channels.render import RENDERERS, decode, encode, identity, issues, render
from kb.channels.types import Inputs, Link, Next, Payload, Slot, SlotType, Source
from tests.channels.samples import (
    FACTS,
    PROFILES,
    WAYS,
    claim,
    disclosure,
    fact,
    inputs,
    profile,
    rendered,
    source,
    term,
)

TEXT = (
    "Hi {{slot:name}}, it arrives within {{fact:card.delivery}} for {{fact:card.fee}}. {{claim:free}}\n\n"
    "{{disclosure:apr}}\n\n::: detail\nSee {{fact:url.track}}.\n:::"
)
GIVEN = inputs(
    claim("free", "It may not be free."), disclosures=(disclosure("apr", "Representative: {{fact:card.fee}}."),)
)
SLOTS = {"name": Slot(SlotType.NAME, 20, fallback="there")}
OUTPUT = tuple(name for name, one in PROFILES.known.items() if one.output)


def found(subject: Source, given: Inputs, name: str) -> list[tuple[str, str, str]]:
    payload = render(subject, given, profile(name))
    return [
        (issue.code, issue.field, issue.found)
        for issue in issues(subject, given, profile(name), payload)
        if issue.severity == "blocks"
    ]


def test_every_channel_has_its_renderer() -> None:
    assert set(RENDERERS) == {one.channel for one in PROFILES.known.values()}


@pytest.mark.parametrize("name", OUTPUT)
def test_a_rendition_names_all_it_is_made_of(name: str) -> None:
    payload = rendered(TEXT, name, GIVEN, slots=SLOTS)
    assert f"{payload.channel}/{payload.profile}" == name
    assert {"card.delivery", "card.fee"} <= set(payload.facts)
    assert all(one.text in payload.text for one in payload.facts.values())
    assert [one.key for one in payload.claims] == ["free"]
    assert [one.key for one in payload.disclosures] == ["apr"]
    assert payload.slots == SLOTS
    assert "{{slot:name}}" in payload.text
    assert "{{slot:name}}" in payload.markup.body
    assert "{{fact:" not in payload.text + payload.markup.body


@pytest.mark.parametrize("name", OUTPUT)
def test_a_payload_survives_its_bytes_in_wire_order(name: str) -> None:
    payload = rendered(TEXT, name, GIVEN, slots=SLOTS, next=WAYS)
    data = encode(payload)
    assert decode(data) == payload
    fields = list(json.loads(data))
    assert fields == [field for field in Payload.__struct_fields__ if field in fields]
    assert identity(data) == identity(encode(rendered(TEXT, name, GIVEN, slots=SLOTS, next=WAYS)))


def test_the_identity_follows_every_fact() -> None:
    before = encode(rendered(TEXT, "chat/core", GIVEN, slots=SLOTS))
    facts = {**FACTS, "card.fee": fact("card.fee", term("Other"))}
    changed = inputs(*GIVEN.claims.values(), disclosures=tuple(GIVEN.disclosures.values()), facts=facts)
    assert identity(before) != identity(encode(rendered(TEXT, "chat/core", changed, slots=SLOTS)))


@pytest.mark.parametrize("name", OUTPUT)
def test_unknown_references_stay_as_tokens_and_block(name: str) -> None:
    subject = source("A {{fact:no}} [b]({{fact:no}}) {{claim:no}}.\n\n{{disclosure:no}}")
    assert "{{fact:no}}" in render(subject, inputs(), profile(name)).text
    assert found(subject, inputs(), name) == [
        ("reference-unknown", "text", "no"),
        ("reference-unknown", "text", "no"),
        ("reference-unknown", "text", "no"),
        ("reference-unknown", "text", "no"),
    ]


def test_an_issue_names_the_place_in_the_source() -> None:
    subject = source("Costs {{fact:no}}.")
    payload = render(subject, inputs(), profile("faq/core"))
    issue = issues(subject, inputs(), profile("faq/core"), payload)[0]
    assert (issue.start, issue.end, issue.where, issue.locale) == (6, 17, "faq/core", "en-GB")
    assert issue.message == "there is no live fact no"


def test_problems_inside_a_claim_are_named_where_it_is_referred_to() -> None:
    circular = inputs(claim("a", "A {{claim:b}}"), claim("b", "B {{claim:a}} {{fact:no}}"))
    assert found(source("x {{claim:a}}"), circular, "faq/core") == [
        ("reference-circular", "text", "a"),
        ("reference-unknown", "text", "no"),
    ]


def test_a_term_without_words_in_the_locale_blocks() -> None:
    subject = source("Tap {{fact:name.tab}}.", locale="fr-FR")
    assert found(subject, inputs(), "faq/core") == [("fact-unsaid", "text", "name.tab")]
    assert render(subject, inputs(), profile("faq/core")).text == "Tap {{fact:name.tab}}."


@pytest.mark.parametrize(
    ("subject", "issue"),
    [
        (source("Hi {{slot:x}}"), ("slot-undeclared", "text", "x")),
        (source("{{slot:x}}", slots={"x": Slot(SlotType.TEXT, 5)}), ("slot-fallback", "slots.x", "x")),
        (
            source("{{slot:x}}", slots={"x": Slot(SlotType.TEXT, 2, fallback="long")}),
            ("slot-fallback", "slots.x", "long"),
        ),
        (source("a <b>c</b>"), ("markup", "text", "<b>")),
        (source("a", links=(Link("x", "{{fact:card.fee}}"),)), ("link-address", "links[0].url", "{{fact:card.fee}}")),
        (source("a", links=(Link("x", "javascript:x"),)), ("link-address", "links[0].url", "javascript:x")),
        (
            source("a", next=(Next("x", "X", "link:http://x.example"),)),
            ("link-address", "next[0].to", "http://x.example"),
        ),
        (
            source("a", next=(Next("x", "Twenty-one characters", "end"),)),
            ("label-too-long", "next[0].label", "Twenty-one characters"),
        ),
        (source("a", next=(*WAYS, *WAYS, *WAYS, *WAYS, *WAYS)), ("too-many-next", "next", "")),
    ],
)
def test_what_an_editor_must_mend_blocks(subject: Source, issue: tuple[str, str, str]) -> None:
    assert issue in found(subject, inputs(), "chat/core")


def test_a_sound_answer_has_no_issue_on_any_written_profile() -> None:
    for name in OUTPUT:
        if not name.startswith("voice/"):
            subject = source(TEXT, slots=SLOTS, next=WAYS)
            assert issues(subject, GIVEN, profile(name), render(subject, GIVEN, profile(name))) == ()


def test_long_sentences_warn_once_for_each_form() -> None:
    subject = source("word " * 25 + "end.", short="Fine.")
    warned = [
        name
        for name in OUTPUT
        if any(
            issue.code == "long-sentences"
            for issue in issues(subject, inputs(), profile(name), render(subject, inputs(), profile(name)))
        )
    ]
    assert warned == ["faq/core"]


def test_labels_and_titles_are_plain_words_with_their_references_filled() -> None:
    ways = (Next("x", "Pay {{fact:card.fee}}", "entry:pay"),)
    payload = rendered("a", "chat/core", title="Is it {{fact:card.fee}}? {{claim:no}}", next=ways)
    assert (payload.title, payload.next[0].label) == ("Is it £5? {{claim:no}}", "Pay £5")
    assert set(payload.facts) == {"card.fee"}
