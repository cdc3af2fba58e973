"""Numbers and prices, written and read out; and the literal figures of a text put into words."""

import re
from decimal import Decimal
from functools import lru_cache

from babel.numbers import get_currency_name, get_currency_symbol

from kb.channels.language import Language
from kb.channels.locales import language

LARGEST = 10**12
"""From here on a number is read digit by digit."""


# ---- written ---------------------------------------------------------------------------------------------------------


def figure(number: str, tongue: Language) -> str:
    """A decimal string at its written scale, with the locale's separators: "1234.50" is "1,234.50"."""
    figures = tongue.figures
    sign, whole, fraction = split(number)
    if len(whole) >= figures.grouped_from:
        whole = f"{int(whole):,}".replace(",", figures.group)
    return ("−" if sign else "") + whole + (figures.point + fraction if fraction else "")


def price(amount: str, currency: str, tongue: Language) -> str:
    """An amount with its sign, without an empty fraction: "£5", "£5.50", "5,50 €"."""
    symbol = _symbol(currency, tongue)
    if symbol[-1].isalpha():
        symbol += "\u00a0" if tongue.figures.price.startswith("{symbol}") else ""
    sign, written = amount.startswith("-"), figure(_without_empty_fraction(amount.lstrip("-")), tongue)
    return ("−" if sign else "") + tongue.figures.price.format(symbol=symbol, amount=written)


def _symbol(currency: str, tongue: Language) -> str:
    """The sign where every phone can show it (GSM 03.38 and ASCII), else the code."""
    if currency == "GBP":  # its sign, where Spanish usage in Unicode's data has the code
        return "£"
    symbol = get_currency_symbol(currency, tongue.cldr)
    return symbol if all(character in "£€¥" or character.isascii() for character in symbol) else currency


def split(number: str) -> tuple[bool, str, str]:
    """Whether it is negative, its whole part and its fraction, of a decimal string."""
    whole, _, fraction = number.lstrip("-").partition(".")
    return number.startswith("-"), whole, fraction


def _without_empty_fraction(amount: str) -> str:
    whole, _, fraction = amount.partition(".")
    return amount if fraction.strip("0") else whole


# ---- read out --------------------------------------------------------------------------------------------------------


def spoken(number: str, tongue: Language, noun: str = "") -> str:
    """A decimal string in words: "two point seven five"; a whole number agrees with the noun that follows it."""
    speech = tongue.speech
    sign, whole, fraction = split(number)
    words = _whole(int(whole), tongue, "" if fraction else noun)
    if fraction:
        words += f" {speech.point} {speech.decimals(fraction)}"
    return f"{speech.minus} {words}" if sign else words


def _whole(number: int, tongue: Language, noun: str) -> str:
    return tongue.speech.cardinal(number, noun) if number < LARGEST else spoken_digits(str(number), tongue)


def spoken_digits(digits: str, tongue: Language) -> str:
    """Digit by digit: "oh one two"."""
    return " ".join(tongue.speech.digits[int(digit)] for digit in digits)


def spoken_groups(number: str, tongue: Language) -> str:
    """A phone number as written, group by group: "oh eight hundred, one two three"; brackets and hyphens only part."""
    bare = number.translate({ord("("): None, ord(")"): None, ord("-"): " "})
    said = ", ".join(tongue.speech.digit_group(group) for group in bare.removeprefix("+").split())
    return f"{tongue.speech.plus} {said}" if bare.startswith("+") else said


def spoken_price(amount: str, currency: str, tongue: Language) -> str:
    """An amount in words: "five pounds fifty", "five pounds and five pence", "fifty pence"."""
    speech = tongue.speech
    coins = speech.currencies.get(currency)
    if coins is None:
        return _foreign_price(amount, currency, tongue)
    sign, whole, fraction = split(amount)
    units, hundredths = int(whole), int(fraction or "0")
    small = _counted(hundredths, coins.hundredth.of(hundredths), tongue)
    large = _counted(units, coins.unit.of(units), tongue)
    if not hundredths:
        words = large
    elif not units:
        words = small
    elif coins.short and hundredths >= 10:
        words = speech.price_short.format(units=large, hundredths=speech.cardinal(hundredths, ""))
    else:
        words = speech.price.format(units=large, hundredths=small)
    return f"{speech.minus} {words}" if sign else words


def _counted(number: int, noun: str, tongue: Language) -> str:
    return f"{_whole(number, tongue, noun)} {noun}"


def _foreign_price(amount: str, currency: str, tongue: Language) -> str:
    number = _without_empty_fraction(amount)
    name = get_currency_name(currency, Decimal(number), tongue.cldr)
    return f"{spoken(number, tongue, name.split()[0])} {name}"


# ---- addresses -------------------------------------------------------------------------------------------------------


def spoken_address(address: str, tongue: Language) -> str:
    """A web or e-mail address mark by mark, without its scheme: "larkfield dot example slash track"."""
    bare = address.removeprefix("https://").removeprefix("http://").removesuffix("/")
    return " ".join(_address_part(part, tongue) for part in re.findall(r"[0-9]+|[^\W\d_]+|[\W_]", bare))


def _address_part(part: str, tongue: Language) -> str:
    if part.isascii() and part.isdigit():
        plain = len(part) > 2 or part[0] == "0"
        return spoken_digits(part, tongue) if plain else tongue.speech.cardinal(int(part), "")
    return tongue.speech.marks.get(part, part)


# ---- literal figures in a text ---------------------------------------------------------------------------------------

_FIGURE = re.compile(r"\d|://")
_SIGNS = {"£": "GBP", "€": "EUR", "$": "USD"}


@lru_cache(maxsize=8192)
def words(text: str, locale: str) -> str:
    """A text with its literal figures as they are read out: numbers, ordinals, prices, percentages, times, ranges,
    "24/7", years, phone-like digits and web addresses. References and slots stay as they are."""
    if not _FIGURE.search(text):
        return text
    tongue = language(locale)
    return _pattern(locale).sub(lambda found: _in_words(found, tongue), text)


@lru_cache
def _pattern(locale: str) -> re.Pattern[str]:
    tongue = language(locale)
    point, group = re.escape(tongue.figures.point), re.escape(tongue.figures.group)
    number = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)(?:{point}\d+)?"
    return re.compile(
        rf"(?P<keep>\{{\{{[^{{}}]*\}}\}})"
        rf"|(?P<address>https?://\S*[^\s.,;:!?)])"
        rf"|(?P<always>(?<!\w)24/7(?!\w))"
        rf"|(?P<sign>[£€$])\s?(?P<amount>{number})(?!\w)"
        rf"|(?<![\w.,])(?:(?P<amount_before>{number})\s?(?P<sign_behind>[£€$])"
        rf"|(?P<percentage>{number})\s?%"
        rf"|(?P<hour>\d{{1,2}}):(?P<minute>[0-5]\d)(?!\w)(?:\s?(?P<half>[ap]m)\b)?"
        rf"|(?P<full_hour>\d{{1,2}})\s?(?P<full_half>[ap]m)\b"
        rf"|{tongue.ordinal}"
        rf"|(?P<low>{number})\s?[–-]\s?(?P<high>{number})(?![\w–-]|[.,]\d)"
        rf"|(?P<digits>(?:0\d+|\+\d+)(?:[ \u00a0]\d{{2,}})*|\d{{7,}})(?!\w|[.,]\d)"
        rf"|(?P<number>{number})(?!\w|[.,]\d)"
        rf"|(?P<version>\d+(?:\.\d+)+)(?!\w))"
    )


def _in_words(found: re.Match[str], tongue: Language) -> str:  # noqa: PLR0911 - one line for each kind of literal
    parts = {name: part for name, part in found.groupdict().items() if part is not None}
    if "keep" in parts:
        return parts["keep"]
    if "address" in parts:
        return spoken_address(parts["address"], tongue)
    if "always" in parts:
        return tongue.speech.around_the_clock
    if "hour" in parts or "full_hour" in parts:
        return _clock(found, parts, tongue)
    if "digits" in parts:
        return spoken_groups(parts["digits"], tongue)
    if "version" in parts:
        return spoken_address(parts["version"], tongue)
    return _quantity(found, parts, tongue)


def _quantity(found: re.Match[str], parts: dict[str, str], tongue: Language) -> str:
    noun = following(found.string[found.end() :])
    if "sign" in parts or "sign_behind" in parts:
        amount = _plain(parts.get("amount") or parts["amount_before"], tongue)
        return spoken_price(_to_hundredths(amount), _SIGNS[parts.get("sign") or parts["sign_behind"]], tongue)
    if "percentage" in parts:
        return f"{spoken(_plain(parts['percentage'], tongue), tongue)} {tongue.speech.percent}"
    if "ordinal" in parts:
        feminine = "ª" in found[0]
        return tongue.speech.ordinal(int(parts["ordinal"]), "una" if feminine else noun)
    if "low" in parts:
        low, high = _plain(parts["low"], tongue), spoken(_plain(parts["high"], tongue), tongue, noun)
        elliptic = tongue.speech.elliptic(int(low), noun) if low.isdigit() else spoken(low, tongue)
        return tongue.ranges.joined.format(low=elliptic, high=high)
    literal = parts["number"]
    if re.fullmatch(r"(?:19|20)\d\d", literal) and not noun:
        return tongue.speech.year(int(literal))
    return spoken(_plain(literal, tongue), tongue, noun)


def following(text: str) -> str:
    """The word that directly follows, if only a space stands between; what a numeral may agree with."""
    found = re.match(r"[ \u00a0\n]([^\W\d_]+)", text)
    return found[1] if found else ""


def _clock(found: re.Match[str], parts: dict[str, str], tongue: Language) -> str:
    hour, minute = int(parts.get("hour") or parts["full_hour"]), int(parts.get("minute", "0"))
    half = parts.get("half") or parts.get("full_half")
    if hour > 24 or (half and not 1 <= hour <= 12):
        return found[0]
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return tongue.calendar.clock_spoken(hour, minute)


def _plain(number: str, tongue: Language) -> str:
    return number.replace(tongue.figures.group, "").replace(tongue.figures.point, ".")


def _to_hundredths(amount: str) -> str:
    whole, _, fraction = amount.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')[:2]}"
