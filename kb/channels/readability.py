"""How hard a text is to read: words a sentence, and the reading formula of its language; it warns, it never blocks."""

import re
from functools import lru_cache

import msgspec

from kb.channels.sentences import sentences

LONG = 20.0
"""Words a sentence on average; the Plain English Campaign asks for 15 to 20."""

HARD = {"en": 50.0, "es": 50.0}
"""Scores under this read as "fairly difficult": Flesch 1948 for English, Fernández Huerta 1959 for Spanish."""


class Reading(msgspec.Struct, frozen=True):
    """Average words a sentence; the reading ease from 0 (hard) to 100 (easy), None for a language without a formula."""

    words_a_sentence: float
    ease: float | None

    @property
    def long(self) -> bool:
        return self.words_a_sentence > LONG


@lru_cache(maxsize=500)
def reading(text: str, locale: str) -> Reading:
    """The figures of a plain text; an empty one is perfectly easy."""
    words = _WORD.findall(text)
    count = len(sentences(text, locale))
    if not words or not count:
        return Reading(0.0, None)
    language = locale.partition("-")[0]
    average = len(words) / count
    syllables = sum(_syllables(word.lower(), language) for word in words) / len(words)
    if language == "en":
        return Reading(average, 206.835 - 1.015 * average - 84.6 * syllables)
    if language == "es":
        return Reading(average, 206.84 - 1.02 * average - 60.0 * syllables)
    return Reading(average, None)


def hard(text: str, locale: str) -> bool:
    """Whether a text of at least 30 words scores as fairly difficult; shorter ones say too little."""
    ease = reading(text, locale).ease
    return ease is not None and len(_WORD.findall(text)) >= 30 and ease < HARD[locale.partition("-")[0]]


@lru_cache(maxsize=20_000)
def _syllables(word: str, language: str) -> int:
    """Groups of vowels; in English a silent final e is none."""
    count = len(_VOWELS[language == "es"].findall(word))
    if language == "en" and word.endswith("e") and not word.endswith(("le", "ee")):
        count -= 1
    return max(1, count)


_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = (
    re.compile(r"[aeiouy]+"),
    re.compile(r"[aeoáéó]?[iuü]?[aeoáéó][iuüy]?(?![aeoáéó])|[aeoáéó]|[íú]|[iuü]+"),
)
