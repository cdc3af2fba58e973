"""Chat renditions: each widget's markup, its plain twin, and the ways on."""

from markdown_it import MarkdownIt

from kb.channels.render import render
from kb.channels.types import Next, Place
from tests.channels.samples import (
    HOSTILE,
    WAYS,
    claim,
    disclosure,
    inputs,
    profile,
    rendered,
    source,
)

TEXT = """It arrives within **{{fact:card.delivery}}**. [Track it]({{fact:url.track}}) or ring {{fact:phone.lost}}.

::: detail
Then:

1. *Open* the app
2. Tap {{fact:name.tab}}
:::
"""


def test_markdown_keeps_the_common_subset() -> None:
    payload = rendered(TEXT, "chat/core")
    assert payload.markup.type == "markdown"
    assert payload.markup.body == (
        "It arrives within **5–7 working days**. [Track it](https://larkfield.example/track)"
        " or ring [0808 157 0123](tel:+448081570123).\n\nThen:\n\n1. *Open* the app\n2. Tap Card"
    )
    assert payload.text == (
        "It arrives within 5–7 working days. Track it (https://larkfield.example/track) or ring 0808 157 0123.\n\n"
        "Then:\n\n1. Open the app\n2. Tap Card"
    )
    assert payload.parts == (payload.markup.body,)


def test_whatsapp_has_its_own_bold_and_italics_and_links_as_text() -> None:
    assert rendered(TEXT, "chat/whatsapp").markup.body == (
        "It arrives within *5–7 working days*. Track it: https://larkfield.example/track or ring 0808 157 0123.\n\n"
        "Then:\n\n1. _Open_ the app\n2. Tap Card"
    )


def test_slack_has_angle_links() -> None:
    assert rendered(TEXT, "chat/slack").markup.body == (
        "It arrives within *5–7 working days*. <https://larkfield.example/track|Track it>"
        " or ring <tel:+448081570123|0808 157 0123>.\n\nThen:\n\n1. _Open_ the app\n2. Tap Card"
    )


def test_messenger_reads_plain_text() -> None:
    payload = rendered(TEXT, "chat/messenger")
    assert payload.markup.type == "plain"
    assert payload.markup.body == payload.text


def test_ways_on_are_quick_replies_while_there_are_buttons_for_them() -> None:
    payload = rendered("Done.", "chat/whatsapp", next=WAYS, ask="What next for {{fact:card.fee}}?")
    assert [(way.key, way.label, way.to) for way in payload.next] == [
        ("", "Track my card", "entry:card-delivery-estimate"),
        ("", "Open the site", "link:https://larkfield.example/track"),
        ("", "Talk to us", "handover"),
    ]
    assert (payload.text, payload.ask) == ("Done.", "What next for £5?")


def test_more_ways_than_buttons_become_a_numbered_list() -> None:
    ways = (*WAYS, Next("end", "That’s *all*", "end"))
    payload = rendered("Done.", "chat/whatsapp", next=ways)
    assert [way.key for way in payload.next] == ["1", "2", "3", "4"]
    assert payload.text == "Done.\n\n1. Track my card\n2. Open the site\n3. Talk to us\n4. That’s *all*"
    assert payload.markup.body.endswith("4. That’s \u2060*\u2060all\u2060*\u2060")


def test_a_long_answer_is_cut_between_paragraphs() -> None:
    paragraph = "word " * 120 + "end."
    payload = rendered(f"{paragraph}\n\n{paragraph}\n\nLast.", "chat/whatsapp")
    assert payload.parts == (paragraph, f"{paragraph}\n\nLast.")


def test_a_disclosure_of_the_same_part_stays_with_its_paragraph() -> None:
    given = inputs(disclosures=(disclosure("apr", "It is " + "x" * 300, Place.SAME_PART),))
    long = "y" * 600
    payload = rendered(f"{long}\n\n{long}\n\n{{{{disclosure:apr}}}}", "chat/whatsapp", given)
    assert [len(part) for part in payload.parts] == [600, 600 + 2 + 306]
    assert payload.disclosures[0].text == "It is " + "x" * 300


def test_everything_used_is_named_with_its_version_and_hash() -> None:
    given = inputs(
        claim("free", "Free up to {{fact:card.fee}}."), disclosures=(disclosure("apr", "APR {{fact:card.fee}}"),)
    )
    payload = rendered("{{claim:free}}\n\n{{disclosure:apr}}", "chat/core", given, ask="See {{fact:mail.help}}?")
    assert {key: (one.text, one.version, one.hash) for key, one in payload.facts.items()} == {
        "card.fee": ("£5", 4, "hash of card.fee"),
        "mail.help": ("help@larkfield.example", 4, "hash of mail.help"),
    }
    assert [(one.key, one.version) for one in payload.claims] == [("free", 2)]
    assert [(one.key, one.text, one.place) for one in payload.disclosures] == [("apr", "APR £5", "after")]


def test_hostile_text_is_only_text_in_markdown() -> None:
    text = "{{fact:name.hostile}}\n\n[{{fact:name.hostile}}]({{fact:url.track}})"
    payload = rendered(text, "chat/core")
    html = MarkdownIt("commonmark").render(payload.markup.body)
    shown = HOSTILE.replace("{{", "{\u2060{").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = shown.replace('"', "&quot;")
    assert html == f'<p>{shown}</p>\n<p><a href="https://larkfield.example/track">{shown}</a></p>\n'


def test_markdown_signs_at_the_start_of_a_line_are_escaped() -> None:
    for start in ("# a", "> a", "- a", "+ a", "1. a", "12) a", "=== a"):
        written = "\\" + start if not start[0].isdigit() else start
        body = rendered(written.replace("1.", "1\\.").replace("12)", "12\\)"), "chat/core").markup.body
        assert MarkdownIt("commonmark").render(body) == f"<p>{start.replace('>', '&gt;')}</p>\n"


def test_hostile_text_neither_formats_nor_calls_out_in_slack() -> None:
    body = rendered("{{fact:name.hostile}}", "chat/slack").markup.body
    assert "<" not in body
    assert ">" not in body
    assert "&lt;!channel&gt;" in body
    assert "\u2060*\u2060b\u2060*\u2060" in body
    assert "\u2060_\u2060i\u2060_\u2060" in body


def test_underscores_inside_words_are_left_alone() -> None:
    assert render(source("a_b_c 2*3"), inputs(), profile("chat/slack")).markup.body == "a_b_c 2*3"
