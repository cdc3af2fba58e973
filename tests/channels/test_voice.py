"""Voice: keys and phrases, a way to a person, reprompts, length, and what an engine would refuse."""

import msgspec
import pytest

from kb.channels import voice
from kb.channels.limits import Ssml
from kb.channels.profiles import Profile
from kb.channels.types import Inputs, Next, Slot, SlotType, Source, VoicePrompts, Wording
from tests.channels.speaking import CORE, PERSON, TRACK, inputs_of, source_of, spoken

# ---- the menu --------------------------------------------------------------------------------------------------------


def test_ways_on_become_keys_and_phrases() -> None:
    payload, turn = spoken(source_of("Words.", ask="What now?", next=(TRACK, PERSON)))
    assert [msgspec.structs.astuple(option) for option in turn.options] == [
        ("1", ("track it", "where is it"), "To track your card, press one.", "entry:track"),
        ("2", ("a person",), "To talk to one of us, press two.", "handover:cards"),
    ]
    assert [(way.id, way.key, way.to) for way in payload.next] == [
        ("track", "1", "entry:track"),
        ("person", "2", "handover:cards"),
    ]
    assert payload.ask == "What now?"
    assert payload.text == "Words.\n\nWhat now?"
    assert "press" not in payload.markup.body


def test_ways_on_are_offered_in_spanish() -> None:
    track = msgspec.structs.replace(TRACK, say="Para seguir tu tarjeta")
    _, turn = spoken(source_of("Texto.", "es-ES", next=(track,)))
    assert [option.say for option in turn.options] == [
        "Para seguir tu tarjeta, pulsa uno.",
        "Hablar con una persona, pulsa cero.",
    ]


def test_a_way_without_words_of_its_own_is_offered_by_its_label() -> None:
    step = Next(id="x", label="Track 2 cards?", to="end")
    _, turn = spoken(source_of("Words.", next=(step, PERSON)))
    assert turn.options[0].say == "Track two cards, press one."


@pytest.mark.parametrize("ways", [(), (TRACK,)])
def test_there_is_always_a_way_to_a_person(ways: tuple[Next, ...]) -> None:
    _, turn = spoken(source_of("Words.", next=ways))
    assert msgspec.structs.astuple(turn.options[-1]) == (
        "0",
        ("a", "b", "c", "d", "e"),
        "Talk to a person, press zero.",
        "handover",
    )
    assert len(turn.options) == len(ways) + 1


def test_a_person_is_told_what_it_was_about() -> None:
    summary = {
        "key": "card-arrival",
        "title": "Where is my card?",
        "topic": "cards",
        "locale": "en-GB",
        "version": 7,
    }
    assert spoken(source_of("Words.", next=(PERSON,)))[1].handover == {"queue": "cards", "summary": summary}
    assert spoken(source_of("Words."))[1].handover == {"queue": "", "summary": summary}
    assert spoken(source_of("Words."), inputs_of(says=()))[1].handover is None


def test_silence_and_nonsense_are_met_with_the_entrys_own_prompts_or_the_signed_one() -> None:
    own = VoicePrompts(no_input=("Are you there? It costs {{fact:card.fee}}.",))
    _, turn = spoken(source_of("Words.", voice=own))
    assert turn.no_input == ("Are you there? It costs five pounds fifty.",)
    assert turn.no_match == ("We didn't catch that.",)
    assert spoken(source_of("Words."), inputs_of(says=()))[1].no_match == ()


# ---- how long --------------------------------------------------------------------------------------------------------


def test_seconds_count_figures_as_words_and_pauses() -> None:
    _, turn = spoken(source_of("Call {{fact:phone.lost}}.\n\nGoodbye."))
    words, pauses = 1 + 11 + 1, 0.2 + 0.2 + 0.5
    assert turn.seconds == pytest.approx(words * 60 / 150 + pauses, abs=0.05)


# ---- issues ----------------------------------------------------------------------------------------------------------


def codes(source: Source, inputs: Inputs | None = None, profile: Profile = CORE) -> list[tuple[str, str, str]]:
    payload, _ = spoken(source, inputs, profile)
    return [(issue.code, issue.field, issue.severity.value) for issue in voice.issues(payload, source, profile)]


def test_a_good_answer_has_no_issues() -> None:
    assert codes(source_of("Words.", next=(TRACK, PERSON))) == []


def test_more_options_than_a_caller_can_keep_in_mind_block() -> None:
    ways = tuple(msgspec.structs.replace(TRACK, id=str(number)) for number in range(5))
    assert codes(source_of("Words.", next=ways)) == [("voice-options", "next", "blocks")]
    assert codes(source_of("Words.", next=(*ways[:4], PERSON))) == []


def test_a_menu_without_a_person_blocks() -> None:
    inputs = inputs_of(says=("say-repeat",))
    assert codes(source_of("Words.", next=(TRACK,)), inputs) == [("voice-person", "next", "blocks")]
    assert codes(source_of("Words."), inputs) == []


def test_a_way_that_has_only_a_label_warns() -> None:
    silent = msgspec.structs.replace(TRACK, say="")
    assert codes(source_of("Words.", next=(PERSON, silent))) == [("voice-say", "next[1].say", "warns")]


def test_nothing_to_say_to_silence_warns() -> None:
    assert codes(source_of("Words."), inputs_of(says=("say-handover",))) == [("voice-prompts", "voice", "warns")]


def test_an_answer_that_takes_too_long_blocks_at_the_form_that_is_said() -> None:
    long = "word " * 200
    assert codes(source_of(f"{long}.")) == [("voice-seconds", "text", "blocks")]
    source = msgspec.structs.replace(source_of("Words."), wording=Wording("Words.", spoken=f"{long}."))
    assert codes(source) == [("voice-seconds", "spoken", "blocks")]


@pytest.mark.parametrize(("billed", "total"), [(20, None), (None, 60)])
def test_an_answer_beyond_the_engines_size_blocks_with_slots_at_their_longest(
    billed: int | None, total: int | None
) -> None:
    profile = msgspec.structs.replace(CORE, ssml=Ssml(billed=billed, total=total))
    slots = {"name": Slot(SlotType.NAME, max=60, fallback="there")}
    assert codes(source_of("Hello."), profile=profile) == []
    assert codes(source_of("Hi {{slot:name}}.", slots=slots), profile=profile) == [("voice-size", "text", "blocks")]


def test_the_total_is_counted_in_the_engines_unit() -> None:
    length = len("<speak><p><s>ñ</s></p></speak>")
    for unit, fits in (("characters", True), ("bytes", False)):
        profile = msgspec.structs.replace(CORE, ssml=Ssml(total=length, total_unit=unit))
        assert (codes(source_of("ñ", "es-ES"), profile=profile) == []) is fits


def test_markup_that_an_engine_refuses_is_named() -> None:
    source = source_of("Words.")
    payload, _ = spoken(source)
    body = '<speak><emphasis>No</emphasis><break time="9s"/><say-as interpret-as="date" format="dmy">1</say-as></speak>'
    altered = msgspec.structs.replace(payload, markup=msgspec.structs.replace(payload.markup, body=body))
    assert [issue.message for issue in voice.issues(altered, source, CORE)] == [
        "The engine refuses the tag emphasis.",
        "The engine refuses a pause of 9 s (at most 3 s).",
        "The engine refuses more than 1 attribute in the tag say-as.",
    ]
