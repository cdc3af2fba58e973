"""The class of a change, computed from what was last fully signed to the candidate: what it touches decides who signs."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from kb.channels.lexicons import lexicon
from kb.channels.meaning import meaning
from kb.channels.quantities import quantities
from kb.channels.references import references
from kb.entries.texts import fields_of
from kb.entries.types import Content, Revision
from kb.review.amounts import amounts
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
_APOSTROPHE = re.compile(r"['’‘]")
_PUNCTUATION = re.compile(r"[\s.,;:!?¡¿…\"“”«»()]|[–—](?!\d)|-(?!\w)|(?<!\w)-(?!\d)")


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


def revision_change(signed: Revision | None, candidate: Revision, known: Mapping[str, Revision]) -> ChangeClass:
    """The class of the change from one revision to a later one of its place.

    A translation that was made anew from another state of its source has changed at least as gravely as the source did,
    even where its own words stayed: whoever signs it says that they fit. `known` holds the sources by hash; one that isn't
    there may have said anything.
    """
    own = change_class(signed.draft.content if signed else None, candidate.draft.content, candidate.draft.locale)
    if signed is None or signed.draft.source == candidate.draft.source:
        return own
    before, after = known.get(signed.draft.source), known.get(candidate.draft.source)
    if before is None or after is None:
        return ChangeClass.VALUE
    of_source = change_class(before.draft.content, after.draft.content, after.draft.locale)
    return min(own, of_source, key=tuple(ChangeClass).index)


def topical(revision: Revision, known: Mapping[str, Revision]) -> Content:
    """The content with the topic that decides who signs it: a translation's is its source's."""
    source = known.get(revision.draft.source)
    content = revision.draft.content
    if source is None or source.draft.key != revision.draft.key:
        return content
    return msgspec.structs.replace(content, topic=source.draft.content.topic)


def _value(old: Content, new: Content, locale: str) -> bool:
    if any(getattr(old, name) != getattr(new, name) for name in VALUE_FIELDS):
        return True
    if [variant.when for variant in old.variants] != [variant.when for variant in new.variants]:
        return True
    if [link.url for link in old.links] != [link.url for link in new.links] or _linked(old) != _linked(new):
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


def _linked(content: Content) -> dict[str, str]:
    """The addresses that ways on lead to."""
    return {option.id: option.to for option in content.next if option.to.startswith("link:")}


def _referred(content: Content, kinds: tuple[str, ...]) -> dict[str, list[tuple[str, str]]]:
    """References in their order, by field that has any: two facts that change places have changed what is said of each."""
    found = {
        name: [(ref.kind, ref.key) for ref in references(text) if ref.kind in kinds]
        for name, text in fields_of(content)
        if text
    }
    return {name: referred for name, referred in found.items() if referred}


def _figures(content: Content, locale: str) -> dict[str, list[tuple[str, str, str]]]:
    """Figures in their order with their units, and words that stand for one, by field that has any."""
    found = {
        name: [
            *((quantity.kind, quantity.value, quantity.unit) for quantity in quantities(text, locale)),
            *(("word", word, "") for word in amounts(text, locale)),
        ]
        for name, text in fields_of(content)
        if text and not name.startswith("staff.")
    }
    return {name: figures for name, figures in found.items() if figures}


def _letters(text: str) -> list[str]:
    """The words of a text, whatever stands between them; a hyphen inside a word or before a figure is part of it."""
    return _PUNCTUATION.sub(" ", _APOSTROPHE.sub("", text)).split()
