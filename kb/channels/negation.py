"""Whether two sentences negate the same: no negation lost, none added, what is free or unneeded stays so."""

from collections.abc import Iterator

from kb.channels.comparing import Disagreement, at, negates_more, newly, same_head
from kb.channels.meaning import Meaning


def negations(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    here, there = canonical.named("not", "without"), other.named("not", "without")
    softer, excused = other.soft - canonical.soft, canonical.soft - other.soft
    if here and not there and not softer and not newly(other, canonical, *STANDING_IN, "within"):
        yield Disagreement("negation-lost", "not")
    elif there and not here and not excused and not newly(canonical, other, *STANDING_IN, "within"):
        yield at("negation-added", there[0], "not")
    elif here and there:
        yield from _moved(canonical, other) or _recounted(canonical, other)
    opened = newly(other, canonical, "when", "after", "if", "within")
    if canonical.has("requires") and not softer and not opened and not _requires(other):
        yield Disagreement("negation-lost", "not")
    forbidden = same_head(canonical.named("can"), other.named("requires"))
    excused_until = canonical.has("until") and forbidden is None
    if other.has("requires") and not excused and not excused_until and not _requires(canonical):
        yield at("negation-added", other.named("requires")[0], "not")
    if canonical.denied & other.unlicensed:
        yield Disagreement("negation-lost", "no")
    yield from _free(canonical, other)
    yield from _unneeded(canonical, other)


STANDING_IN = ("except", "only", "requires", "unneeded", "free", "charged", "at-most")
"""Marks that hold a negation in themselves."""


def _requires(meaning: Meaning) -> bool:
    """Whether something is made a condition: `can't … without`, `only`, `must`, `do this before`."""
    first = meaning.imperative and meaning.has("until") and not meaning.has("can")
    return first or meaning.has("requires", "only", "must", "not")


def _moved(canonical: Meaning, other: Meaning) -> list[Disagreement]:
    """A verb negated on one side and affirmed on the other although both negate something.

    Where both negate equally often, two verbs must have changed places; else one of them is enough.
    """
    more = len(other.named("not")) - len(canonical.named("not"))
    added = next((mark for mark in other.named("not") if mark.head in canonical.affirmed - canonical.negated), None)
    lost = next((mark for mark in canonical.named("not") if mark.head in other.affirmed - other.negated), None)
    if added is not None and (more > 0 or lost is not None):
        return [at("negation-added", added, added.head)]
    if lost is not None and more < 0:
        return [Disagreement("negation-lost", lost.head)]
    return []


def _recounted(canonical: Meaning, other: Meaning) -> list[Disagreement]:
    """Sentences of the same words that negate more or less often."""
    changed = (canonical.affirmed | canonical.negated) ^ (other.affirmed | other.negated)
    if len(changed) > 1 or newly(canonical, other, *STANDING_IN) or newly(other, canonical, *STANDING_IN):
        return []
    if negates_more(canonical, other):
        return [Disagreement("negation-lost", "not")]
    return [at("negation-added", other.named("not", "without")[0], "not")] if negates_more(other, canonical) else []


def _free(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """What costs nothing costs nothing in every form."""
    if canonical.has("free") and not other.has("free") and not negates_more(other, canonical):
        yield Disagreement("negation-lost", "free")
    if other.has("free") and not canonical.has("free") and not negates_more(canonical, other) and not canonical.soft:
        yield at("negation-added", other.named("free")[0], "free")


def _unneeded(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """What needn't be done needn't be done in any form."""
    if canonical.has("unneeded") and not other.has("unneeded", "free", "can", "without"):
        if other.has("must", "not") or not other.soft:
            yield Disagreement("negation-lost", "need not")
    elif other.has("unneeded") and not canonical.has("unneeded", "not", "can", "without") and not canonical.soft:
        yield at("negation-added", other.named("unneeded")[0], "need not")
