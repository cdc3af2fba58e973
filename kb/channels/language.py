"""What a locale brings so that facts can be said in it: words, patterns, and the few rules that are not patterns."""

from collections.abc import Callable, Mapping

import msgspec

from kb.channels.values import Unit

Days = tuple[tuple[int, int], ...]
"""Runs of weekdays, each from first to last, Monday = 0: Monday to Wednesday and Friday is ((0, 2), (4, 4))."""


class Noun(msgspec.Struct, frozen=True):
    """A noun in its singular and plural."""

    one: str
    many: str

    def of(self, count: int) -> str:
        return self.one if abs(count) == 1 else self.many


class Coins(msgspec.Struct, frozen=True):
    """A currency's unit and its hundredth; `short` where "five pounds fifty" does without the hundredth's name."""

    unit: Noun
    hundredth: Noun
    short: bool = False


class Figures(msgspec.Struct, frozen=True):
    """How numbers are written; `grouped_from` is the number of digits from which thousands are set apart."""

    point: str
    group: str
    grouped_from: int
    percent: str
    price: str
    range: str


class Speech(msgspec.Struct, frozen=True):
    """How figures are read out.

    `cardinal(n, noun)` agrees with the noun that follows ("" when counting), up to 10¹² − 1; `elliptic` with one that
    is left out ("between one and two hours"); `ordinal` names a place; `decimals(digits)` reads what stands behind the
    point; `digits` and `digit_group` read a phone number; `price` names the hundredths, `price_short` doesn't; `marks`
    are those of an address; `around_the_clock` is "24/7".
    """

    cardinal: Callable[[int, str], str]
    elliptic: Callable[[int, str], str]
    ordinal: Callable[[int, str], str]
    year: Callable[[int], str]
    decimals: Callable[[str], str]
    digits: tuple[str, ...]
    digit_group: Callable[[str], str]
    point: str
    minus: str
    plus: str
    percent: str
    price: str
    price_short: str
    currencies: Mapping[str, Coins]
    marks: Mapping[str, str]
    around_the_clock: str


class Ranges(msgspec.Struct, frozen=True):
    """How a range is read out: standing free, after one of `prepositions`, and after the word `between`."""

    free: str
    joined: str
    after_between: str
    between: str
    prepositions: frozenset[str]


class Calendar(msgspec.Struct, frozen=True):
    """Dates, times of day and opening hours; what ends in `_spoken` reads out what the other writes.

    `days` names weekdays with the comma or space that sets them off from the hours before them.
    """

    months: tuple[str, ...]
    date: str
    date_spoken: str
    clock: Callable[[int, int], str]
    clock_spoken: Callable[[int, int], str]
    days: Callable[[Days], str]
    hours: str
    hours_spoken: str
    all_day: str
    all_day_spoken: str
    round_the_clock: str
    round_the_clock_spoken: str
    conjunction: str


class Language(msgspec.Struct, frozen=True):
    """Everything `kb.channels.facts` and the voice need of one locale; `cldr` is its name in Unicode's locale data.

    `press` offers a way on in a voice menu and has the places {say} and {key};
    `region` is the ISO country whose people call in national form; `ordinal` the pattern of a written ordinal.
    """

    locale: str
    cldr: str
    region: str
    units: Mapping[Unit, Noun]
    figures: Figures
    speech: Speech
    ranges: Ranges
    calendar: Calendar
    press: str
    ordinal: str
