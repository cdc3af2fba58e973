"""Numbers in words, checked against an independent speller, and the literal figures of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words  # type: ignore[import-untyped]

from kb.channels.facts import LOCALES, words
from kb.channels.locales import language


@given(st.integers(0, 10**12 - 1))
def test_english_numbers_are_those_of_an_independent_speller(number: int) -> None:
    assert language("en-GB").speech.cardinal(number, "") == num2words(number, lang="en").replace(",", "")


@given(st.integers(1, 10**6))
def test_english_ordinals_are_those_of_an_independent_speller(number: int) -> None:
    expected = num2words(number, lang="en", to="ordinal").replace(",", "")
    assert language("en-GB").speech.ordinal(number, "") == expected


@given(st.integers(0, 10**12 - 1))
def test_spanish_numbers_are_those_of_an_independent_speller(number: int) -> None:
    expected = num2words(number, lang="es")
    for wrong, right in (
        ("veintiuno mil", "veintiún mil"),
        ("uno mil", "un mil"),
        ("veintiuno millones", "veintiún millones"),
        ("uno millones", "un millones"),
    ):
        expected = expected.replace(wrong, right)
    assert language("es-ES").speech.cardinal(number, "") == expected


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("no figures here", "no figures here"),
        ("3 of 12 cards", "three of twelve cards"),
        ("the 2nd and the 22nd", "the second and the twenty-second"),
        ("open 24/7", "open twenty-four seven"),
        ("£5, £5.50 and £1,200.", "five pounds, five pounds fifty and one thousand two hundred pounds."),
        ("2.75% or 3 %", "two point seven five per cent or three per cent"),
        ("5–7 or 5-7 days", "five to seven or five to seven days"),
        ("at 8:30 am, 10pm or 14:00", "at eight thirty in the morning, ten at night or two in the afternoon"),
        ("since 2019.", "since twenty nineteen."),
        ("call 0808 157 0123", "call oh eight oh eight, one five seven, oh one two three"),
        ("code 1234567", "code one two three four five six seven"),
        ("WCAG 2.2, TLS 1.2.3", "WCAG two point two, TLS one dot two dot three"),
        ("see https://larkfield.example/a.", "see larkfield dot example slash a."),
        ("{{slot:line_2}} and {{fact:a.1}}", "{{slot:line_2}} and {{fact:a.1}}"),
        ("A4, B2B and 3D", "A4, B2B and 3D"),
        ("13pm", "13pm"),
    ],
)
def test_literal_figures_are_put_into_english_words(text: str, spoken: str) -> None:
    assert words(text, "en-GB") == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("31 países y 1 tarjeta", "treinta y un países y una tarjeta"),
        ("1-2 horas", "una a dos horas"),
        ("5,50 € o 12.000 £", "cinco euros con cincuenta o doce mil libras"),
        ("2,75 %", "dos coma setenta y cinco por ciento"),
        ("a las 8:30", "a las ocho y media de la mañana"),
        ("la 2.ª vez, el 3.er día y el 4.º", "la segunda vez, el tercer día y el cuarto"),
        ("24/7", "las veinticuatro horas, los siete días de la semana"),
        ("1 de 3", "uno de tres"),
        ("WCAG 2.2", "WCAG dos punto dos"),
    ],
)
def test_literal_figures_are_put_into_spanish_words(text: str, spoken: str) -> None:
    assert words(text, "es-ES") == spoken


@given(st.text(alphabet="0123456789.,:%£€/-– aªº+apm{}", max_size=30), st.sampled_from(sorted(LOCALES)))
def test_no_text_of_figures_is_too_strange_to_read(text: str, locale: str) -> None:
    assert isinstance(words(text, locale), str)
