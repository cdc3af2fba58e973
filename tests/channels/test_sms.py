"""Text messages: the phone network's alphabet, numbers to reply, and parts."""

from kb.channels.gsm import segment
from kb.channels.render import issues, render
from kb.channels.types import Next, Slot, SlotType
from tests.channels.samples import WAYS, claim, inputs, profile, rendered, source


def test_a_message_is_plain_and_in_gsm_where_near_characters_allow_it() -> None:
    payload = rendered(
        "“Don’t” **wait** {{fact:card.delivery}}…\n\nSee [the app]({{fact:url.track}}) – now.", "sms/core"
    )
    assert payload.text == ('"Don\'t" wait 5-7 working days...\nSee the app (https://larkfield.example/track) - now.')
    assert segment(payload.text).encoding == "gsm-7"
    assert payload.parts == (payload.text,)
    assert payload.facts["card.delivery"].text == "5-7 working days"


def test_ways_on_are_numbers_to_reply_and_links() -> None:
    ways = (*WAYS, Next("end", "Nothing else", "end"))
    payload = rendered("Done.", "sms/core", next=ways, ask="What next?")
    assert payload.text == (
        "Done.\nReply 1: Track my card, 2: Talk to us\nOpen the site: https://larkfield.example/track"
    )
    assert [(way.key, way.id) for way in payload.next] == [("1", "track"), ("", "site"), ("2", "person")]


def test_in_spanish_the_reply_is_asked_for_in_spanish_and_accents_stay() -> None:
    ways = (Next("person", "Hablar con alguien", "handover"),)
    payload = rendered("Llegará mañana.", "sms/core", locale="es-ES", next=ways)
    assert payload.text == "Llegará mañana.\nResponde 1: Hablar con alguien"
    assert segment(payload.text).encoding == "ucs-2"


def test_a_question_without_ways_ends_the_message() -> None:
    assert rendered("Done.", "sms/core", ask="Anything else?").text == "Done.\nAnything else?"


def test_details_are_left_out_and_the_short_form_is_read() -> None:
    assert rendered("Long.\n\n::: detail\nMore.\n:::", "sms/core").text == "Long."
    assert rendered(
        "Long.", "sms/core", short="Short {{claim:a}}", given=inputs(claim("a", "no", short="yes"))
    ).text == ("Short yes")


def test_a_long_message_is_cut_as_the_network_cuts_it() -> None:
    payload = rendered("word " * 70 + "end.", "sms/core")
    assert [len(part) for part in payload.parts] == [153, 153, 48]
    assert "".join(payload.parts) == payload.text


def test_slots_count_at_their_longest() -> None:
    slots = {"name": Slot(SlotType.NAME, 20, fallback="there")}
    assert len(rendered("{{slot:name}} " + "x" * 139, "sms/core", slots=slots).parts) == 1
    assert len(rendered("{{slot:name}} " + "x" * 140, "sms/core", slots=slots).parts) == 2


def test_more_parts_than_allowed_block() -> None:
    subject = source("á" * 403)
    payload = render(subject, inputs(), profile("sms/core"))
    found = issues(subject, inputs(), profile("sms/core"), payload)
    assert [issue.message for issue in found if issue.severity == "blocks"] == ["it takes 7 parts; sms/core takes 6"]
