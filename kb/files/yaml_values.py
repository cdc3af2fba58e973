"""YAML as plain values, by the JSON-like core schema of YAML 1.2, with the line of every value and nothing clever.

Anchors, aliases, tags, merge keys, further documents and duplicate keys are refused; mapping keys are always text;
`no`, `on`, `08:30` and `2026-11-22` stay text. LibYAML parses, which is what makes ten thousand files bearable.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import msgspec
from yaml.cyaml import CSafeLoader
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from kb.base.hashing import normal
from kb.files.types import ReadError

DEEPEST = 30
"""Levels of nesting; the deepest content file needs eight."""


class Tree(msgspec.Struct, frozen=True):
    """A value (dict, list, str, int, float, bool or None) and, for every path in it, the line on which it begins.

    A path is a tuple of keys and indexes; the empty path is the whole.
    """

    value: Any
    lines: dict[tuple[str | int, ...], int]


def read_yaml(text: str) -> Tree:
    """The one document of a text; raises ReadError. Text values come back normal (NFC, no white space at line ends)."""
    try:
        return _Builder(CSafeLoader(text)).document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ReadError(line, "yaml", f"this isn't YAML: {error.problem or error.context}", _SYNTAX) from error
    except YAMLError as error:
        raise ReadError(1, "yaml", f"this isn't YAML: {error}", _SYNTAX) from error


_SYNTAX = "check indentation, colons and quotes; put text with “: ” or “ #” in it into double quotes"
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}\Z")  # RFC 8785 can sign no longer ones exactly
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_FIRST_OF_NUMBERS = frozenset("0123456789+-.")


class _Builder:
    """Builds values straight from LibYAML's events: half the work of its node tree."""

    def __init__(self, loader: CSafeLoader) -> None:
        self.next: Callable[[], Any] = loader.get_event
        self.lines: dict[tuple[str | int, ...], int] = {}

    def document(self) -> Tree:
        self.next()  # the stream's start
        if type(self.next()) is StreamEndEvent:
            return Tree(None, {(): 1})
        value = self.value(self.next(), ())
        self.next()  # the document's end
        event: Any = self.next()
        if type(event) is not StreamEndEvent:
            raise _fault(event, "a second document begins here", "keep one document in a file: remove the line “---”")
        return Tree(value, self.lines)

    def value(self, event: Any, path: tuple[str | int, ...]) -> Any:
        self.lines[path] = event.start_mark.line + 1
        kind = type(event)
        if kind is AliasEvent:
            raise _fault(event, f"*{event.anchor} is an alias, and aliases are refused", "write the value out")
        if event.anchor is not None:
            raise _fault(event, f"&{event.anchor} is an anchor, and anchors are refused", "remove it")
        if event.tag is not None:
            raise _fault(event, f"the tag {event.tag} is refused", "remove it; put text that looks odd into quotes")
        if kind is ScalarEvent:
            return _resolved(event.value) if event.implicit[0] else _clean(event.value)
        if len(path) > DEEPEST:
            raise _fault(event, f"more than {DEEPEST} levels of nesting", "bring it nearer to the top")
        return self.mapping(path) if kind is MappingStartEvent else self.sequence(path)

    def mapping(self, path: tuple[str | int, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        event: Any
        while type(event := self.next()) is not MappingEndEvent:
            line = event.start_mark.line + 1
            if type(event) is not ScalarEvent or event.anchor is not None or event.tag is not None:
                raise _fault(event, "a field's name has to be plain text", "write NAME: VALUE")
            key = _clean(event.value)
            if key in found:
                raise _fault(event, f"{key} is given twice", "keep one of them")
            found[key] = self.value(self.next(), (*path, key))
            self.lines[(*path, key)] = line
        return found

    def sequence(self, path: tuple[str | int, ...]) -> list[Any]:
        found: list[Any] = []
        while type(event := self.next()) is not SequenceEndEvent:
            found.append(self.value(event, (*path, len(found))))
        return found


def _resolved(text: str) -> Any:
    """A plain scalar by the core schema; octal and hexadecimal numbers are left as text, for nothing of ours is one."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _FIRST_OF_NUMBERS:
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
    return _clean(text)


def _clean(text: str) -> str:
    if text.isascii() and "\n" not in text and "\r" not in text:
        return text.rstrip()
    return normal(text) if "\n" in text or "\r" in text else unicodedata.normalize("NFC", text).rstrip()


def _fault(event: Any, message: str, action: str) -> ReadError:
    return ReadError(event.start_mark.line + 1, "yaml", message, action)
