"""How a text becomes words, indexed or asked alike: folded, split and stemmed as its language has it."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from threading import Lock

from snowballstemmer import stemmer  # type: ignore[import-untyped]

from kb.search.stop_words import STOP_WORDS

STEMMERS = {"en": "english", "es": "spanish", "de": "german", "fr": "french", "it": "italian", "pt": "portuguese"}
"""Snowball's algorithm for each language that has one here; words of other languages are kept whole."""

CUT = 1
"""The way of cutting up that this module holds: raise it with every change, and every index is built anew."""

LONGEST = 60
"""Characters of a word that count; what is longer is no word anybody looks for."""

WORD = re.compile(r"\d+(?:[.:]\d+)+|[^\W_]+")
APOSTROPHES = re.compile(r"(?<=\w)['’ʼ＇](?=\w)")
THOUSANDS = {"en": re.compile(r"(?<=\d),(?=\d{3}(?!\d))"), "es": re.compile(r"(?<=\d)\.(?=\d{3}(?!\d))")}
DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
NO_CENTS = re.compile(r"(?<=\d)\.0+$")
ENDINGS = (("cion", "ción"), ("sion", "sión"))


def language(locale: str) -> str:
    """The language of a locale: `en` of `en-GB`."""
    return locale.partition("-")[0].lower()


def fold(text: str) -> str:
    """Lower case without accents; ñ is a letter of its own and stays, invisible characters go."""
    return unicodedata.normalize("NFC", text).casefold().translate(_FOLDED)


def words(text: str, tongue: str) -> list[str]:
    """The words of a text, folded, in order. Numbers lose separators and idle cents: `£1,000.00` is `1000`."""
    folded = APOSTROPHES.sub("", fold(text))
    if any(map(str.isdigit, folded)):
        folded = _numbers(folded, tongue)
    return [NO_CENTS.sub("", word[:LONGEST]) if word[0].isdigit() else word[:LONGEST] for word in WORD.findall(folded)]


def stem(word: str, tongue: str) -> str:
    """A folded word without its endings; a word with a digit in it is kept as it is."""
    return word if has_digit(word) else _stemmer(tongue)(word)


def stems(text: str, tongue: str) -> list[str]:
    """The stems of a text's words, in order."""
    cut = _stemmer(tongue)
    return [word if has_digit(word) else cut(word) for word in words(text, tongue)]


def grams(parts: list[str], size: int = 4) -> list[str]:
    """Every run of `size` characters of the words in a row, `_` between them; none with a digit: numbers are exact."""
    line = f"_{'_'.join(parts)}_"
    runs = (line[start : start + size] for start in range(len(line) - size + 1))
    return [run for run in runs if not has_digit(run)]


def has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


def is_stop_word(word: str, tongue: str) -> bool:
    """Whether a folded word is too common to be looked for by itself (it still counts in ranking)."""
    return word in STOP_WORDS.get(tongue, frozenset())


def _numbers(folded: str, tongue: str) -> str:
    if tongue in THOUSANDS:
        folded = THOUSANDS[tongue].sub("", folded)
    return folded if tongue == "en" else DECIMAL_COMMA.sub(".", folded)


@lru_cache(maxsize=32)
def _stemmer(tongue: str) -> Callable[[str], str]:
    if tongue not in STEMMERS:
        return str
    cut = stemmer(STEMMERS[tongue]).stemWord
    accented = _with_accent if tongue == "es" else str
    turn = Lock()  # a Snowball stemmer keeps its word in itself, and both the loop and the indexing thread ask

    @lru_cache(maxsize=50_000)
    def cached(word: str) -> str:
        with turn:
            stemmed: str = cut(accented(word))
        return fold(stemmed)

    return cached


def _with_accent(word: str) -> str:
    """A Spanish word with the accent its stemmer looks for, which nobody types: `devolucion` as `devolución`."""
    for bare, accented in ENDINGS:
        if word.endswith(bare):
            return word[: -len(bare)] + accented
    return word


class _Folding(dict[int, str | None]):
    """Each character's folded form, found once: letters lose their marks, invisible characters vanish."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        folded: str | None = character
        if unicodedata.category(character) in {"Cf", "Mn"}:
            folded = None
        elif character != "ñ":
            parts = unicodedata.normalize("NFKD", character)
            folded = "".join(part for part in parts if not unicodedata.combining(part)).casefold()
        self[code] = folded
        return folded


_FOLDED = _Folding()
