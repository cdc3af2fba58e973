"""Which text of a wording a profile reads, and that text with its claims and disclosures put in place."""

from kb.channels import markup
from kb.channels.profiles import Profile
from kb.channels.references import token
from kb.channels.tree import (
    Anchor,
    Block,
    Claim,
    Detail,
    Disclosure,
    Document,
    Emphasis,
    Heading,
    Inline,
    Items,
    Paragraph,
    Strong,
    Text,
)
from kb.channels.types import DisclosureInput, Inputs, Place, Wording


def texts(wording: Wording) -> dict[str, str]:
    """Every text of a wording by its field: `text`, `short`, `spoken`, `overrides.sms`. Empty ones are left out."""
    fields = {"text": wording.text, "short": wording.short, "spoken": wording.spoken}
    fields.update((f"overrides.{name}", text) for name, text in wording.overrides.items())
    return {field: text for field, text in fields.items() if text}


def form_of(wording: Wording, profile: Profile) -> tuple[str, str]:
    """The field a profile reads, and its text: its override, its channel's, the form it asks for, or the canonical."""
    for name in (profile.id, profile.channel):
        if text := wording.overrides.get(name):
            return f"overrides.{name}", text
    if profile.form == "short" and wording.short:
        return "short", wording.short
    if profile.form == "spoken" and wording.spoken:
        return "spoken", wording.spoken
    return "text", wording.text


def expand(document: Document, inputs: Inputs, profile: Profile) -> Document:
    """The document as a profile says it: claims in their own words, disclosures verbatim and in their place, details
    kept or dropped.

    A disclosure stands first, last or where it was written, as its placement says, once; those of a claim follow the
    paragraph that holds the claim, those of a dropped detail stay. One that this channel need not show is left out.
    What `inputs` doesn't hold, and a claim inside itself, stays as its token.
    """
    expansion = _Expansion(inputs, profile)
    middle = tuple(expansion.blocks(document.blocks))
    return Document((*expansion.first, *middle, *expansion.last))


class _Expansion:
    """One walk over a document; collects the disclosures that don't stay where they were written."""

    def __init__(self, inputs: Inputs, profile: Profile) -> None:
        self.inputs = inputs
        self.profile = profile
        self.first: list[Block] = []
        self.last: list[Block] = []
        self.placed: set[str] = set()
        self.owed: list[str] = []

    def blocks(self, blocks: tuple[Block, ...], within: tuple[str, ...] = ()) -> list[Block]:
        done: list[Block] = []
        for block in blocks:
            if isinstance(block, Disclosure):
                done.extend(self.disclosure(block.key))
            elif isinstance(block, Detail):
                done.extend(self.detail(block))
            else:
                done.append(self.block(block, within))
                while self.owed:
                    done.extend(self.disclosure(self.owed.pop(0)))
        return done

    def detail(self, detail: Detail) -> list[Block]:
        if self.profile.detail:
            return self.blocks(detail.blocks)
        return [
            placed for block in detail.blocks if isinstance(block, Disclosure) for placed in self.disclosure(block.key)
        ]

    def block(self, block: Block, within: tuple[str, ...]) -> Block:
        if isinstance(block, Paragraph):
            children = self.inlines(block.children, within)
            return block if children is block.children else Paragraph(children)
        if isinstance(block, Heading):
            return Heading(block.level, self.inlines(block.children, within))
        if isinstance(block, Items):
            return Items(block.ordered, tuple(tuple(self.blocks(item, within)) for item in block.items))
        return block

    def inlines(self, nodes: tuple[Inline, ...], within: tuple[str, ...]) -> tuple[Inline, ...]:
        """The same tuple when nothing in it changes, so that a text without claims costs one look."""
        if not any(isinstance(node, Claim | Strong | Emphasis | Anchor) for node in nodes):
            return nodes
        return tuple(self.inline(node, within) for node in nodes)

    def inline(self, node: Inline, within: tuple[str, ...]) -> Inline:
        if isinstance(node, Claim):
            return self.claim(node.key, within)
        if isinstance(node, Strong):
            return Strong(self.inlines(node.children, within))
        if isinstance(node, Emphasis):
            return Emphasis(self.inlines(node.children, within))
        if isinstance(node, Anchor):
            return Anchor(node.href, self.inlines(node.children, within))
        return node

    def claim(self, key: str, within: tuple[str, ...]) -> Inline:
        claim = self.inputs.claims.get(key)
        if claim is None or key in within:
            return Text(token("claim", key))
        blocks = markup.parse(form_of(claim.wording, self.profile)[1]).blocks
        return Claim(key, tuple(self.running(blocks, (*within, key))))

    def running(self, blocks: tuple[Block, ...], within: tuple[str, ...]) -> list[Inline]:
        """The inline nodes of a claim's blocks in one run, a space between blocks; its disclosures come after."""
        run: list[Inline] = []
        for block in blocks:
            for nodes in self.lines(block):
                if run:
                    run.append(Text(" "))
                run.extend(self.inlines(nodes, within))
        return run

    def lines(self, block: Block) -> list[tuple[Inline, ...]]:
        if isinstance(block, Paragraph | Heading):
            return [block.children]
        if isinstance(block, Items):
            return [line for item in block.items for inner in item for line in self.lines(inner)]
        if isinstance(block, Disclosure):
            self.owed.append(block.key)
            return []
        if self.profile.detail:
            return [line for inner in block.blocks for line in self.lines(inner)]
        self.owed.extend(inner.key for inner in block.blocks if isinstance(inner, Disclosure))
        return []

    def disclosure(self, key: str) -> list[Block]:
        """The disclosure, where it stays; nothing if it goes first or last, is there already, or isn't due here."""
        disclosure = self.inputs.disclosures.get(key)
        if disclosure is None:
            return [Paragraph((Text(token("disclosure", key)),))]
        if key in self.placed or not due(disclosure, self.profile):
            return []
        self.placed.add(key)
        node = Disclosure(key, disclosure.placement.place.value, verbatim(disclosure, self.profile).blocks)
        if disclosure.placement.place is Place.SAME_PART:
            return [node]
        (self.first if disclosure.placement.place is Place.BEFORE else self.last).append(node)
        return []


def due(disclosure: DisclosureInput, profile: Profile) -> bool:
    """Whether a disclosure must be shown here: its placement names this channel or profile, or none at all."""
    channels = disclosure.placement.channels
    return not channels or profile.channel in channels or profile.id in channels


def verbatim(disclosure: DisclosureInput, profile: Profile) -> Document:
    """A disclosure's own text, its spoken form for a voice."""
    wording = disclosure.wording
    return markup.parse(wording.spoken if profile.channel == "voice" and wording.spoken else wording.text)
