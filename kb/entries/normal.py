"""A content as it is signed, whatever door its texts came through: one form of each character, line and time."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from kb.base.hashing import normal
from kb.entries.types import Content


def normal_content(content: Content) -> Content:
    """The content with every text in NFC with LF and nothing at its ends, and every time in UTC to the millisecond."""
    return msgspec.convert(_normal(msgspec.to_builtins(content, builtin_types=(datetime,))), Content)


def _normal(value: Any) -> Any:
    if isinstance(value, str):
        return normal(value)
    if isinstance(value, dict):
        return {normal(key): _normal(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_normal(item) for item in value]
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(microsecond=value.microsecond // 1000 * 1000)
    return value
