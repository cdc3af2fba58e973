"""Where a field of a content stands in its file."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from kb.files.yaml_values import Tree

_INDEX = re.compile(r"\[(\d+)\]")


class Places(msgspec.Struct, frozen=True):
    """The lines of one entry: `sections` by the path of a text, everything else by `tree`, `above` lines into the file.

    `root` is where the entry begins in the tree (a fact is one of many), `renamed` holds fields that a file calls
    differently.
    """

    tree: Tree
    above: int = 0
    sections: Mapping[str, int] = {}
    root: tuple[str | int, ...] = ()
    renamed: Mapping[str, str] = {}

    def line(self, field: str) -> int:
        """The line of a field as issues name it (`next.track.label`), else of what is nearest above it."""
        if section := self.sections.get(field) or self.sections.get(f"{field.removesuffix('.when')}.text"):
            return section
        first = re.split(r"[.\[]", field, maxsplit=1)[0]
        if first in self.renamed:
            field = self.renamed[first] + field[len(first) :]
        value = self.tree.value
        for step in self.root:
            value = value[step]
        return self.tree.lines[(*self.root, *_path(field, value))] + self.above


def _path(field: str, value: Any) -> tuple[str | int, ...]:
    """The longest path that leads towards the field; a way on is found by its id, a key may hold dots."""
    path: list[str | int] = []
    rest = field
    while rest:
        step, rest = _step(rest, value)
        if step is None:
            break
        path.append(step)
        value = value[step]
    return tuple(path)


def _step(rest: str, value: Any) -> tuple[str | int | None, str]:
    rest = rest.removeprefix(".")
    if isinstance(value, list):
        if match := _INDEX.match(rest):
            index = int(match[1])
            return (index if index < len(value) else None), rest[match.end() :]
        for index, item in enumerate(value):
            if isinstance(item, dict) and _begins(rest, str(item.get("id", ""))):
                return index, rest[len(str(item["id"])) :]
    if isinstance(value, dict):
        for key in sorted(value, key=len, reverse=True):
            if _begins(rest, key):
                return key, rest[len(key) :]
    return None, rest


def _begins(rest: str, name: str) -> bool:
    return bool(name) and rest.startswith(name) and rest[len(name) : len(name) + 1] in {"", ".", "["}
