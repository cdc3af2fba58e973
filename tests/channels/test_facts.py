"""Facts as a page writes them, as plain characters, and as a voice says them, in both locales."""

from xml.etree import ElementTree

import pytest

from kb.channels.facts import Style, issues, say, ssml
from kb.channels.values import (
    Date,
    Decimal,
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

WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
WEEK = (*WORKDAYS, "sat", "sun")
LINE = OpeningHours((Hours(WORKDAYS, "08:00", "20:00"), Hours(("sat", "sun"), "09:00", "17:00")))
ALWAYS = OpeningHours((Hours(WEEK, "00:00", "24:00"),))
SCREEN = Term({"en-GB": Said("Freeze card"), "es-ES": Said("Congelar tarjeta")})

EN: list[tuple[FactValue, str, str, str]] = [
    (Integer(3), "3", "3", "three"),
    (Integer(1200), "1,200", "1,200", "one thousand two hundred"),
    (Integer(-5), "−5", "-5", "minus five"),
    (Decimal("4.350"), "4.350", "4.350", "four point three five zero"),
    (Decimal("1234.5"), "1,234.5", "1,234.5", "one thousand two hundred and thirty-four point five"),
    (Money("5.00", "GBP"), "£5", "£5", "five pounds"),
    (Money("1.00", "GBP"), "£1", "£1", "one pound"),
    (Money("5.50", "GBP"), "£5.50", "£5.50", "five pounds fifty"),
    (Money("5.05", "GBP"), "£5.05", "£5.05", "five pounds and five pence"),
    (Money("0.01", "GBP"), "£0.01", "£0.01", "one penny"),
    (Money("-2.50", "GBP"), "−£2.50", "-£2.50", "minus two pounds fifty"),
    (Money("120000.00", "GBP"), "£120,000", "£120,000", "one hundred and twenty thousand pounds"),
    (Money("5.50", "EUR"), "€5.50", "€5.50", "five euros fifty"),
    (Money("1.50", "USD"), "US$1.50", "US$1.50", "one US dollar and fifty cents"),
    (Money("500", "JPY"), "JP¥500", "JP¥500", "five hundred Japanese yen"),
    (Money("5.50", "CZK"), "CZK\u00a05.50", "CZK 5.50", "five point five zero Czech korunas"),
    (Money("80.00", "INR"), "INR\u00a080", "INR 80", "eighty Indian rupees"),
    (Percentage("2.75"), "2.75%", "2.75%", "two point seven five per cent"),
    (Percentage("100"), "100%", "100%", "one hundred per cent"),
    (
        Duration(5, Unit.WORKING_DAYS, 7),
        "5–7 working days",
        "5-7 working days",
        "between five and seven working days",
    ),
    (Duration(1, Unit.WORKING_DAYS), "1 working day", "1 working day", "one working day"),
    (Duration(24, Unit.HOURS), "24 hours", "24 hours", "twenty-four hours"),
    (
        Date("2026-11-22"),
        "22 November 2026",
        "22 November 2026",
        "the twenty-second of November twenty twenty-six",
    ),
    (Date("2005-01-01"), "1 January 2005", "1 January 2005", "the first of January two thousand and five"),
    (Time("08:30"), "8:30\u00a0am", "8:30 am", "eight thirty in the morning"),
    (Time("14:00"), "2\u00a0pm", "2 pm", "two in the afternoon"),
    (Time("20:05"), "8:05\u00a0pm", "8:05 pm", "eight oh five in the evening"),
    (Time("23:30"), "11:30\u00a0pm", "11:30 pm", "eleven thirty at night"),
    (Time("00:30"), "12:30\u00a0am", "12:30 am", "twelve thirty at night"),
    (Time("12:00"), "midday", "midday", "midday"),
    (Time("00:00"), "midnight", "midnight", "midnight"),
    (
        LINE,
        "8\u00a0am to 8\u00a0pm, Monday to Friday, and 9\u00a0am to 5\u00a0pm, Saturday and Sunday",
        "8 am to 8 pm, Monday to Friday, and 9 am to 5 pm, Saturday and Sunday",
        "from eight in the morning to eight in the evening, Monday to Friday, "
        "and from nine in the morning to five in the afternoon, Saturday and Sunday",
    ),
    (
        ALWAYS,
        "24 hours a day, 7 days a week",
        "24 hours a day, 7 days a week",
        "twenty-four hours a day, seven days a week",
    ),
    (
        OpeningHours((Hours(WEEK, "07:00", "23:00"),)),
        "7\u00a0am to 11\u00a0pm every day",
        "7 am to 11 pm every day",
        "from seven in the morning to eleven at night every day",
    ),
    (
        OpeningHours((Hours(("mon", "tue", "wed", "fri"), "00:00", "24:00"),)),
        "24 hours, Monday to Wednesday and Friday",
        "24 hours, Monday to Wednesday and Friday",
        "twenty-four hours, Monday to Wednesday and Friday",
    ),
    (
        OpeningHours((Hours(("sat",), "09:00", "13:00"), Hours(("sat",), "14:00", "24:00"))),
        "9\u00a0am to 1\u00a0pm and 2\u00a0pm to midnight on Saturdays",
        "9 am to 1 pm and 2 pm to midnight on Saturdays",
        "from nine in the morning to one in the afternoon and from two in the afternoon to midnight on Saturdays",
    ),
    (
        Phone("+448081570123"),
        "0808 157 0123",
        "0808 157 0123",
        "oh eight oh eight, one five seven, oh one two three",
    ),
    (
        Phone("+442079460100"),
        "020 7946 0100",
        "020 7946 0100",
        "oh two oh, seven nine four six, oh one oh oh",
    ),
    (Phone("+448001111"), "0800 1111", "0800 1111", "oh eight hundred, one one one one"),
    (
        Phone("+34912345678", "ES"),
        "+34 912 34 56 78",
        "+34 912 34 56 78",
        "plus three four, nine one two, three four, five six, seven eight",
    ),
    (
        Url("https://larkfield.example/track"),
        "https://larkfield.example/track",
        "https://larkfield.example/track",
        "larkfield dot example slash track",
    ),
    (
        Url("https://www.larkfield.example/pay-in_24/?a=007"),
        "https://www.larkfield.example/pay-in_24/?a=007",
        "https://www.larkfield.example/pay-in_24/?a=007",
        "www dot larkfield dot example slash pay dash in underscore twenty-four slash "
        "question mark a equals oh oh seven",
    ),
    (
        EmailAddress("help@larkfield.example"),
        "help@larkfield.example",
        "help@larkfield.example",
        "help at larkfield dot example",
    ),
    (SCREEN, "Freeze card", "Freeze card", "Freeze card"),
    (Term({"en-GB": Said("“WCAG” 2.2")}), "“WCAG” 2.2", '"WCAG" 2.2', "“WCAG” two point two"),
    (Term({"en-GB": Said("APR", "A P R")}), "APR", "APR", "A P R"),
]

ES: list[tuple[FactValue, str, str, str]] = [
    (Integer(21), "21", "21", "veintiuno"),
    (Integer(1200), "1200", "1200", "mil doscientos"),
    (Integer(12000), "12.000", "12.000", "doce mil"),
    (Decimal("4.05"), "4,05", "4,05", "cuatro coma cero cinco"),
    (Money("5.00", "EUR"), "5\u00a0€", "5 €", "cinco euros"),
    (Money("5.50", "EUR"), "5,50\u00a0€", "5,50 €", "cinco euros con cincuenta"),
    (Money("5.05", "EUR"), "5,05\u00a0€", "5,05 €", "cinco euros con cinco céntimos"),
    (Money("0.01", "EUR"), "0,01\u00a0€", "0,01 €", "un céntimo"),
    (Money("1.00", "GBP"), "1\u00a0£", "1 £", "una libra"),
    (Money("5.50", "GBP"), "5,50\u00a0£", "5,50 £", "cinco libras con cincuenta"),
    (Money("21.00", "EUR"), "21\u00a0€", "21 €", "veintiún euros"),
    (Money("200.00", "GBP"), "200\u00a0£", "200 £", "doscientas libras"),
    (Money("500000.00", "GBP"), "500.000\u00a0£", "500.000 £", "quinientas mil libras"),
    (Money("1000000.00", "EUR"), "1.000.000\u00a0€", "1.000.000 €", "un millón de euros"),
    (Money("1.00", "CZK"), "1\u00a0CZK", "1 CZK", "una corona checa"),
    (
        Money("1.50", "USD"),
        "1,50\u00a0US$",
        "1,50 US$",
        "un dólar estadounidense con cincuenta centavos",
    ),
    (Percentage("2.75"), "2,75\u00a0%", "2,75 %", "dos coma setenta y cinco por ciento"),
    (Percentage("1"), "1\u00a0%", "1 %", "uno por ciento"),
    (
        Duration(5, Unit.WORKING_DAYS, 7),
        "5-7 días laborables",
        "5-7 días laborables",
        "entre cinco y siete días laborables",
    ),
    (Duration(1, Unit.HOURS), "1 hora", "1 hora", "una hora"),
    (Duration(1, Unit.DAYS), "1 día", "1 día", "un día"),
    (Duration(21, Unit.DAYS), "21 días", "21 días", "veintiún días"),
    (Duration(31, Unit.WEEKS), "31 semanas", "31 semanas", "treinta y una semanas"),
    (Duration(1, Unit.HOURS, 2), "1-2 horas", "1-2 horas", "entre una y dos horas"),
    (Duration(1, Unit.DAYS, 2), "1-2 días", "1-2 días", "entre uno y dos días"),
    (Duration(200, Unit.HOURS, 300), "200-300 horas", "200-300 horas", "entre doscientas y trescientas horas"),
    (
        Date("2026-11-22"),
        "22 de noviembre de 2026",
        "22 de noviembre de 2026",
        "veintidós de noviembre de dos mil veintiséis",
    ),
    (Time("08:30"), "8:30", "8:30", "ocho y media de la mañana"),
    (Time("13:15"), "13:15", "13:15", "una y cuarto de la tarde"),
    (Time("05:20"), "5:20", "5:20", "cinco y veinte de la madrugada"),
    (Time("12:00"), "12:00", "12:00", "doce del mediodía"),
    (Time("22:00"), "22:00", "22:00", "diez de la noche"),
    (
        LINE,
        "de 8:00 a 20:00, de lunes a viernes, y de 9:00 a 17:00, los sábados y domingos",
        "de 8:00 a 20:00, de lunes a viernes, y de 9:00 a 17:00, los sábados y domingos",
        "de ocho de la mañana a ocho de la tarde, de lunes a viernes, "
        "y de nueve de la mañana a cinco de la tarde, los sábados y domingos",
    ),
    (
        ALWAYS,
        "24 horas al día, 7 días a la semana",
        "24 horas al día, 7 días a la semana",
        "veinticuatro horas al día, siete días a la semana",
    ),
    (
        OpeningHours((Hours(("mon",), "09:00", "14:00"),)),
        "de 9:00 a 14:00 los lunes",
        "de 9:00 a 14:00 los lunes",
        "de nueve de la mañana a dos de la tarde los lunes",
    ),
    (
        Phone("+442079460134"),
        "+44 20 7946 0134",
        "+44 20 7946 0134",
        "más cuatro cuatro, dos cero, siete nueve cuatro seis, cero uno tres cuatro",
    ),
    (
        Phone("+34912345678", "ES"),
        "912 34 56 78",
        "912 34 56 78",
        "nueve uno dos, tres cuatro, cinco seis, siete ocho",
    ),
    (
        Url("https://larkfield.example/track"),
        "https://larkfield.example/track",
        "https://larkfield.example/track",
        "larkfield punto example barra track",
    ),
    (
        EmailAddress("help@larkfield.example"),
        "help@larkfield.example",
        "help@larkfield.example",
        "help arroba larkfield punto example",
    ),
    (SCREEN, "Congelar tarjeta", "Congelar tarjeta", "Congelar tarjeta"),
]

CASES = [("en-GB", *case) for case in EN] + [("es-ES", *case) for case in ES]


@pytest.mark.parametrize(("locale", "value", "page", "plain", "spoken"), CASES)
def test_a_value_is_said_as_its_locale_says_it(
    locale: str, value: FactValue, page: str, plain: str, spoken: str
) -> None:
    assert say(value, locale, Style.PAGE) == page
    assert say(value, locale, Style.PLAIN) == plain
    assert say(value, locale, Style.SPOKEN) == spoken


def test_every_type_of_value_is_covered_in_both_locales() -> None:
    for cases in (EN, ES):
        assert {type(case[0]) for case in cases} == set(FactValue.__args__)


@pytest.mark.parametrize(("locale", "value", "page", "plain", "spoken"), CASES)
def test_markup_of_a_value_is_well_formed_and_sounds_like_its_words(
    locale: str, value: FactValue, page: str, plain: str, spoken: str
) -> None:
    root = ElementTree.fromstring(f"<speak>{ssml(value, locale)}</speak>")
    heard = (root.text or "") + "".join((child.get("alias") or "") + (child.tail or "") for child in root)
    assert heard == spoken


def test_a_phone_number_pauses_between_its_groups() -> None:
    pause = '<break time="200ms"/>'
    assert ssml(Phone("+448081570123"), "en-GB") == (
        f"oh eight oh eight, {pause}one five seven, {pause}oh one two three"
    )


def test_an_address_keeps_its_written_form_in_markup() -> None:
    assert ssml(Url("https://larkfield.example/a?b=1&c=2"), "en-GB") == (
        '<sub alias="larkfield dot example slash a question mark b equals one ampersand c equals two">'
        "https://larkfield.example/a?b=1&amp;c=2</sub>"
    )


def test_hostile_words_of_a_term_are_escaped() -> None:
    assert ssml(Term({"en-GB": Said('</s><audio src="x"/> & ]]>\x00')}), "en-GB") == (
        "&lt;/s&gt;&lt;audio src=&quot;x&quot;/&gt; &amp; ]]&gt;"
    )


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("takes", "between five and seven working days"),
        ("within", "five to seven working days"),
        ("Within", "five to seven working days"),
        ("between", "five and seven working days"),
    ],
)
def test_a_range_fits_the_word_before_it_in_english(before: str, said: str) -> None:
    assert say(Duration(5, Unit.WORKING_DAYS, 7), "en-GB", Style.SPOKEN, before=before) == said


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("tarda", "entre cinco y siete días"),
        ("de", "cinco a siete días"),
        ("entre", "cinco y siete días"),
    ],
)
def test_a_range_fits_the_word_before_it_in_spanish(before: str, said: str) -> None:
    assert say(Duration(5, Unit.DAYS, 7), "es-ES", Style.SPOKEN, before=before) == said


def test_a_word_that_the_wording_has_said_is_not_said_again() -> None:
    hours = OpeningHours((Hours(WORKDAYS, "08:00", "20:00"),))
    assert say(hours, "en-GB", Style.SPOKEN, before="from") == (
        "eight in the morning to eight in the evening, Monday to Friday"
    )
    assert say(Date("2026-11-22"), "en-GB", Style.SPOKEN, before="the") == (
        "twenty-second of November twenty twenty-six"
    )


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [
        (1, "tarjeta", "una"),
        (1, "país", "un"),
        (1, "", "uno"),
        (1, "de", "uno"),
        (21, "días", "veintiún"),
        (31, "países", "treinta y un"),
        (31, "comisiones", "treinta y una"),
        (1, "ciudad", "una"),
        (1, "problema", "un"),
        (1, "programa", "un"),
        (1, "vez", "una"),
        (200, "veces", "doscientas"),
        (221, "tarjetas", "doscientas veintiuna"),
        (21000, "libras", "veintiún mil"),
        (2000000, "clientes", "dos millones de"),
        (2000001, "clientes", "dos millones un"),
    ],
)
def test_spanish_numbers_agree_with_the_noun_that_follows(number: int, noun: str, said: str) -> None:
    assert say(Integer(number), "es-ES", Style.SPOKEN, after=noun) == said


def test_a_number_beyond_the_billions_is_read_digit_by_digit() -> None:
    assert say(Integer(10**12), "en-GB", Style.SPOKEN).startswith("one oh oh oh")


@pytest.mark.parametrize("style", Style)
def test_an_unknown_locale_names_those_that_exist(style: Style) -> None:
    with pytest.raises(LookupError, match=r"unknown locale 'fr-FR': use one of en-GB, es-ES"):
        say(Integer(3), "fr-FR", style)


def test_a_term_without_words_in_a_locale_says_what_to_add() -> None:
    with pytest.raises(LookupError, match=r"add locales\.es-ES"):
        say(Term({"en-GB": Said("Visa")}), "es-ES", Style.PAGE)


def test_plain_text_has_no_typographic_characters() -> None:
    for locale, value, *_ in CASES:
        assert not set(say(value, locale, Style.PLAIN)) & set("\u00a0\u202f–—−‘’“”…")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {type(case[1]).__name__}")
def test_a_good_value_has_no_issues(case: tuple[str, FactValue, str, str, str]) -> None:
    served = sorted(case[1].locales) if isinstance(case[1], Term) else ["en-GB", "es-ES"]
    text_of_test = isinstance(case[1], Phone) and case[1].value == "+448001111"
    assert text_of_test or issues(case[1], served) == []
