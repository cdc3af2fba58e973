"""Marking the words that were looked for in a text that delivery let leave. Pure."""

import re

import msgspec

from kb.search.words import stems

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
WINDOW = 240
"""Characters of a long text that are shown around its marked words."""


class Piece(msgspec.Struct, frozen=True):
    """A run of text as it stands, marked or not: pieces need no counting of characters and no escaping rules."""

    text: str
    hit: bool


class Highlight(msgspec.Struct, frozen=True):
    """One field, `title` or `text`, cut into pieces; a long text is shown in part."""

    field: str
    pieces: tuple[Piece, ...]


def highlights(title: str, text: str, wanted: frozenset[str], tongue: str) -> tuple[Highlight, ...]:
    """The fields that hold a wanted stem, with the words marked."""
    marked = []
    for field, value in (("title", title), ("text", text)):
        spans = [span.span() for span in WORD.finditer(value) if wanted.intersection(stems(span.group(), tongue))]
        if spans:
            marked.append(Highlight(field, _pieces(value, spans, *_window(value, spans))))
    return tuple(marked)


def _window(value: str, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """The stretch of at most WINDOW characters, from a word's start to a word's end, that holds most marked words."""
    if len(value) <= WINDOW:
        return 0, len(value)
    room = WINDOW // 4
    best = max(
        spans, key=lambda first: (sum(first[0] <= start < first[0] + WINDOW - room for start, _ in spans), -first[0])
    )
    start = max(best[0] - room, 0)
    start = 0 if start == 0 else value.find(" ", start, best[0]) + 1 or best[0]
    stop = min(start + WINDOW, len(value))
    return start, stop if stop == len(value) else max(value.rfind(" ", start, stop), best[1])


def _pieces(value: str, spans: list[tuple[int, int]], start: int, stop: int) -> tuple[Piece, ...]:
    pieces, here = [], start
    for first, last in spans:
        if first < start or last > stop:
            continue
        if first > here:
            pieces.append(Piece(value[here:first], hit=False))
        pieces.append(Piece(value[first:last], hit=True))
        here = last
    if here < stop:
        pieces.append(Piece(value[here:stop], hit=False))
    return tuple(pieces)
