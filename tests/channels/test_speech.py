"""What a caller hears of an answer: plain words, sentence by sentence, and disclosures that are heard out."""

import pytest

from kb.channels.types import Place, Placement, Slot, SlotType
from kb.channels.values import Said, Term
from tests.channels.speaking import PAUSE, PERSON, inputs_of, source_of, spoken

# ---- what is said ----------------------------------------------------------------------------------------------------


def test_an_answer_is_said_in_plain_words_sentence_by_sentence() -> None:
    payload, turn = spoken(
        source_of("Your card arrives within {{fact:card.delivery}}. It *usually* takes {{fact:card.delivery}}.")
    )
    text = "Your card arrives within five to seven working days. It usually takes between five and seven working days."
    assert payload.text == text
    assert payload.markup.type == "ssml"
    assert payload.markup.body == (
        "<speak><p><s>Your card arrives within five to seven working days.</s>"
        "<s>It usually takes between five and seven working days.</s></p></speak>"
    )
    assert [(one.text, one.ssml, one.barge_in) for one in turn.segments] == [(text, payload.markup.body, True)]


def test_an_answer_is_said_in_plain_words_in_spanish() -> None:
    payload, _ = spoken(
        source_of(
            "Cuesta {{fact:card.fee}} y tarda {{fact:card.delivery}}. Vale en {{fact:countries}} países.", "es-ES"
        )
    )
    assert payload.text == (
        "Cuesta cinco libras con cincuenta y tarda entre cinco y siete días laborables. Vale en treinta y un países."
    )


def test_the_payload_names_each_fact_as_it_was_first_said() -> None:
    payload, _ = spoken(source_of("Within {{fact:card.delivery}}. Or call {{fact:phone.lost}}."))
    assert {key: (fact.text, fact.version, fact.hash) for key, fact in payload.facts.items()} == {
        "card.delivery": ("five to seven working days", 3, "hash-card.delivery"),
        "phone.lost": ("oh eight oh eight, one five seven, oh one two four", 3, "hash-phone.lost"),
    }


def test_paragraphs_have_a_pause_between_them_and_list_items_are_said_one_by_one() -> None:
    payload, _ = spoken(source_of("First.\n\n- One thing\n- Another\n\nLast\\\nline"))
    assert payload.text == "First.\n\nOne thing\n\nAnother\n\nLast line"
    assert payload.markup.body == (
        f"<speak><p><s>First.</s></p>{PAUSE}<p><s>One thing</s></p>{PAUSE}"
        f"<p><s>Another</s></p>{PAUSE}<p><s>Last</s><s>line</s></p></speak>"
    )


def test_a_link_is_said_by_its_words() -> None:
    payload, _ = spoken(source_of("See [your cards]({{fact:url.track}}) or [go here](https://larkfield.example/x)."))
    assert payload.text == "See your cards or go here."


def test_an_address_is_said_only_where_it_is_the_text() -> None:
    payload, _ = spoken(source_of("Go to {{fact:url.track}}."))
    assert payload.text == "Go to larkfield dot example slash track."
    assert (
        '<sub alias="larkfield dot example slash track">https://larkfield.example/track</sub>.' in payload.markup.body
    )


def test_a_claim_is_said_in_its_own_words() -> None:
    payload, _ = spoken(
        source_of("{{claim:fee}} Thanks."), inputs_of(claims={"fee": "A card costs {{fact:card.fee}}."})
    )
    assert payload.text == "A card costs five pounds fifty. Thanks."
    assert [used.key for used in payload.claims] == ["fee"]
    assert "<s>A card costs five pounds fifty.</s><s>Thanks.</s>" in payload.markup.body


def test_a_slot_keeps_its_token_and_literal_figures_become_words() -> None:
    slot = Slot(SlotType.NAME, max=18, fallback="there")
    payload, turn = spoken(source_of("Hello {{slot:name}}, the 2nd of 3.", slots={"name": slot}))
    assert payload.text == "Hello {{slot:name}}, the second of three."
    assert payload.markup.body == "<speak><p><s>Hello {{slot:name}}, the second of three.</s></p></speak>"
    assert payload.slots == {"name": slot}
    assert turn.seconds == 3.2  # five words, and three for eighteen characters, at 150 a minute


def test_a_fact_that_is_unknown_or_has_no_words_here_stays_as_its_token() -> None:
    facts = {"english": Term({"en-GB": Said("Visa")})}
    payload, _ = spoken(source_of("Usa {{fact:nowhere}} o {{fact:english}}.", "es-ES"), inputs_of("es-ES", facts=facts))
    assert payload.text == "Usa {{fact:nowhere}} o {{fact:english}}."
    assert payload.facts == {}


def test_a_detail_is_left_out() -> None:
    payload, _ = spoken(source_of("Core.\n\n::: detail\nMore.\n:::"))
    assert payload.text == "Core."


# ---- disclosures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "order"), [(Place.BEFORE, [False, True, True]), (Place.AFTER, [True, False, True])])
def test_a_disclosure_that_must_be_heard_cannot_be_interrupted(place: Place, order: list[bool]) -> None:
    inputs = inputs_of(disclosures={"apr": ("Your home is at risk.", Placement(place))})
    payload, turn = spoken(source_of("Words.\n\n{{disclosure:apr}}", ask="Shall we go on?", next=(PERSON,)), inputs)
    assert [segment.barge_in for segment in turn.segments] == order
    assert [segment.text for segment in turn.segments if not segment.barge_in] == ["Your home is at risk."]
    assert turn.segments[-1].text == "Shall we go on?"
    assert [(one.key, one.text, one.place) for one in payload.disclosures] == [
        ("apr", "Your home is at risk.", place.value)
    ]


def test_a_disclosure_that_may_be_interrupted_is_part_of_the_answer() -> None:
    inputs = inputs_of(disclosures={"fscs": ("Protected.", Placement(must_hear=False))})
    payload, turn = spoken(source_of("Words.\n\n{{disclosure:fscs}}"), inputs)
    assert [(segment.text, segment.barge_in) for segment in turn.segments] == [("Words.\n\nProtected.", True)]
    assert [one.text for one in payload.disclosures] == ["Protected."]


def test_a_disclosure_in_a_list_is_a_segment_of_its_own() -> None:
    inputs = inputs_of(disclosures={"apr": ("At risk.", Placement(Place.SAME_PART))})
    _, turn = spoken(source_of("- One\n\n  {{disclosure:apr}}\n- Two"), inputs)
    assert [(segment.text, segment.barge_in) for segment in turn.segments] == [
        ("One", True),
        ("At risk.", False),
        ("Two", True),
    ]
