"""Every scalar of some JSON, and the same JSON with one of them changed: for tests that each leaf is proved."""

from typing import Any

import msgspec


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every scalar of some JSON."""
    if isinstance(value, dict):
        return [found for key, inner in value.items() for found in places(inner, (*path, key))]
    if isinstance(value, list):
        return [found for key, inner in enumerate(value) for found in places(inner, (*path, key))]
    return [path]


def altered(value: Any, path: tuple[Any, ...]) -> Any:
    copy = msgspec.json.decode(msgspec.json.encode(value))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    before = inner[path[-1]]
    inner[path[-1]] = before + 1 if type(before) is int else (not before if isinstance(before, bool) else f"{before}x")
    return copy
