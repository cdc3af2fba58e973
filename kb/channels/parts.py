"""Cuts text into the parts a channel sends, each within its profile's limits with slots at their longest."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from kb.channels.counting import measure
from kb.channels.limits import Limit
from kb.channels.profiles import Profile
from kb.channels.references import REFERENCE
from kb.channels.sentences import sentences as sentence_places
from kb.channels.types import Slot


class Ruler:
    """Measures parts against the limits of a profile."""

    def __init__(self, profile: Profile, slots: Mapping[str, Slot]) -> None:
        self.limits = profile.limits
        self.url_length = profile.url_length
        self.slots = slots

    def excess(self, text: str) -> tuple[Limit, int] | None:
        """The first limit that a part breaks, with the part's length in its unit."""
        text = longest(text, self.slots)
        for limit in self.limits:
            length = measure(text, limit.unit, self.url_length)
            if length > limit.size:
                return limit, length
        return None

    def fits(self, text: str) -> bool:
        return self.excess(text) is None


def longest(text: str, slots: Mapping[str, Slot]) -> str:
    """The text with each slot at its longest."""
    if "{{slot:" not in text:
        return text

    def filled(found: re.Match[str]) -> str:
        slot = slots.get(found[2]) if found[1] == "slot" else None
        return "x" * slot.max if slot is not None else found[0]

    return REFERENCE.sub(filled, text)


def pack(pieces: list[tuple[str, str]], fits: Callable[[str], bool]) -> list[str]:
    """Pieces (text, and what joins it to the piece before) in as few parts as fit, in order, none of them cut."""
    parts: list[str] = []
    for text, joint in pieces:
        if parts and fits(f"{parts[-1]}{joint}{text}"):
            parts[-1] = f"{parts[-1]}{joint}{text}"
        else:
            parts.append(text)
    return parts


def sentences(text: str, locale: str) -> list[str]:
    """The sentences of one line as written, with their signs and quotation marks."""
    starts = [0, *(sentence.start for sentence in sentence_places(text, locale)[1:]), len(text)]
    return [text[start:end].strip() for start, end in pairwise(starts) if text[start:end].strip()]


def by_words(text: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """A text that no part holds, cut between words; a single word is never cut."""
    part = ""
    for word in text.split(" "):
        grown = f"{part} {word}" if part else word
        if part and not fits(grown):
            yield part
            grown = word
        part = grown
    yield part
