"""Sentences of a wording: where each one stands, and which sentences of another form say the same."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

import msgspec

from kb.channels.lexicons import Lexicon, lexicon

MARKS = re.compile(
    r"(?m)\{\{[^{}]*\}\}|^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]|^[ \t]*#{1,6}[ \t]|^:::.*$|\]\([^()\s]*\)|[*_`\[\]]|\\(?=\W)"
)
BREAK = re.compile(r"\n[ \t]*\n|(?P<stop>[.!?…]+)[\"'”’»)]*(?=\s|$)|\n(?=[ \t]*\ufffc)")
WORD = re.compile(r"\{\{[^{}]*\}\}|[^\W\d_]+(?:['’-][^\W\d_]+)*")
SAYING = re.compile(r"[^\W_]|\{")
ENOUGH = 1 / 3
"""The share of the shorter sentence's content words that must be shared for two sentences to belong together."""


class Sentence(msgspec.Struct, frozen=True):
    """A sentence with blanks for its Markdown signs, and its place in the source text in characters."""

    text: str
    start: int
    end: int


Unit = tuple[Sentence, ...]


class Pair(msgspec.Struct, frozen=True):
    """Canonical sentences and the sentences of another form that say them; one side is empty if nothing corresponds."""

    canonical: Unit
    other: Unit


@lru_cache(maxsize=1_000)
def sentences(text: str, locale: str) -> tuple[Sentence, ...]:
    """The sentences of a Markdown text: a full stop ends one unless it stands in an abbreviation, number or reference.

    Paragraphs and list items end one too; a line break alone does not.
    """
    words = lexicon(locale)
    shown = MARKS.sub(_blank, text)
    found: list[Sentence] = []
    start = 0
    for mark in BREAK.finditer(shown):
        if mark["stop"] and words is not None and _inside(shown, mark, words):
            continue
        _append(found, shown, start, mark.end())
        start = mark.end()
    _append(found, shown, start, len(shown))
    return tuple(found)


def align(canonical: Sequence[Sentence], other: Sequence[Sentence], locale: str) -> tuple[Pair, ...]:
    """Pairs of groups that say the same: each sentence goes to its best partner on the other side, chains join.

    A shared reference counts as much as three shared content words; what finds no partner on either side is held
    against each other.
    """
    here, there = _units(canonical, locale), _units(other, locale)
    if len(here) == len(there) == 1:
        return (Pair(here[0], there[0]),)
    mine = [_content_of(unit, locale) for unit in here]
    theirs = [_content_of(unit, locale) for unit in there]
    links = {(i, j) for i, content in enumerate(mine) if (j := _best(content, theirs)) is not None}
    links |= {(i, j) for j, content in enumerate(theirs) if (i := _best(content, mine)) is not None}
    matched: list[Pair] = []
    alone: list[Unit] = []
    left, right = set(range(len(here))), set(range(len(there)))
    while left:
        group, partners = _component(min(left), links)
        left -= group
        right -= partners
        if partners:
            matched.append(Pair(_flat(here, group), _flat(there, partners)))
        else:
            alone.extend(here[i] for i in sorted(group))
    if alone and right:
        return (*matched, Pair(tuple(chain.from_iterable(alone)), _flat(there, right)))
    return (*matched, *(Pair(unit, ()) for unit in alone), *(Pair((), there[j]) for j in sorted(right)))


def _units(found: Sequence[Sentence], locale: str) -> list[Unit]:
    """Sentences, each question joined to its answer (`Lost your card? Freeze it.`), and one without content to the last."""
    units: list[Unit] = []
    for sentence in found:
        if units and (units[-1][-1].text.endswith("?") or not _content(sentence.text, locale)):
            units[-1] = (*units[-1], sentence)
        else:
            units.append((sentence,))
    return units


def _flat(units: Sequence[Unit], chosen: set[int]) -> Unit:
    return tuple(sentence for place in sorted(chosen) for sentence in units[place])


def _component(first: int, links: set[tuple[int, int]]) -> tuple[set[int], set[int]]:
    """Everything that chains of links reach from one canonical sentence."""
    group, partners = {first}, set[int]()
    while True:
        reached = {j for i, j in links if i in group}
        back = {i for i, j in links if j in reached} | group
        if reached == partners and back == group:
            return group, partners
        group, partners = back, reached


def _best(content: frozenset[str], candidates: Sequence[frozenset[str]]) -> int | None:
    """The candidate that shares most, if it shares enough."""
    scores = [_overlap(content, candidate) for candidate in candidates]
    best = max(range(len(scores)), key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] >= ENOUGH else None


def _content_of(unit: Unit, locale: str) -> frozenset[str]:
    if len(unit) == 1:
        return _content(unit[0].text, locale)
    return frozenset().union(*(_content(sentence.text, locale) for sentence in unit))


def _overlap(left: frozenset[str], right: frozenset[str]) -> float:
    """Shared content as a share of the smaller side, references threefold."""
    shared = left & right
    return _weight(shared) / min(_weight(left), _weight(right)) if shared else 0.0


def _weight(content: frozenset[str]) -> int:
    return len(content) + 2 * len([word for word in content if word[0] == "{"])


@lru_cache(maxsize=2_000)
def _content(text: str, locale: str) -> frozenset[str]:
    """Stems of the content words of a sentence, and its references."""
    words = lexicon(locale)
    found = (word.lower().replace("’", "'") for word in WORD.findall(text))
    if words is None:
        return frozenset(found)
    return frozenset(word if word[0] == "{" else words.stem(word) for word in found if word not in words.stop_words)


def _inside(text: str, mark: re.Match[str], words: Lexicon) -> bool:
    """Whether a full stop belongs to an abbreviation, or to `a.m.` in mid-sentence."""
    if mark["stop"] != ".":
        return False
    before = text[max(0, mark.start() - 8) : mark.start()].lower().split()
    if not before or before[-1].lstrip("(¿¡") not in words.abbreviations:
        return False
    after = text[mark.end() :].lstrip()
    return not (after[:1].isupper() and before[-1] in {"etc", "a.m", "p.m", "am", "pm", "m"})


def _append(found: list[Sentence], text: str, start: int, end: int) -> None:
    part = text[start:end].replace("\ufffc", " ")
    stripped = part.strip()
    if SAYING.search(stripped):
        begin = start + part.index(stripped)
        found.append(Sentence(stripped, begin, begin + len(stripped)))


def _blank(match: re.Match[str]) -> str:
    """Blanks in the place of Markdown signs; the sign of a list item stays visible as the start of a sentence."""
    found = match[0]
    if found.startswith("{{"):
        return found
    if (found[:1] in "-+*#" and found[-1:] in " \t") or found[:1].isspace() or found[:1].isdigit():
        return "\ufffc" * len(found)
    return " " * len(found)
