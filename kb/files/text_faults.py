"""What a text may not hold when it comes from a file: raw HTML, images, bad links, malformed references and such."""

import re
from collections.abc import Iterator

from kb.channels.markup import problems
from kb.channels.references import ADDRESS, REFERENCE, WAY_ON
from kb.entries.texts import fields_of
from kb.entries.types import Content
from kb.files.places import Places
from kb.files.types import Fault

_NOT_TEXT = re.compile(r"(?:next\..+\.to|links\[\d+\]\.url)\Z")
_HARMLESS = re.compile(REFERENCE.pattern + r"|^::: detail\n(?:(?!:::).*\n)+:::$", re.MULTILINE)
_SUSPICIOUS = re.compile(
    r"[<`|\t]|\{\{|\}\}|!\[|\]\(|:::|~~~|[ ]{4}|^[ \-*+0-9.)]*>|[-*_][ ]*[-*_][ ]*[-*_]",
    re.MULTILINE,
)
"""Without one of these no text has anything to refuse, so that most texts need no Markdown parser here."""


def text_faults(file: str, content: Content, places: Places, *, translation: bool) -> Iterator[Fault]:
    """Every refusal in the texts and addresses of a content, with its line."""
    for field, text in fields_of(content):
        if text and not _NOT_TEXT.search(field) and suspicious(text):
            line = places.line(field)
            inside = field in places.sections
            for problem in problems(text):
                at = line + problem.line - 1 if inside else line
                yield Fault(file, at, "text-refused", f"{problem.found!r}: {problem.message}", "change it")
    if not translation:
        yield from _address_faults(file, content, places)


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


def _address_faults(file: str, content: Content, places: Places) -> Iterator[Fault]:
    for index, link in enumerate(content.links):
        if not ADDRESS.match(link.url):
            message = f"{link.url!r} is no address we link to"
            yield Fault(file, places.line(f"links[{index}].url"), "link-refused", message, _LINKS)
    for index, proof in enumerate(content.evidence):
        if proof.url and not ADDRESS.match(proof.url):
            message = f"{proof.url!r} is no address we link to"
            yield Fault(file, places.line(f"evidence[{index}].url"), "link-refused", message, _LINKS)
    for option in content.next:
        if not WAY_ON.match(option.to):
            message = f"{option.to!r} leads nowhere"
            yield Fault(file, places.line(f"next.{option.id}.to"), "way-on-refused", message, _WAYS_ON)


_LINKS = "write https://…, tel:…, mailto:… or one {{fact:…}}"
_WAYS_ON = "write entry:KEY, handover, handover:QUEUE, callback, callback:QUEUE, link:https://…, link:{{fact:…}} or end"
