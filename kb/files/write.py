"""Drafts into the files that `read` reads back exactly, each naming as `base` the revision it came from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kb.base.errors import Invalid
from kb.channels.types import Wording
from kb.entries.faults import HEADING
from kb.entries.types import Content, Draft, House, Kind
from kb.files.read import FACTS, FOLDERS
from kb.files.sections import Name, forms, heading
from kb.files.yaml_text import block

ORDER = (
    *("kind", "title", "topic", "product", "stage", "audience", "owner"),
    *("author", "editors", "source", "base", "again"),
    *("valid_from", "valid_until", "cadence_days", "phrasings", "evidence", "placement", "promise", "notice"),
    *("links", "ask", "next", "staff", "email", "voice", "slots"),
)
"""Front matter in the order people read it."""

FOLDER_OF = {kind: folder for folder, kind in FOLDERS.items()}
_IN_SECTIONS = frozenset({"wording", "alternates", "variants"})
_TARGETS = {"links": "url", "next": "to"}


class Dumped(msgspec.Struct, frozen=True):
    """A draft with the hash of the revision it came from; empty, when it came from none."""

    draft: Draft
    base: str = ""


def entry_path(draft: Draft) -> str:
    """Where an entry's file lies in the content folder; facts lie together by topic."""
    if draft.kind is Kind.FACT:
        return f"{FACTS}/{draft.content.topic or 'general'}.yaml"
    if draft.kind is Kind.HOUSE:
        return f"{draft.key}.yaml"
    return f"{FOLDER_OF[draft.kind]}/{draft.key}.{draft.locale}.md"


def text_of(dumped: Sequence[Dumped]) -> str:
    """The text of one file: one entry, one house document, or facts. Invalid for what no file can say."""
    kind = dumped[0].draft.kind
    if kind is Kind.FACT:
        return facts_text(dumped)
    return house_text(dumped[0]) if kind is Kind.HOUSE else entry_text(dumped[0])


def write(folder: Path, files: Mapping[str, str]) -> tuple[str, ...]:
    """Write texts that aren't there word for word; returns the paths that changed."""
    changed = []
    for path, text in files.items():
        file = folder / path
        data = text.encode()
        if not file.exists() or file.read_bytes() != data:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            changed.append(path)
    return tuple(changed)


def entry_text(dumped: Dumped) -> str:
    """A Markdown entry."""
    draft = dumped.draft
    fields = {"kind": draft.kind.value, **_fields(dumped)}
    for name, target in _TARGETS.items():
        fields[name] = [_without_empty(item, target) for item in fields.get(name, ())]
    # a part that is there with nothing but defaults (`placement: {}`) was signed so, and says more than no part
    front = {name: fields[name] for name in ORDER if fields.get(name) not in (None, [], "")}
    return f"---\n{block(front)}---\n\n{_body(draft.content)}"


def facts_text(dumped: Sequence[Dumped]) -> str:
    """A file of facts; what all of them share stands under `defaults`."""
    rows = {one.draft.key: _fact_fields(one) for one in dumped}
    first = next(iter(rows.values()))
    shared = {name: first[name] for name in ("topic", "owner", "author", "cadence_days") if name in first}
    defaults = {name: value for name, value in shared.items() if all(row.get(name) == value for row in rows.values())}
    facts = {key: {name: row[name] for name in row if name not in defaults} for key, row in rows.items()}
    return block({"defaults": defaults, "facts": facts} if defaults and len(rows) > 1 else {"facts": rows})


def house_text(dumped: Dumped) -> str:
    """A house document."""
    fields = _fields(dumped)
    house = fields.pop("house")
    name = next(name for name in House.__struct_fields__ if house.get(name) is not None)
    front = {field: fields[field] for field in ORDER if field in fields}
    return block({"key": dumped.draft.key, **front, name: house[name]})


def _fields(dumped: Dumped) -> dict[str, Any]:
    """Everything but the wordings, as plain values."""
    draft = dumped.draft
    content = {name: value for name, value in msgspec.to_builtins(draft.content).items() if name not in _IN_SECTIONS}
    about: dict[str, Any] = {"author": draft.author, "editors": list(draft.editors), "source": draft.source}
    about |= {"base": dumped.base, "again": draft.again}
    return content | {name: value for name, value in about.items() if value}


def _fact_fields(dumped: Dumped) -> dict[str, Any]:
    fields = _fields(dumped)
    value = fields.pop("fact")
    front = {name: fields[name] for name in ORDER if name in fields}
    return {"title": front.pop("title", ""), "value": value, **front}


def _without_empty(item: dict[str, Any], target: str) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != target or value}


def _body(content: Content) -> str:
    """The sections: the entry's own texts, its alternates, its variants with theirs."""
    parts: list[str] = []
    wordings = [(Name(), content.wording)] if content.wording else []
    wordings += [(Name(alternate=number), one) for number, one in enumerate(content.alternates, 1)]
    for variant in content.variants:
        wordings.append((Name(when=variant.when), variant.wording))
        wordings += [(Name(variant.when, number), one) for number, one in enumerate(variant.alternates, 1)]
    for name, wording in wordings:
        parts += _sections(name, wording)
    return "\n\n".join(parts) + "\n" if parts else ""


def _sections(name: Name, wording: Wording) -> list[str]:
    found = []
    for form, text in forms(wording):
        if HEADING.search(text):
            raise Invalid(f"no file can hold this text, for a line of it begins with # or ##: {text[:60]!r}; use ###")
        title = heading(msgspec.structs.replace(name, form=form))
        found.append(f"{title}\n\n{text}" if title else text)
    return found
