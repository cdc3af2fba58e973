"""Keyset cursors: where a page ended, as opaque text that only the list it came from understands."""

from collections.abc import Sequence

import msgspec

from kb.base.errors import Code, Detail, Invalid
from kb.base.hashing import from_base64url, to_base64url

Place = tuple[str | int, ...]
"""The values of the sort's columns in the last row of a page; the last one is unique."""


def encode(place: Sequence[str | int]) -> str:
    """The cursor behind a row."""
    return to_base64url(msgspec.json.encode(list(place)))


def decode(text: str, kinds: tuple[type, ...]) -> Place | None:
    """The place a cursor names, None for the beginning; Invalid for what this list never gave.

    `kinds` are the types of its values, `str` or `int`.
    """
    if not text:
        return None
    try:
        place = msgspec.json.decode(from_base64url(text), type=list[str | int])
    except (ValueError, msgspec.DecodeError) as error:
        raise _unknown() from error
    if len(place) != len(kinds) or not all(type(value) is kind for value, kind in zip(place, kinds, strict=True)):
        raise _unknown()
    return tuple(place)


def _unknown() -> Invalid:
    message = "this is no cursor of this list: take the `next` of an earlier answer as it is"
    return Invalid(message, errors=(Detail("cursor", Code.INVALID.value, message),))
