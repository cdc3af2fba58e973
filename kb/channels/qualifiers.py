"""Whether two sentences limit what they say alike: bounds of figures, exceptions, conditions, habits and hedges."""

from collections.abc import Iterator

from kb.channels.comparing import Disagreement, at, negates_more, newly
from kb.channels.meaning import Meaning

COMPARED = {
    "at-most": ("within", "only"),
    "at-least": ("after",),
    "more": ("after",),
    "usually": ("may", "should", "about", "maybe"),
    "about": ("usually",),
    "only": ("requires", "except", "at-most", "enough"),
}
"""Each qualifier of the canonical text with the marks that say it as well, if they are new in the other form."""
LIMITS = frozenset({"limit", "limits", "cap", "límite", "límites", "tope"})
"""Words that call a figure a limit wherever they stand."""
BOUNDS = {"at-most": ("at-most", "within"), "at-least": ("at-least", "after"), "more": ("more", "after", "at-least")}
"""Each bound of a figure with the marks that bound the same figure as well."""

ALLOWED = {
    "at-most": ("at-most", "within", "in", "until", "only"),
    "more": ("more", "after"),
    "usually": ("usually", "may", "should", "about", "maybe"),
    "about": ("about", "usually"),
    "only": ("only", "requires", "must", "except", "at-most", "at-least", "enough"),
}
"""Each qualifier of another form with the marks of the canonical text that allow it."""


def qualifiers(canonical: Meaning, other: Meaning, *, ranged: bool) -> Iterator[Disagreement]:
    unbound = _unbound(canonical, other)
    if unbound is not None:
        yield unbound
        return
    for name, equal in COMPARED.items():
        excluded = name == "only" and _only_said(canonical, other)
        said = other.has(name) or newly(other, canonical, *equal)
        if name == "only" and newly(other, canonical, "all") and not other.has("only", "except"):
            said = excluded = False
        capped = name == "at-most" and not other.words.isdisjoint(LIMITS)
        if canonical.has(name) and not said and not excluded and not capped:
            yield Disagreement("qualifier-lost", name)
            return
    if (
        canonical.has("except")
        and not other.has("except")
        and not newly(other, canonical, "only", "requires")
        and not negates_more(other, canonical)
    ):
        yield Disagreement("qualifier-lost", "except")
        return
    barred = canonical.has("not") and newly(other, canonical, "at-least")
    barred |= negates_more(canonical, other) and newly(other, canonical, "after", "when")
    if canonical.has("within") and not ranged and not barred and not other.has("within", "in", "at-most"):
        yield Disagreement("qualifier-lost", "within")
        return
    if (
        canonical.has("within")
        and other.has("more", "at-least", "after")
        and not barred
        and not canonical.has("more", "at-least", "after")
    ):
        yield at("qualifier-added", other.named("more", "at-least", "after")[0], "within")
        return
    for name, allowed in ALLOWED.items():
        denied = canonical.has("not", "without", "requires", "otherwise") or bool(canonical.soft - other.soft)
        excluded = name == "only" and denied
        capped = name == "at-most" and not canonical.words.isdisjoint(LIMITS)
        if other.has(name) and not canonical.has(*allowed) and not excluded and not capped:
            yield at("qualifier-added", other.named(name)[0], name)
            return


def _only_said(canonical: Meaning, other: Meaning) -> bool:
    """Whether `only` is said in another way: by a negation, a duty, a limit, or what needn't be said of an instruction."""
    if negates_more(other, canonical) or newly(other, canonical, "must"):
        return True
    if canonical.has("at-most", "within") and other.has("at-most", "within"):
        return True
    easy = [
        mark
        for mark in canonical.named("must")
        if any(0 < mark.first - each.last <= 2 for each in canonical.named("only"))
    ]
    return any(mark.head in other.openers for mark in easy)


def _unbound(canonical: Meaning, other: Meaning) -> Disagreement | None:
    """A figure on both sides that only the canonical text bounds, unless a bound on the other side has no figure."""
    for name, equal in BOUNDS.items():
        if name == "at-most" and not other.words.isdisjoint(LIMITS):
            continue
        there = {mark.figure for mark in other.named(*equal)}
        for mark in canonical.named(name):
            if mark.figure in other.figures and mark.figure not in there and "" not in there:
                return Disagreement("qualifier-lost", name)
    return None


THEN = frozenset({"once", "when", "after", "afterwards", "then", "cuando", "vez", "tras", "después", "luego"})
EARLIER = frozenset({"before", "antes"})
"""Words that open what comes first, and what comes later: `once it is complete`, `before it is complete`."""
ROOT = 5
"""How many letters two stems must share to be of one word (`revis`, `revision`)."""


def conditions(canonical: Meaning, other: Meaning) -> Iterator[Disagreement]:
    """A condition is lost if it is said not to matter, or if no word opens one and most of what it says is missing."""
    if canonical.has("only", "requires", "except", "if", "must", "until") and newly(other, canonical, "even"):
        yield at("qualifier-lost", other.named("even")[0], "if")
        return
    told = other.has("must") or other.imperative
    swapped = (canonical.words - other.words) & EARLIER and (other.words - canonical.words) & THEN
    if swapped and canonical.said == other.said:
        yield Disagreement("qualifier-lost", "until")
        return
    if canonical.words & THEN and (other.words - canonical.words) & EARLIER and not told and not other.words & THEN:
        yield Disagreement("qualifier-lost", "if")
        return
    if other.has("if", "except", "requires", "when", "until", "only") or "?" in other.words:
        return
    for condition in canonical.conditions:
        kept = [stem for stem in condition if any(each.startswith(stem[:ROOT]) for each in other.said)]
        if condition and len(kept) * 2 <= len(condition):
            yield Disagreement("qualifier-lost", "if")
            return
