"""British English: how facts are written and read out."""

from kb.channels.language import Calendar, Coins, Days, Figures, Language, Noun, Ranges, Speech
from kb.channels.values import Unit

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand"))
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _cardinal(number: int, noun: str) -> str:
    del noun  # English numerals agree with nothing
    return _words(number)


def _words(number: int) -> str:
    for scale, name in _SCALES:
        if number >= scale:
            high, low = divmod(number, scale)
            joint = " and " if 0 < low < 100 else " "
            return f"{_words(high)} {name}" + (joint + _words(low) if low else "")
    if number >= 100:
        high, low = divmod(number, 100)
        return f"{_SMALL[high]} hundred" + (f" and {_words(low)}" if low else "")
    if number < 20:
        return _SMALL[number]
    high, low = divmod(number, 10)
    return _TENS[high] + (f"-{_SMALL[low]}" if low else "")


def _ordinal(number: int, noun: str) -> str:
    words = _cardinal(number, noun)
    start = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[start:]
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return words[:start] + _IRREGULAR.get(last, regular)


def _year(number: int) -> str:
    """Pairs from 1100 to 2099 ("twenty twenty-six", "nineteen oh five"), but "two thousand and five"."""
    high, low = divmod(number, 100)
    if not 11 <= high <= 20 or 2000 <= number < 2010:
        return _words(number)
    if low == 0:
        return f"{_words(high)} hundred"
    return f"{_words(high)} {'oh ' if low < 10 else ''}{_words(low)}"


def _decimals(digits: str) -> str:
    return " ".join(_SMALL[int(digit)] for digit in digits)


_DIGITS = ("oh", *_SMALL[1:10])


def _digit_group(group: str) -> str:
    """Digit by digit; the prefixes of freephone and national numbers as people say them: "oh eight hundred"."""
    if group in {"0300", "0500", "0800"}:
        return f"oh {_DIGITS[int(group[1])]} hundred"
    return " ".join(_DIGITS[int(digit)] for digit in group)


def _clock(hour: int, minute: int) -> str:
    if minute == 0 and hour % 12 == 0:
        return "midday" if hour == 12 else "midnight"
    figure = f"{(hour - 1) % 12 + 1}" + (f":{minute:02}" if minute else "")
    return f"{figure}\u00a0{'am' if hour % 24 < 12 else 'pm'}"


def _clock_spoken(hour: int, minute: int) -> str:
    if minute == 0 and hour % 12 == 0:
        return "midday" if hour == 12 else "midnight"
    words = _words((hour - 1) % 12 + 1)
    if minute:
        words += f" {'oh ' if minute < 10 else ''}{_words(minute)}"
    return f"{words} {_part_of_day(hour)}"


def _part_of_day(hour: int) -> str:
    if 1 <= hour < 12:
        return "in the morning"
    if 12 <= hour < 18:
        return "in the afternoon"
    return "in the evening" if 18 <= hour < 22 else "at night"


def _days(runs: Days) -> str:
    if runs == ((0, 6),):
        return " every day"
    named: list[str] = []
    for first, last in runs:
        if last - first >= 2:
            named.append(f"{_WEEKDAYS[first]} to {_WEEKDAYS[last]}")
        else:
            named.extend(_WEEKDAYS[first : last + 1])
    if len(named) == 1 and " " not in named[0]:
        return f" on {named[0]}s"
    return ", " + " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))


ENGLISH = Language(
    locale="en-GB",
    cldr="en_GB",
    region="GB",
    units={
        Unit.MINUTES: Noun("minute", "minutes"),
        Unit.HOURS: Noun("hour", "hours"),
        Unit.DAYS: Noun("day", "days"),
        Unit.WORKING_DAYS: Noun("working day", "working days"),
        Unit.WEEKS: Noun("week", "weeks"),
        Unit.MONTHS: Noun("month", "months"),
        Unit.YEARS: Noun("year", "years"),
    },
    figures=Figures(
        point=".", group=",", grouped_from=4, percent="{number}%", price="{symbol}{amount}", range="{low}–{high}"
    ),
    speech=Speech(
        cardinal=_cardinal,
        elliptic=_cardinal,
        ordinal=_ordinal,
        year=_year,
        decimals=_decimals,
        digits=_DIGITS,
        digit_group=_digit_group,
        point="point",
        minus="minus",
        plus="plus",
        percent="per cent",
        price="{units} and {hundredths}",
        price_short="{units} {hundredths}",
        currencies={
            "GBP": Coins(Noun("pound", "pounds"), Noun("penny", "pence"), short=True),
            "EUR": Coins(Noun("euro", "euros"), Noun("cent", "cents"), short=True),
            "USD": Coins(Noun("US dollar", "US dollars"), Noun("cent", "cents")),
            "AUD": Coins(Noun("Australian dollar", "Australian dollars"), Noun("cent", "cents")),
            "CAD": Coins(Noun("Canadian dollar", "Canadian dollars"), Noun("cent", "cents")),
            "CHF": Coins(Noun("Swiss franc", "Swiss francs"), Noun("centime", "centimes")),
        },
        marks={
            ".": "dot",
            "/": "slash",
            "@": "at",
            "-": "dash",
            "_": "underscore",
            "?": "question mark",
            "=": "equals",
            "&": "ampersand",
            "#": "hash",
            "+": "plus",
            "~": "tilde",
            "%": "per cent sign",
            ":": "colon",
        },
        around_the_clock="twenty-four seven",
    ),
    ranges=Ranges(
        free="between {low} and {high}",
        joined="{low} to {high}",
        after_between="{low} and {high}",
        between="between",
        prepositions=frozenset(
            "within in after for about around of by next than another least most to at under over first last".split()
        ),
    ),
    calendar=Calendar(
        months=tuple("January February March April May June July August September October November December".split()),
        date="{day} {month} {year}",
        date_spoken="the {ordinal} of {month} {year}",
        clock=_clock,
        clock_spoken=_clock_spoken,
        days=_days,
        hours="{opens} to {closes}",
        hours_spoken="from {opens} to {closes}",
        all_day="24 hours",
        all_day_spoken="twenty-four hours",
        round_the_clock="24 hours a day, 7 days a week",
        round_the_clock_spoken="twenty-four hours a day, seven days a week",
        conjunction=" and ",
    ),
    press="{say}, press {key}.",
    ordinal=r"(?P<ordinal>\d+)(?:st|nd|rd|th)\b",
)
