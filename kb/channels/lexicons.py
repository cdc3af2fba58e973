"""The lexicon of each language, ready to use: what `lexicon_en` and `lexicon_es` list, compiled once."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import ModuleType

import msgspec
from snowballstemmer import stemmer  # type: ignore[import-untyped]

from kb.channels import lexicon_en, lexicon_es, marks_en, marks_es

Phrases = Mapping[tuple[str, ...], tuple[tuple[tuple[str, ...], str], ...]]
"""First two words (or the one) → (remaining words, mark), longest first. `#` stands for a figure, `*` for any word."""

MODULES: dict[str, ModuleType] = {"en": lexicon_en, "es": lexicon_es}
MARKS: dict[str, ModuleType] = {"en": marks_en, "es": marks_es}
ALGORITHMS = {"en": "english", "es": "spanish"}
PRONOUNS = re.compile(r"(?<=[aeiáéí]r)(?:me|te|se|nos|l[aeo]s?){1,2}$")
TELLING = re.compile(r"(\w*[áéíóú]\w*[ae])(?:me|te|se|nos|l[aeo]s?){1,2}$")
"""A Spanish verb that tells somebody to act, with the pronouns it carries: `comunícalo`, `mándanosla`."""
UNACCENTED = str.maketrans("áéíóú", "aeiou")


class Lexicon(msgspec.Struct, frozen=True):
    """What the gate knows of one language; `stem` is its Snowball stemmer, remembered per word."""

    language: str
    phrases: Phrases
    stem: Callable[[str], str]
    stop_words: frozenset[str]
    imperatives: frozenset[str]
    imperative_form: re.Pattern[str] | None
    inflections: tuple[str, ...]
    abbreviations: frozenset[str]
    contractions: Mapping[str, tuple[str, ...]]
    contracted_endings: Mapping[str, str]
    cost_stems: tuple[str, ...]
    verb_negations: frozenset[str]
    paired_negations: frozenset[str]
    licensing: frozenset[str]
    clitics: frozenset[str]
    soft_negations: frozenset[str]
    opposites: tuple[tuple[frozenset[str], frozenset[str]], ...]


def language(locale: str) -> str:
    """The language whose lexicon serves a locale: its own, or none (`""`)."""
    code = locale.partition("-")[0].lower()
    return code if code in MODULES else ""


@lru_cache(maxsize=8)
def lexicon(locale: str) -> Lexicon | None:
    """The lexicon of a locale, or None for a language that has none: then only figures and references are compared."""
    code = language(locale)
    if not code:
        return None
    words = MODULES[code]
    stem = _stemmer(code)
    return Lexicon(
        language=code,
        phrases=_phrases(MARKS[code].MARKS, words.CONTRACTIONS),
        stem=stem,
        stop_words=frozenset(words.STOP_WORDS.split()),
        imperatives=frozenset(words.IMPERATIVES.split()),
        imperative_form=TELLING if code == "es" else None,
        inflections=words.INFLECTIONS,
        abbreviations=frozenset(words.ABBREVIATIONS.split()),
        contractions=words.CONTRACTIONS,
        contracted_endings=words.CONTRACTED_ENDINGS,
        cost_stems=words.COST_STEMS,
        verb_negations=words.VERB_NEGATIONS,
        paired_negations=words.PAIRED_NEGATIONS,
        licensing=words.LICENSING,
        clitics=words.CLITICS,
        soft_negations=frozenset(stem(word) for word in words.SOFT_NEGATIONS.split()),
        opposites=_opposites(MARKS[code].OPPOSITES, stem),
    )


def _stemmer(code: str) -> Callable[[str], str]:
    """Snowball's stemmer, remembered per word; Spanish verbs lose their pronouns and change of vowel (`devuélvete`)."""
    snowball: Callable[[str], str] = stemmer(ALGORITHMS[code]).stemWord
    irregular: Mapping[str, str] = {
        form: verb
        for line in MODULES[code].IRREGULAR_VERBS.split("/")
        for verb, *forms in [line.split()]
        for form in forms
    }
    if code != "es":
        return lru_cache(maxsize=50_000)(lambda word: snowball(irregular.get(word, word)))

    @lru_cache(maxsize=50_000)
    def stem(word: str) -> str:
        bare = PRONOUNS.sub("", word)
        told = TELLING.match(word) if bare == word else None
        plain = told[1] if told else bare
        plain = plain if plain == word else plain.translate(UNACCENTED)
        return _one_vowel(snowball(irregular.get(plain, plain)))

    return stem


def _one_vowel(stem: str) -> str:
    """A stem in which `vuelv` and `volv`, `cierr` and `cerr` are one."""
    return stem.replace("ue", "o").replace("ie", "e").translate(UNACCENTED)


def _phrases(table: str, contractions: Mapping[str, tuple[str, ...]]) -> Phrases:
    """Phrases by their first two words, written out as a reader sees them (`al` is `a el`), longest first."""
    found: dict[tuple[str, ...], set[tuple[tuple[str, ...], str]]] = {}
    for paragraph in re.split(r"\n(?=\S)", table.strip()):
        mark, _, phrases = paragraph.partition(":")
        for phrase in phrases.split("/"):
            words = [part for word in phrase.split() for part in contractions.get(word, (word,))]
            found.setdefault(tuple(words[:2]), set()).add((tuple(words[2:]), mark))
    return {first: tuple(sorted(rest, key=lambda each: (-len(each[0]), each))) for first, rest in found.items()}


def _opposites(table: str, stem: Callable[[str], str]) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    pairs = (line.split("/") for line in table.strip().splitlines())
    return tuple((frozenset(map(stem, left.split())), frozenset(map(stem, right.split()))) for left, right in pairs)
