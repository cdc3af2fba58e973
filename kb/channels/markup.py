"""Markdown with references, read into a small tree: parsed once, walked by every renderer."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

from kb.channels.references import REFERENCE
from kb.channels.tree import (
    Anchor,
    Block,
    Claim,
    Code,
    Detail,
    Disclosure,
    Document,
    Emphasis,
    Fact,
    Heading,
    Inline,
    Items,
    LineBreak,
    Node,
    Paragraph,
    SlotMark,
    Strong,
    Text,
)

__all__ = [
    "Anchor",
    "Block",
    "Claim",
    "Code",
    "Detail",
    "Disclosure",
    "Document",
    "Emphasis",
    "Fact",
    "Heading",
    "Inline",
    "Items",
    "LineBreak",
    "Node",
    "Paragraph",
    "Problem",
    "SlotMark",
    "Strong",
    "Text",
    "parse",
    "problems",
]


class Problem(msgspec.Struct, frozen=True):
    """Something in a source text that the tree has no place for; `line` counts from 1, `start` and `end` characters."""

    message: str
    line: int
    start: int
    end: int
    found: str


# ---- reading ---------------------------------------------------------------------------------------------------------


def parse(text: str) -> Document:
    """The tree of a source text. Never raises: what `problems` names is kept as plain text."""
    return _read(text)[0]


def problems(text: str) -> tuple[Problem, ...]:
    """Everything in a source text that is refused: raw HTML, images, tables, code blocks, quotations, rules, bad links,
    malformed references, and passages that aren't closed. In reading order."""
    return _read(text)[1]


@lru_cache(maxsize=500)
def _read(text: str) -> tuple[Document, tuple[Problem, ...]]:
    reader = _Reader(text)
    blocks = reader.document()
    return Document(blocks), tuple(sorted(reader.problems, key=lambda problem: problem.start))


def _engine() -> MarkdownIt:
    """CommonMark; what we refuse is still recognised, so that it can be named. Links are checked here, not there."""
    engine = MarkdownIt("commonmark", {"html": True}).enable("table").disable(["reference", "lheading"])
    engine.normalizeLink = lambda url: url  # type: ignore[method-assign]
    engine.validateLink = lambda url: True  # type: ignore[method-assign]
    return engine


_ENGINE = _engine()
_FENCE = re.compile(r"^[ \t]*:::.*$", re.MULTILINE)
_BRACES = re.compile(REFERENCE.pattern + r"|\{\{[^{}\n]*\}\}|\{\{|\}\}")
_SAFE_LINK = re.compile(r"(?:https://[^\s/]|tel:\+?[0-9]|mailto:[^\s@]+@)\S*\Z|\{\{fact:[a-z0-9.-]+\}\}\Z")
_REFUSED = {
    "html_block": "raw HTML is refused: write it as Markdown",
    "fence": "code blocks are refused: write it as a sentence or a list",
    "code_block": "code blocks are refused: take the four spaces away from the start of the line",
    "table_open": "tables are refused: write it as a list",
    "blockquote_open": "quotations are refused: write it as a paragraph",
    "hr": "a ruled line is refused: leave an empty line between paragraphs",
}


class _Reader:
    """Walks the token stream of one source text and notes what it can't keep."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[Problem] = []

    def document(self) -> tuple[Block, ...]:
        if "{{" in self.text or "}}" in self.text:
            self._braces()
        if ":::" not in self.text:
            return self._blocks(self.text, 0)
        return self._passages()

    def _braces(self) -> None:
        for found in _BRACES.finditer(self.text):
            if found[1] is None:
                message = (
                    "not a reference: write {{fact:…}}, {{claim:…}}, {{disclosure:…}} or {{slot:…}}, without spaces"
                )
                self._problem(message, found.start(), found[0])

    def _passages(self) -> tuple[Block, ...]:
        """Blocks in and between `::: detail` … `:::`, which stand at the start of a line, never one inside another."""
        blocks: list[Block] = []
        position, opened = 0, -1
        for fence in _FENCE.finditer(self.text):
            opens = fence[0].rstrip() == "::: detail"
            if not opens and fence[0].rstrip() != ":::":
                self._problem("write ::: detail, or ::: alone, at the start of the line", fence.start(), fence[0])
            elif opens == (opened >= 0):
                message = "close the detail before this one with :::" if opens else "no ::: detail is open here"
                self._problem(message, fence.start(), fence[0])
            elif opens:
                blocks.extend(self._blocks(self.text[position : fence.start()], position))
                position = opened = fence.end()
            else:
                blocks.append(Detail(self._blocks(self.text[position : fence.start()], position)))
                position, opened = fence.end(), -1
        if opened >= 0:
            self._problem("this detail is never closed: write ::: on a line after it", opened - 10, "::: detail")
        blocks.extend(self._blocks(self.text[position:], position))
        return tuple(blocks)

    def _blocks(self, text: str, offset: int) -> tuple[Block, ...]:
        if not text.strip():
            return ()
        tokens = iter(_ENGINE.parse(text))
        return tuple(self._until("", tokens, _Lines(text, offset)))

    def _until(self, closing: str, tokens: Iterator[Token], lines: "_Lines") -> Iterator[Block]:
        for token in tokens:
            kind = token.type
            if kind == closing:
                return
            if kind == "paragraph_open":
                yield from self._paragraph(_inline_of(tokens), lines)
            elif kind == "heading_open":
                yield Heading(int(token.tag[1]), self._inlines(_inline_of(tokens), lines))
            elif kind in ("bullet_list_open", "ordered_list_open"):
                yield self._list(token, tokens, lines)
            else:
                yield self._refused(token, tokens, lines)

    def _list(self, opening: Token, tokens: Iterator[Token], lines: "_Lines") -> Items:
        items: list[tuple[Block, ...]] = []
        closing = opening.type.replace("open", "close")
        for token in tokens:
            if token.type == closing:
                break
            items.append(tuple(self._until("list_item_close", tokens, lines)))
        return Items(opening.type == "ordered_list_open", tuple(items))

    def _refused(self, opening: Token, tokens: Iterator[Token], lines: "_Lines") -> Paragraph:
        """A block we have no place for, as the text it was written with."""
        first, last = opening.map or (0, 1)
        written = lines.between(first, last)
        self._problem(_REFUSED.get(opening.type, "this is refused"), lines.start(first), written)
        if opening.nesting == 1:
            closing = opening.type.replace("open", "close")
            depth = 1
            while depth:
                kind = next(tokens).type
                depth += (kind == opening.type) - (kind == closing)
        return Paragraph((Text(" ".join(written.split())),))

    def _paragraph(self, inline: Token, lines: "_Lines") -> Iterator[Block]:
        """A paragraph, cut where a line is one `{{disclosure:…}}` and nothing else."""
        if "{{disclosure:" not in inline.content:
            yield Paragraph(self._inlines(inline, lines))
            return
        run: list[Token] = []
        for line in _by_line(inline.children or []):
            found = REFERENCE.fullmatch(line[0].content.strip()) if len(line) == 1 else None
            if found is None or found[1] != "disclosure":
                run.extend(line if not run else [_SOFT_BREAK, *line])
                continue
            if run:
                yield Paragraph(self._run(iter(run), "", inline, lines))
                run = []
            yield Disclosure(found[2])
        if run:
            yield Paragraph(self._run(iter(run), "", inline, lines))

    def _inlines(self, inline: Token, lines: "_Lines") -> tuple[Inline, ...]:
        return self._run(iter(inline.children or ()), "", inline, lines)

    def _run(self, tokens: Iterator[Token], closing: str, inline: Token, lines: "_Lines") -> tuple[Inline, ...]:
        nodes: list[Inline] = []
        for token in tokens:
            kind = token.type
            if kind == closing:
                break
            if kind == "text":
                self._add_text(nodes, token.content, inline, lines)
            elif kind == "softbreak":
                _append(nodes, Text(" "))
            elif kind == "hardbreak":
                nodes.append(LineBreak())
            elif kind == "strong_open":
                nodes.append(Strong(self._run(tokens, "strong_close", inline, lines)))
            elif kind == "em_open":
                nodes.append(Emphasis(self._run(tokens, "em_close", inline, lines)))
            elif kind == "link_open":
                nodes.append(self._anchor(token, tokens, inline, lines))
            else:
                nodes.append(self._rest(token, inline, lines))
        return tuple(nodes)

    def _add_text(self, nodes: list[Inline], text: str, inline: Token, lines: "_Lines") -> None:
        if "{{" not in text:
            _append(nodes, Text(text))
            return
        position = 0
        for found in REFERENCE.finditer(text):
            if found.start() > position:
                _append(nodes, Text(text[position : found.start()]))
            position = found.end()
            node = _NODES.get(found[1])
            if node is None:
                message = "a disclosure is said verbatim: write its reference on a line of its own"
                self._problem_in(message, found[0], inline, lines)
                _append(nodes, Text(found[0]))
            else:
                nodes.append(node(found[2]))
        if position < len(text):
            _append(nodes, Text(text[position:]))

    def _anchor(self, opening: Token, tokens: Iterator[Token], inline: Token, lines: "_Lines") -> Inline:
        href = str(opening.attrs["href"])
        children = self._run(tokens, "link_close", inline, lines)
        if _SAFE_LINK.match(href):
            if "title" in opening.attrs:
                self._problem_in("a link can't have a title: say it in the sentence", href, inline, lines)
            return Anchor(href, children)
        message = "a link leads to https://…, tel:…, mailto:… or one {{fact:…}}"
        self._problem_in(message, href or "](", inline, lines)
        return Text(_plain(children))

    def _rest(self, token: Token, inline: Token, lines: "_Lines") -> Inline:
        if token.type == "code_inline":
            if "{{" in token.content:
                self._problem_in("a reference can't stand in `code`", token.content, inline, lines)
            return Code(token.content)
        if token.type == "image":
            self._problem_in("images are refused: say it in words", "![", inline, lines)
            return Text(token.content)
        self._problem_in("raw HTML is refused: write it as Markdown", token.content, inline, lines)
        return Text(token.content)

    def _problem_in(self, message: str, found: str, inline: Token, lines: "_Lines") -> None:
        line = lines.start((inline.map or [0])[0])
        self._problem(message, max(self.text.find(found, line), line), found)

    def _problem(self, message: str, start: int, found: str) -> None:
        line = self.text.count("\n", 0, start) + 1
        self.problems.append(Problem(message, line, start, start + len(found), found))


class _Lines:
    """Where the lines of a passage stand in the whole source text; worked out only when something is refused."""

    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.offset = offset

    def start(self, line: int) -> int:
        return self.offset + len("".join(self.text.splitlines(keepends=True)[:line]))

    def between(self, first: int, last: int) -> str:
        return "".join(self.text.splitlines(keepends=True)[first:last]).rstrip("\n")


_NODES: dict[str, Any] = {"fact": Fact, "claim": Claim, "slot": SlotMark}
_SOFT_BREAK = Token("softbreak", "br", 0)


def _inline_of(tokens: Iterator[Token]) -> Token:
    """The one inline token of a paragraph or heading, whose closing token is read past."""
    inline = next(tokens)
    next(tokens)
    return inline


def _by_line(tokens: list[Token]) -> Iterator[list[Token]]:
    line: list[Token] = []
    for token in tokens:
        if token.type == "softbreak" and line:
            yield line
            line = []
        else:
            line.append(token)
    if line:
        yield line


def _append(nodes: list[Inline], text: Text) -> None:
    last = nodes[-1] if nodes else None
    if isinstance(last, Text):
        nodes[-1] = Text(last.text + text.text)
    else:
        nodes.append(text)


def _plain(nodes: tuple[Inline, ...]) -> str:
    return "".join(node.text for node in nodes if isinstance(node, Text | Code))
