"""The way from a field as issues name it (`next.track.label`, `overrides.sms`) to its place in the plain JSON of a content."""

import re
from typing import Any

import msgspec

from kb.entries.types import Content

Step = str | int

_INDEX = re.compile(r"\[(\d+)\]")
_FORMS = re.compile(r"(?P<before>(?:variants\[\d+\]\.)?)(?P<form>(?:text|short|spoken|overrides\b).*)\Z", re.DOTALL)


def pointer(content: Content, field: str) -> str:
    """The JSON pointer (RFC 6901) of a field within a content, or of what is nearest above it."""
    found = steps(_whole(field), msgspec.to_builtins(content))
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in found)


def steps(field: str, value: Any) -> tuple[Step, ...]:
    """The longest path that leads towards a field; a way on is found by its id, a key may hold dots."""
    path: list[Step] = []
    rest = field
    while rest:
        step, rest = _step(rest, value)
        if step is None:
            break
        path.append(step)
        value = value[step]
    return tuple(path)


def _whole(field: str) -> str:
    """Issues leave out `wording` before a form: `short` is `wording.short`, `variants[0].short` a form of its wording."""
    match = _FORMS.match(field)
    return f"{match['before']}wording.{match['form']}" if match else field


def _step(rest: str, value: Any) -> tuple[Step | None, str]:
    rest = rest.removeprefix(".")
    if isinstance(value, (list, tuple)):
        if match := _INDEX.match(rest):
            index = int(match[1])
            return (index if index < len(value) else None), rest[match.end() :]
        names = {str(item["id"]): index for index, item in enumerate(value) if isinstance(item, dict) and "id" in item}
        for name in sorted(names, key=len, reverse=True):
            if _begins(rest, name):
                return names[name], rest[len(name) :]
    if isinstance(value, dict):
        for key in sorted(value, key=len, reverse=True):
            if _begins(rest, key):
                return key, rest[len(key) :]
    return None, rest


def _begins(rest: str, name: str) -> bool:
    return bool(name) and rest.startswith(name) and rest[len(name) : len(name) + 1] in {"", ".", "["}
