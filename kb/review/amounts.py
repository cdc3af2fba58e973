"""Words that say how much, how often or when without being a figure: whoever changes one has changed a value."""

import re

_LETTERS = re.compile(r"[^\W\d_]+")

AMOUNTS = {
    "en": frozenset(
        "once twice thrice half halves third thirds quarter quarters dozen dozens score double triple treble single both "
        "daily weekly fortnightly monthly quarterly yearly annually hourly fortnight working calendar business "
        "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays "
        "sundays weekday weekdays weekend weekends today tomorrow tonight overnight "
        "january february april june july august september october november december "
        "hundred hundreds thousand thousands million millions billion".split()
    ),
    "es": frozenset(
        "medio media mitad mitades tercio tercios cuarto cuartos docena docenas doble triple ambos ambas "
        "diario diaria diariamente semanal quincenal mensual trimestral anual anualmente quincena laborable laborables hábiles "
        "naturales lunes martes miércoles jueves viernes sábado sábados domingo domingos hoy mañana "
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre "
        "cien cientos mil miles millón millones".split()
    ),
}
"""By language; in one that isn't here, and so has no lexicon either, any change of a text is of class modality."""


def amounts(text: str, locale: str) -> list[str]:
    """Those of a text, in reading order and lower case."""
    known = AMOUNTS.get(locale.split("-", maxsplit=1)[0], frozenset())
    return [word for word in _LETTERS.findall(text.lower()) if word in known]
