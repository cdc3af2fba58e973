"""What differs between two contents, field by field and word by word, and how two changes of one content go together. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

import msgspec

from kb.channels.quantities import quantities
from kb.channels.references import references
from kb.entries.texts import fields_of
from kb.entries.types import Content

TOKEN = re.compile(r"\{\{[^{}]*\}\}|\s+|\w+|[^\w\s]")
"""A reference is one word; so is each run of white space and each sign."""

MOST_TOKENS = 4_000
"""Longer texts are shown as replaced: comparing words costs the product of both lengths."""

BAG = re.compile(r"phrasings\Z|.*\.phrases\Z|.*\.when\.\w+\Z|.*\.forms\Z", re.DOTALL)
"""Lists whose order says nothing: told line by line, and merged as sets."""


class Op(StrEnum):
    EQUAL = "equal"
    INSERT = "insert"
    DELETE = "delete"


class FieldChange(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class WordRun(msgspec.Struct, frozen=True):
    """A run of words that both texts have, or only the later one (insert), or only the earlier (delete)."""

    op: Op
    text: str


class FieldDifference(msgspec.Struct, frozen=True):
    """One field before and after; `field` is its path as issues name it (`overrides.sms`, `next.track.label`)."""

    field: str
    change: FieldChange
    before: str
    after: str
    segments: tuple[WordRun, ...]


class Figure(msgspec.Struct, frozen=True):
    """A literal quantity in a text: its kind (`money`, `date`, …) and its value as `channels.quantities` writes it."""

    kind: str
    value: str


class Difference(msgspec.Struct, frozen=True):
    """All that differs; references are written `fact:card.delivery`, each as often as its count changed."""

    fields: tuple[FieldDifference, ...]
    references_added: tuple[str, ...]
    references_removed: tuple[str, ...]
    figures_added: tuple[Figure, ...]
    figures_removed: tuple[Figure, ...]


class MergeOutcome(StrEnum):
    """What becomes of a field that two people changed from one base."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"
    CONFLICT = "conflict"


class Merge(msgspec.Struct, frozen=True):
    """One field that either changed: `both` where they made one change or theirs go together, `merged` then holds it.

    An empty text is a field that isn't there.
    """

    field: str
    outcome: MergeOutcome
    base: str
    theirs: str
    mine: str
    merged: str
    segments: tuple[WordRun, ...]


class ThreeWay(msgspec.Struct, frozen=True):
    """Both changes of one base: `clean` when no field is in conflict; `segments` of each go from theirs to mine."""

    clean: bool
    fields: tuple[Merge, ...]


def difference(before: Content, after: Content, locale: str) -> Difference:
    """What changed between two contents of one entry in one locale."""
    old, new = flat(before), flat(after)
    fields = tuple(_field(name, old.get(name, ""), new.get(name, "")) for name in _names(old, new))
    referred_before, referred_after = _references(before), _references(after)
    figures_before, figures_after = _figures(before, locale), _figures(after, locale)
    return Difference(
        fields=fields,
        references_added=tuple(sorted((referred_after - referred_before).elements())),
        references_removed=tuple(sorted((referred_before - referred_after).elements())),
        figures_added=_counted(figures_after - figures_before),
        figures_removed=_counted(figures_before - figures_after),
    )


def three_way(base: Content, theirs: Content, mine: Content) -> ThreeWay:
    """What two people made of one content: fields that only one changed go together, others are a conflict."""
    start, other, own = flat(base), flat(theirs), flat(mine)
    names = list(dict.fromkeys((*_names(start, other), *_names(start, own))))
    fields = tuple(_merge(name, start.get(name, ""), other.get(name, ""), own.get(name, "")) for name in names)
    return ThreeWay(all(one.outcome is not MergeOutcome.CONFLICT for one in fields), fields)


def flat(content: Content) -> dict[str, str]:
    """Every field that is set, as text by its path, in the order of a content.

    Paths are those of `texts.fields_of`; what has an id is named by it, so that a moved way on is no changed one.
    """
    return dict(_leaves("", msgspec.to_builtins(content)))


def segments(before: str, after: str) -> tuple[WordRun, ...]:
    """The words of both texts, in order, as runs that are equal, deleted or inserted."""
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    if len(old) > MOST_TOKENS or len(new) > MOST_TOKENS:
        return _runs([(Op.EQUAL, before)] if before == after else [(Op.DELETE, before), (Op.INSERT, after)])
    found: list[tuple[Op, str]] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append((Op.EQUAL, "".join(old[old_from:old_to])))
        else:
            found.append((Op.DELETE, "".join(old[old_from:old_to])))
            found.append((Op.INSERT, "".join(new[new_from:new_to])))
    return _runs(found)


def _runs(found: list[tuple[Op, str]]) -> tuple[WordRun, ...]:
    return tuple(WordRun(op, text) for op, text in found if text)


def _names(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """The fields that differ, in the order of the later content, then those it no longer has."""
    return [name for name in dict.fromkeys((*new, *old)) if old.get(name, "") != new.get(name, "")]


def _field(name: str, before: str, after: str) -> FieldDifference:
    change = FieldChange.ADDED if not before else FieldChange.REMOVED if not after else FieldChange.CHANGED
    return FieldDifference(name, change, before, after, segments(before, after))


def _merge(name: str, base: str, theirs: str, mine: str) -> Merge:
    outcome, merged = _resolve(name, base, theirs, mine)
    return Merge(name, outcome, base, theirs, mine, merged, segments(theirs, mine))


def _resolve(name: str, base: str, theirs: str, mine: str) -> tuple[MergeOutcome, str]:
    if theirs == mine:
        return MergeOutcome.BOTH, mine
    if theirs == base:
        return MergeOutcome.MINE, mine
    if mine == base:
        return MergeOutcome.THEIRS, theirs
    if BAG.match(name):
        return MergeOutcome.BOTH, _merged_bag(base, theirs, mine)
    return MergeOutcome.CONFLICT, ""


def _merged_bag(base: str, theirs: str, mine: str) -> str:
    """Lines of both without those that either took out."""
    start, other, own = (text.splitlines() for text in (base, theirs, mine))
    gone = {line for line in start if line not in other or line not in own}
    return "\n".join(line for line in dict.fromkeys((*other, *own)) if line not in gone)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name != "id":  # it is in the path
                yield from _leaves(_joined(path, name), inner)
    elif isinstance(value, list | tuple):
        if BAG.match(path):
            yield path, "\n".join(value)
            return
        for index, inner in enumerate(value):
            name = inner.get("id") if isinstance(inner, dict) else None
            yield from _leaves(f"{path}.{name}" if name else f"{path}[{index}]", inner)
    elif value is not None:
        yield path, value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _joined(path: str, name: str) -> str:
    """A wording's texts stand in the entry, the variant or the list they belong to, not in a part of their own."""
    if name == "wording":
        return path
    return f"{path}.{name}" if path else name


def _references(content: Content) -> Counter[str]:
    return Counter(f"{ref.kind}:{ref.key}" for _, text in fields_of(content) if text for ref in references(text))


def _figures(content: Content, locale: str) -> Counter[tuple[str, str]]:
    return Counter((one.kind, one.value) for _, text in fields_of(content) if text for one in quantities(text, locale))


def _counted(found: Counter[tuple[str, str]]) -> tuple[Figure, ...]:
    return tuple(Figure(*one) for one in sorted(found.elements()))
