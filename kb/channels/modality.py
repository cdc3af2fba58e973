"""Whether two sentences are as sure and as binding as each other: may, can, should, must and will."""

from collections.abc import Iterator

from kb.channels.comparing import Disagreement, at, negates_more, newly, same_head
from kb.channels.meaning import Meaning


def modalities(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """At most one finding: a stronger or weaker word for what is possible, due or certain."""
    for rule in (_may, _must, _should, _can, _sometimes):
        found = rule(canonical, other)
        if found is not None:
            yield found
            return


def _may(canonical: Meaning, other: Meaning) -> Disagreement | None:
    if canonical.has("may") and not other.has("may", "can", "maybe"):
        if canonical.has("otherwise") and negates_more(other, canonical):
            return None
        if other.has("usually", "should") and not other.has("will"):
            return None
        return _lost("may", other)
    if other.has("may") and not canonical.has("may", "can", "maybe", "should", "usually"):
        return at("modality-changed", other.named("may")[0], "may")
    return None


def _told(canonical: Meaning, other: Meaning) -> bool:
    """Whether the reader is told to do what the canonical text says must or should be done."""
    return other.imperative or any(mark.head in other.openers for mark in canonical.named("must", "should"))


def _must(canonical: Meaning, other: Meaning) -> Disagreement | None:
    if canonical.has("may") and other.has("may"):
        return None
    if canonical.has("must"):
        weaker = same_head(canonical.named("must"), other.named("can", "may", "should"))
        narrowed = newly(other, canonical, "only", "requires")
        if weaker is not None and not narrowed and not other.has("must"):
            return at("modality-changed", weaker, "must")
        if not other.has("must", "asked", "only", "requires", "at-least", "until") and not _told(canonical, other):
            return _lost("must", other)
        return None
    allowed = canonical.imperative or canonical.has("only", "requires", "unneeded", "until", "asked", "at-least")
    if other.has("must") and not (
        allowed and not same_head(canonical.named("can", "may", "should"), other.named("must"))
    ):
        return at("modality-changed", other.named("must")[0], "must")
    return None


def _should(canonical: Meaning, other: Meaning) -> Disagreement | None:
    if canonical.has("should"):
        weaker = same_head(canonical.named("should"), other.named("can", "may"))
        if weaker is not None and not other.has("should"):
            return at("modality-changed", weaker, "should")
        if not other.has("should", "usually", "about", "may") and not (
            _told(canonical, other) and not other.has("will")
        ):
            return _lost("should", other)
    elif other.has("should") and not canonical.has("usually", "may", "about") and not canonical.imperative:
        return at("modality-changed", other.named("should")[0], "should")
    return None


def _can(canonical: Meaning, other: Meaning) -> Disagreement | None:
    here, there = canonical.named("can", "may"), other.named("can", "may")
    if here and not there:
        stronger = same_head(here, other.named("will"))
        if stronger is not None and not canonical.has("will"):
            return at("modality-changed", stronger, "can")
        ours = [mark for mark in here if mark.subject != "you" and mark.head in other.affirmed]
        excused = other.imperative or negates_more(other, canonical)
        narrowed = canonical.has("only") and other.has("only")
        if (
            ours
            and not excused
            and not narrowed
            and not newly(other, canonical, "must", "free", "unneeded", "maybe", "usually", "requires")
        ):
            return _lost("can", other)
    if there and not here:
        promised = same_head(canonical.named("will"), there)
        theirs = [mark for mark in there if mark.subject != "you" and mark.head in canonical.affirmed]
        if promised is not None and not other.has("will"):
            return at("modality-changed", promised, "will")
        narrowed = other.has("only", "requires") and canonical.has("only", "requires", "must")
        excused = canonical.imperative or narrowed or negates_more(canonical, other)
        if theirs and not excused and not newly(canonical, other, "unneeded", "maybe", "requires"):
            return at("modality-changed", theirs[0], "can")
    return None


def _sometimes(canonical: Meaning, other: Meaning) -> Disagreement | None:
    """What happens at times doesn't happen always."""
    hedged = other.has("maybe", "may", "can", "should", "usually") or newly(other, canonical, "if")
    if canonical.has("maybe", "usually") and not hedged and newly(other, canonical, "will", "all"):
        return at("modality-changed", other.named("will", "all")[0], "maybe")
    return None


def _lost(name: str, other: Meaning) -> Disagreement:
    """A modality that is missing; the modal that stands in its place, if any, is the place to look."""
    instead = next(iter(other.named("will", "must", "should", "can", "may")), None)
    return at("modality-changed", instead, name) if instead else Disagreement("modality-changed", name)
