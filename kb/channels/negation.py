"""Whether two sentences negate the same: no negation lost, none added, what is free or unneeded stays so."""

from collections.abc import Iterator, Sequence

from kb.channels.comparing import Disagreement, at, negates_more, newly, same_head
from kb.channels.line import Mark
from kb.channels.meaning import Meaning


def negations(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """Negations that one side has and the other neither repeats nor says in another way."""
    here, there = canonical.named("not", "without"), other.named("not", "without")
    if here and not there:
        yield from _lost(here, canonical, other)
    elif there and not here:
        yield from _added(there, canonical, other)
    elif newly(canonical, other, "otherwise") and not there and canonical.said == other.said:
        yield Disagreement("negation-lost", "not")
    elif here and there:
        yield from _moved(canonical, other) or _recounted(canonical, other)
    if canonical.denied & other.unlicensed:
        yield Disagreement("negation-lost", "no")
    yield from _required(canonical, other)
    yield from _free(canonical, other)
    yield from _unneeded(canonical, other)
    yield from _instead(canonical, other)


def _lost(here: Sequence[Mark], canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """A negation that the other side has in no form: no bound, no duty, no word that says no of itself."""
    if newly(other, canonical, *STANDING_IN) or other.words & ALONE or _prefixed(here, other):
        return
    if newly(other, canonical, "must") and not same_head(here, other.named("must")):
        return
    if "?" in other.words and _in_conditions(here, canonical) and not _turned(here, other):
        return
    softly, bounded = bool(other.soft - canonical.soft), newly(other, canonical, "within")
    if not (softly or bounded) or (softly != bounded and _turned(here, other)):
        yield Disagreement("negation-lost", "not")


def _added(there: Sequence[Mark], canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """A negation that the canonical text has in no form, of something that it says."""
    bare = {mark.head for mark in there if mark.name == "without"} & (canonical.plain - canonical.negated)
    if bare and not canonical.has("unneeded", "free", "requires", "if", "except"):
        yield at("negation-added", there[0], "without")
        return
    if newly(canonical, other, *STANDING_IN, "within") or canonical.words & ALONE or _prefixed(there, canonical):
        return
    excused = bool(canonical.soft - other.soft)
    if (not excused and other.negated & canonical.affirmed) or _turned(there, canonical):
        yield at("negation-added", there[0], "not")


def _in_conditions(negations: Sequence[Mark], meaning: Meaning) -> bool:
    """Whether every negation stands in a condition, which a question may put in other words."""
    return all(any(mark.head in condition for condition in meaning.conditions) for mark in negations)


PREFIXES = ("un", "in", "im", "dis", "des", "non-")
ALONE = frozenset({"nobody", "nothing", "nowhere", "none", "nadie", "ningún", "ninguna", "ninguno"})
"""Words that negate also where they are part of another mark (`nobody else`)."""


def _prefixed(negations: Sequence[Mark], other: Meaning) -> bool:
    """Whether the other side denies a word by its prefix: `uncollected` for `not collected`."""
    return any(prefix + mark.head in other.said for mark in negations if mark.head for prefix in PREFIXES)


STANDING_IN = (
    "except",
    "only",
    "requires",
    "unneeded",
    "free",
    "charged",
    "at-most",
    "at-least",
    "instead",
    "otherwise",
    "unpromised",
)
"""Marks that hold a negation in themselves."""


def _required(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """What can't be had without something, or until something, is had once that is there."""
    if canonical.has("requires") and _opened(canonical, other):
        yield Disagreement("negation-lost", "not")
    heads = {mark.head for mark in other.named("requires")} & (canonical.plain - canonical.negated - canonical.awaited)
    forbidden = same_head(canonical.named("can"), other.named("requires")) or heads
    excused = canonical.soft - other.soft or (canonical.has("until") and not forbidden)
    if other.has("requires") and not excused and (heads or not _requires(canonical)):
        yield at("negation-added", other.named("requires")[0], "not")


def _opened(canonical: Meaning, other: Meaning) -> bool:
    """Whether what has a condition has none any more: its exception alone is left, or nothing of it."""
    if newly(other, canonical, "except") and _turned(canonical.named("requires"), other):
        return True
    happened = bool(canonical.awaited) and canonical.awaited <= other.said and not other.has("until")
    conditional = newly(other, canonical, "when", "after", "if", "within") or _requires(other) or happened
    return not conditional and not other.soft - canonical.soft


FIRST = frozenset({"first", "beforehand", "primero", "antes"})


def _requires(meaning: Meaning) -> bool:
    """Whether something is made a condition: `can't … without`, `only`, `must`, `do this before`."""
    first = meaning.imperative and (meaning.has("until") or FIRST & meaning.words) and not meaning.has("can")
    return bool(first) or meaning.has("requires", "only", "must", "not")


def _turned(negations: Sequence[Mark], other: Meaning) -> Mark | None:
    """A negation whose verb the other side says without any negation, not even a soft one (`still works`)."""
    return next((mark for mark in negations if mark.head in other.plain - other.negated), None)


def _moved(canonical: Meaning, other: Meaning) -> list[Disagreement]:
    """A verb negated on one side and affirmed on the other although both negate something.

    Where both negate equally often, two verbs must have changed places; else one of them is enough.
    """
    if other.has("only"):
        return []
    more = len(other.named("not")) - len(canonical.named("not"))
    added, lost = _turned(other.named("not"), canonical), _turned(canonical.named("not"), other)
    if added is not None and (more > 0 or _denied(canonical, other)):
        return [at("negation-added", added, added.head)]
    if lost is not None and _denied(other, canonical):
        return [Disagreement("negation-lost", lost.head)]
    return [Disagreement("negation-lost", "not")] if more < 0 and _denied(canonical, other) else []


def _denied(here: Meaning, there: Meaning) -> bool:
    """Whether a verb that one side denies stands over there where nothing denies it."""
    return any(mark.head in there.affirmed - there.negated for mark in here.named("not"))


def _recounted(canonical: Meaning, other: Meaning) -> list[Disagreement]:
    """Sentences of the same words that negate more or less often."""
    changed = (canonical.affirmed | canonical.negated) ^ (other.affirmed | other.negated)
    if len(changed) > 1 or newly(canonical, other, *STANDING_IN) or newly(other, canonical, *STANDING_IN):
        return []
    if negates_more(canonical, other) and canonical.denials > other.denials:
        return [Disagreement("negation-lost", "not")]
    if negates_more(other, canonical) and other.denials > canonical.denials:
        return [at("negation-added", other.named("not", "without")[0], "not")]
    return []


def _free(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """What costs nothing costs nothing in every form."""
    if canonical.has("free") and not other.has("free", "unneeded") and not negates_more(other, canonical):
        yield Disagreement("negation-lost", "free")
    unsaid = not canonical.has("free", "unneeded") and not negates_more(canonical, other)
    if other.has("free") and unsaid and not canonical.soft:
        yield at("negation-added", other.named("free")[0], "free")


def _unneeded(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """What needn't be done needn't be done in any form."""
    here, there = canonical.named("unneeded"), other.named("unneeded")
    if here and not there and _due(here, canonical, other):
        yield Disagreement("negation-lost", "need not")
    elif there and not canonical.has("unneeded", "free", "not", "without"):
        told = any(mark.head in canonical.openers for mark in there)
        free = any(mark.subject != "other" for mark in canonical.named("can"))
        if told or not (free or canonical.soft):
            yield at("negation-added", there[0], "need not")


def _due(freed: Sequence[Mark], canonical: Meaning, other: Meaning) -> bool:
    """Whether what needn't be done is asked for after all, or isn't spoken of any more."""
    if same_head(freed, other.named("must")) or any(mark.head in other.openers for mark in freed):
        return True
    if other.has("free", "can", "without") or same_head(freed, other.named("not")):
        return False
    said = other.said & canonical.said
    return other.has("must", "not") or not said


def _instead(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """What is to be done instead isn't the thing itself: `by chat rather than by phone`."""
    replaced = {mark.head for mark in canonical.named("instead")} & (other.affirmed - other.negated)
    if replaced and not other.has("instead", "not", "without", "only"):
        yield Disagreement("negation-lost", min(replaced))
