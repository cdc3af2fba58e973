"""The glossary at work: prohibited terms block, discouraged ones warn, each with its reason and what to say instead."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

import msgspec

from kb.channels.types import Issue, blocks, warns


class GlossaryTerm(Protocol):
    """One line of the glossary; `status` is preferred, discouraged or prohibited, `forms` are further spellings."""

    @property
    def term(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def suggestion(self) -> str: ...
    @property
    def forms(self) -> tuple[str, ...]: ...


WORD = re.compile(r"\w+")


class Compiled(msgspec.Struct, frozen=True):
    """A glossary made ready: one pattern over all forms, the term behind each, and the words that forms begin with."""

    pattern: re.Pattern[str]
    by_form: Mapping[str, GlossaryTerm]
    first_words: frozenset[str]


def issues(text: str, field: str, terms: tuple[GlossaryTerm, ...], locale: str) -> tuple[Issue, ...]:
    """Terms of the glossary that a text should not use, whole words only, whatever their case.

    The terms (frozen structs) are compiled once per glossary.
    """
    glossary = _compiled(terms)
    if glossary.first_words.isdisjoint(WORD.findall(text.lower())):
        return ()
    found = glossary.pattern.finditer(text)
    return tuple(_issue(match, glossary.by_form[_folded(match[0])], field, locale) for match in found)


@lru_cache(maxsize=64)
def _compiled(terms: tuple[GlossaryTerm, ...]) -> Compiled:
    """Forms that are found, the longest first, so that a phrase wins over a word in it."""
    by_form = {
        _folded(form): term
        for term in reversed(terms)
        if term.status in {"prohibited", "discouraged"}
        for form in (term.term, *term.forms)
    }
    forms = sorted(by_form, key=lambda form: (-len(form), form))
    spelled = (re.escape(form).replace(r"\ ", r"\s+").replace("'", "['’]") for form in forms)
    first_words = frozenset(word for form in forms for word in WORD.findall(form)[:1])
    return Compiled(re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?!\w)", re.IGNORECASE), by_form, first_words)


def _folded(form: str) -> str:
    return " ".join(form.lower().replace("’", "'").split())


def _issue(match: re.Match[str], term: GlossaryTerm, field: str, locale: str) -> Issue:
    reason = f": {term.reason.rstrip('.')}" if term.reason else ""
    action = f"Say “{term.suggestion}” instead." if term.suggestion else "Say it without this term."
    place = {"found": match[0], "start": match.start(), "end": match.end(), "locale": locale}
    if term.status == "prohibited":
        return blocks("term-prohibited", field, f"“{match[0]}” must not be used{reason}.", action, **place)
    return warns("term-discouraged", field, f"“{match[0]}” is better avoided{reason}.", action, **place)
