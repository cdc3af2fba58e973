"""What the rules that hold one sentence against another have in common: a disagreement, and how marks are compared."""

from collections.abc import Sequence

import msgspec

from kb.channels.line import Mark
from kb.channels.meaning import Meaning


class Disagreement(msgspec.Struct, frozen=True):
    """One way in which a sentence says something else: a code, its subject, and its place in the other sentence."""

    code: str
    about: str
    start: int | None = None
    end: int | None = None


def at(code: str, mark: Mark, about: str) -> Disagreement:
    """A disagreement at the place of a mark in the other sentence."""
    return Disagreement(code, about, mark.start, mark.end)


def newly(here: Meaning, there: Meaning, *names: str) -> bool:
    """Whether one side has a mark that the other lacks."""
    return any(here.has(name) and not there.has(name) for name in names)


def negates_more(here: Meaning, there: Meaning) -> bool:
    """Whether one side has a negation more: `unless` may be `if … not`."""
    return len(here.named("not", "without")) > len(there.named("not", "without"))


def same_head(here: Sequence[Mark], there: Sequence[Mark]) -> Mark | None:
    """The mark over there that governs the same verb as one over here."""
    heads = {mark.head for mark in here if mark.head}
    return next((mark for mark in there if mark.head in heads), None)
