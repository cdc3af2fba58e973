"""Plain values into structs: what doesn't fit is said in an editor's words, with the line it stands on."""

import difflib
import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from kb.channels.types import Place, SlotType
from kb.channels.values import Unit
from kb.entries.types import Audience, Content, Stage
from kb.files.types import Fault
from kb.files.yaml_values import Tree

T = TypeVar("T")
Path = tuple[str | int, ...]


class MisfitError(Exception):
    """A value that isn't what its field takes; `path` leads to it as far as is known."""

    def __init__(self, path: Path, message: str, action: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.action = action


def fit(value: Any, kind: type[T], path: Path = ()) -> T:
    """The value as a struct of this kind; raises MisfitError for the first thing that doesn't fit."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _misfit(str(error), path) from error


def fit_fields(values: dict[str, Any], kind: type[T], path: Path = ()) -> T | list[MisfitError]:
    """The same for a mapping of fields; where something doesn't fit, one MisfitError for each field that is wrong."""
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        found = list(_each(values, kind, path))
        return found or [_misfit(str(error), path)]


def fault(file: str, tree: Tree, misfit: MisfitError, above: int = 0) -> Fault:
    """The misfit with its line: the nearest one known on its path, `above` lines into the file."""
    path = misfit.path
    while path not in tree.lines:
        path = path[:-1]
    return Fault(file, tree.lines[path] + above, "shape", misfit.message, misfit.action)


def unknown(name: str, known: tuple[str, ...], path: Path) -> MisfitError:
    """A field that nobody knows, with the one that was perhaps meant."""
    near = difflib.get_close_matches(name, known, 1)
    action = f"did you mean {near[0]}? Otherwise remove it" if near else f"remove it; known here: {', '.join(known)}"
    return MisfitError(path, f"there is no field {name} here", action)


def _each(values: dict[str, Any], kind: type, path: Path) -> Iterator[MisfitError]:
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for name, value in values.items():
        if name not in fields:
            yield unknown(name, tuple(fields), (*path, name))
            continue
        try:
            msgspec.convert(value, fields[name])
        except msgspec.ValidationError as error:
            yield _misfit(str(error), (*path, name))


_AT = re.compile(r" - at `(?:key in )?\$(.*)`\Z")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_EXPECTED = re.compile(r"Expected `(.+?)`, got `(\w+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(\w+)`")
_LACKS = re.compile(r"Object missing required field `(\w+)`")
_DATED = re.compile(r"Invalid RFC3339 encoded (datetime|date)")
_WORDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "null": "nothing"}
_WORDS |= {"array": "a list", "object": "a mapping (NAME: VALUE)", "date": "a date (2026-11-22)"}
_WORDS |= {"datetime": "a time in UTC (2026-11-22T00:00:00Z)"}
_QUOTE = "put it into double quotes"
_CHOICES: dict[str, list[str]] = {
    name: [str(member.value) for member in words]
    for name, words in (("stage", Stage), ("audience", Audience), ("type", SlotType), ("place", Place), ("unit", Unit))
}
_KNOWN = tuple(dict.fromkeys(("kind", "author", "editors", "source", "base", "again", *Content.__struct_fields__)))


def _misfit(text: str, path: Path) -> MisfitError:
    found = _AT.search(text)
    tail = found[1] if found else ""
    path = (*path, *(name or int(index) for name, index in _STEP.findall(tail.split("[...]")[0])))
    said = spoken(path) + tail[tail.index("[...]") :].replace("[...]", ".…") if "[...]" in tail else spoken(path)
    if match := _UNKNOWN.search(text):
        near = unknown(match[1], _KNOWN, (*path, match[1])) if not path else None
        return near or MisfitError(
            (*path, match[1]), f"{said} has no field {match[1]}", "remove it, or correct its name"
        )
    if match := _LACKS.search(text):
        return MisfitError(path, f"{said} lacks {match[1]}", f"add {match[1]}")
    if match := _EXPECTED.search(text):
        wanted = " or ".join(_WORDS.get(word.strip(), word) for word in match[1].split("|"))
        got = _WORDS.get(match[2], match[2])
        quotable = "str" in match[1] and match[2] in {"int", "float", "bool"}
        return MisfitError(path, f"{said} takes {wanted}, not {got}", _QUOTE if quotable else f"write {wanted}")
    if match := _DATED.match(text):
        return MisfitError(path, f"{said} isn't a {match[1]}", f"write {_WORDS[match[1]]}")
    choices = _CHOICES.get(said.rpartition(".")[2])
    if "Invalid enum value" in text and choices:
        return MisfitError(path, f"{said} has a word it doesn't know", f"use one of {', '.join(choices)}")
    return MisfitError(path, f"{said} doesn't fit: {text.partition(' - at ')[0].lower()}", "the schema shows its form")


def spoken(path: Path) -> str:
    """A path as people write it: `next[0].label`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "this"
