"""Canonical bytes and hashes: RFC 8785 JSON for what is signed, SHA-256 in lower-case hex, Ed25519 in base64url.

Values are first turned into plain JSON types by msgspec (defaults left out). Numbers in signed content are integers only:
decimals, money and percentages are strings at their written scale, so RFC 8785's doubles never come into play.
"""

import base64
import hashlib
import unicodedata
from datetime import UTC, datetime
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode
"""Escapes no more than RFC 8785 §3.2.2.2 asks, and keeps the order of keys."""


def canonical(value: Any) -> bytes:
    """RFC 8785 JSON of a struct or of plain JSON values.

    Keys sort by UTF-16 code units (RFC 8785 §3.2.3). Floats are refused: nothing that is signed may depend on a double.
    """
    plain = msgspec.to_builtins(value, builtin_types=(datetime,))
    return _encode(_ordered(plain))


def digest(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def normal(text: str) -> str:
    """Markdown source as it is signed: NFC, LF line ends, no blank lines at its ends, no white space at line ends."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def instant(moment: datetime) -> str:
    """A time as it is signed: UTC with milliseconds, `2026-11-22T02:41:00.000Z`. A naive time is refused."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone can't be signed: give it one, or write it in UTC with Z")
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def to_base64url(data: bytes) -> str:
    """Base64url without padding (RFC 4648 §5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The inverse of `to_base64url`; raises ValueError for anything else, another spelling of the same bytes included."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if to_base64url(data) != text:
        raise ValueError("this is no base64url as it is written here")
    return data


def _ordered(value: Any) -> Any:
    """The value with the keys of its objects in order; strings, which are most of it, are looked at first."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in _sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_ordered(item) for item in value]
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, float):
        raise TypeError("a float can't be signed: write decimals as strings")
    return value


def _sorted(keys: dict[str, Any]) -> list[str]:
    """Keys by UTF-16 code units; for plain ASCII, which they nearly always are, that is the order of any sort."""
    return sorted(keys) if "".join(keys).isascii() else sorted(keys, key=_utf16)


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")
