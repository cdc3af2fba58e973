"""Septets, parts and near characters of text messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.channels.gsm import BASIC, EXTENSION, downgrade, is_gsm, segment, septets


def test_the_default_alphabet_has_its_127_characters_and_the_extension_its_ten() -> None:
    assert len(BASIC) == 127  # 128 places, one of them the escape
    assert sorted(EXTENSION) == sorted("\f^{}\\[~]|€")
    assert not BASIC & EXTENSION


@pytest.mark.parametrize("character", "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà\n\r")
def test_a_character_of_the_default_alphabet_takes_one_septet(character: str) -> None:
    assert septets(character) == 1


@pytest.mark.parametrize("character", "^{}\\[~]|€")
def test_a_character_of_the_extension_takes_two(character: str) -> None:
    assert septets(character) == 2


@pytest.mark.parametrize("character", "áíóúçÁÍÓÚêâ“”’–…•`日")
def test_other_characters_need_ucs_2(character: str) -> None:
    assert not is_gsm(character)
    assert segment(character).encoding == "ucs-2"


def test_near_characters_are_downgraded_and_accents_are_not() -> None:
    assert downgrade("“Don’t”—5–7\u00a0days… á ñ «sí»") == '"Don\'t"-5-7 days... á ñ "sí"'


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("x" * 160, "gsm-7", 160, [160]),
        ("x" * 161, "gsm-7", 161, [153, 8]),
        ("x" * 306, "gsm-7", 306, [153, 153]),
        ("x" * 307, "gsm-7", 307, [153, 153, 1]),
        ("€" * 80, "gsm-7", 160, [80]),
        ("x" * 159 + "€", "gsm-7", 161, [153, 7]),
        ("x" * 152 + "€" * 5, "gsm-7", 162, [152, 5]),
        ("á" * 70, "ucs-2", 70, [70]),
        ("á" * 71, "ucs-2", 71, [67, 4]),
        ("á" * 66 + "👍👍👍", "ucs-2", 72, [66, 3]),
        ("x" * 918, "gsm-7", 918, [153] * 6),
    ],
)
def test_messages_are_cut_where_the_network_cuts(text: str, encoding: str, units: int, parts: list[int]) -> None:
    message = segment(text)
    assert (message.encoding, message.units, [len(part) for part in message.parts]) == (encoding, units, parts)


def test_a_slot_counts_at_its_longest_and_is_never_cut() -> None:
    text = "x" * 140 + "{{slot:name}}" + "y" * 5
    assert segment(text, {"name": 15}).parts == (text,)
    message = segment(text, {"name": 20})
    assert message.units == 165
    assert message.parts == ("x" * 140, "{{slot:name}}yyyyy")


@given(st.text(alphabet="ab€á👍{}\n ñ", max_size=400))
def test_parts_are_the_whole_text_and_each_fits(text: str) -> None:
    message = segment(text)
    assert "".join(message.parts) == text
    size = {"gsm-7": (160, 153), "ucs-2": (70, 67)}[message.encoding]
    assert all(segment(part).units <= size[len(message.parts) > 1] for part in message.parts)
