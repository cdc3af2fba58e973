"""Literal quantities in a text: numbers, money, percentages, dates, durations, times, hours, phones, links, e-mails."""

import re
from collections.abc import Iterator
from functools import lru_cache
from operator import attrgetter

import msgspec

from kb.channels.grammars import Grammar, grammar
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
    Time,
    Url,
)

REFERENCE = re.compile(r"\{\{[^{}]*\}\}")
LIST_NUMBER = re.compile(r"(?m)^[ \t]*\d{1,3}[.)][ \t]")
ADDRESS = re.compile(
    r"(?P<email>(?:mailto:)?[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<tel>tel:\+?[\d-]+)"
    r"|(?P<url>https?://[^\s<>()\[\]{}\"'“”]+|\bwww\.[^\s<>()\[\]{}\"'“”]+"
    r"|(?<![\w.@-])(?:[a-z0-9-]+\.)+(?:com|co\.uk|org|net|es|uk|io|app|eu|info|bank|example)\b(?:/[^\s<>()\[\]{}]*)?)",
    re.IGNORECASE,
)
HINT = re.compile(r"[a-z0-9]@|:/|tel:|www\.|\.(?:com|co|org|net|es|uk|io|app|eu|info|bank|example)\b", re.IGNORECASE)
"""What every address holds somewhere: a text without it needn't be searched for one."""
CANDIDATE = re.compile(r"\+\d|\w+")
SYMBOLS = {"£": "GBP", "€": "EUR", "$": "USD"}
MINUTES = {"minutes": 1, "hours": 60, "days": 1440, "weeks": 10080}
MONTHS = {"months": 1, "years": 12}
MATTERS = frozenset({"money", "percentage", "date", "duration", "time", "hours", "phone", "url", "email"})
"""The kinds that must be facts wherever they stand (law 3); a bare `number` may be part of the sentence."""


class Quantity(msgspec.Struct, frozen=True):
    """One literal, its `value` normalised: `5`, `5..7`, `2026-11-22`, `--11-22`, `08:30`, `24/7`, `+448081570100`.

    `kind` is money, percentage, date, duration, time, hours, phone, url, email or number; `unit` is a currency or a
    unit of time; `start` and `end` are its place in the text in characters.
    """

    kind: str
    value: str
    unit: str
    text: str
    start: int
    end: int


# ---- comparing -------------------------------------------------------------------------------------------------------


def same(left: Quantity, right: Quantity) -> bool:
    """Whether two quantities say one thing: two weeks are 14 days, and a date may leave its year out."""
    if left.kind == right.kind == "date":
        return left.value == right.value or (
            left.value[-5:] == right.value[-5:] and "--" in (left.value[:2], right.value[:2])
        )
    return measure(left) == measure(right)


@lru_cache(maxsize=5_000)
def measure(quantity: Quantity) -> tuple[str, str, str]:
    """A key that is equal for quantities that say one thing: calendar time in minutes or months, the rest as it is."""
    for unit, scale in (("minutes", MINUTES), ("months", MONTHS)):
        if quantity.kind == "duration" and quantity.unit in scale:
            ends = (_plain(float(end) * scale[quantity.unit]) for end in quantity.value.split(".."))
            return (quantity.kind, "..".join(ends), unit)
    if quantity.kind == "phone":
        return (quantity.kind, quantity.value[-9:], "")
    return (quantity.kind, quantity.value, quantity.unit)


def of_value(value: FactValue) -> tuple[Quantity, ...]:
    """What a fact's value says, in the words of this module; a term says nothing countable."""
    return tuple(
        Quantity(kind=kind, value=text, unit=unit, text=_shown(kind, text, unit), start=0, end=0)
        for kind, text, unit in _of_value(value)
    )


def _of_value(value: FactValue) -> Iterator[tuple[str, str, str]]:
    match value:
        case Integer(value=number) | Decimal(value=number):
            yield "number", _plain(float(number)), ""
        case Money(amount=amount, currency=currency):
            yield "money", _plain(float(amount)), currency
        case Percentage(value=number):
            yield "percentage", _plain(float(number)), ""
        case Duration(low=low, high=high, unit=unit):
            yield "duration", str(low) if high is None else f"{low}..{high}", str(unit)
        case Date(value=text) | Time(value=text) | Phone(value=text):
            yield type(value).__name__.lower(), text, ""
        case Url(value=text):
            yield "url", _address(text), ""
        case EmailAddress(value=text):
            yield "email", text.lower(), ""
        case OpeningHours(lines=lines):
            yield from _of_hours(lines)


def _of_hours(lines: tuple[Hours, ...]) -> Iterator[tuple[str, str, str]]:
    if all(line.opens == "00:00" and line.closes == "24:00" for line in lines):
        yield "hours", "24/7", ""
    for line in lines:
        yield "time", line.opens, ""
        yield "time", line.closes, ""


def _shown(kind: str, value: str, unit: str) -> str:
    """A quantity as a message names it: `5–7 working days`, `5 GBP`, `2.75%`."""
    ends = value.replace("..", "–")
    return ends + "%" if kind == "percentage" else f"{ends} {unit.replace('-', ' ')}".strip()


# ---- finding ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2_000)
def quantities(text: str, locale: str) -> tuple[Quantity, ...]:
    """Every literal quantity of a text in reading order; references (`{{fact:…}}`) and list numbers are not literals.

    A lone `one`, ordinals, `24-hour`-like names of steps and idioms (`one or two questions`) are not quantities.
    """
    rules = grammar(locale)
    masked = text
    if "{{" in text:
        masked = REFERENCE.sub(_blank, masked)
    masked = LIST_NUMBER.sub(_blank, masked)
    found = list(_addresses(masked))
    for known in found:
        masked = masked[: known.start] + " " * (known.end - known.start) + masked[known.end :]
    found.extend(_Scan(rules, masked).run())
    found.sort(key=attrgetter("start"))
    return tuple(found)


def _addresses(text: str) -> Iterator[Quantity]:
    for match in ADDRESS.finditer(text) if HINT.search(text) else ():
        kind = {"email": "email", "tel": "phone", "url": "url"}[match.lastgroup or "url"]
        shown = match[0].rstrip(".,;:!?*_")
        value = shown.removeprefix("mailto:").lower() if kind == "email" else _address(shown)
        yield Quantity(kind, value.removeprefix("tel:"), "", shown, match.start(), match.start() + len(shown))


def _address(text: str) -> str:
    """An address as compared: without scheme, `www.` and the last slash, in lower case."""
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", text.lower()).rstrip("/")


def _blank(match: re.Match[str]) -> str:
    return "\ufffc" * len(match[0])


def _plain(number: float) -> str:
    """A number without needless zeros, at most four decimals."""
    return f"{number:.4f}".rstrip("0").rstrip(".")


class _Number(msgspec.Struct, frozen=True):
    """A number as found: its value, its place, and whether it was the word for one."""

    value: str
    start: int
    end: int
    one: bool = False


class _Scan:
    """One walk over a text: each step reads the quantity that starts at the next number or fixed phrase."""

    def __init__(self, rules: Grammar, text: str) -> None:
        self.rules = rules
        self.text = text

    def run(self) -> Iterator[Quantity]:
        place = 0
        for word in CANDIDATE.finditer(self.text):
            if word.start() < place or not self.rules.may_begin(word[0]):
                continue
            match = self.rules.start.match(self.text, word.start())
            if match is not None:
                quantity, place = self._read(match)
                if quantity is not None:
                    yield quantity

    def _read(self, match: re.Match[str]) -> tuple[Quantity | None, int]:
        """The quantity at a start, if it is one, and where to go on."""
        kind = match.lastgroup or ""
        if kind in {"idiom", "digits", "digits2", "words"}:
            return (None, match.end()) if kind == "idiom" else self._number(match)
        reading = self.rules.fixed(kind, match)
        if reading is None:
            return None, match.end()
        return self._quantity(*reading, match.start(), match.end()), match.end()

    def _quantity(self, kind: str, value: str, unit: str, start: int, end: int) -> Quantity:
        return Quantity(kind, value, unit, self.text[start:end], start, end)

    def _number(self, match: re.Match[str]) -> tuple[Quantity | None, int]:
        """A number with what stands round it: a currency before it, a range and a unit after it."""
        low = self._at(match)
        symbol = self.rules.currency_before(self.text, low.start)
        start = low.start - len(symbol)
        unit, end = self.rules.unit_after(self.text, low.end)
        high = self._range_end(low, end)
        value = low.value
        if high is not None:
            own_unit, own_end = self.rules.unit_after(self.text, high.end)
            if own_unit == unit or not unit or (not own_unit and symbol):
                unit, end, value = own_unit or unit, own_end if own_unit else high.end, f"{low.value}..{high.value}"
        kind, value, unit = self._meaning(value, unit, symbol)
        if kind == "number" and end - start >= 3 and self.rules.calling.search(self.text[:start]):
            kind = "phone"
        if kind == "number" and self._uncounted(low, value):
            return None, end
        return self._quantity(kind, value, unit, start, end), end

    def _meaning(self, value: str, unit: str, symbol: str) -> tuple[str, str, str]:
        """Kind, value and unit of a number, from the words and signs beside it."""
        if symbol:
            return "money", value, SYMBOLS.get(symbol.strip(), symbol.strip().upper())
        if not unit:
            return "number", value, ""
        kind, _, name = unit.partition(":")
        if kind == "cents":
            ends = (_plain(float(end) / 100) for end in value.split(".."))
            return "money", "..".join(ends), name
        return kind, value, name

    def _uncounted(self, low: _Number, value: str) -> bool:
        """Whether a bare number counts nothing: a lone `one`, or the number of a step, an option, a version."""
        return (low.one and ".." not in value) or bool(self.rules.not_counted.search(self.text[: low.start]))

    def _range_end(self, low: _Number, end: int) -> _Number | None:
        """The second number of a range (`5 to 7`, `between five and seven`, `£5–£10`), if one follows."""
        connector = self.rules.range_.match(self.text, end)
        if connector is None or (end > low.end and connector[1].lower() in {"or", "o"}):
            return None
        if connector[1].lower() in self.rules.only_opened and not self.rules.opener.search(self.text[: low.start]):
            return None
        match = self.rules.number.match(self.text, connector.end())
        if match is None or self.rules.date_.match(self.text, match.start()):
            return None
        return self._at(match)

    def _at(self, match: re.Match[str]) -> _Number:
        value = self.rules.value(match[0])
        return _Number(_plain(value), match.start(), match.end(), one=value == 1 and not match[0][0].isdigit())
