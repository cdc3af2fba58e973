"""The glossary at work: prohibited terms block, discouraged ones warn, each with its reason and what to say instead."""

import re
from collections.abc import Iterable, Iterator, Mapping
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
    """A glossary made ready: the term behind each form, and the forms that begin with a word, with one pattern over them."""

    by_form: Mapping[str, GlossaryTerm]
    by_word: Mapping[str, tuple[tuple[str, ...], re.Pattern[str]]]


def issues(text: str, field: str, terms: tuple[GlossaryTerm, ...], locale: str) -> tuple[Issue, ...]:
    """Terms of the glossary that a text should not use, whole words only, whatever their case.

    The terms (frozen structs) are compiled once per glossary.
    """
    glossary = _compiled(terms)
    folded = _folded(text)
    begun = (glossary.by_word[word] for word in glossary.by_word.keys() & set(WORD.findall(folded)))
    patterns = [pattern for forms, pattern in begun if any(form in folded for form in forms)]
    found = sorted((match for pattern in patterns for match in pattern.finditer(text)), key=re.Match.start)
    return tuple(_issue(match, glossary.by_form[_folded(match[0])], field, locale) for match in _apart(found))


def _apart(found: Iterable[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Matches from left to right without those that begin within another."""
    end = 0
    for match in found:
        if match.start() >= end:
            yield match
            end = match.end()


@lru_cache(maxsize=64)
def _compiled(terms: tuple[GlossaryTerm, ...]) -> Compiled:
    """Forms that are found, the longest first, so that a phrase wins over a word in it."""
    by_form = {
        _folded(form): term
        for term in reversed(terms)
        if term.status in {"prohibited", "discouraged"}
        for form in (term.term, *term.forms)
    }
    forms: dict[str, list[str]] = {}
    for form in sorted(by_form, key=lambda form: (-len(form), form)):
        for word in WORD.findall(form)[:1]:
            forms.setdefault(word, []).append(form)
    return Compiled(by_form, {word: (tuple(begun), _pattern(begun)) for word, begun in forms.items()})


def _pattern(forms: Iterable[str]) -> re.Pattern[str]:
    spelled = (re.escape(form).replace(r"\ ", r"\s+").replace("'", "['’]") for form in forms)
    return re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?!\w)", re.IGNORECASE)


def _folded(form: str) -> str:
    return " ".join(form.lower().replace("’", "'").split())


def _issue(match: re.Match[str], term: GlossaryTerm, field: str, locale: str) -> Issue:
    reason = f": {term.reason.rstrip('.')}" if term.reason else ""
    action = f"Say “{term.suggestion}” instead." if term.suggestion else "Say it without this term."
    place = {"found": match[0], "start": match.start(), "end": match.end(), "locale": locale}
    if term.status == "prohibited":
        return blocks("term-prohibited", field, f"“{match[0]}” must not be used{reason}.", action, **place)
    return warns("term-discouraged", field, f"“{match[0]}” is better avoided{reason}.", action, **place)
