"""Words are cut the same way for what is indexed and what is asked."""

import pytest

from kb.search.words import fold, grams, is_stop_word, stem, stems, words


def test_case_and_accents_are_folded() -> None:
    assert fold("Café ÉLÉVATION Größe") == "cafe elevation grosse"


@pytest.mark.parametrize("text", ["AÑO", "an\u0303o"])
def test_the_spanish_n_with_tilde_stays_a_letter_of_its_own(text: str) -> None:
    assert fold(text) == "año"


def test_invisible_characters_vanish() -> None:
    assert words("ca\u200brd\u202e num\u00adber", "en") == ["card", "number"]


def test_apostrophes_do_not_split_words() -> None:
    assert words("My card hasn't / hasn’t arrived", "en") == ["my", "card", "hasnt", "hasnt", "arrived"]


@pytest.mark.parametrize(
    ("text", "tongue", "number"),
    [
        ("£1,000.00", "en", "1000"),
        ("1.000,00 €", "es", "1000"),
        ("5.50", "en", "5.50"),
        ("5,50", "es", "5.50"),
        ("08:30", "en", "08:30"),
        ("2024", "en", "2024"),
    ],
)
def test_a_number_is_one_word_however_it_is_written(text: str, tongue: str, number: str) -> None:
    assert words(text, tongue) == [number]


@pytest.mark.parametrize("text", ["payment", "payments", "PAYMENTS"])
def test_english_endings_are_cut(text: str) -> None:
    assert stems(text, "en") == [stem("payment", "en")]


@pytest.mark.parametrize("text", ["devolución", "devolucion", "devoluciones"])
def test_spanish_endings_are_cut_with_or_without_the_accent(text: str) -> None:
    assert stems(text, "es") == [stem("devolucion", "es")]


def test_a_language_without_a_stemmer_keeps_its_words_whole() -> None:
    assert stems("kaardid saabuvad", "et") == ["kaardid", "saabuvad"]


def test_runs_of_characters_span_words_and_hold_no_digits() -> None:
    assert grams(["my", "pin"]) == ["_my_", "my_p", "y_pi", "_pin", "pin_"]
    assert grams(["a1", "b"]) == []


def test_each_language_has_its_own_stop_words() -> None:
    assert is_stop_word("the", "en")
    assert is_stop_word("los", "es")
    assert not is_stop_word("the", "es")
    assert not is_stop_word("card", "en")
