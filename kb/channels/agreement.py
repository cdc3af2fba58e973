"""Whether two sentences agree: figures, negation, modality and qualifiers of one, held against the other."""

from collections.abc import Iterator, Sequence

import msgspec

from kb.channels.lexicons import Lexicon
from kb.channels.meaning import Mark, Meaning

UNCERTAIN = ("may", "can", "maybe", "usually", "should")
COMPARED = {
    "at-most": ("within",),
    "at-least": (),
    "more": ("after",),
    "after": ("more", "until"),
    "usually": ("may", "should", "about", "maybe"),
    "about": ("usually",),
    "only": ("requires", "except", "at-most"),
}
"""Each qualifier of the canonical text with the marks that say it as well, if they are new in the other form."""
BOUNDS = {"at-most": ("at-most", "within"), "at-least": ("at-least",), "more": ("more", "after", "at-least")}
"""Each bound of a figure with the marks that bound the same figure as well."""

ALLOWED = {
    "at-most": ("at-most", "within", "in"),
    "at-least": ("at-least", "within"),
    "more": ("more", "after"),
    "after": ("after", "more", "until", "when"),
    "usually": ("usually", "may", "should", "about", "maybe"),
    "about": ("about", "usually"),
    "only": ("only", "requires", "must", "except", "at-most"),
    "except": ("except", "not", "without", "only"),
}
"""Each qualifier of another form with the marks of the canonical text that allow it."""

NAMES = {"at-most": "at most", "at-least": "at least", "more": "more than"}
"""Marks that a message words otherwise."""
PERIODS = ("per-day", "per-week", "per-month", "per-year", "same-day", "next-day", "at-once")
"""Rates and days: a form that names another one names another figure."""


class Disagreement(msgspec.Struct, frozen=True):
    """One way in which a sentence says something else: a code, its subject, and its place in the other sentence."""

    code: str
    about: str
    start: int | None = None
    end: int | None = None


def disagreements(
    canonical: Meaning, other: Meaning, words: Lexicon, *, ranged: bool = False
) -> Iterator[Disagreement]:
    """Everything in which `other` says something else than `canonical`, figures apart.

    `ranged` says that the canonical figure is a range, whose upper end `within` only repeats.
    """
    yield from _negations(canonical, other)
    yield from _modalities(canonical, other)
    yield from _qualifiers(canonical, other, ranged=ranged)
    yield from _conditions(canonical, other)
    yield from _periods(canonical, other)
    yield from _opposites(canonical, other, words)


# ---- negation --------------------------------------------------------------------------------------------------------


def _negations(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    here, there = canonical.named("not", "without"), other.named("not", "without")
    softer, excused = other.soft - canonical.soft, canonical.soft - other.soft
    if here and not there and not softer and not _newly(other, canonical, *STANDING_IN, "within"):
        yield Disagreement("negation-lost", "not")
    elif there and not here and not excused and not _newly(canonical, other, *STANDING_IN, "within"):
        yield _at("negation-added", there[0], "not")
    elif here and there:
        yield from _moved(canonical, other) or _recounted(canonical, other)
    if canonical.has("requires") and not softer and not _requires(other):
        yield Disagreement("negation-lost", "not")
    if other.has("requires") and not excused and not canonical.has("until") and not _requires(canonical):
        yield _at("negation-added", other.named("requires")[0], "not")
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
        return [_at("negation-added", added, added.head)]
    if lost is not None and more < 0:
        return [Disagreement("negation-lost", lost.head)]
    return []


def _recounted(canonical: Meaning, other: Meaning) -> list[Disagreement]:
    """Sentences of the same words that negate more or less often."""
    changed = (canonical.affirmed | canonical.negated) ^ (other.affirmed | other.negated)
    if len(changed) > 1 or _newly(canonical, other, *STANDING_IN) or _newly(other, canonical, *STANDING_IN):
        return []
    if _negates_more(canonical, other):
        return [Disagreement("negation-lost", "not")]
    return [_at("negation-added", other.named("not", "without")[0], "not")] if _negates_more(other, canonical) else []


def _free(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """What costs nothing costs nothing in every form."""
    if canonical.has("free") and not other.has("free") and not _negates_more(other, canonical):
        yield Disagreement("negation-lost", "free")
    if other.has("free") and not canonical.has("free") and not _negates_more(canonical, other) and not canonical.soft:
        yield _at("negation-added", other.named("free")[0], "free")


def _unneeded(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """What needn't be done needn't be done in any form."""
    if canonical.has("unneeded") and not other.has("unneeded", "free", "can"):
        if other.has("must", "not") or not other.soft:
            yield Disagreement("negation-lost", "need not")
    elif other.has("unneeded") and not canonical.has("unneeded", "not", "can", "without") and not canonical.soft:
        yield _at("negation-added", other.named("unneeded")[0], "need not")


# ---- modality --------------------------------------------------------------------------------------------------------


def _modalities(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """At most one finding: a stronger or weaker word for what is possible, due or certain."""
    for rule in (_may, _must, _should, _can):
        found = rule(canonical, other)
        if found is not None:
            yield found
            return


def _may(canonical: Meaning, other: Meaning) -> Disagreement | None:
    if canonical.has("may") and not other.has("may", "can", "maybe"):
        if other.has("usually", "should") and not other.has("will"):
            return None
        return _lost("may", other)
    if other.has("may") and not canonical.has("may", "can", "maybe", "should", "usually"):
        return _at("modality-changed", other.named("may")[0], "may")
    return None


def _must(canonical: Meaning, other: Meaning) -> Disagreement | None:
    if canonical.has("may") and other.has("may"):
        return None
    if canonical.has("must"):
        weaker = _same_head(canonical.named("must"), other.named("can", "may", "should"))
        if weaker is not None and not other.has("must"):
            return _at("modality-changed", weaker, "must")
        if not other.has("must", "only", "requires", "at-least", "until") and not other.imperative:
            return _lost("must", other)
        return None
    allowed = canonical.imperative or canonical.has("only", "requires", "unneeded", "until")
    if other.has("must") and not (
        allowed and not _same_head(canonical.named("can", "may", "should"), other.named("must"))
    ):
        return _at("modality-changed", other.named("must")[0], "must")
    return None


def _should(canonical: Meaning, other: Meaning) -> Disagreement | None:
    if canonical.has("should"):
        if not other.has("should", "usually", "about", "may") and not (other.imperative and not other.has("will")):
            return _lost("should", other)
    elif other.has("should") and not canonical.has("usually", "may", "about") and not canonical.imperative:
        return _at("modality-changed", other.named("should")[0], "should")
    return None


def _can(canonical: Meaning, other: Meaning) -> Disagreement | None:
    here, there = canonical.named("can", "may"), other.named("can", "may")
    if here and not there:
        stronger = _same_head(here, other.named("will"))
        if stronger is not None and not canonical.has("will"):
            return _at("modality-changed", stronger, "can")
        ours = [mark for mark in here if mark.subject != "you" and mark.head in other.affirmed]
        excused = other.imperative or _negates_more(other, canonical)
        if (
            ours
            and not excused
            and not _newly(other, canonical, "must", "free", "unneeded", "maybe", "usually", "requires")
        ):
            return _lost("can", other)
    if there and not here:
        promised = _same_head(canonical.named("will"), there)
        theirs = [mark for mark in there if mark.subject != "you" and mark.head in canonical.affirmed]
        if promised is not None and not other.has("will"):
            return _at("modality-changed", promised, "will")
        excused = canonical.imperative or _negates_more(canonical, other)
        if theirs and not excused and not _newly(canonical, other, "unneeded", "maybe", "requires"):
            return _at("modality-changed", theirs[0], "can")
    return None


def _newly(here: Meaning, there: Meaning, *names: str) -> bool:
    """Whether one side has a mark that the other lacks."""
    return any(here.has(name) and not there.has(name) for name in names)


def _same_head(here: Sequence[Mark], there: Sequence[Mark]) -> Mark | None:
    """The mark over there that governs the same verb as one over here."""
    heads = {mark.head for mark in here if mark.head}
    return next((mark for mark in there if mark.head in heads), None)


def _lost(name: str, other: Meaning) -> Disagreement:
    """A modality that is missing; the modal that stands in its place, if any, is the place to look."""
    instead = next(iter(other.named("will", "must", "should", "can", "may")), None)
    return _at("modality-changed", instead, name) if instead else Disagreement("modality-changed", name)


# ---- qualifiers ------------------------------------------------------------------------------------------------------


def _qualifiers(canonical: Meaning, other: Meaning, *, ranged: bool) -> Iterator[Disagreement]:
    unbound = _unbound(canonical, other)
    if unbound is not None:
        yield unbound
        return
    for name, equal in COMPARED.items():
        bounded = name == "after" and canonical.has("not") and other.has("within", "at-most")
        excluded = name == "only" and (_negates_more(other, canonical) or _newly(other, canonical, "must"))
        said = other.has(name) or _newly(other, canonical, *equal)
        if canonical.has(name) and not said and not bounded and not excluded:
            yield Disagreement("qualifier-lost", name)
            return
    if (
        canonical.has("except")
        and not other.has("except")
        and not _newly(other, canonical, "only")
        and not _negates_more(other, canonical)
    ):
        yield Disagreement("qualifier-lost", "except")
        return
    if canonical.has("within") and not ranged and not other.has("within", "in", "at-most"):
        yield Disagreement("qualifier-lost", "within")
        return
    if (
        canonical.has("within")
        and other.has("more", "at-least", "after")
        and not canonical.has("more", "at-least", "after")
    ):
        yield _at("qualifier-added", other.named("more", "at-least", "after")[0], "within")
        return
    for name, allowed in ALLOWED.items():
        excluded = name == "only" and _negates_more(canonical, other)
        if other.has(name) and not canonical.has(*allowed) and not excluded:
            yield _at("qualifier-added", other.named(name)[0], name)
            return


def _unbound(canonical: Meaning, other: Meaning) -> Disagreement | None:
    """A figure on both sides that only the canonical text bounds, unless a bound on the other side has no figure."""
    for name, equal in BOUNDS.items():
        there = {mark.figure for mark in other.named(*equal)}
        for mark in canonical.named(name):
            if mark.figure in other.figures and mark.figure not in there and "" not in there:
                return Disagreement("qualifier-lost", name)
    return None


def _negates_more(here: Meaning, there: Meaning) -> bool:
    """Whether one side has a negation more: `unless` may be `if … not`."""
    return len(here.named("not", "without")) > len(there.named("not", "without"))


def _conditions(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """A condition is lost if no word opens one and no more than half of what it says is there."""
    if other.has("if", "except", "requires", "when", "until", "only") or "?" in other.words:
        return
    said = other.affirmed | other.negated
    for condition in canonical.conditions:
        if condition and len(condition & said) * 2 <= len(condition):
            yield Disagreement("qualifier-lost", "if")
            return


def _periods(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """A month is not a year: a rate or a day that differs is a figure that differs."""
    here, there = ({name for name in PERIODS if meaning.has(name)} for meaning in (canonical, other))
    extra = there - here
    if extra and (here - there or extra & {"same-day", "at-once"}):
        mark = next(mark for mark in other.marks if mark.name in extra)
        yield _at("literal-contradicts", mark, mark.name)
    elif here - there and any(name.startswith("per-") for name in here - there):
        yield Disagreement("figure-missing", min(here - there))


def _opposites(canonical: Meaning, other: Meaning, words: Lexicon) -> Iterator[Disagreement]:
    """A word replaced by its opposite while the number of negations stays the same."""
    if canonical.has("not", "without", "free") != other.has("not", "without", "free"):
        return
    for left, right in words.opposites:
        for here, there in ((left, right), (right, left)):
            if (
                canonical.words & here
                and not canonical.words & there
                and other.words & there
                and not other.words & here
            ):
                yield Disagreement("negation-added", min(other.words & there))
                return


def _at(code: str, mark: Mark, about: str) -> Disagreement:
    return Disagreement(code, about, mark.start, mark.end)
