"""The two halves of a Markdown entry, front matter and sections, and the headings that name a section."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from kb.channels.profiles import CHANNELS
from kb.channels.types import Variant, When, Wording
from kb.entries.faults import HEADING, OVERRIDE
from kb.files.types import ReadError

_CONDITION = re.compile(r"([a-z]+)=([a-z0-9-]+(?:,[a-z0-9-]+)*)\Z")
_ALTERNATE = re.compile(r"alternate ([1-9][0-9]?)\Z")


class Name(msgspec.Struct, frozen=True):
    """What a heading says: the variant (None: the entry's own), the alternate (0: the wording itself) and the form."""

    when: When | None = None
    alternate: int = 0
    form: str = "text"


class Section(msgspec.Struct, frozen=True):
    """A text with its name; `line` is where the text begins, `heading_line` where its heading stands."""

    name: Name
    text: str
    line: int
    heading_line: int


class Wordings(msgspec.Struct, frozen=True):
    """All wordings of an entry, and the line of each text by its path in the content (`variants[0].short`)."""

    wording: Wording | None
    alternates: tuple[Wording, ...]
    variants: tuple[Variant, ...]
    lines: dict[str, int]


def halves(text: str) -> tuple[str, str, int]:
    """Front matter, body, and the line on which the body begins. The front matter begins on line 2."""
    if not text.startswith("---\n"):
        raise ReadError(1, "front-matter-missing", "the file doesn't begin with front matter", "begin it with “---”")
    end = text.find("\n---\n", 3)
    if end < 0:
        if not text.endswith("\n---"):
            message = "the front matter is never closed"
            raise ReadError(1, "front-matter-open", message, "close it with “---” on a line of its own")
        return text[4:-3], "", text.count("\n") + 2
    return text[4 : end + 1], text[end + 5 :], text.count("\n", 0, end + 5) + 1


def sections(body: str, first_line: int) -> list[Section | ReadError]:
    """The sections of a body (whose lines are normal) in order, the canonical text first, with what has no place."""
    found: list[Section | ReadError] = []
    taken: set[Name] = set()
    for title, text, heading_line, line in _cut(body, first_line):
        try:
            name = _name(title, heading_line)
        except ReadError as bad:
            found.append(bad)
            continue
        if name in taken:
            message = f"the section “{heading(name)}” stands here a second time"
            found.append(ReadError(heading_line, "section-twice", message, "keep one of them"))
        elif text:
            found.append(Section(name, text, line, heading_line))
        elif name != Name() and name.form == "text":
            message = f"nothing stands under “{heading(name)}”"
            found.append(ReadError(heading_line, "text-missing", message, "write its text, or remove the heading"))
        taken.add(name)
    return found


def wordings(cut: Sequence[Section]) -> Wordings:
    """The wordings that sections make; raises ReadError for a form without its text and for a skipped alternate."""
    whens = list(dict.fromkeys(section.name.when for section in cut if section.name.when is not None))
    lines: dict[str, int] = {}
    own = _group(cut, None, "", lines)
    variants = []
    for index, when in enumerate(whens):
        wording, *others = _group(cut, when, f"variants[{index}].", lines)
        variants.append(Variant(when=when, wording=wording, alternates=tuple(others)))
    return Wordings(own[0] if own else None, tuple(own[1:]), tuple(variants), lines)


def heading(name: Name) -> str:
    """The heading that `sections` reads as this name; the entry's own canonical text has none."""
    parts = []
    if name.when is not None:
        conditions = [
            f"{field}={','.join(words)}" for field, words in msgspec.structs.asdict(name.when).items() if words
        ]
        parts.append(" ".join(["variant", *conditions]))
    if name.alternate:
        parts.append(f"alternate {name.alternate}")
    if name.form != "text":
        parts.append(name.form)
    return f"## {': '.join(parts)}" if parts else ""


def forms(wording: Wording) -> Iterator[tuple[str, str]]:
    """The texts of a wording with the names their sections have, canonical text first."""
    named = [("text", wording.text), ("short", wording.short), ("spoken", wording.spoken), *wording.overrides.items()]
    return ((name, text) for name, text in named if text)


def _cut(body: str, first_line: int) -> Iterator[tuple[str, str, int, int]]:
    """(heading, normal text, line of the heading, line of the text's beginning) for each section."""
    start, title, heading_line = 0, "", first_line
    line = first_line
    for found in HEADING.finditer(body):
        yield title, *_trimmed(body[start : found.start()], heading_line, line)
        heading_line = first_line + body.count("\n", 0, found.start())
        start, line, title = found.end(), heading_line, f"{found[1]} {(found[2] or '').strip()}"
    yield title, *_trimmed(body[start:], heading_line, line)


def _trimmed(text: str, heading_line: int, line: int) -> tuple[str, int, int]:
    trimmed = text.lstrip("\n")
    return trimmed.rstrip("\n"), heading_line, line + len(text) - len(trimmed)


def _name(title: str, line: int) -> Name:
    if not title:
        return Name()
    hashes, _, words = title.partition(" ")
    if hashes == "#":
        raise ReadError(line, "heading-first-level", f"“# {words}” can't stand here", "use ### for headings in a text")
    parts = [part.strip() for part in words.split(": ")]
    when = _when(parts.pop(0), line) if parts[0].split(" ")[0] == "variant" else None
    alternate = 0
    if parts and (match := _ALTERNATE.match(parts[0])):
        alternate = int(match[1])
        parts.pop(0)
    form = parts.pop(0) if parts else "text"
    if parts or not _is_form(form, bare=when is None and not alternate):
        raise ReadError(line, "heading-unknown", f"“## {words}” names no section", _HEADINGS)
    return Name(when, alternate, form)


_HEADINGS = (
    "use short, spoken, a channel (sms) or channel/profile (social/bluesky), alternate 1 to 5, or variant with its "
    "conditions (variant visibility=direct: short); headings in a text are ### or smaller"
)


def _is_form(form: str, *, bare: bool) -> bool:
    if form in {"short", "spoken"} or (form == "text" and not bare):
        return True
    match = OVERRIDE.match(form)
    return match is not None and match[1] in CHANNELS


def _when(words: str, line: int) -> When:
    conditions: dict[str, tuple[str, ...]] = {}
    for word in words.split()[1:]:
        match = _CONDITION.match(word)
        if match is None or match[1] not in When.__struct_fields__ or match[1] in conditions:
            action = f"write FIELD=WORD or FIELD=WORD,WORD once for each of {', '.join(When.__struct_fields__)}"
            raise ReadError(line, "condition-unknown", f"“{word}” is no condition of a variant", action)
        conditions[match[1]] = tuple(match[2].split(","))
    return When(**conditions)


def _group(cut: Sequence[Section], when: When | None, prefix: str, lines: dict[str, int]) -> list[Wording]:
    """The wording of one `when` followed by its alternates; empty when there is no text at all."""
    by_alternate: dict[int, dict[str, Section]] = {}
    for section in cut:
        if section.name.when == when:
            by_alternate.setdefault(section.name.alternate, {})[section.name.form] = section
    found: list[Wording] = []
    for number in sorted(by_alternate):
        texts = by_alternate[number]
        first = next(iter(texts.values()))
        if number != len(found):
            raise _gap(first, len(found))
        if "text" not in texts:
            message = f"“{heading(first.name)}” is a form of a text that isn't there"
            raise ReadError(first.heading_line, "text-missing", message, "write the canonical text it is a form of")
        place = f"{prefix}alternates[{number - 1}]." if number else prefix
        lines.update({place + _path(form): section.line for form, section in texts.items()})
        found.append(_wording(texts))
    return found


def _gap(section: Section, lacking: int) -> ReadError:
    lacks = f"alternate {lacking}" if lacking else "the text it is an alternate of"
    message = f"“{heading(section.name)}” comes without {lacks}"
    action = "number alternates from 1 without gaps, under the text they may replace"
    return ReadError(section.heading_line, "alternate-gap", message, action)


def _wording(texts: dict[str, Section]) -> Wording:
    overrides = {form: section.text for form, section in texts.items() if form not in {"text", "short", "spoken"}}
    short, spoken = texts.get("short"), texts.get("spoken")
    return Wording(
        text=texts["text"].text,
        short=short.text if short else "",
        spoken=spoken.text if spoken else "",
        overrides=overrides,
    )


def _path(form: str) -> str:
    return form if form in {"text", "short", "spoken"} else f"overrides.{form}"
