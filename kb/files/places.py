"""Where a field of a content stands in its file."""

import re
from collections.abc import Mapping

import msgspec

from kb.entries.paths import steps
from kb.files.yaml_values import Tree


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
        return self.tree.lines[(*self.root, *steps(field, value))] + self.above
