"""How a question is read: which stems each of its words stands for, with mistakes mended and synonyms added. Pure."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

import msgspec

from kb.entries.types import Synonyms
from kb.search.vocabulary import Vocabulary
from kb.search.words import grams, is_stop_word, language, stem, stems, words

LONGEST_QUESTION = 1_000
"""Characters of a question that are read; the rest says nothing new."""

MOST_WORDS = 48
MENDED = 0.85
JOINED = 0.8
SYNONYM = 0.6
LONGER = 1.2

QUOTED = re.compile(r"[\"“”«»]([^\"“”«»]{2,200})[\"“”«»]")


class Group(msgspec.Struct, frozen=True):
    """One word of the question: as asked, as read (another where a mistake was mended), its stem and what else it is.

    Weights run from 0 to 1. A stop word ranks but doesn't find; a word `added` by a synonym finds but isn't missed.
    """

    asked: str
    read: str
    stem: str
    weight: float = 1.0
    others: Mapping[str, float] = {}
    stop: bool = False
    added: bool = False

    def alternatives(self) -> Iterable[tuple[str, float]]:
        """Every stem this word may be found by, with its weight."""
        yield self.stem, self.weight
        yield from self.others.items()

    def or_else(self, others: Mapping[str, float]) -> "Group":
        """This word with more alternatives; it finds by them even if it was a stop word."""
        return msgspec.structs.replace(self, others={**others, **self.others}, stop=False)


class Reading(msgspec.Struct, frozen=True):
    """A question as an engine looks it up: its words, its quoted phrases as stems, and its runs of four characters."""

    groups: tuple[Group, ...]
    phrases: tuple[tuple[str, ...], ...] = ()
    grams: tuple[str, ...] = ()

    @property
    def finding(self) -> tuple[Group, ...]:
        """The words a document must hold one of: those that aren't stop words, or all if there are no others."""
        return tuple(group for group in self.groups if not group.stop) or self.groups

    @property
    def ranking(self) -> tuple[Group, ...]:
        """The stop words beside them."""
        return tuple(group for group in self.groups if group.stop and len(self.finding) < len(self.groups))


class Thesaurus(msgspec.Struct, frozen=True):
    """Synonyms of one language made ready: a first stem → what begins with it → what may be said instead."""

    by_first: Mapping[str, tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...]] = {}


def thesaurus(synonyms: Synonyms, tongue: str) -> Thesaurus:
    """The sets of a language, from every locale that speaks it: `words` stand for each other, `one_way` for `words`."""
    ready: dict[str, list[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]] = {}
    for locale, sets in synonyms.locales.items():
        if language(locale) != tongue:
            continue
        for one in sets:
            said = [tuple(stems(phrase, tongue)) for phrase in one.words]
            asked = said + [tuple(stems(phrase, tongue)) for phrase in one.one_way]
            for phrase in filter(None, asked):
                others = tuple(other for other in said if other and other != phrase)
                ready.setdefault(phrase[0], []).append((phrase, others))
    return Thesaurus({first: tuple(entries) for first, entries in ready.items()})


def read(text: str, vocabulary: Vocabulary, known: Thesaurus, *, unfinished: bool = False) -> Reading:
    """Read a question; `unfinished` says that its last word may go on, unless something stands behind it."""
    text = text[:LONGEST_QUESTION]
    tongue = vocabulary.tongue
    asked = words(text, tongue)[:MOST_WORDS]
    begun = asked.pop() if unfinished and asked and text[-1].isalnum() else ""
    groups = [group for word in asked for group in _word(word, vocabulary)]
    line = [group.read for group in groups] + [begun] * bool(begun)
    groups = _with_synonyms(_joined(groups, vocabulary), known)
    if begun:
        groups.append(_begun(begun, vocabulary))
    return Reading(
        groups=tuple({group.read: group for group in reversed(groups)}.values())[::-1],
        phrases=tuple(phrase for quoted in QUOTED.findall(text) if (phrase := tuple(stems(quoted, tongue)))),
        grams=tuple(dict.fromkeys(grams(line))),
    )


def _word(word: str, vocabulary: Vocabulary) -> list[Group]:
    """A word read as itself, as the known word it was meant to be, or as the two it was run together from."""
    tongue = vocabulary.tongue
    stop = is_stop_word(word, tongue)
    if stop or vocabulary.knows(word):
        return [Group(word, word, stem(word, tongue), stop=stop)]
    if mended := vocabulary.mend(word):
        others = {stem(other, tongue): MENDED for other in mended[1:]}
        return [Group(word, mended[0], stem(mended[0], tongue), MENDED, others)]
    if pair := vocabulary.split(word):
        return [Group(word, part, stem(part, tongue), stop=is_stop_word(part, tongue)) for part in pair]
    return [Group(word, word, stem(word, tongue))]


def _joined(groups: list[Group], vocabulary: Vocabulary) -> list[Group]:
    """Two words may stand for the one they make too, where the index knows it: `top up` for `topup`."""
    joined = list(groups)
    for number, (first, second) in enumerate(pairwise(groups)):
        together = first.read + second.read
        if vocabulary.knows(together) and not (first.stop and second.stop):
            joined[number] = first.or_else({stem(together, vocabulary.tongue): JOINED})
    return joined


def _with_synonyms(groups: list[Group], known: Thesaurus) -> list[Group]:
    """One-word synonyms become alternatives of the word they stand for; longer ones are added word by word."""
    line = tuple(group.stem for group in groups)
    found, added = list(groups), dict[str, Group]()
    for number, first in enumerate(line):
        for phrase, others in known.by_first.get(first, ()):
            if line[number : number + len(phrase)] != phrase:
                continue
            for other in others:
                if len(other) == 1:
                    found[number] = found[number].or_else({other[0]: SYNONYM})
                else:
                    added |= {
                        part: Group("", part, part, LONGER / len(other), added=True)
                        for part in other
                        if part not in line
                    }
    return found + list(added.values())


def _begun(word: str, vocabulary: Vocabulary) -> Group:
    """The last word while it is being typed: all it may become, and itself."""
    tongue = vocabulary.tongue
    endings = vocabulary.complete(word) or vocabulary.mend(word)
    return Group(word, word, stem(word, tongue), others={stem(ending, tongue): 1.0 for ending in endings})
