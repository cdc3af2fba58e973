"""The small tree that a Markdown source becomes: blocks of inline nodes, references among them."""

import msgspec


class Node(msgspec.Struct, frozen=True, tag=True):
    """Any node of the tree."""


# ---- inside a line ---------------------------------------------------------------------------------------------------


class Text(Node, frozen=True, tag=True):
    text: str


class Strong(Node, frozen=True, tag=True):
    children: "tuple[Inline, ...]"


class Emphasis(Node, frozen=True, tag=True):
    children: "tuple[Inline, ...]"


class Code(Node, frozen=True, tag=True):
    text: str


class LineBreak(Node, frozen=True, tag=True):
    """A hard line break."""


class Anchor(Node, frozen=True, tag=True):
    """A link; `href` is https, tel or mailto, or one reference to a fact."""

    href: str
    children: "tuple[Inline, ...]"


class Fact(Node, frozen=True, tag=True):
    """`{{fact:key}}`; a renderer says its value."""

    key: str


class SlotMark(Node, frozen=True, tag=True):
    """`{{slot:name}}`; every channel keeps the token."""

    name: str


class Claim(Node, frozen=True, tag=True):
    """`{{claim:key}}`; without children as parsed, with the claim's own words once expanded."""

    key: str
    children: "tuple[Inline, ...]" = ()


Inline = Text | Strong | Emphasis | Code | LineBreak | Anchor | Fact | SlotMark | Claim


# ---- lines -----------------------------------------------------------------------------------------------------------


class Paragraph(Node, frozen=True, tag=True):
    children: tuple[Inline, ...]


class Heading(Node, frozen=True, tag=True):
    level: int
    children: tuple[Inline, ...]


class Items(Node, frozen=True, tag=True):
    """A list; each item is a run of blocks."""

    ordered: bool
    items: "tuple[tuple[Block, ...], ...]"


class Detail(Node, frozen=True, tag=True):
    """A passage that shorter forms may leave out."""

    blocks: "tuple[Block, ...]"


class Disclosure(Node, frozen=True, tag=True):
    """`{{disclosure:key}}`; without blocks as parsed, with its verbatim text once expanded."""

    key: str
    place: str = ""
    blocks: "tuple[Block, ...]" = ()


Block = Paragraph | Heading | Items | Detail | Disclosure


class Document(Node, frozen=True, tag=True):
    blocks: tuple[Block, ...]
