"""Text messages as the network carries them: GSM 03.38 septets or UCS-2 units, cut into parts."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from kb.channels.references import REFERENCE

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet (3GPP TS 23.038 §6.2.1); each takes one septet."""

EXTENSION = frozenset("\f^{}\\[~]|€")
"""Characters reached by an escape (3GPP TS 23.038 §6.2.1.1); each takes two septets."""

NEAR = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′ʼ`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\t", " "),
        **dict.fromkeys("\u180e\u200b\u200c\u2060\u2028\u2029\ufeff\u00ad", ""),
        "…": "...",
        "•": "-",
        "×": "x",
        "⁄": "/",
    }
)
"""Characters whose plain twin says the same; letters with accents are never touched."""


class Message(msgspec.Struct, frozen=True):
    """A message as it is sent: `encoding` is `gsm-7` or `ucs-2`, `units` its length in septets or UTF-16 units."""

    encoding: str
    units: int
    parts: tuple[str, ...]


def downgrade(text: str) -> str:
    """The text with near characters (typographic quotes, dashes, spaces, the ellipsis) in their plain form."""
    return text.translate(NEAR)


def is_gsm(text: str) -> bool:
    return _FOREIGN.search(text) is None


def septets(text: str) -> int:
    """Septets of a text; for one that GSM-7 can't carry, its UTF-16 units."""
    return _units(text, is_gsm(text))


def segment(text: str, longest: Mapping[str, int] | None = None) -> Message:
    """The message cut where the network cuts it: 160 septets alone or 153 a part, 70 UTF-16 units alone or 67 a part.

    `longest` gives the length that each slot may grow to; a slot's token counts that much and is never cut.
    """
    pieces = list(_pieces(text, longest or {}))
    gsm = all(slot or is_gsm(piece) for piece, slot in pieces)
    units = sum(slot if slot else _units(piece, gsm) for piece, slot in pieces)
    alone, joined = (160, 153) if gsm else (70, 67)
    parts = (text,) if units <= alone else tuple(_packed(_atoms(pieces, gsm), joined))
    return Message("gsm-7" if gsm else "ucs-2", units, parts)


def _pieces(text: str, longest: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Stretches of text with 0, and the tokens of known slots with the length they may grow to."""
    position = 0
    for found in REFERENCE.finditer(text) if longest else ():
        if found[1] == "slot" and found[2] in longest:
            yield text[position : found.start()], 0
            yield found[0], longest[found[2]]
            position = found.end()
    yield text[position:], 0


def _atoms(pieces: list[tuple[str, int]], gsm: bool) -> Iterator[tuple[str, int]]:
    """What can't be cut, with its units: single characters and whole slots."""
    for piece, slot in pieces:
        if slot:
            yield piece, slot
        else:
            wide = EXTENSION if gsm else frozenset(_ASTRAL.findall(piece))
            yield from ((character, 2 if character in wide else 1) for character in piece)


def _packed(atoms: Iterator[tuple[str, int]], size: int) -> Iterator[str]:
    """A character of two units is never cut in half: it begins the next part."""
    part: list[str] = []
    used = 0
    for piece, units in atoms:
        if used + units > size and part:
            yield "".join(part)
            part, used = [], 0
        part.append(piece)
        used += units
    yield "".join(part)


def _units(text: str, gsm: bool) -> int:
    return len(text) + len((_EXTENDED if gsm else _ASTRAL).findall(text))


_FOREIGN = re.compile(f"[^{re.escape(''.join(BASIC | EXTENSION))}]")
_EXTENDED = re.compile(f"[{re.escape(''.join(EXTENSION))}]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
