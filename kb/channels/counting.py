"""How long a text is, in each unit a network counts in."""

import re
import unicodedata
from collections.abc import Callable

import regex

from kb.channels import gsm


def measure(text: str, unit: str, url_length: int | None = None) -> int:
    """The length of a text in a unit of `limits.UNITS`; a link counts `url_length` where the network shortens links.

    In characters too: Mastodon counts code points with each link at a fixed length.
    """
    if unit == "weighted":
        return weighted(text, url_length or 23)
    if unit == "characters" and url_length:
        return len(_LINK.sub("x" * url_length, text))
    return _COUNTS[unit](text)


def weighted(text: str, url_length: int = 23) -> int:
    """X's own count (twitter-text v3): code points weigh 1 or 2, an emoji 2, a link `url_length`.

    Never below what X counts: X takes an address for a link only if it knows its ending, so one that isn't plainly such
    a link counts at least its own length; and an emoji made of several joined ones counts each.
    """
    text = unicodedata.normalize("NFC", text)
    if text.isascii() and "." not in text:
        return len(text)
    links = [_link(found[0], url_length) for found in _LINK_OR_DOMAIN.finditer(text)]
    return sum(links) + _weight(_LINK_OR_DOMAIN.sub("", text) if links else text)


def _link(address: str, url_length: int) -> int:
    """A clean address is a link or none; in any other the link may end early, and what follows counts by itself."""
    clean = _CLEAN.fullmatch(address)
    if clean is None:
        return url_length + _weight(address)
    return url_length if clean["ending"] in _ENDINGS else max(url_length, _weight(address))


def _weight(text: str) -> int:
    if text.isascii():
        return len(text)
    emoji = _EMOJI.findall(text)
    rest = _EMOJI.sub("", text) if emoji else text
    return 2 * len(emoji) + len(rest) + len(_HEAVY.findall(rest))


def _graphemes(text: str) -> int:
    return len(text) if text.isascii() else len(_GRAPHEME.findall(text))


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _bytes(text: str) -> int:
    return len(text.encode())


_LINK = re.compile(r"https?://\S+[^\s.,;:!?)\]}'\"»”’]")
_LINK_OR_DOMAIN = re.compile(
    r"https?://\S+[^\s.,;:!?)\]}'\"»”’]|(?:[\w-]+\.)+[^\W\d_]{2,}(?:/\S*[^\s.,;:!?)\]}'\"»”’])?"
)
_CLEAN = re.compile(
    r"(?:https?://)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?P<ending>[a-z]{2,})"
    r"(?:/|/[A-Za-z0-9/._-]*[A-Za-z0-9/])?(?:\?[A-Za-z0-9=&_-]*[A-Za-z0-9])?"
)
_ENDINGS = frozenset(("com", "org", "net", "info", "eu", "uk", "es", "ie", "us", "mx", "de", "fr", "it", "pt"))
"""Endings of names that X surely knows."""

_HEAVY = re.compile("[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_GRAPHEME = regex.compile(r"\X")
_EMOJI = regex.compile(
    r"\p{Emoji_Modifier_Base}\p{Emoji_Modifier}|[\p{Emoji_Presentation}--\p{Regional_Indicator}--\p{Emoji_Modifier}]"
    r"|\p{Emoji_Modifier}|\p{Extended_Pictographic}️|\p{Regional_Indicator}{2}|[©®]|[0-9#*]️?⃣",
    regex.VERSION1,
)
_COUNTS: dict[str, Callable[[str], int]] = {
    "characters": len,
    "gsm": gsm.septets,
    "graphemes": _graphemes,
    "utf16": _utf16,
    "bytes": _bytes,
}
