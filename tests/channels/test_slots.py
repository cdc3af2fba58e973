"""Filling slots: validated, said and escaped as each channel needs."""

from collections.abc import Mapping
from typing import Any

import pytest
from markdown_it import MarkdownIt

from kb.channels.slots import fill
from kb.channels.types import EmailParts, Payload, Slot, SlotType
from tests.channels.samples import HOSTILE, profile, rendered

SLOTS = {
    "name": Slot(SlotType.NAME, 20, fallback="there", personal=True),
    "amount": Slot(SlotType.MONEY, 12, required=True),
    "count": Slot(SlotType.INTEGER, 6, fallback="some"),
    "day": Slot(SlotType.DATE, 20, fallback="soon"),
    "case": Slot(SlotType.REFERENCE, 10, fallback="your case"),
    "note": Slot(SlotType.TEXT, 120, fallback="none"),
}


def filled(text: str, name: str, values: Mapping[str, str], **more: Any) -> Payload:
    payload, issues = fill(rendered(text, name, slots=SLOTS, **more), values, profile(name))
    assert issues == ()
    return payload


def test_values_are_said_as_the_channel_says_them() -> None:
    text = "{{slot:amount}} {{slot:count}} {{slot:day}} {{slot:case}}"
    values = {"amount": "12.50 GBP", "count": "1200", "day": "2026-11-22", "case": "AB-12"}
    assert filled(text, "chat/core", values).text == "£12.50 1,200 22 November 2026 AB-12"
    assert filled(text, "voice/core", values).text == (
        "twelve pounds fifty one thousand two hundred the twenty-second of November twenty twenty-six A B 1 2"
    )


def test_a_missing_value_takes_its_fallback() -> None:
    assert filled("Hi {{slot:name}}.", "sms/core", {}).text == "Hi there."


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "slot-missing"),
        ({"amount": "12.50 GBP", "other": "x"}, "slot-unknown"),
        ({"amount": "12,50"}, "slot-type"),
        ({"amount": "a lot"}, "slot-type"),
        ({"amount": "1234567890.00 GBP"}, "slot-too-long"),
        ({"amount": "1.00 GBP", "name": "x" * 21}, "slot-too-long"),
        ({"amount": "1.00 GBP", "count": "many"}, "slot-type"),
        ({"amount": "1.00 GBP", "day": "2026-02-30"}, "slot-type"),
        ({"amount": "1.00 GBP", "case": "a b<"}, "slot-type"),
    ],
)
def test_a_value_that_does_not_fit_is_an_issue_and_fills_nothing(values: dict[str, str], code: str) -> None:
    text = "{{slot:amount}} {{slot:name}} {{slot:count}} {{slot:day}} {{slot:case}}"
    before = rendered(text, "chat/core", slots=SLOTS)
    after, issues = fill(before, values, profile("chat/core"))
    assert after == before
    assert [issue.code for issue in issues] == [code]


def test_a_value_is_escaped_for_the_markup_it_stands_in() -> None:
    values = {"note": HOSTILE}
    neutral = HOSTILE.replace("{{", "{\u2060{")
    for name in ("faq/core", "email/core"):
        body = filled("{{slot:note}}", name, values).markup.body
        assert "<script" not in body
        assert "&lt;script&gt;" in body
    speech = filled("{{slot:note}}", "voice/core", values)
    assert "<script" not in speech.markup.body
    assert speech.voice is not None
    assert all("<script" not in segment.ssml for segment in speech.voice.segments)
    assert filled("{{slot:note}}", "chat/slack", values).markup.body.count("<") == 0
    markdown = filled("{{slot:note}}", "chat/core", values)
    assert markdown.text == neutral
    assert "<script>" not in MarkdownIt("commonmark").render(markdown.markup.body)
    assert "<em>" not in MarkdownIt("commonmark").render(markdown.markup.body)


def test_a_value_cannot_open_a_heading_or_a_list_in_markdown() -> None:
    for value in ("# big", "- item", "1. item", "> said"):
        body = filled("{{slot:note}}", "chat/core", {"note": value}).markup.body
        assert MarkdownIt("commonmark").render(body) == f"<p>{value.replace('>', '&gt;')}</p>\n"


def test_a_value_is_never_read_for_tokens_again() -> None:
    payload = filled("{{slot:note}} {{slot:name}}", "faq/core", {"note": "{{slot:name}}", "name": "Ana"})
    assert payload.text == "{\u2060{slot:name}} Ana"


def test_a_message_is_cut_anew_with_its_values() -> None:
    payload = filled("{{slot:name}} " + "x" * 138, "sms/core", {"name": "Zoë–Ana"})
    assert payload.text.startswith("Zoë-Ana xxx")
    assert len(payload.parts) == 3  # ë needs UCS-2
    assert "".join(payload.parts) == payload.text


def test_values_that_make_a_message_too_long_are_refused() -> None:
    before = rendered("{{slot:name}} " + "x" * 500, "sms/core", slots=SLOTS)
    after, issues = fill(before, {"name": "Łukasz"}, profile("sms/core"))
    assert after == before
    assert [issue.code for issue in issues] == ["too-many-parts"]


def test_subjects_titles_and_structured_data_are_filled_too() -> None:
    head = EmailParts("For {{slot:name}}", "Hi {{slot:name}}")
    payload = filled("Hi.", "email/core", {"name": "Ana & Co"}, email=head, title="{{slot:name}}?")
    assert payload.email is not None
    assert (payload.email.subject, payload.email.preheader, payload.title) == (
        "For Ana & Co",
        "Hi Ana & Co",
        "Ana & Co?",
    )
    page = filled("Hi {{slot:name}}.", "faq/core", {"name": "A<b"}, title="{{slot:name}}?").faq
    assert page is not None
    question = page.json_ld["mainEntity"][0]
    assert (question["name"], question["acceptedAnswer"]["text"]) == ("A<b?", "<p>Hi A&lt;b.</p>")


def test_facts_and_provenance_are_left_as_they_are() -> None:
    before = rendered("{{slot:name}} {{fact:card.fee}}", "chat/core", slots=SLOTS)
    after, _ = fill(before, {"name": "Ana"}, profile("chat/core"))
    assert (after.facts, after.slots, after.hash, after.version) == (before.facts, before.slots, before.hash, 7)
