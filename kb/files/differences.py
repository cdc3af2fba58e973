"""Two drafts side by side, field by field: what a dry run shows."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kb.entries.types import Draft
from kb.files.types import Change


def differences(before: Draft | None, after: Draft) -> tuple[Change, ...]:
    """Every field whose value differs, in the file's words; against nothing, every field there is."""
    old = dict(_fields(before)) if before else {}
    new = dict(_fields(after))
    names = [*new, *(name for name in old if name not in new)]
    found = ((name, old.get(name, ""), new.get(name, "")) for name in names)
    return tuple(Change(name, was, now) for name, was, now in found if was != now)


def _fields(draft: Draft) -> Iterator[tuple[str, str]]:
    yield "author", draft.author
    yield "editors", ", ".join(draft.editors)
    yield "source", draft.source
    for name, value in msgspec.to_builtins(draft.content).items():
        yield from _flat("" if name == "wording" else name, value)


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(f"{name}.{key}" if name else key, item)
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        for index, item in enumerate(value):
            label = item.get("id", "") if isinstance(item, Mapping) else ""
            yield from _flat(f"{name}.{label}" if label else f"{name}[{index}]", item)
    elif isinstance(value, list | tuple):
        yield name, ", ".join(map(str, value))
    else:
        yield name, str(value)
