"""How each channel and locale says a typed fact: as on a page, in plain characters, and aloud."""

from enum import StrEnum
from functools import lru_cache
from itertools import groupby

import phonenumbers

from kb.channels.language import Days, Language
from kb.channels.locales import LOCALES, language
from kb.channels.numbers import figure, price, spoken, spoken_address, spoken_groups, spoken_price, words
from kb.channels.ssml import escape, substitute
from kb.channels.validity import WEEK, issues
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
    Term,
    Time,
    Url,
)

__all__ = ["LOCALES", "PAUSE", "Style", "issues", "say", "ssml", "words"]

PAUSE = '<break time="200ms"/>'
"""The pause between the groups of a phone number."""


class Style(StrEnum):
    """PAGE is typographic, PLAIN the same without characters an SMS would pay for, SPOKEN the words a voice says."""

    PAGE = "page"
    PLAIN = "plain"
    SPOKEN = "spoken"


def say(value: FactValue, locale: str, style: Style, *, before: str = "", after: str = "") -> str:
    """The text of a value. An unknown locale, a term without words in it, or a value that `validity` refuses raises
    LookupError.

    Speech reads better when it knows the words directly `before` and `after` the fact: "takes between five and seven
    working days" but "within five to seven working days"; "treinta y un países" but "treinta y una tarjetas".
    """
    tongue = language(locale)
    if isinstance(value, Term):
        return _term(value, tongue, style)
    counted = after if isinstance(value, Integer) else ""
    preceding = before.casefold() if isinstance(value, Duration | Date | OpeningHours) else ""
    try:
        return _spoken(value, locale, preceding, counted) if style is Style.SPOKEN else _written(value, locale, style)
    except (ValueError, ArithmeticError, phonenumbers.NumberParseException) as error:
        raise LookupError("its value is none of its type") from error


def ssml(value: FactValue, locale: str, *, before: str = "", after: str = "") -> str:
    """The value as an XML fragment that sounds like SPOKEN, in the tags every engine takes (break and sub)."""
    said = say(value, locale, Style.SPOKEN, before=before, after=after)
    if isinstance(value, Phone):
        return escape(said).replace(", ", f", {PAUSE}")
    if isinstance(value, Url | EmailAddress):
        return substitute(value.value, said)
    return escape(said)


def _term(value: Term, tongue: Language, style: Style) -> str:
    said = value.locales.get(tongue.locale)
    if said is None:
        raise LookupError(f"the term has no words in {tongue.locale}: add locales.{tongue.locale}")
    if style is Style.SPOKEN:
        return said.spoken or words(said.text, tongue.locale)
    return said.text.translate(_PLAIN) if style is Style.PLAIN else said.text


# ---- written ---------------------------------------------------------------------------------------------------------

_PLAIN = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "–": "-", "—": "-", "−": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."}
)
"""Typographic characters and their twins in GSM 03.38; letters keep their accents, which are spelling."""


@lru_cache(maxsize=8192)
def _written(value: FactValue, locale: str, style: Style) -> str:
    page = _page(value, language(locale))
    return page.translate(_PLAIN) if style is Style.PLAIN else page


def _page(value: FactValue, tongue: Language) -> str:  # noqa: PLR0911 - one line for each type of value
    match value:
        case Integer(number):
            return figure(str(number), tongue)
        case Decimal(number):
            return figure(number, tongue)
        case Percentage(number):
            return tongue.figures.percent.format(number=figure(number, tongue))
        case Money(amount, currency):
            return price(amount, currency, tongue)
        case Duration():
            return _page_duration(value, tongue)
        case Date(day):
            return _page_date(day, tongue)
        case Time(time):
            return tongue.calendar.clock(*_clock(time))
        case OpeningHours():
            return _hours(value, tongue, Style.PAGE)
        case Phone():
            return _page_phone(value, tongue)
        case Url(address) | EmailAddress(address):
            return address
        case _:
            raise TypeError(f"not a fact's value: {value!r}")


def _page_duration(value: Duration, tongue: Language) -> str:
    low = figure(str(value.low), tongue)
    if value.high is None:
        return f"{low} {tongue.units[value.unit].of(value.low)}"
    span = tongue.figures.range.format(low=low, high=figure(str(value.high), tongue))
    return f"{span} {tongue.units[value.unit].of(value.high)}"


def _page_date(iso: str, tongue: Language) -> str:
    year, month, day = (int(part) for part in iso.split("-"))
    return tongue.calendar.date.format(day=day, month=tongue.calendar.months[month - 1], year=year)


def _page_phone(value: Phone, tongue: Language) -> str:
    form = phonenumbers.PhoneNumberFormat
    national = value.region == tongue.region
    return phonenumbers.format_number(
        phonenumbers.parse(value.value), form.NATIONAL if national else form.INTERNATIONAL
    )


# ---- read out --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def _spoken(value: FactValue, locale: str, before: str, after: str) -> str:
    """What a voice says; a first word that the wording has just said isn't said again ("from from eight")."""
    said = _aloud(value, language(locale), before, after)
    return said.removeprefix(f"{before} ") if before else said


def _aloud(value: FactValue, tongue: Language, before: str, after: str) -> str:  # noqa: PLR0911 - a line for each type
    match value:
        case Integer(number):
            return spoken(str(number), tongue, after)
        case Decimal(number):
            return spoken(number, tongue)
        case Percentage(number):
            return f"{spoken(number, tongue)} {tongue.speech.percent}"
        case Money(amount, currency):
            return spoken_price(amount, currency, tongue)
        case Duration():
            return _spoken_duration(value, tongue, before)
        case Date(day):
            return _spoken_date(day, tongue)
        case Time(time):
            return tongue.calendar.clock_spoken(*_clock(time))
        case OpeningHours():
            return _hours(value, tongue, Style.SPOKEN)
        case Phone():
            return spoken_groups(_page_phone(value, tongue), tongue)
        case Url(address) | EmailAddress(address):
            return spoken_address(address, tongue)
        case _:
            raise TypeError(f"not a fact's value: {value!r}")


def _spoken_duration(value: Duration, tongue: Language, before: str) -> str:
    unit = tongue.units[value.unit]
    if value.high is None:
        noun = unit.of(value.low)
        return f"{spoken(str(value.low), tongue, noun)} {noun}"
    noun = unit.of(value.high)
    high = spoken(str(value.high), tongue, noun)
    low = tongue.speech.elliptic(value.low, noun)
    return f"{_range(before, tongue).format(low=low, high=high)} {noun}"


def _range(before: str, tongue: Language) -> str:
    ranges = tongue.ranges
    if before == ranges.between:
        return ranges.after_between
    return ranges.joined if before in ranges.prepositions else ranges.free


def _spoken_date(iso: str, tongue: Language) -> str:
    year, month, day = (int(part) for part in iso.split("-"))
    return tongue.calendar.date_spoken.format(
        ordinal=tongue.speech.ordinal(day, ""),
        cardinal=tongue.speech.cardinal(day, ""),
        month=tongue.calendar.months[month - 1],
        year=tongue.speech.year(year),
    )


# ---- opening hours, both ways ----------------------------------------------------------------------------------------


def _hours(value: OpeningHours, tongue: Language, style: Style) -> str:
    """Lines of the same days together: "9 am to 1 pm and 2 pm to 5 pm, Monday to Friday"."""
    calendar = tongue.calendar
    if len(value.lines) == 1 and value.lines[0] == Hours(WEEK, "00:00", "24:00"):
        return calendar.round_the_clock_spoken if style is Style.SPOKEN else calendar.round_the_clock
    lines = [
        calendar.conjunction.join(_span(line, tongue, style) for line in same) + calendar.days(_runs(days))
        for days, same in groupby(value.lines, key=lambda line: line.days)
    ]
    return f",{calendar.conjunction}".join(filter(None, (", ".join(lines[:-1]), lines[-1])))


def _span(line: Hours, tongue: Language, style: Style) -> str:
    calendar = tongue.calendar
    spoken_aloud = style is Style.SPOKEN
    if (line.opens, line.closes) == ("00:00", "24:00"):
        return calendar.all_day_spoken if spoken_aloud else calendar.all_day
    clock = calendar.clock_spoken if spoken_aloud else calendar.clock
    pattern = calendar.hours_spoken if spoken_aloud else calendar.hours
    return pattern.format(opens=clock(*_clock(line.opens)), closes=clock(*_clock(line.closes)))


def _runs(days: tuple[str, ...]) -> Days:
    numbers = sorted(WEEK.index(day) for day in days)
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return tuple(runs)


def _clock(time: str) -> tuple[int, int]:
    hour, minute = time.split(":")
    return int(hour), int(minute)
