"""Writes a document in a dialect (plain text, Markdown, HTML…): the walk is one, the escaping is each dialect's own."""

import re
from collections.abc import Sequence

from kb.channels.dialects import PLAIN, Dialect
from kb.channels.forms import expand
from kb.channels.references import REFERENCE, token
from kb.channels.telling import Telling, address
from kb.channels.tree import (
    Anchor,
    Block,
    Claim,
    Code,
    Disclosure,
    Document,
    Emphasis,
    Fact,
    Heading,
    Inline,
    Items,
    Paragraph,
    SlotMark,
    Strong,
    Text,
)
from kb.channels.types import Link, Next, NextOut


def write(blocks: Sequence[Block], dialect: Dialect, telling: Telling) -> list[str]:
    """Each block in the dialect, references filled and noted; join them with `dialect.gap`."""
    return [_block(block, dialect, telling) for block in blocks]


def paragraphs(document: Document) -> list[list[Block]]:
    """The blocks in runs that must stay together: a `same-part` disclosure with what stands before it."""
    runs: list[list[Block]] = []
    for block in document.blocks:
        if runs and isinstance(block, Disclosure) and block.place == "same-part":
            runs[-1].append(block)
        else:
            runs.append([block])
    return runs


def line(text: str, telling: Telling) -> str:
    """A line that isn't Markdown (a title, a label, a subject) with its references filled, as plain text."""
    if "{{" not in text:
        return text

    def filled(found: re.Match[str]) -> str:
        if found[1] == "disclosure":
            return found[0]
        node = {"fact": Fact, "claim": Claim, "slot": SlotMark}[found[1]](found[2])
        expanded = expand(Document((Paragraph((node,)),)), telling.inputs, telling.profile)
        return _block(expanded.blocks[0], PLAIN, telling)

    return REFERENCE.sub(filled, text)


def links(telling: Telling) -> tuple[Link, ...]:
    """The links under an answer, with addresses; one whose fact isn't an address is left out and is an issue."""
    found = (Link(label=line(link.label, telling), url=telling.target(link.url)) for link in telling.source.links)
    return tuple(link for link in found if link.url)


def way(step: Next, telling: Telling, key: str = "") -> NextOut:
    """A way on with its references filled; `key` is what to press or send for it."""
    kind, _, where = step.to.partition(":")
    to = f"link:{telling.target(where)}" if kind == "link" else step.to
    return NextOut(id=step.id, label=line(step.label, telling), to=to, key=key, phrases=step.phrases)


def _block(block: Block, dialect: Dialect, telling: Telling) -> str:
    if isinstance(block, Paragraph):
        return dialect.paragraph(_run(block.children, dialect, telling))
    if isinstance(block, Items):
        return dialect.items(block.ordered, [_item(item, dialect, telling) for item in block.items])
    if isinstance(block, Heading):
        return dialect.heading(block.level, _run(block.children, dialect, telling))
    inner = dialect.gap.join(write(block.blocks, dialect, telling))
    if isinstance(block, Disclosure) and dialect is PLAIN:
        telling.disclosure(block.key, block.place, inner)
    return inner


def _item(blocks: Sequence[Block], dialect: Dialect, telling: Telling) -> list[str]:
    first = blocks[0] if blocks else None
    if not isinstance(first, Paragraph):
        return write(blocks, dialect, telling)
    return [dialect.item(_run(first.children, dialect, telling)), *write(blocks[1:], dialect, telling)]


def _run(nodes: Sequence[Inline], dialect: Dialect, telling: Telling, linked: bool = False) -> str:
    return "".join([_inline(node, dialect, telling, linked) for node in nodes])


def _inline(node: Inline, dialect: Dialect, telling: Telling, linked: bool) -> str:  # noqa: PLR0911 - a line for each node
    if isinstance(node, Text):
        return dialect.text(node.text)
    if isinstance(node, Fact):
        return _fact(node.key, dialect, telling, linked)
    if isinstance(node, SlotMark):
        telling.slot(node.name)
        return token("slot", node.name)
    if isinstance(node, Strong):
        return dialect.strong(_run(node.children, dialect, telling, linked))
    if isinstance(node, Emphasis):
        return dialect.emphasis(_run(node.children, dialect, telling, linked))
    if isinstance(node, Anchor):
        return _anchor(node, dialect, telling, linked)
    if isinstance(node, Claim):
        telling.claim(node.key)
        return _run(node.children, dialect, telling, linked)
    return dialect.code(node.text) if isinstance(node, Code) else dialect.line_break


def _fact(key: str, dialect: Dialect, telling: Telling, linked: bool) -> str:
    """A fact as said; an address is a link of its own, but not within another link."""
    fact = telling.fact(key)
    if fact is None:
        return dialect.text(token("fact", key))
    target = "" if linked else address(fact.value)
    return dialect.link(dialect.text(fact.text), target, fact.text) if target else dialect.text(fact.text)


def _anchor(anchor: Anchor, dialect: Dialect, telling: Telling, linked: bool) -> str:
    label = _run(anchor.children, dialect, telling, linked=True)
    target = "" if linked else telling.target(anchor.href)
    if not target:
        return label
    found = REFERENCE.fullmatch(anchor.href)
    fact = telling.fact(found[2]) if found is not None else None
    return dialect.link(label, target, fact.text if fact is not None else target.partition(":")[2])
