"""Literal quantities in English and Spanish text."""

import pytest

from kb.channels.quantities import Quantity, of_value, quantities, same
from kb.channels.values import (
    Date,
    Duration,
    EmailAddress,
    FactValue,
    Hours,
    Integer,
    Money,
    OpeningHours,
    Percentage,
    Phone,
    Said,
    Term,
    Time,
    Unit,
    Url,
)

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

ENGLISH = [
    ("within 5 to 7 working days", "duration 5..7 working-days"),
    ("between five and seven working days", "duration 5..7 working-days"),
    ("5–7 business days", "duration 5..7 working-days"),
    ("5 days to 7 days", "duration 5..7 days"),
    ("a 14-day period", "duration 14 days"),
    ("five\u00a0working\u00a0days", "duration 5 working-days"),
    ("5 or more working days", "duration 5 working-days"),
    ("within an hour", "duration 1 hours"),
    ("half an hour", "duration 30 minutes"),
    ("two thousand five hundred euros", "money 2500 EUR"),
    ("£1,250.50", "money 1250.5 GBP"),
    ("£2 million", "money 2000000 GBP"),
    ("£5–£10", "money 5..10 GBP"),
    ("from £5 to £10", "money 5..10 GBP"),
    ("20p", "money 0.2 GBP"),
    ("fifty pence", "money 0.5 GBP"),
    ("EUR 5", "money 5 EUR"),
    ("2.75%", "percentage 2.75"),
    ("five per cent", "percentage 5"),
    ("22 November 2026", "date 2026-11-22"),
    ("November 22, 2026", "date 2026-11-22"),
    ("22/11/2026", "date 2026-11-22"),
    ("on 22nd Nov", "date --11-22"),
    ("June 2029", "date 2029-06"),
    ("8 am", "time 08:00"),
    ("8.30 p.m. today", "time 20:30"),
    ("17:00", "time 17:00"),
    ("five o'clock", "time 05:00"),
    ("noon", "time 12:00"),
    ("24/7", "hours 24/7"),
    ("24 hours a day, 7 days a week", "hours 24/7"),
    ("round the clock", "hours 24/7"),
    ("0808 157 0100", "phone +448081570100"),
    ("+44 20 7946 0000", "phone +442079460000"),
    ("call 159", "phone 159"),
    ("https://www.larkfield.example/track.", "url larkfield.example/track"),
    ("[the page](https://larkfield.example/track)", "url larkfield.example/track"),
    ("Help@larkfield.example", "email help@larkfield.example"),
    ("twenty-five cards", "number 25"),
    ("between one and three", "number 1..3"),
]
SPANISH = [
    ("de 5 a 7 días laborables", "duration 5..7 working-days"),
    ("entre cinco y siete días hábiles", "duration 5..7 working-days"),
    ("14 días naturales", "duration 14 days"),
    ("treinta y cinco días", "duration 35 days"),
    ("en una hora", "duration 1 hours"),
    ("tras un mes", "duration 1 months"),
    ("1.250,50 €", "money 1250.5 EUR"),
    ("5,50\u00a0€", "money 5.5 EUR"),
    ("5 £", "money 5 GBP"),
    ("dos mil quinientos euros", "money 2500 EUR"),
    ("veinte peniques", "money 0.2 GBP"),
    ("2,75 %", "percentage 2.75"),
    ("cinco por ciento", "percentage 5"),
    ("22 de noviembre de 2026", "date 2026-11-22"),
    ("el 1 de enero", "date --01-01"),
    ("20:00 h", "time 20:00"),
    ("8 p. m.", "time 20:00"),
    ("a medianoche", "time 24:00"),
    ("las 24 horas del día", "hours 24/7"),
    ("900 123 456", "phone +34900123456"),
    ("dos tarjetas", "number 2"),
]


def said(found: Quantity) -> str:
    return f"{found.kind} {found.value} {found.unit}".strip()


@pytest.mark.parametrize(("text", "expected"), ENGLISH)
def test_english_quantities_are_read(text: str, expected: str) -> None:
    assert [said(each) for each in quantities(f"Well: {text}", "en-GB")] == [expected]


@pytest.mark.parametrize(("text", "expected"), SPANISH)
def test_spanish_quantities_are_read(text: str, expected: str) -> None:
    assert [said(each) for each in quantities(f"Bien: {text}", "es-ES")] == [expected]


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("Talk to one of us. This is a new one, at once.", "en-GB"),
        ("You pay it once a day. Ask one or two questions.", "en-GB"),
        ("3D Secure, 5G, press 2, step 3, iOS 15, the first and the 2nd.", "en-GB"),
        ("It comes in {{fact:card.delivery.2026}} or {{slot:days_5}}.", "en-GB"),
        ("1. Open the app.\n2. Tap it.", "en-GB"),
        ("You may order it. March on.", "en-GB"),
        ("Una de ellas. Un día cualquiera, una tarjeta. Una o dos preguntas.", "es-ES"),
        ("Pulsa 2. Paso 3. Uno de nosotros.", "es-ES"),
    ],
)
def test_what_counts_nothing_is_no_quantity(text: str, locale: str) -> None:
    assert quantities(text, locale) == ()


def test_alternatives_with_units_of_their_own_stay_apart() -> None:
    found = quantities("20 minutes or 2 attempts, 5% or 7%, 13 months (120 days)", "en-GB")
    assert [said(each) for each in found] == [
        "duration 20 minutes",
        "number 2",
        "percentage 5",
        "percentage 7",
        "duration 13 months",
        "duration 120 days",
    ]


def test_places_are_those_of_the_text() -> None:
    text = "It costs £5 within 14 days of {{fact:x}}, or 30 days."
    assert [text[each.start : each.end] for each in quantities(text, "en-GB")] == ["£5", "14 days", "30 days"]
    assert all(text[each.start : each.end] == each.text for each in quantities(text, "en-GB"))


def test_equal_quantities_are_the_same_in_any_unit_and_language() -> None:
    def one(text: str, locale: str = "en-GB") -> Quantity:
        return quantities(text, locale)[0]

    assert same(one("two weeks"), one("14 days"))
    assert same(one("48 hours"), one("dos días", "es-ES"))
    assert same(one("one year"), one("12 months"))
    assert same(one("22 November"), one("22/11/2026"))
    assert same(one("5 pounds"), one("5 £", "es-ES"))
    assert not same(one("14 days"), one("14 working days"))
    assert not same(one("one month"), one("30 days"))
    assert not same(one("£5"), one("€5"))
    assert not same(one("22 November 2025"), one("22 November 2026"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Integer(value=25), "25 cards"),
        (Money(amount="5.00", currency="GBP"), "five pounds"),
        (Percentage(value="2.75"), "2.75 per cent"),
        (Duration(low=5, high=7, unit=Unit.WORKING_DAYS), "five to seven working days"),
        (Date(value="2026-11-22"), "22 November 2026"),
        (Time(value="08:30"), "8.30 am"),
        (Phone(value="+448081570123"), "0808 157 0123"),
        (Url(value="https://larkfield.example/track/"), "larkfield.example/track"),
        (EmailAddress(value="help@larkfield.example"), "help@larkfield.example"),
        (OpeningHours(lines=(Hours(days=EVERY_DAY, opens="00:00", closes="24:00"),)), "24/7"),
    ],
)
def test_a_facts_value_is_the_quantity_that_its_text_says(value: FactValue, text: str) -> None:
    assert same(of_value(value)[0], quantities(text, "en-GB")[0])


def test_a_term_is_no_quantity() -> None:
    assert of_value(Term(locales={"en-GB": Said(text="Visa")})) == ()
