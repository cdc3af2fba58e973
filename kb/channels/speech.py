"""What a voice says of a document: sentences in plain words and in markup, facts agreeing with their neighbours."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from kb.channels import markup
from kb.channels.facts import Style, say, words
from kb.channels.facts import ssml as fact_ssml
from kb.channels.forms import expand
from kb.channels.numbers import following
from kb.channels.references import token
from kb.channels.sentences import sentences as sentence_places
from kb.channels.ssml import clean, escape, speak
from kb.channels.telling import Telling, plain
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
    Paragraph,
    SlotMark,
    Strong,
    Text,
)
from kb.channels.types import FactOut

PARAGRAPH = "\n\n"


class Said(msgspec.Struct, frozen=True):
    """A stretch of speech: as words, and as a fragment of markup."""

    text: str
    ssml: str


class Passage(msgspec.Struct, frozen=True):
    """Paragraphs of sentences that are said in one breath; `barge_in` tells whether a caller may interrupt."""

    paragraphs: tuple[tuple[Said, ...], ...]
    barge_in: bool = True

    @property
    def text(self) -> str:
        return PARAGRAPH.join(" ".join(sentence.text for sentence in sentences) for sentences in self.paragraphs)

    @property
    def ssml(self) -> str:
        """A complete document, before it is cut to an engine."""
        return speak([sentence.ssml for sentence in sentences] for sentences in self.paragraphs)


def passages(document: Document, telling: Telling) -> list[Passage]:
    """The document in stretches: a disclosure that must be heard is one of its own, what stands together is one."""
    done: list[Passage] = []
    for passage in _passages(document.blocks, telling):
        if done and done[-1].barge_in and passage.barge_in:
            done[-1] = Passage((*done[-1].paragraphs, *passage.paragraphs))
        else:
            done.append(passage)
    return done


def said(text: str, telling: Telling) -> Passage:
    """A text with references (a question, a prompt) as one stretch."""
    document = expand(markup.parse(text), telling.inputs, telling.profile)
    return Passage(tuple(paragraph for passage in passages(document, telling) for paragraph in passage.paragraphs))


def _passages(blocks: Sequence[Block], telling: Telling) -> Iterator[Passage]:
    for block in blocks:
        if isinstance(block, Paragraph | Heading):
            sentences = _sentences(block.children, telling)
            if sentences:
                yield Passage((sentences,))
        elif isinstance(block, Items):
            for item in block.items:
                yield from _passages(item, telling)
        elif isinstance(block, Detail):
            yield from _passages(block.blocks, telling)
        else:
            yield from _disclosed(block, telling)


def _disclosed(block: Disclosure, telling: Telling) -> Iterator[Passage]:
    disclosure = telling.inputs.disclosures.get(block.key)
    inner = list(_passages(block.blocks, telling))
    if disclosure is None or not inner:
        return
    whole = Passage(
        tuple(paragraph for passage in inner for paragraph in passage.paragraphs),
        barge_in=not disclosure.placement.must_hear,
    )
    telling.disclosure(block.key, block.place, whole.text)
    yield whole


# ---- a line ----------------------------------------------------------------------------------------------------------


def _sentences(nodes: Sequence[Inline], telling: Telling) -> tuple[Said, ...]:
    """The sentences of a line, cut at the ends that its words have."""
    pieces = _pieces(list(_leaves(nodes, telling)), telling)
    text = "".join(piece.text for piece in pieces)
    starts = [place.start for place in sentence_places(text, telling.source.locale)[1:]]
    cut: list[list[Said]] = [[]]
    offset = 0
    for piece in pieces:
        for part in _cut(piece, offset, starts):
            if part is None:
                cut.append([])
            else:
                cut[-1].append(part)
        offset += len(piece.text)
    joined = (Said("".join(p.text for p in run).strip(), "".join(p.ssml for p in run).strip()) for run in cut)
    return tuple(sentence for sentence in joined if sentence.text)


def _cut(piece: Said, offset: int, starts: list[int]) -> Iterator[Said | None]:
    """The piece with None where a sentence starts, cut where one starts inside; what has markup stays whole."""
    inside = [start - offset for start in starts if offset <= start < offset + len(piece.text)]
    if not inside:
        yield piece
    elif piece.ssml == escape(piece.text):
        for begin, end in zip([0, *inside], [*inside, len(piece.text)], strict=True):
            if begin in inside:
                yield None
            yield Said(piece.text[begin:end], escape(piece.text[begin:end]))
    else:
        if inside[0] == 0:
            yield None
        yield piece


def _leaves(nodes: Sequence[Inline], telling: Telling) -> Iterator[str | Fact | SlotMark]:
    """Prose, facts and slots in reading order; emphasis is dropped, a link is its words."""
    for node in nodes:
        if isinstance(node, Text | Code):
            yield clean(re.sub(r"\s+", " ", node.text))
        elif isinstance(node, Fact | SlotMark):
            yield node
        elif isinstance(node, LineBreak):
            yield PARAGRAPH  # a sentence ends here
        elif isinstance(node, Strong | Emphasis | Anchor | Claim):
            if isinstance(node, Claim):
                telling.claim(node.key)
            yield from _leaves(node.children, telling)


def _pieces(leaves: list[str | Fact | SlotMark], telling: Telling) -> list[Said]:
    pieces: list[Said] = []
    for place, leaf in enumerate(leaves):
        if isinstance(leaf, str):
            text = words(leaf, telling.source.locale)
            pieces.append(Said(text, escape(text)))
        elif isinstance(leaf, SlotMark):
            telling.slot(leaf.name)
            pieces.append(Said(token("slot", leaf.name), token("slot", leaf.name)))
        else:
            pieces.append(_fact(leaf.key, _last_word(leaves[:place]), _next_word(leaves[place + 1 :]), telling))
    return pieces


def _fact(key: str, before: str, after: str, telling: Telling) -> Said:
    """A fact in the words that fit its neighbours; the payload names those of its first place.

    One that is unknown, or can't be said in this locale, stays as its token.
    """
    fact, locale = telling.inputs.facts.get(key), telling.source.locale
    unsaid = Said(token("fact", key), token("fact", key))
    if fact is None:
        return unsaid
    try:
        text = clean(plain(say(fact.value, locale, Style.SPOKEN, before=before, after=after)))
    except LookupError:
        return unsaid
    if key not in telling.facts:
        telling.facts[key] = FactOut(value=fact.value, text=text, version=fact.version, hash=fact.hash)
    return Said(text, plain(fact_ssml(fact.value, locale, before=before, after=after)))


def _last_word(leaves: list[str | Fact | SlotMark]) -> str:
    prose = leaves[-1] if leaves and isinstance(leaves[-1], str) else ""
    found = re.search(r"([^\W\d_]+) $", prose)
    return found[1] if found else ""


def _next_word(leaves: list[str | Fact | SlotMark]) -> str:
    return following(leaves[0]) if leaves and isinstance(leaves[0], str) else ""
