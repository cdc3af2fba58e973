"""What is wrong with a fact's typed value, and what to do about it: pure checks before a value may be signed."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import phonenumbers
from babel.numbers import get_currency_precision, is_currency

from kb.channels.types import Issue, blocks
from kb.channels.values import (
    Date,
    Decimal,
    Duration,
    EmailAddress,
    FactValue,
    Integer,
    Money,
    OpeningHours,
    Percentage,
    Phone,
    Term,
    Time,
    Url,
)

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_HOST.pattern}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def issues(value: FactValue, locales: Sequence[str]) -> list[Issue]:
    """Everything that keeps a value from being signed, `locales` being those that are served; places are `value.…`."""
    return list(_CHECKS[type(value)](value, locales))


def _fault(field: str, message: str, action: str, found: object = "") -> Issue:
    return blocks(
        f"fact-{field.partition('[')[0].partition('.')[0]}", f"value.{field}", message, action, found=str(found)
    )


def _integer(value: Integer, locales: Sequence[str]) -> Iterator[Issue]:
    yield from ()


def _number(value: Decimal | Percentage, locales: Sequence[str]) -> Iterator[Issue]:
    if not _NUMBER.fullmatch(value.value):
        yield _fault(
            "value",
            f"“{value.value}” is not a decimal number.",
            'Write digits with a point and without other signs, in quotation marks, like "2.75".',
            value.value,
        )


def _money(value: Money, locales: Sequence[str]) -> Iterator[Issue]:
    if not is_currency(value.currency):
        yield _fault(
            "currency",
            f"“{value.currency}” is not a currency.",
            "Write the three letters of ISO 4217, like GBP or EUR.",
            value.currency,
        )
        return
    precision = get_currency_precision(value.currency)
    example = f"5.{'0' * precision}" if precision else "5"
    if not _NUMBER.fullmatch(value.amount) or len(value.amount.partition(".")[2]) != precision:
        yield _fault(
            "amount",
            f"“{value.amount}” is not an amount at the minor unit of {value.currency}.",
            f'Write it with {precision} decimals, in quotation marks, like "{example}".',
            value.amount,
        )


def _duration(value: Duration, locales: Sequence[str]) -> Iterator[Issue]:
    if value.low < 0:
        yield _fault("low", "A length of time can't be negative.", "Write a number from 0 up.", value.low)
    if value.high is not None and value.high <= value.low:
        yield _fault(
            "high",
            f"A range goes up: {value.low} to {value.high} doesn't.",
            "Write the smaller number as `low`, or leave `high` out.",
            value.high,
        )


def _date(value: Date, locales: Sequence[str]) -> Iterator[Issue]:
    try:
        valid = bool(_DATE.fullmatch(value.value)) and bool(date.fromisoformat(value.value))
    except ValueError:
        valid = False
    if not valid:
        yield _fault(
            "value",
            f"“{value.value}” is not a day of the calendar.",
            "Write year, month and day, like 2026-11-22.",
            value.value,
        )


def _time(value: Time, locales: Sequence[str]) -> Iterator[Issue]:
    if not _TIME.fullmatch(value.value):
        yield _fault(
            "value",
            f"“{value.value}” is not a time of day.",
            'Write it with 24 hours and in quotation marks, like "08:30".',
            value.value,
        )


def _hours(value: OpeningHours, locales: Sequence[str]) -> Iterator[Issue]:
    if not value.lines:
        yield _fault("lines", "Opening hours without a line.", "Write at least one line of days, opens and closes.")
    spans: dict[str, list[tuple[str, str]]] = {}
    for index, line in enumerate(value.lines):
        place = f"lines[{index}]"
        unknown = [day for day in line.days if day not in WEEK]
        if unknown or not line.days or list(line.days) != sorted(set(line.days), key=(*WEEK, *unknown).index):
            yield _fault(
                f"{place}.days",
                "Days must be named once each and in order.",
                f"Choose from {', '.join(WEEK)}.",
                ", ".join(line.days),
            )
        closes = line.closes == "24:00" or _TIME.fullmatch(line.closes)
        if not _TIME.fullmatch(line.opens) or not closes or line.opens >= line.closes:
            yield _fault(
                f"{place}.closes",
                f"{line.opens} to {line.closes} is not a stretch of one day.",
                'Write times like "08:00", the end after the start; "24:00" is midnight; split what goes past it.',
                line.closes,
            )
        for day in set(line.days):
            spans.setdefault(day, []).append((line.opens, line.closes))
    yield from _overlaps(spans)


def _overlaps(spans: dict[str, list[tuple[str, str]]]) -> Iterator[Issue]:
    for day, lines in spans.items():
        for (_, closes), (opens, _) in pairwise(sorted(lines)):
            if opens < closes:
                yield _fault("lines", f"Two lines overlap on {day}.", "Join them or move one of them.", day)


def _phone(value: Phone, locales: Sequence[str]) -> Iterator[Issue]:
    try:
        number = phonenumbers.parse(value.value)
        form = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        valid = phonenumbers.is_valid_number(number) and form == value.value
    except phonenumbers.NumberParseException:
        valid = False
    if not valid:
        yield _fault(
            "value",
            f"“{value.value}” is not a phone number that can be called.",
            'Write it in E.164, with plus and country code and without spaces, like "+448081570123".',
            value.value,
        )
    elif number.country_code != phonenumbers.country_code_for_region(value.region):
        yield _fault(
            "region",
            f"“{value.region}” is not a country of the code +{number.country_code}.",
            "Write the two letters of the country whose number it is, like GB or ES.",
            value.region,
        )


def _url(value: Url, locales: Sequence[str]) -> Iterator[Issue]:
    try:
        parts = urlsplit(value.value)
        valid = parts.scheme == "https" and bool(_HOST.fullmatch(parts.hostname or "")) and "@" not in parts.netloc
    except ValueError:
        valid = False
    if not valid or re.search(r"[\s<>\"{}|\\^`\x00-\x20\x7f]", value.value) or not value.value.isascii():
        yield _fault(
            "value",
            f"“{value.value}” is not a secure web address.",
            "Write it in full from https://, without spaces or a user's name.",
            value.value,
        )


def _email(value: EmailAddress, locales: Sequence[str]) -> Iterator[Issue]:
    if not _EMAIL.fullmatch(value.value):
        yield _fault(
            "value",
            f"“{value.value}” is not an e-mail address.",
            "Write it like help@larkfield.example.",
            value.value,
        )


def _term(value: Term, locales: Sequence[str]) -> Iterator[Issue]:
    for locale in locales:
        if locale not in value.locales:
            yield _fault(
                f"locales.{locale}", f"There are no words for it in {locale}.", f"Add `{locale}: {{text: …}}`."
            )
    for locale, said in value.locales.items():
        for name, text in (("text", said.text), ("spoken", said.spoken)):
            if (
                (name == "text" and not text.strip())
                or text != text.strip()
                or _UNPRINTABLE.search(text)
                or "{{" in text
            ):
                yield _fault(
                    f"locales.{locale}.{name}",
                    "The words are empty, or hold a line break, a control character, a reference or spaces at an end.",
                    "Write them in one line, as they are read.",
                    text,
                )


_CHECKS: dict[type[Any], Callable[[Any, Sequence[str]], Iterator[Issue]]] = {
    Integer: _integer,
    Decimal: _number,
    Percentage: _number,
    Money: _money,
    Duration: _duration,
    Date: _date,
    Time: _time,
    OpeningHours: _hours,
    Phone: _phone,
    Url: _url,
    EmailAddress: _email,
    Term: _term,
}
