"""Spanish of Spain: how facts are written and read out, with the agreement of numerals in gender."""

import re

from kb.channels.language import Calendar, Coins, Days, Figures, Language, Noun, Ranges, Speech
from kb.channels.values import Unit

_SMALL = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete "
    "veintiocho veintinueve"
).split()
_TENS = "cero diez veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
_HUNDREDS = (
    "cero ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
).split()
_ORDINALS = (
    "cero primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo undécimo duodécimo decimotercero "
    "decimocuarto decimoquinto decimosexto decimoséptimo decimoctavo decimonoveno vigésimo"
).split()
_WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")

# Nouns whose ending misleads about their gender, and words behind a numeral that it doesn't count.
_MASCULINE = re.compile(r"(?:d[ií]a|mapa|sofá|idioma|tema|planeta|\w*(?:gram|blem|stem|quem|clim)a)s?")
_FEMININE = re.compile(
    r"\w+(?:as?|ci[oó]n(?:es)?|si[oó]n(?:es)?|[dt]ad(?:es)?|tud(?:es)?|umbres?)"
    r"|vez|veces|noches?|claves?|redes|red|manos?|tardes?|partes?|series?|fases?|sucursal(?:es)?|señal(?:es)?|llaves?"
)
_NOT_COUNTED = frozenset(
    "y o u e ni de del al a en por para con sin que si se no es son más menos como hasta entre desde a la las el los "
    "cada según sobre tras".split()
)


def _counts(noun: str) -> str:
    """What a noun makes of a final "uno": `uno` when nothing is counted, `un` before a masculine, `una` a feminine."""
    word = noun.casefold()
    if not word or word in _NOT_COUNTED:
        return "uno"
    return "una" if _FEMININE.fullmatch(word) and not _MASCULINE.fullmatch(word) else "un"


def _cardinal(number: int, noun: str) -> str:
    one = _counts(noun)
    words = _words(number, one)
    return f"{words} de" if one != "uno" and number and number % 1_000_000 == 0 else words


def _elliptic(number: int, noun: str) -> str:
    """Before a noun that is left out, feminine or as in counting: "entre una y dos horas", "entre uno y dos días"."""
    return _words(number, "una" if _counts(noun) == "una" else "uno")


def _words(number: int, one: str) -> str:
    if number >= 1_000_000:
        high, low = divmod(number, 1_000_000)
        words = f"{_words(high, 'un')} {'millón' if high == 1 else 'millones'}"
        return words + (f" {_words(low, one)}" if low else "")
    if number >= 1_000:
        high, low = divmod(number, 1_000)
        thousands = "mil" if high == 1 else f"{_below_thousand(high, 'un', feminine=one == 'una')} mil"
        return thousands + (f" {_below_thousand(low, one, feminine=one == 'una')}" if low else "")
    return _below_thousand(number, one, feminine=one == "una")


def _below_thousand(number: int, one: str, *, feminine: bool) -> str:
    if number == 100:
        return "cien"
    high, low = divmod(number, 100)
    hundreds = _HUNDREDS[high] if high else ""
    if feminine and high > 1:
        hundreds = f"{hundreds[:-2]}as"
    return " ".join(filter(None, (hundreds, _below_hundred(low, one) if low or not high else "")))


def _below_hundred(number: int, one: str) -> str:
    if number == 1:
        return one
    if number == 21:
        return {"uno": "veintiuno", "un": "veintiún", "una": "veintiuna"}[one]
    if number < 30:
        return _SMALL[number]
    high, low = divmod(number, 10)
    return _TENS[high] + (f" y {_below_hundred(low, one)}" if low else "")


def _ordinal(number: int, noun: str) -> str:
    """Ordinals to twentieth; beyond them Spanish speakers count."""
    if not 0 < number < len(_ORDINALS):
        return _cardinal(number, noun)
    words = _ORDINALS[number]
    gender = _counts(noun)
    if gender == "una":
        return f"{words[:-1]}a"
    return words[:-1] if gender == "un" and words.endswith(("primero", "tercero")) else words


def _year(number: int) -> str:
    return _words(number, "uno")


def _decimals(digits: str) -> str:
    """As one number behind its zeros ("cero cinco", "setenta y cinco"); more than three digits one by one."""
    if len(digits) > 3:
        return " ".join(_SMALL[int(digit)] for digit in digits)
    rest = digits.lstrip("0")
    return " ".join(["cero"] * (len(digits) - len(rest)) + ([_words(int(rest), "uno")] if rest else []))


def _digit_group(group: str) -> str:
    return " ".join(_SMALL[int(digit)] for digit in group)


def _clock(hour: int, minute: int) -> str:
    return f"{hour}:{minute:02}"


def _clock_spoken(hour: int, minute: int) -> str:
    """Without article, which stands in the wording ("a las …")."""
    words = _words((hour - 1) % 12 + 1, "una")
    if minute:
        words += f" y {({15: 'cuarto', 30: 'media'}).get(minute) or _words(minute, 'uno')}"
    return f"{words} {_part_of_day(hour, minute)}"


def _part_of_day(hour: int, minute: int) -> str:
    if hour == 12 and minute == 0:
        return "del mediodía"
    if 1 <= hour < 6:
        return "de la madrugada"
    if 6 <= hour < 12:
        return "de la mañana"
    return "de la tarde" if 12 <= hour < 21 else "de la noche"


def _days(runs: Days) -> str:
    if runs == ((0, 6),):
        return " todos los días"
    named: list[str] = []
    for first, last in runs:
        if last - first >= 2:
            named.append(f"de {_WEEKDAYS[first]} a {_WEEKDAYS[last]}")
        else:
            named.extend(_plural(day) for day in _WEEKDAYS[first : last + 1])
    single = [index for index, name in enumerate(named) if not name.startswith("de ")]
    if single:
        named[single[0]] = f"los {named[single[0]]}"
    joint = " " if len(named) == len(single) == 1 else ", "
    return joint + " y ".join(filter(None, (", ".join(named[:-1]), named[-1])))


def _plural(day: str) -> str:
    return day if day.endswith("s") else f"{day}s"


SPANISH = Language(
    locale="es-ES",
    cldr="es_ES",
    region="ES",
    units={
        Unit.MINUTES: Noun("minuto", "minutos"),
        Unit.HOURS: Noun("hora", "horas"),
        Unit.DAYS: Noun("día", "días"),
        Unit.WORKING_DAYS: Noun("día laborable", "días laborables"),
        Unit.WEEKS: Noun("semana", "semanas"),
        Unit.MONTHS: Noun("mes", "meses"),
        Unit.YEARS: Noun("año", "años"),
    },
    figures=Figures(
        point=",",
        group=".",
        grouped_from=5,  # "1200 €" but "12.000 €" (Unicode CLDR, es: minimumGroupingDigits 2)
        percent="{number}\u00a0%",
        price="{amount}\u00a0{symbol}",
        range="{low}-{high}",  # a hyphen, not a dash (Ortografía de la lengua española, 2010)
    ),
    speech=Speech(
        cardinal=_cardinal,
        elliptic=_elliptic,
        ordinal=_ordinal,
        year=_year,
        decimals=_decimals,
        digits=tuple(_SMALL[:10]),
        digit_group=_digit_group,
        point="coma",
        minus="menos",
        plus="más",
        percent="por ciento",
        price="{units} con {hundredths}",
        price_short="{units} con {hundredths}",
        currencies={
            "GBP": Coins(Noun("libra", "libras"), Noun("penique", "peniques"), short=True),
            "EUR": Coins(Noun("euro", "euros"), Noun("céntimo", "céntimos"), short=True),
            "USD": Coins(Noun("dólar estadounidense", "dólares estadounidenses"), Noun("centavo", "centavos")),
            "AUD": Coins(Noun("dólar australiano", "dólares australianos"), Noun("centavo", "centavos")),
            "CAD": Coins(Noun("dólar canadiense", "dólares canadienses"), Noun("centavo", "centavos")),
            "CHF": Coins(Noun("franco suizo", "francos suizos"), Noun("céntimo", "céntimos")),
        },
        marks={
            ".": "punto",
            "/": "barra",
            "@": "arroba",
            "-": "guion",
            "_": "guion bajo",
            "?": "interrogación",
            "=": "igual",
            "&": "et",
            "#": "almohadilla",
            "+": "más",
            "~": "virgulilla",
            "%": "por ciento",
            ":": "dos puntos",
        },
        around_the_clock="las veinticuatro horas, los siete días de la semana",
    ),
    ranges=Ranges(
        free="entre {low} y {high}",
        joined="{low} a {high}",
        after_between="{low} y {high}",
        between="entre",
        prepositions=frozenset("de en tras durante unos unas otros otras próximos próximas primeros primeras".split()),
    ),
    calendar=Calendar(
        months=tuple(
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
        ),
        date="{day} de {month} de {year}",
        date_spoken="{cardinal} de {month} de {year}",
        clock=_clock,
        clock_spoken=_clock_spoken,
        days=_days,
        hours="de {opens} a {closes}",
        hours_spoken="de {opens} a {closes}",
        all_day="24 horas",
        all_day_spoken="veinticuatro horas",
        round_the_clock="24 horas al día, 7 días a la semana",
        round_the_clock_spoken="veinticuatro horas al día, siete días a la semana",
        conjunction=" y ",
    ),
    press="{say}, pulsa {key}.",
    ordinal=r"(?P<ordinal>\d+)\.?(?:[ºª]|er\b)",
)
