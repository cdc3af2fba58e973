"""Sentences: where they end, and which of them belong together."""

import pytest

from kb.channels.sentences import align, sentences


def texts(text: str, locale: str = "en-GB") -> list[str]:
    return [sentence.text for sentence in sentences(text, locale)]


@pytest.mark.parametrize(
    ("text", "locale", "count"),
    [
        ("It costs £5.50 in all. Pay it by 5 p.m. on Monday.", "en-GB", 2),
        ("We open at 8 a.m. Come in.", "en-GB", 2),
        ("Bring papers, e.g. a passport. Go to larkfield.example for more.", "en-GB", 2),
        ("Wait {{fact:card.delivery}}. Then call {{fact:phone.help}}!", "en-GB", 2),
        ("Lost it? Freeze it… Then “call us.” Good.", "en-GB", 4),
        ("One line\ngoes on here.", "en-GB", 1),
        ("Do this:\n\n- open the app\n- tap the card", "en-GB", 3),
        ("1. Open it\n2. Tap it", "en-GB", 2),
        ("Trae papeles, p. ej. el pasaporte. ¿Lo has perdido? ¡Llama!", "es-ES", 3),
        ("Cuesta 1.250,50 € en total. Pide ayuda a la Sra. Pérez.", "es-ES", 2),
        ("", "en-GB", 0),
        ("::: detail\nMore.\n:::", "en-GB", 1),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, locale: str, count: int) -> None:
    assert len(texts(text, locale)) == count


def test_places_are_those_of_the_source_text() -> None:
    text = "# Title\n\nOpen **Cards** and see [the page](https://a.example/b). Hi {{slot:customer.first_name}}.\n\n- Tap it"
    found = sentences(text, "en-GB")
    assert [text[sentence.start : sentence.end] for sentence in found][-1] == "Tap it"
    assert all(len(sentence.text) == sentence.end - sentence.start for sentence in found)
    assert "{{slot:customer.first_name}}" in found[-2].text


def test_markdown_signs_are_blanked_and_words_are_not() -> None:
    assert texts("Open **Cards** now.") == ["Open   Cards   now."]


def pairs(canonical: str, other: str) -> list[tuple[int, int]]:
    found = align(sentences(canonical, "en-GB"), sentences(other, "en-GB"), "en-GB")
    return [(len(pair.canonical), len(pair.other)) for pair in found]


def test_sentences_pair_by_what_they_refer_to_and_talk_about() -> None:
    canonical = "Cards arrive within {{fact:a}}. You can't change the address."
    other = "The address can't be changed. Wait {{fact:a}}."
    found = align(sentences(canonical, "en-GB"), sentences(other, "en-GB"), "en-GB")
    assert [(pair.canonical[0].start, pair.other[0].start) for pair in found] == [(0, 30), (32, 0)]


def test_two_sentences_may_become_one() -> None:
    assert pairs("The payment is pending. A pending payment can't stop.", "The pending payment can't stop.") == [(2, 1)]


def test_a_question_belongs_to_its_answer() -> None:
    assert pairs("If you lost your card, freeze it.", "Lost your card? Freeze it.") == [(1, 2)]


def test_a_sentence_without_a_partner_stands_alone() -> None:
    assert pairs("Freeze the card. We never ask for your PIN.", "Freeze the card.") == [(1, 1), (1, 0)]
    assert pairs("Freeze the card.", "Freeze the card. Bring a passport.") == [(1, 1), (0, 1)]


def test_leftovers_on_both_sides_are_held_against_each_other() -> None:
    assert pairs("Freeze the card. We phone.", "Freeze the card. Somebody rings.") == [(1, 1), (1, 1)]
