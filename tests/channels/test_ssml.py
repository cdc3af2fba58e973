"""Speech markup is well-formed whatever the words, and each engine gets only what it takes."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.channels import ssml
from kb.channels.limits import Ssml
from kb.channels.profiles import Profile
from kb.channels.values import Said, Term
from tests.channels.speaking import PAUSE, PERSON, VOICES, heard, inputs_of, source_of, spoken

# ---- engines ---------------------------------------------------------------------------------------------------------

RICH = "Call {{fact:phone.lost}} or see {{fact:url.track}} & tap {{fact:screen}}.\n\nThat's <all>."


@pytest.mark.parametrize("profile", VOICES, ids=lambda profile: profile.id)
def test_each_engine_gets_what_it_takes_and_the_same_words(profile: Profile) -> None:
    source = source_of(RICH)
    core, _ = spoken(source)
    payload, turn = spoken(source, profile=profile)
    assert payload.text == core.text
    assert heard(payload.markup.body) == " ".join(payload.text.split())
    assert profile.ssml is not None
    for segment in turn.segments:
        assert list(ssml.refusals(segment.ssml, profile.ssml)) == []


def test_an_engine_that_takes_only_pauses_keeps_the_words_that_are_said() -> None:
    engine = Ssml(tags=("speak", "break"), break_milliseconds=100)
    full = (
        '<speak><p><s>See <sub alias="a dot b">a.b</sub>.</s><s>Call one, <break time="200ms"/>two.</s></p>'
        f"{PAUSE}<p><s>Bye &amp; thanks.</s></p></speak>"
    )
    assert ssml.fit(full, engine) == (
        '<speak>See a dot b. Call one, <break time="100ms"/>two. <break time="100ms"/> Bye &amp; thanks.</speak>'
    )


def test_an_engine_without_pauses_hears_words_apart() -> None:
    assert ssml.fit(f"<speak><p><s>One.</s></p>{PAUSE}<p><s>Two.</s></p></speak>", Ssml(tags=("speak",))) == (
        "<speak>One. Two.</speak>"
    )


HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from(list("<>&\"'/]![-{}:. \n\\*_`#0123456789£")), st.characters(), st.characters(max_codepoint=0x9F)
    ),
    max_size=60,
)


@given(HOSTILE, st.sampled_from(VOICES))
def test_no_text_breaks_the_markup(text: str, profile: Profile) -> None:
    inputs = inputs_of(facts={"hostile": Term({"en-GB": Said(text, text)})})
    payload, turn = spoken(source_of(f"{text}\n\nA {{{{fact:hostile}}}} b.", ask=text, next=(PERSON,)), inputs, profile)
    assert ElementTree.fromstring(payload.markup.body).tag == "speak"
    assert profile.ssml is not None
    assert list(ssml.refusals(payload.markup.body, profile.ssml)) == []
    assert turn.seconds >= 0


@given(HOSTILE)
def test_what_is_heard_is_what_the_text_says(text: str) -> None:
    payload, _ = spoken(source_of(text))
    assert "".join(heard(payload.markup.body).split()) == "".join(payload.text.split())


@pytest.mark.parametrize("hostile", ["]]>", "<!--", "<![CDATA[", "</speak><audio src='x'/>", "\x00\x1b\ufffe", "&amp;"])
def test_hostile_words_stay_words(hostile: str) -> None:
    payload, _ = spoken(source_of("{{fact:hostile}} end"), inputs_of(facts={"hostile": Term({"en-GB": Said(hostile)})}))
    root = ElementTree.fromstring(payload.markup.body)
    assert {node.tag for node in root.iter()} == {"speak", "p", "s"}
    assert "".join(root.itertext()).endswith(payload.text)
