"""What a sentence asserts as far as its words show: what is negated, what may or must be, how figures are bounded."""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from kb.channels.lexicons import lexicon
from kb.channels.line import BOUNDARIES, CLAUSE_OPENERS, Line, Mark, tokens
from kb.channels.marks import find, settle
from kb.channels.quantities import quantities

NEGATIVE = frozenset({"not", "free", "requires", "without", "instead", "unneeded"})
WITHOUT_REACH = 3
"""How many words lie at most between `without` and what is missing."""


class Meaning(msgspec.Struct, frozen=True):
    """The marks of one sentence or of several taken together, and the words, figures and stems they stand among.

    `negated` are stems inside the reach of a negation, `affirmed` all others, `plain` those of clauses that say
    yes, `possible` those behind a `may` or `can`; `soft` are stems that negate without a word for it (`refuse`,
    `lost`); `conditions` are the stems of each condition, `names` those of all marks; `openers` are the stems that
    clauses begin with, verbs if they tell the reader to act. `awaited` are the stems behind an `until`, `denials`
    counts the words that deny anything. Where negations go in pairs (`no pagas nada`), `denied` are the verbs right
    after the first of a pair, `unlicensed` the words before a second without first.
    """

    marks: tuple[Mark, ...]
    words: frozenset[str]
    figures: frozenset[str]
    affirmed: frozenset[str]
    negated: frozenset[str]
    plain: frozenset[str]
    possible: frozenset[str]
    soft: frozenset[str]
    imperative: bool
    conditions: tuple[frozenset[str], ...]
    names: frozenset[str]
    openers: frozenset[str]
    awaited: frozenset[str]
    denials: int
    denied: frozenset[str]
    unlicensed: frozenset[str]

    @property
    def said(self) -> frozenset[str]:
        """All content stems, denied or not."""
        return self.affirmed | self.negated

    def named(self, *names: str) -> tuple[Mark, ...]:
        """The marks of these names."""
        return tuple(mark for mark in self.marks if mark.name in names) if self.has(*names) else ()

    def has(self, *names: str) -> bool:
        """Whether any mark has one of these names."""
        return not self.names.isdisjoint(names)


@lru_cache(maxsize=2_000)
def meaning(text: str, locale: str) -> Meaning:
    """Read one or more sentences, Markdown signs already blanked, in a locale whose language has a lexicon."""
    words = lexicon(locale)
    if words is None:
        raise ValueError(f"no lexicon reads {locale}")
    line = Line(tokens(text, quantities(text, locale), words), words)
    found = find(line)
    marks = settle(found, line)
    inside = _negated(marks, line)
    clauses = _negative_clauses(marks, line)
    openings = _openings(line)
    content = [(place, stem) for place, stem in enumerate(line.stems) if stem]
    return Meaning(
        marks=tuple(marks),
        words=frozenset(token.word for token in line.tokens),
        figures=frozenset(token.figure for token in line.tokens if token.figure),
        affirmed=frozenset(stem for place, stem in content if place not in inside),
        negated=frozenset(stem for place, stem in content if place in inside),
        plain=frozenset(stem for place, stem in content if place not in clauses),
        possible=frozenset(stem for mark in marks if mark.name in {"may", "can"} for stem in line.rest(mark.last)),
        soft=words.soft_negations.intersection(line.stems),
        imperative=any(line.tells(place) for place in openings),
        conditions=tuple(frozenset(line.rest(mark.last)) for mark in marks if mark.name == "if"),
        names=frozenset(mark.name for mark in marks),
        denials=sum(mark.name in {"not", "without"} for mark in found),
        awaited=frozenset(stem for mark in found if mark.name == "until" for stem in line.rest(mark.last)),
        openers=frozenset(line.stems[place] for place in openings if _bare(line, place)) - {""},
        **_pairs(line),
    )


def _negated(marks: Sequence[Mark], line: Line) -> set[int]:
    """The places inside the reach of a negation: to the end of its clause, for `without` a few words."""
    reaches = {
        "not": len(line.tokens),
        "free": len(line.tokens),
        "requires": len(line.tokens),
        "without": WITHOUT_REACH,
        "instead": WITHOUT_REACH,
    }
    return {
        place
        for mark in marks
        if mark.name in reaches
        for place in range(mark.first, min(line.clause_end(mark.last), mark.last + 1 + reaches[mark.name]))
    }


def _negative_clauses(marks: Sequence[Mark], line: Line) -> set[int]:
    """The places of every clause that says no in any way, before its negation too (`coins can't be exchanged`)."""
    said = {mark.first for mark in marks if mark.name in NEGATIVE}
    said |= {place for place, stem in enumerate(line.stems) if stem in line.words.soft_negations}
    return {each for place in said for each in range(line.clause_start(place), line.clause_end(place))}


def _openings(line: Line) -> list[int]:
    """The places where a clause begins, after the words that only lead up to it (`please`, `and then`)."""
    found: list[int] = []
    opens = True
    for place, token in enumerate(line.tokens):
        if opens and token.word not in BOUNDARIES:
            found.append(place)
        opens = token.word in BOUNDARIES or token.word in CLAUSE_OPENERS
    return found


def _bare(line: Line, place: int) -> bool:
    """Whether a word that opens a clause, if it is a verb, tells somebody to act: it has no other ending, nor a `to`."""
    word = line.tokens[place].word
    infinitive = place > 0 and line.tokens[place - 1].word == "to"
    return not infinitive and (not word.endswith(line.words.inflections) or line.tells(place))


def _pairs(line: Line) -> dict[str, frozenset[str]]:
    """The verbs that the first of two paired negations denies, and the words before a second one that has no first."""
    words = line.words
    if not words.paired_negations:
        return {"denied": frozenset(), "unlicensed": frozenset()}
    denied: set[str] = set()
    unlicensed: set[str] = set()
    for place, token in enumerate(line.tokens):
        if token.word == "no":
            after = (each.word for each in line.tokens[place + 1 : line.clause_end(place)])
            denied.update(next(([word] for word in after if word not in words.clitics), []))
        elif token.word in words.paired_negations and place > line.clause_start(place):
            clause = {each.word for each in line.tokens[line.clause_start(place) : place]}
            if clause.isdisjoint(words.licensing):
                unlicensed.add(line.tokens[place - 1].word)
    return {"denied": frozenset(map(words.stem, denied)), "unlicensed": frozenset(map(words.stem, unlicensed))}
