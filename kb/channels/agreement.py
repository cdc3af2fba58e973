"""Whether two sentences agree: figures, negation, modality and qualifiers of one, held against the other."""

from collections.abc import Iterator

from kb.channels.comparing import Disagreement, at
from kb.channels.lexicons import Lexicon
from kb.channels.meaning import Meaning
from kb.channels.modality import modalities
from kb.channels.negation import negations
from kb.channels.qualifiers import conditions, qualifiers

NAMES = {
    "at-most": "at most",
    "at-least": "at least",
    "more": "more than",
    "unpromised": "can't promise",
    "aim": "aim to",
}
"""Marks that a message words otherwise."""
UNITS = {
    "per-day": frozenset({"day", "días", "día"}),
    "per-week": frozenset({"week", "semana"}),
    "per-month": frozenset({"month", "mes"}),
    "per-year": frozenset({"year", "año"}),
}
"""Words that keep a rate where it stands otherwise: `at the end of the month`."""
SOON = frozenset({"soon", "moment", "cuanto", "momento"})
"""Words that say `at once` of what follows something else: `as soon as you ask`."""
PERIODS = ("per-day", "per-week", "per-month", "per-year", "same-day", "next-day", "at-once")
"""Rates and days: a form that names another one names another figure."""


def disagreements(
    canonical: Meaning, other: Meaning, words: Lexicon, *, ranged: bool = False
) -> Iterator[Disagreement]:
    """Everything in which `other` says something else than `canonical`, figures apart.

    `ranged` says that the canonical figure is a range, whose upper end `within` only repeats.
    """
    yield from negations(canonical, other)
    yield from modalities(canonical, other)
    yield from qualifiers(canonical, other, ranged=ranged)
    yield from conditions(canonical, other)
    yield from _periods(canonical, other)
    yield from _opposites(canonical, other, words)


def _periods(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """A month is not a year: a rate or a day that differs is a figure that differs."""
    here, there = ({name for name in PERIODS if meaning.has(name)} for meaning in (canonical, other))
    extra = there - here
    if canonical.words & SOON or canonical.has("together"):
        extra.discard("at-once")
    if extra and (here - there or extra & {"same-day", "at-once"}):
        mark = next(mark for mark in other.marks if mark.name in extra)
        yield at("literal-contradicts", mark, mark.name)
    for name in sorted(here - there) if not extra else ():
        if name.startswith("per-") and other.words.isdisjoint(UNITS[name]):
            yield Disagreement("figure-missing", name)


def _opposites(canonical: Meaning, other: Meaning, words: Lexicon) -> Iterator[Disagreement]:
    """A word replaced by its opposite while the number of negations stays the same."""
    if canonical.has("not", "without", "free") != other.has("not", "without", "free"):
        return
    for left, right in words.opposites:
        for here, there in ((left, right), (right, left)):
            if canonical.said & here and not canonical.said & there and other.said & there and not other.said & here:
                yield Disagreement("negation-added", min(other.said & there))
                return
