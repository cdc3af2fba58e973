"""What a content may not hold, whatever door it comes through: raw HTML, bad links, texts that no file could hold."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from kb.channels.markup import problems
from kb.channels.profiles import CHANNELS
from kb.channels.references import ADDRESS, REFERENCE, WAY_ON
from kb.channels.types import Issue, Wording, blocks
from kb.entries.texts import fields_of, wording_fields, wordings_of
from kb.entries.types import Content, House, Kind

HEADING = re.compile(r"^ {0,3}(#{1,2})(?:[ \t]+(.*))?$", re.MULTILINE)
"""Headings of the first and second level part a content file into sections, so no text can hold one of its own."""

OVERRIDE = re.compile(r"([a-z]+)(?:/[a-z0-9]+(?:-[a-z0-9]+)*)?\Z")
"""What an override is for: a channel, or a channel and a profile."""

UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\u2028\u2029\ufffe\uffff]")
"""Characters that nobody sees, which no text may hold."""

LONGEST = {"topic": 60, "product": 60}
"""Characters that the names delivery filters by may have."""
MOST_DAYS = 36_525
LONGEST_SLOT = 2_000

_NOT_TEXT = re.compile(r"(?:next\..+\.to|links\[\d+\]\.url)\Z")
_HARMLESS = re.compile(REFERENCE.pattern + r"|^::: detail\n(?:(?!:::).*\n)+:::$", re.MULTILINE)
_SUSPICIOUS = re.compile(
    r"[<`|\t]|\{\{|\}\}|!\[|\]\(|:::|~~~|[ ]{4}|^[ \-*+0-9.)]*>|[-*_][ ]*[-*_][ ]*[-*_]",
    re.MULTILINE,
)
"""Without one of these no text has anything to refuse, so that most texts need no Markdown parser here."""
_CONDITION = re.compile(r"[a-z0-9-]+\Z")
_LINKS = "write https://…, tel:…, mailto:… or one {{fact:…}}"
_WAYS_ON = "write entry:KEY, handover, handover:QUEUE, callback, callback:QUEUE, link:https://…, link:{{fact:…}} or end"


class ContentFault(msgspec.Struct, frozen=True):
    """Something that keeps a content from being stored: `line` counts from 0 within the text of `field`."""

    field: str
    code: str
    message: str
    action: str
    line: int = 0

    @property
    def issue(self) -> Issue:
        """The same as an editor is shown it."""
        message = f"{self.message[:1].upper()}{self.message[1:]}."
        return blocks(self.code, self.field, message, f"{self.action[:1].upper()}{self.action[1:]}.")


def content_faults(content: Content, *, translation: bool) -> Iterator[ContentFault]:
    """Every refusal that holds for files as for requests, in the order of the content."""
    yield from _texts(content)
    if not translation:
        yield from _addresses(content)
    yield from _times(content)
    yield from _sizes(content)


def sent_faults(kind: Kind, key: str, content: Content, *, translation: bool) -> Iterator[ContentFault]:
    """The same with what a file can't say or refuses while it is read: a request could, and no file could hold it then."""
    yield from _unseen(content)
    yield from content_faults(content, translation=translation)
    yield from _sections(content)
    if translation:
        yield from _targets(content)
    if kind is Kind.HOUSE:
        yield from _house(key, content)
    if content.fact is not None and "{{" in repr(content.fact):
        yield ContentFault("fact", "fact-refers", f"the fact {key} holds a reference", "write its words out")


def suspicious(text: str) -> bool:
    """Whether a text needs a closer look; False is a promise that `markup.problems` finds nothing."""
    if "{{disclosure:" in text:
        return True
    if "{{" in text or ":::" in text:
        text = _HARMLESS.sub(_blank, text)
    return _SUSPICIOUS.search(text) is not None


def _blank(found: re.Match[str]) -> str:
    """A reference as a plain word; a detail as its lines, whose references are looked at on their own."""
    if found[1]:
        return "x"
    inner = REFERENCE.sub("x", found[0][len("::: detail\n") : -len("\n:::")])
    return f"\n{inner}\n"


def _texts(content: Content) -> Iterator[ContentFault]:
    for field, text in fields_of(content):
        if text and not _NOT_TEXT.search(field) and suspicious(text):
            for problem in problems(text):
                message = f"{problem.found!r}: {problem.message}"
                yield ContentFault(field, "text-refused", message, "change it", problem.line - 1)


def _addresses(content: Content) -> Iterator[ContentFault]:
    for index, link in enumerate(content.links):
        if not ADDRESS.match(link.url):
            yield ContentFault(f"links[{index}].url", "link-refused", f"{link.url!r} is no address we link to", _LINKS)
    for index, proof in enumerate(content.evidence):
        if proof.url and not ADDRESS.match(proof.url):
            message = f"{proof.url!r} is no address we link to"
            yield ContentFault(f"evidence[{index}].url", "link-refused", message, _LINKS)
    for option in content.next:
        if not WAY_ON.match(option.to):
            yield ContentFault(f"next.{option.id}.to", "way-on-refused", f"{option.to!r} leads nowhere", _WAYS_ON)


def _times(content: Content) -> Iterator[ContentFault]:
    for name in ("valid_from", "valid_until"):
        moment = getattr(content, name)
        if moment is not None and moment.tzinfo is None:
            action = "write it in UTC, with Z at its end"
            yield ContentFault(name, "time-without-zone", f"{name} doesn't say in which zone", action)


def _sizes(content: Content) -> Iterator[ContentFault]:
    """Sizes beyond which nothing could be stored or rendered."""
    for name, size in LONGEST.items():
        if len(getattr(content, name)) > size:
            yield ContentFault(name, "too-long", f"{name} has more than {size} characters", "shorten it")
    if content.cadence_days is not None and not 0 < content.cadence_days <= MOST_DAYS:
        message = f"cadence_days is {content.cadence_days}"
        yield ContentFault("cadence_days", "out-of-range", message, f"write a number of days from 1 to {MOST_DAYS}")
    for name, slot in content.slots.items():
        if not 0 < slot.max <= LONGEST_SLOT:
            message = f"the slot {name} takes {slot.max} characters"
            yield ContentFault(f"slots.{name}.max", "out-of-range", message, f"write a number from 1 to {LONGEST_SLOT}")


def _unseen(content: Content) -> Iterator[ContentFault]:
    for path, text in _strings(msgspec.to_builtins(content), ""):
        if match := UNSEEN.search(text):
            message = f"the character U+{ord(match[0]):04X} can't be seen"
            yield ContentFault(path, "control-character", message, "remove it")


def _strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text in a plain value, the names of its fields among them, with a path as issues write it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield path, name
            yield from _strings(item, f"{path}.{name}".lstrip("."))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _strings(item, f"{path}[{index}]")


def _sections(content: Content) -> Iterator[ContentFault]:
    """Wordings that no file could hold: its headings and the names of its sections would be read as something else."""
    for prefix, wording in wordings_of(content):
        if not wording.text:
            action = "write the canonical text, or leave the wording out"
            yield ContentFault(f"{prefix}text", "text-missing", "a wording has no text", action)
        yield from _headings(prefix, wording)
        for name in wording.overrides:
            match = OVERRIDE.match(name)
            if match is None or match[1] not in CHANNELS:
                action = "name a channel (sms), or a channel and a profile (social/bluesky)"
                yield ContentFault(f"{prefix}overrides", "override-refused", f"there is no channel {name!r}", action)
    for index, variant in enumerate(content.variants):
        words = [word for name in variant.when.__struct_fields__ for word in getattr(variant.when, name)]
        for word in words:
            if not _CONDITION.match(word):
                action = "use lower-case letters, digits and hyphens"
                yield ContentFault(f"variants[{index}].when", "condition-unknown", f"{word!r} is no condition", action)


def _headings(prefix: str, wording: Wording) -> Iterator[ContentFault]:
    for field, text in wording_fields(prefix, wording):
        if match := HEADING.search(text):
            message = f"{match[0].strip()!r} would begin another section in a content file"
            line = text.count("\n", 0, match.start())
            yield ContentFault(field, "heading-level", message, "use ### for headings in a text", line)


def _targets(content: Content) -> Iterator[ContentFault]:
    for index, link in enumerate(content.links):
        if link.url:
            message = "a translation takes the address of a link from its source"
            yield ContentFault(f"links[{index}].url", "translation-not-words", message, "leave it empty")
    for option in content.next:
        if option.to:
            message = "a translation takes where a way on leads from its source"
            yield ContentFault(f"next.{option.id}.to", "translation-not-words", message, "leave it empty")


def _house(key: str, content: Content) -> Iterator[ContentFault]:
    """A house document is one document, under the key of its name."""
    names = House.__struct_fields__
    if key not in names:
        action = f"use one of {', '.join(names)}"
        yield ContentFault("house", "house-key", f"there is no house document {key!r}", action)
    elif content.house is not None:
        there = [name for name in names if getattr(content.house, name) is not None]
        if there != [key]:
            message = f"the house document {key} holds {', '.join(there) or 'nothing'}"
            yield ContentFault("house", "house-key", message, f"give it {key} and nothing else")
