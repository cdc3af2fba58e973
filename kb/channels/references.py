"""References in a wording (`{{fact:card.delivery}}`): how they are written, found, and collected."""

import re

import msgspec

from kb.channels.types import Wording

KINDS = ("fact", "claim", "disclosure", "slot")

GRAMMAR = r"\{\{(?P<kind>fact|claim|disclosure|slot):(?P<key>[a-z0-9]+(?:[._-][a-z0-9]+)*)\}\}"
"""One reference: a kind, a colon and a key, without spaces. There is no logic and no other template language."""

REFERENCE = re.compile(GRAMMAR)


ADDRESS = re.compile(r"(?:https://[^\s/]\S*|tel:\+?[0-9][0-9-]*|mailto:[^\s@]+@\S+|\{\{fact:[a-z0-9.-]+\}\})\Z")
"""What may be linked to: https, tel, mailto, or one fact that is such an address."""

WAY_ON = re.compile(
    r"(?:entry:[a-z0-9]+(?:[.-][a-z0-9]+)*|(?:handover|callback)(?::[a-z0-9]+(?:-[a-z0-9]+)*)?|end"
    r"|link:(?:https://[^\s/]\S*|\{\{fact:[a-z0-9.-]+\}\}))\Z"
)
"""Where a way on may lead."""


class Reference(msgspec.Struct, frozen=True):
    """A reference and its place in the source text, in characters."""

    kind: str
    key: str
    start: int
    end: int


def references(text: str) -> tuple[Reference, ...]:
    """Every well-formed reference of a source text, in reading order; malformed ones are `markup.problems`' affair."""
    if "{{" not in text:
        return ()
    return tuple(Reference(found[1], found[2], found.start(), found.end()) for found in REFERENCE.finditer(text))


def of_wording(wording: Wording) -> frozenset[tuple[str, str]]:
    """The (kind, key) pairs that any form of a wording refers to."""
    forms = (wording.text, wording.short, wording.spoken, *wording.overrides.values())
    return frozenset(pair for text in forms for pair in REFERENCE.findall(text))


def token(kind: str, key: str) -> str:
    """A reference as written."""
    return f"{{{{{kind}:{key}}}}}"
