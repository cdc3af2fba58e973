"""E-mail: subject, preheader, plain text first and an HTML twin."""

import re

import nh3

from kb.channels.render import issues, render
from kb.channels.types import EmailOut, EmailParts, Link
from tests.channels.samples import HOSTILE, WAYS, inputs, profile, rendered, source

TEXT = "It arrives within **{{fact:card.delivery}}**. Then call {{fact:phone.lost}}.\n\n- one\n- two"


def test_subject_and_preheader_have_their_references_filled() -> None:
    head = EmailParts("Your card: {{fact:card.delivery}}", "A fee of {{fact:card.fee}} may apply.")
    payload = rendered(TEXT, "email/core", email=head)
    assert payload.email == EmailOut("Your card: 5–7 working days", "A fee of £5 may apply.")
    assert "card.fee" in payload.facts


def test_without_their_own_the_title_and_the_first_sentence_serve() -> None:
    payload = rendered(TEXT, "email/core", title="Where is\nmy card?")
    assert payload.email == EmailOut("Where is my card?", "It arrives within 5–7 working days.")


def test_plain_text_and_html_say_the_same_and_end_with_the_links_each_address_once() -> None:
    links = (Link("Track it", "{{fact:url.track}}"), Link("Write to us", "{{fact:mail.help}}"))
    payload = rendered(TEXT, "email/core", links=links, next=WAYS)
    assert payload.text == (
        "It arrives within 5–7 working days. Then call 0808 157 0123.\n\n- one\n- two\n\n"
        "Track it: https://larkfield.example/track\nWrite to us: help@larkfield.example"
    )
    bare = re.sub(r' style="[^"]*"', "", payload.markup.body)
    assert bare == (
        '<div lang="en-GB">\n'
        "<p>It arrives within <strong>5–7 working days</strong>. "
        'Then call <a href="tel:+448081570123">0808 157 0123</a>.</p>\n'
        "<ul><li>one</li><li>two</li></ul>\n"
        '<ul><li><a href="https://larkfield.example/track">Track it</a></li>'
        '<li><a href="mailto:help@larkfield.example">Write to us</a></li></ul>\n</div>'
    )


def test_every_paragraph_item_and_link_carries_its_style() -> None:
    body = rendered(TEXT + "\n\n### Head", "email/core").markup.body
    assert all(" style=" in tag for tag in re.findall(r"<(?:p|li|ul|a|h3)\b[^>]*>", body))


def test_hostile_text_is_only_text_in_html() -> None:
    link = Link(HOSTILE.replace("{{slot:name}}", ""), "https://larkfield.example/\"onclick='x'")
    payload = rendered("{{fact:name.hostile}} & <b>raw</b>", "email/core", links=(link,))
    cleaned = nh3.clean(
        payload.markup.body,
        tags={"div", "p", "ul", "li", "a"},
        attributes={"div": {"lang", "style"}, "p": {"style"}, "ul": {"style"}, "li": {"style"}, "a": {"href", "style"}},
        link_rel=None,
        filter_style_properties=None,
    )
    assert "<script" not in payload.markup.body
    assert nh3.clean(payload.markup.body, tags=set()) == nh3.clean(cleaned, tags=set())
    assert set(re.findall(r"<(\w+)", payload.markup.body)) == {"div", "p", "ul", "li", "a"}
    assert 'href="https://larkfield.example/%22onclick=&#x27;x&#x27;"' in payload.markup.body


def test_a_fact_cannot_add_a_header_line() -> None:
    head = EmailParts("Hi\r\nBcc: x@y.example", "a\nb")
    assert rendered("x", "email/core", email=head).email == EmailOut("Hi Bcc: x@y.example", "a b")


def test_a_long_subject_warns() -> None:
    subject = source("Fine.", email=EmailParts(subject="x" * 79))
    payload = render(subject, inputs(), profile("email/core"))
    found = issues(subject, inputs(), profile("email/core"), payload)
    assert [(issue.code, issue.severity, issue.field) for issue in found] == [
        ("title-too-long", "warns", "email.subject")
    ]
