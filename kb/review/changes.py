"""The class of a change, computed from what was last fully signed to the candidate: what it touches decides who signs."""

import re
from collections import Counter
from collections.abc import Sequence

from kb.channels.lexicons import lexicon
from kb.channels.meaning import meaning
from kb.channels.quantities import quantities
from kb.channels.references import references
from kb.entries.texts import fields_of
from kb.entries.types import Content
from kb.review.types import ChangeClass

VALUE_FIELDS = (
    "fact",
    "audience",
    "valid_from",
    "valid_until",
    "slots",
    "evidence",
    "promise",
    "notice",
    "house",
    "topic",
    "product",
    "stage",
)
"""`topic` is here since it decides who signs: moving an entry must not lose a signer."""
_PUNCTUATION = re.compile(r"[\s.,;:!?¡¿…'’‘\"“”«»()\-–—]+")


def change_class(signed: Content | None, candidate: Content, locale: str) -> ChangeClass:
    """The gravest class that applies; with nothing signed before, the strictest."""
    if signed is None:
        return ChangeClass.VALUE
    if signed == candidate:
        return ChangeClass.METADATA
    for test, found in (
        (_value, ChangeClass.VALUE),
        (_disclosure, ChangeClass.DISCLOSURE),
        (_modality, ChangeClass.MODALITY),
        (_wording, ChangeClass.WORDING),
        (_typo, ChangeClass.TYPO),
    ):
        if test(signed, candidate, locale):
            return found
    return ChangeClass.METADATA


def _value(old: Content, new: Content, locale: str) -> bool:
    if any(getattr(old, name) != getattr(new, name) for name in VALUE_FIELDS):
        return True
    if [variant.when for variant in old.variants] != [variant.when for variant in new.variants]:
        return True
    if [link.url for link in old.links] != [link.url for link in new.links]:
        return True
    if _referred(old, ("fact", "claim", "slot")) != _referred(new, ("fact", "claim", "slot")):
        return True
    return _figures(old, locale) != _figures(new, locale)


def _disclosure(old: Content, new: Content, _locale: str) -> bool:
    return old.placement != new.placement or _referred(old, ("disclosure",)) != _referred(new, ("disclosure",))


def _modality(old: Content, new: Content, locale: str) -> bool:
    return any(
        before != after and _modals(before, locale) != _modals(after, locale)
        for before, after in _pairs(old, new, told=True)
    )


def _wording(old: Content, new: Content, _locale: str) -> bool:
    if _structure(old) != _structure(new):
        return True
    return any(_letters(before) != _letters(after) for before, after in _pairs(old, new))


def _typo(old: Content, new: Content, _locale: str) -> bool:
    return any(before != after for before, after in _pairs(old, new))


def _modals(text: str, locale: str) -> Counter[str]:
    """The negations, modalities and qualifiers of a text; in a language without a lexicon any change may be one."""
    if lexicon(locale) is None:
        return Counter([text])
    return Counter(mark.name for mark in meaning(text, locale).marks)


def _structure(content: Content) -> Sequence[object]:
    """What is neither text nor metadata: which fields there are, where ways on lead and what chooses them."""
    ways = [(option.id, option.to, option.phrases) for option in content.next]
    return [sorted(name for name, text in fields_of(content) if text), ways]


def _pairs(old: Content, new: Content, *, told: bool = False) -> list[tuple[str, str]]:
    """Each text before and after; `told` leaves out what is always of class wording: ask, ways on and the staff part."""
    before, after = dict(fields_of(old)), dict(fields_of(new))
    names = sorted(before.keys() | after.keys())
    return [
        (before.get(name, ""), after.get(name, ""))
        for name in names
        if not (told and name.startswith(("ask", "next.", "staff.")))
    ]


def _referred(content: Content, kinds: tuple[str, ...]) -> dict[str, Counter[tuple[str, str]]]:
    """References by field that has any: a fact that moves to another form has changed what that form says."""
    found = {
        name: Counter((ref.kind, ref.key) for ref in references(text) if ref.kind in kinds)
        for name, text in fields_of(content)
        if text
    }
    return {name: referred for name, referred in found.items() if referred}


def _figures(content: Content, locale: str) -> Counter[tuple[str, str]]:
    return Counter(
        (quantity.kind, quantity.value)
        for name, text in fields_of(content)
        if text and not name.startswith("staff.")
        for quantity in quantities(text, locale)
    )


def _letters(text: str) -> str:
    return _PUNCTUATION.sub("", text)
