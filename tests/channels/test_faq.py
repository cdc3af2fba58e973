"""The FAQ page's HTML and its FAQPage."""

import re

import nh3

from kb.channels.types import Slot, SlotType
from tests.channels.samples import HOSTILE, WAYS, claim, disclosure, inputs, rendered


def test_the_answer_is_plain_html_with_its_details() -> None:
    given = inputs(claim("free", "It is **free**."), disclosures=(disclosure("apr", "APR {{fact:card.fee}}."),))
    text = (
        "### When\n\nIn {{fact:card.delivery}}, *see* [here]({{fact:url.track}}). {{claim:free}}\n\n{{disclosure:apr}}"
    )
    detail = "\n\n::: detail\n1. one\n\n   more\n2. `two`\\\nlines\n:::"
    assert rendered(text + detail, "faq/core", given).markup.body == (
        "<h3>When</h3>\n"
        '<p>In 5–7 working days, <em>see</em> <a href="https://larkfield.example/track">here</a>.'
        " It is <strong>free</strong>.</p>\n"
        "<ol><li>one<p>more</p></li><li><code>two</code><br>lines</li></ol>\n"
        "<p>APR £5.</p>"
    )


def test_the_faq_page_has_stable_ids_and_its_language() -> None:
    payload = rendered("Sí.", "faq/core", locale="es-ES", title="¿Es {{fact:card.fee}}?")
    assert payload.faq is not None
    assert payload.faq.json_ld == {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "@id": "#card-arrival-page",
        "inLanguage": "es-ES",
        "mainEntity": [
            {
                "@type": "Question",
                "@id": "#card-arrival",
                "inLanguage": "es-ES",
                "name": payload.title,
                "acceptedAnswer": {
                    "@type": "Answer",
                    "@id": "#card-arrival-answer",
                    "inLanguage": "es-ES",
                    "text": "<p>Sí.</p>",
                },
            }
        ],
    }
    assert payload.title != "¿Es {{fact:card.fee}}?"


def test_ways_on_stand_beside_the_html() -> None:
    payload = rendered("Yes.", "faq/core", next=WAYS)
    assert payload.markup.body == "<p>Yes.</p>"
    assert [way.to for way in payload.next] == [
        "entry:card-delivery-estimate",
        "link:https://larkfield.example/track",
        "handover",
    ]


def test_html_from_hostile_text_is_already_clean() -> None:
    text = "{{fact:name.hostile}} [{{fact:name.hostile}}]({{fact:url.track}}) <img src=x onerror=alert(1)>"
    body = rendered(text, "faq/core").markup.body
    assert nh3.clean(body, tags={"p", "a"}, attributes={"a": {"href"}}, link_rel=None) == body
    assert set(re.findall(r"<(\w+)", body)) == {"p", "a"}
    shown = HOSTILE.replace("{{", "{\u2060{").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert body.count(shown) == 2


def test_slots_keep_their_token() -> None:
    slots = {"first_name": Slot(SlotType.NAME, 20, fallback="there")}
    payload = rendered("Hi **{{slot:first_name}}**", "faq/core", slots=slots)
    assert payload.markup.body == "<p>Hi <strong>{{slot:first_name}}</strong></p>"
    assert payload.slots == slots
