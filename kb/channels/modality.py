"""Whether two sentences are as sure and as binding as each other: may, can, should, must and will."""

from collections.abc import Iterator

from kb.channels.comparing import Disagreement, at, negates_more, newly, same_head
from kb.channels.line import Mark
from kb.channels.meaning import Meaning


def modalities(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """At most one finding: a stronger or weaker word for what is possible, due or certain."""
    for rule in (_unpromised, _aim, _may, _must, _should, _can, _sometimes):
        found = rule(canonical, other)
        if found is not None:
            yield found
            return


def _may(canonical: Meaning, other: Meaning) -> Disagreement | None:
    if canonical.has("may") and not _still(canonical, other) and not _otherwise(canonical, other):
        certain = newly(other, canonical, "must", "will") or _softened(canonical, other, "may")
        return _lost("may", other) if certain or _grounded(canonical, other, "may") else None
    hedged = canonical.has("may", "maybe", "should", "usually", "unpromised") or _still(other, canonical)
    if other.has("may") and not hedged and _grounded(other, canonical, "may"):
        return at("modality-changed", other.named("may")[0], "may")
    return None


def _still(here: Meaning, there: Meaning) -> bool:
    """Whether what may be on one side may, or can, still be on the other."""
    if there.has("may", "maybe", "unpromised", "supposed"):
        return True
    sure = there.affirmed - there.possible
    return there.has("can") and not any(mark.head in sure for mark in here.named("may"))


def _softened(canonical: Meaning, other: Meaning, *names: str) -> bool:
    """Whether what may be otherwise (`may differ`) simply is."""
    gone = canonical.soft - other.soft
    if other.imperative or negates_more(other, canonical):
        return False
    return any(mark.subject == "other" and mark.head in gone for mark in canonical.named(*names))


def _grounded(here: Meaning, there: Meaning, name: str) -> bool:
    """Whether the other side speaks of what a modal governs, or of nothing at all that this side does.

    Where it says the same in other words, nobody can tell from the words how binding it is.
    """
    said = there.said
    if any(not mark.head or mark.head in said for mark in here.named(name)):
        return True
    return said.isdisjoint(here.said)


def _otherwise(canonical: Meaning, other: Meaning) -> bool:
    """Whether a `may` is said in another way: as what happens otherwise, as a duty, as an invitation, as a habit."""
    if canonical.has("otherwise") and negates_more(other, canonical):
        return True
    if negates_more(canonical, other) and other.has("must", "only", "requires"):
        return True
    if any(mark.subject == "you" and mark.head in other.openers for mark in canonical.named("may", "can")):
        return True
    return newly(other, canonical, "usually", "should") and not other.has("will")


def _told(canonical: Meaning, other: Meaning) -> bool:
    """Whether the reader is told to do what the canonical text says must or should be done."""
    return other.imperative or any(mark.head in other.openers for mark in canonical.named("must", "should"))


def _must(canonical: Meaning, other: Meaning) -> Disagreement | None:
    if canonical.has("may") and other.has("may"):
        return None
    return _less_binding(canonical, other) if canonical.has("must") else _more_binding(canonical, other)


def _less_binding(canonical: Meaning, other: Meaning) -> Disagreement | None:
    weaker = same_head(canonical.named("must"), other.named("can", "may", "should"))
    if weaker is not None and not newly(other, canonical, "only", "requires") and not other.has("must"):
        return at("modality-changed", weaker, "must")
    if _loosened(canonical, other):
        return _lost("must", other)
    said = other.has("must", "asked", "only", "requires", "at-least", "until", "enough") or _told(canonical, other)
    ours = any(mark.subject == "we" and mark.head in other.affirmed for mark in canonical.named("must"))
    return None if said or ours or not _grounded(canonical, other, "must") else _lost("must", other)


def _loosened(canonical: Meaning, other: Meaning) -> bool:
    """Whether what must be of a thing only can be, in other words: `must be valid`, `can be expired`."""
    if other.has("must") or newly(other, canonical, "if", "when", "only", "requires", "at-least", "until", "asked"):
        return False
    must = any(mark.subject == "other" for mark in canonical.named("must"))
    can = any(mark.subject == "other" for mark in other.named("can", "may"))
    return must and can and not canonical.has("can", "may") and not negates_more(other, canonical)


DUE = ("only", "requires", "unneeded", "until", "asked", "at-least", "at-most", "charged", "enough")
"""Marks that another form may say as a duty."""


def _more_binding(canonical: Meaning, other: Meaning) -> Disagreement | None:
    stronger = same_head(canonical.named("can", "may", "should"), other.named("must"))
    if stronger is None:
        bounded = canonical.has("in", "within") and other.has("in", "within")
        due = canonical.imperative or bounded or negates_more(canonical, other) or canonical.has(*DUE)
        if not other.has("must") or due or not _grounded(other, canonical, "must"):
            return None
    return at("modality-changed", stronger or other.named("must")[0], "must")


def _should(canonical: Meaning, other: Meaning) -> Disagreement | None:
    if canonical.has("should"):
        weaker = same_head(canonical.named("should"), other.named("can", "may")) or _suggested(canonical, other)
        if weaker is not None and not other.has("should"):
            return at("modality-changed", weaker, "should")
        told = _told(canonical, other) and not other.has("will")
        said = told or other.has("should", "usually", "about", "may", "aim")
        return None if said or not _grounded(canonical, other, "should") else _lost("should", other)
    said = canonical.imperative or canonical.has("usually", "may", "about", "aim")
    if other.has("should") and not said and _grounded(other, canonical, "should"):
        return at("modality-changed", other.named("should")[0], "should")
    return None


LIMITING = ("must", "free", "unneeded", "maybe", "usually", "requires", "at-most", "at-least")
"""Marks that say what can be done in another way."""


def _suggested(canonical: Meaning, other: Meaning) -> Mark | None:
    """Advice to the reader that became a mere `you may want to`."""
    advised = any(mark.subject == "you" for mark in canonical.named("should"))
    suggested = (mark for mark in other.named("may") if mark.subject == "you")
    return next(suggested, None) if advised and not canonical.has("may") else None


def _can(canonical: Meaning, other: Meaning) -> Disagreement | None:
    here, there = canonical.named("can", "may"), other.named("can", "may")
    if here and not there:
        stronger = same_head(here, other.named("will"))
        if stronger is not None and not canonical.has("will"):
            return at("modality-changed", stronger, "can")
        sure = other.affirmed - other.awaited - other.openers
        ours = [m for m in here if m.head in sure and (m.subject != "you" or m.head in canonical.soft)]
        if _softened(canonical, other, "can"):
            return _lost("can", other)
        excused = other.imperative or negates_more(other, canonical)
        narrowed = canonical.has("only") and other.has("only")
        if ours and not excused and not narrowed and not newly(other, canonical, *LIMITING):
            return _lost("can", other)
    if there and not here:
        promised = same_head(canonical.named("will"), there)
        theirs = [mark for mark in there if mark.subject != "you" and mark.head in canonical.affirmed]
        if promised is not None and not other.has("will"):
            return at("modality-changed", promised, "will")
        narrowed = other.has("only", "requires") and canonical.has("only", "requires", "must", "not")
        excused = canonical.imperative or narrowed or negates_more(canonical, other)
        if (
            theirs
            and not excused
            and not newly(canonical, other, "unneeded", "requires", "unpromised")
            and not canonical.has("maybe")
        ):
            return at("modality-changed", theirs[0], "can")
    return None


def _unpromised(canonical: Meaning, other: Meaning) -> Disagreement | None:
    """What nobody promises isn't promised in any form."""
    if canonical.has("unpromised") and not other.has("unpromised", "may", "not", "should", "usually", "can"):
        return _lost("unpromised", other)
    return None


def _aim(canonical: Meaning, other: Meaning) -> Disagreement | None:
    """What is only tried isn't done for certain, and what is done isn't only tried."""
    hedged = ("aim", "should", "may", "maybe", "usually", "can")
    if canonical.has("aim") and not other.has(*hedged):
        return _lost("aim", other)
    if other.has("aim") and not canonical.has(*hedged) and _grounded(other, canonical, "aim"):
        return at("modality-changed", other.named("aim")[0], "aim")
    return None


def _sometimes(canonical: Meaning, other: Meaning) -> Disagreement | None:
    """What happens at times doesn't happen always."""
    hedged = other.has("maybe", "may", "can", "should", "usually") or newly(other, canonical, "if")
    unsure = canonical.has("maybe", "usually") or any(mark.subject == "other" for mark in canonical.named("can"))
    if unsure and not hedged and newly(other, canonical, "will", "all"):
        return at("modality-changed", other.named("will", "all")[0], "maybe")
    return None


def _lost(name: str, other: Meaning) -> Disagreement:
    """A modality that is missing; the modal that stands in its place, if any, is the place to look."""
    instead = next(iter(other.named("will", "must", "should", "can", "may")), None)
    return at("modality-changed", instead, name) if instead else Disagreement("modality-changed", name)
