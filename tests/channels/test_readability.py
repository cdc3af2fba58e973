"""How hard a text is to read."""

from kb.channels.readability import hard, reading

PLAIN = (
    "Your card comes by post. It takes a few days. Call us if it does not come."
    " We will send you a new one free of charge. There is no need to pay for it."
)
DENSE = (
    "Notwithstanding the aforementioned considerations regarding international remittance facilitation, institutional"
    " correspondents occasionally necessitate supplementary verification documentation preceding authorisation of"
    " substantial transactional instructions originating internationally, particularly involving intermediary"
    " organisations domiciled elsewhere under foreign regulation."
)
DENSO = (
    "Independientemente de las consideraciones anteriormente mencionadas relativas a transferencias internacionales,"
    " determinadas entidades corresponsales requieren ocasionalmente documentación complementaria acreditativa con"
    " anterioridad a la autorización definitiva de operaciones económicas extraordinariamente significativas"
    " internacionalmente originadas."
)


def test_words_a_sentence_are_averaged() -> None:
    assert reading("One two three. Four five.", "en-GB").words_a_sentence == 2.5
    assert not reading(PLAIN, "en-GB").long
    assert reading("word " * 21 + ".", "en-GB").long


def test_plain_english_is_easy_and_officialese_is_hard() -> None:
    assert (reading(PLAIN, "en-GB").ease or 0) > 80
    assert not hard(PLAIN, "en-GB")
    assert hard(DENSE, "en-GB")


def test_spanish_has_its_own_formula() -> None:
    plain = "Tu tarjeta llega por correo en unos días. Si no llega, llámanos y te enviamos otra gratis. " * 3
    assert not hard(plain, "es-ES")
    assert hard(DENSO, "es-ES")


def test_a_language_without_a_formula_and_an_empty_text_are_never_hard() -> None:
    assert not hard(DENSE, "fr-FR")
    assert reading("", "en-GB").ease is None
