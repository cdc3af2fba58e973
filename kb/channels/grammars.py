"""How each language writes quantities: its lexicon, compiled once into the patterns that `quantities` walks with."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import ModuleType
from typing import TypeVar

from kb.channels.lexicons import MODULES, language

ANY_LANGUAGE = "en"
"""A language without a lexicon is read with English patterns: digits, signs and addresses are the same there."""

NUMERIC_DATE = (
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
    r"|(?P<day2>\d{1,2})[/.](?P<month2>\d{1,2})[/.](?P<year2>\d{4}|\d{2})"
)
WRITTEN_DATE = {
    "en": r"(?P<day3>\d{{1,2}})(?:st|nd|rd|th)?[ ](?:of[ ])?(?P<month3>{months})\b\.?(?:,?[ ](?P<year3>\d{{4}}))?"
    r"|(?P<month4>{months})\b\.?[ ](?P<day4>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?[ ](?P<year4>\d{{4}}))?"
    r"|(?P<month5>{months})\b[ ](?P<year5>\d{{4}})",
    "es": r"(?P<day3>\d{{1,2}})(?:\.?º)?[ ](?:de[ ])?(?P<month3>{months})\b\.?(?:(?:[ ]del?|,)?[ ](?P<year3>\d{{4}}))?"
    r"|(?P<month4>{months})\b[ ](?P<day4>\d{{1,2}})(?!\d),[ ](?P<year4>\d{{4}})"
    r"|(?P<month5>{months})\b[ ](?:del?[ ])?(?P<year5>\d{{4}})",
}
ONLY_OPENED = {"en": frozenset({"and"}), "es": frozenset({"y", "u"})}
SPACE = r"[ \u00a0\u202f-]"
RATES = frozenset({"days", "months", "years"})

Named = TypeVar("Named")

Reading = tuple[str, str, str]
"""Kind, value and unit."""


class Grammar:
    """The compiled patterns of one language, and how to read what they find."""

    def __init__(self, words: ModuleType, code: str) -> None:
        self.words = words
        self.units: Mapping[str, str] = words.UNITS
        unit = f"(?:{_any(words.UNITS)}){words.UNIT_ENDING}"
        self.only_opened = ONLY_OPENED[code]
        digits = rf"(?:{words.DIGITS})(?:(?:[ ](?:{_any(words.SCALES)})(?!\w))|(?!\w)|(?=[ps]\b))"
        self.number = _compile(rf"{digits}|(?:{words.NUMBER})(?!\w)")
        self.date_ = _compile(f"{NUMERIC_DATE}|{WRITTEN_DATE[code].format(months=_months(words, code))}")
        self.range_ = _compile(rf"(?:\s+|\s?(?=[-–—]))({words.RANGE})(?:\s+|(?<=[-–—])\s?)(?:[£€$]\s?)?")
        self.opener = _compile(rf"\b(?:{words.RANGE_OPENERS})")
        self.not_counted = _compile(rf"\b(?:{words.NOT_COUNTED})")
        self.indefinite = _compile(words.INDEFINITE)
        self.lasting = _compile(words.LASTING)
        self.calling = _compile(words.CALLING)
        self._unit = _compile(_unit_pattern(words, unit))
        self._unit_names: list[tuple[str, str]] = _longest_first(self.units)
        self._before = _compile(r"(?:[£€$]|\b(?:GBP|EUR|USD))\s?$")
        self.start = _compile(self._starts(words, unit, digits))
        self._first_words = _first_words(words)

    def _starts(self, words: ModuleType, unit: str, digits: str) -> str:
        """Everything a quantity can begin with, the longest readings first."""
        return (
            rf"(?<![\w.,/-])(?:(?P<idiom>{words.IDIOMS.format(units=unit)})\b"
            rf"|(?P<hours>{words.ROUND_THE_CLOCK})(?!\w)"
            rf"|(?P<date>(?:{_unnamed(self.date_.pattern)})(?![\w/]))"
            rf"|(?P<phone>\+\d[\d ().-]{{6,}}\d|(?:{words.NATIONAL_PHONE})(?!\d))"
            rf"|(?P<time>{_unnamed(words.TIMES)})"
            rf"|(?P<word>{_any(words.TIME_WORDS)})\b"
            rf"|(?P<lasting>{_any(words.FIXED_DURATIONS)})\b"
            rf"|(?P<indefinite>(?:an?|una?)[ ](?:{unit})(?!\w))"
            rf"|(?P<digits>{digits})"
            rf"|(?P<words>(?:{words.NUMBER})(?!\w)))"
            rf"|(?<=[£€$–—-])(?<!\w[-–—])(?P<digits2>{digits})"
        )

    def may_begin(self, word: str) -> bool:
        """Whether a quantity can begin with a word: most words are passed over here."""
        return word[0] in "+0123456789" or word.lower() in self._first_words

    # ---- reading what was found --------------------------------------------------------------------------------------

    def fixed(self, kind: str, match: re.Match[str]) -> Reading | None:
        """The meaning of a phrase that is a quantity as it stands; None if it is none after all."""
        text = match[0]
        if kind == "lasting":
            return ("duration", *self.words.FIXED_DURATIONS[text.lower()])
        if kind == "indefinite":
            return self._indefinite(match)
        if kind in {"date", "time"}:
            return self._date(text) if kind == "date" else self._time(text)
        value = {"hours": "24/7", "phone": self._phone(text)}.get(kind) or self.words.TIME_WORDS[text.lower()]
        return "time" if kind == "word" else kind, value, ""

    def _indefinite(self, match: re.Match[str]) -> Reading | None:
        """`an hour` after `within`, `after` and the like; elsewhere `a day` is a rate or an idiom, `a second` a number."""
        unit = self.unit_name(match[0].lower().partition(" ")[2])
        if unit == "seconds":
            return None
        before = match.string[: match.start()]
        if self.lasting.match(match.string, match.end()) and not before.rstrip()[-1:].isdigit():
            return "duration", "1", unit
        opened = self.indefinite.search(before)
        if opened is None or (opened[1].lower() in {"in", "en"} and unit in RATES):
            return None
        return "duration", "1", unit

    def _date(self, text: str) -> Reading | None:
        match = self.date_.match(text)
        parts = {name: value for name, value in match.groupdict().items() if value} if match else {}
        named = {name.rstrip("2345"): value for name, value in parts.items()}
        written = named.get("month", "").lower().rstrip(".")
        month = self.words.MONTH_FORMS.get(written) or int(written or 0)
        day, year = int(named.get("day", 0)), named.get("year", "")
        if not 1 <= month <= 12 or day > 31:
            return None
        full_year = f"20{year}" if len(year) == 2 else year or "-"
        return "date", f"{full_year}-{month:02}-{day:02}" if day else f"{full_year}-{month:02}", ""

    def _time(self, text: str) -> Reading | None:
        match = re.match(self.words.TIMES, text, re.IGNORECASE)
        if match is None:
            return None
        named = match.groupdict()
        spoken = named.get("clock") or named.get("clock24") or named.get("sharp") or ""
        hour = int(spoken) if spoken.isdigit() else self.words.NUMBERS.get(spoken.lower(), -1)
        if named.get("half"):
            hour = hour % 12 + (12 if self.words.HALVES[named["half"].lower()] else 0)
        if not 0 <= hour <= 24:
            return None
        return "time", f"{hour:02}:{named.get('minute') or named.get('minute24') or '00'}", ""

    def _phone(self, text: str) -> str:
        digits = re.sub(r"\D", "", text)
        if text.startswith("+"):
            return "+" + digits
        if digits.startswith("00"):
            return "+" + digits[2:]
        return f"+44{digits[1:]}" if digits.startswith("0") else f"+{self.words.COUNTRY_CODE}{digits}"

    # ---- round a number ----------------------------------------------------------------------------------------------

    def value(self, text: str) -> float:
        """A number in digits or words as a float; amounts here are small, so nothing is lost."""
        if not text[0].isdigit():
            return float(self._in_words(text))
        digits, _, scale = text.partition(" ")
        for sign in self.words.GROUPING:
            if re.search(rf"\{sign}\d{{3}}(?!\d)", digits):
                digits = digits.replace(sign, "")
        return float(digits.replace(self.words.POINT, ".")) * float(self.words.SCALES.get(scale.lower(), 1))

    def _in_words(self, text: str) -> int:
        total = current = 0
        for word in re.split(r"[\s,-]+", text.lower()):
            scale: int = self.words.SCALES.get(word, 0)
            if scale == 100:
                current = max(current, 1) * scale
            elif scale:
                total, current = total + max(current, 1) * scale, 0
            else:
                current += 1 if word in {"a", "an"} else self.words.NUMBERS.get(word, 0)
        return total + current

    def currency_before(self, text: str, start: int) -> str:
        """The currency sign before a number, with its space, or nothing."""
        match = self._before.search(text[max(0, start - 5) : start])
        return match[0] if match else ""

    def unit_after(self, text: str, end: int) -> tuple[str, int]:
        """`kind:name` of the unit that follows a number and where it ends; nothing and the same place if none does."""
        match = self._unit.match(text, end)
        if match is None:
            return "", end
        kind, found = match.lastgroup or "", re.sub(SPACE, " ", match[match.lastgroup or 0]).lower()
        if kind == "percentage":
            return "percentage:", match.end()
        if kind == "money":
            name = self.words.CURRENCIES.get(found) or {"£": "GBP", "€": "EUR", "$": "USD"}.get(found, found.upper())
            return f"money:{name}", match.end()
        if kind == "cents":
            return f"cents:{self.words.CENTS[found]}", match.end()
        return f"duration:{self.unit_name(found)}", match.end()

    def unit_name(self, found: str) -> str:
        """The unit that a word with any ending stands for."""
        return next(name for word, name in self._unit_names if re.sub(SPACE, " ", found).startswith(word))


@lru_cache(maxsize=8)
def grammar(locale: str) -> Grammar:
    """The grammar of a locale's language."""
    code = language(locale) or ANY_LANGUAGE
    return Grammar(MODULES[code], code)


def _unit_pattern(words: ModuleType, unit: str) -> str:
    more = r"(?:[ ](?:or|o)[ ](?:more|less|fewer|más|menos)(?=[ ]))?"
    return (
        rf"{more}{SPACE}?(?P<percentage>{words.PERCENT})(?!\w)"
        rf"|{more}{SPACE}?(?:(?P<money>{_any(words.CURRENCIES)}|GBP|EUR|USD|[£€$])|(?P<cents>{_any(words.CENTS)}))(?![\w.]\w|\w)"
        rf"|{more}{SPACE}?(?P<duration>{unit})(?!\w)"
    )


def _first_words(words: ModuleType) -> frozenset[str]:
    """The words that numbers, months, times of day and fixed phrases begin with."""
    tables = (words.NUMBERS, words.SCALES, words.MONTH_FORMS, words.TIME_WORDS, words.FIXED_DURATIONS)
    phrases = {phrase for table in tables for phrase in table} | set(words.OPENING_WORDS)
    return frozenset(part for phrase in phrases for part in phrase.split(" ")[:1])


def _months(words: ModuleType, code: str) -> str:
    forms = [rf"(?-i:{form.title()}|{form.upper()})" if code == "en" else form for form in words.MONTH_FORMS]
    return "|".join(sorted(forms, key=len, reverse=True))


def _unnamed(pattern: str) -> str:
    """A pattern without its group names, so that it can be part of a larger one."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


def _any(words: Mapping[str, object]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", SPACE) for word, _ in _longest_first(words))


def _longest_first(words: Mapping[str, Named]) -> list[tuple[str, Named]]:
    return sorted(words.items(), key=lambda item: len(item[0]), reverse=True)


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
