"""Social networks: posts in plain text within each network's own count, long ones in numbered parts."""

from collections.abc import Callable, Iterator

import msgspec

from kb.channels.assembly import assemble, document_of
from kb.channels.dialects import PLAIN
from kb.channels.facts import Style
from kb.channels.parts import Ruler, by_words, pack, sentences
from kb.channels.profiles import Profile
from kb.channels.telling import Telling
from kb.channels.types import Inputs, Markup, Payload, Source
from kb.channels.writing import paragraphs, write


def render(source: Source, inputs: Inputs, profile: Profile) -> Payload:
    """The post. `text` is whole; `parts` are what is posted: the text alone if it fits, else `1/3 …`, `2/3 …` in turn.

    A post leads nowhere by itself, so it has neither a question nor ways on.
    """
    telling = Telling(source, inputs, profile, Style.PAGE)
    runs = paragraphs(document_of(telling))
    written = [PLAIN.gap.join(write(run, PLAIN, telling)) for run in runs]
    text = PLAIN.gap.join(written)
    ruler = Ruler(profile, telling.slots)
    if ruler.fits(text):
        parts = [text]
    else:
        wholes = [len(run) > 1 for run in runs]
        parts = _numbered(list(_pieces(written, wholes, source.locale)), ruler)
    return assemble(telling, text=text, markup=Markup(type=PLAIN.type, body=text), parts=tuple(parts))


class Piece(msgspec.Struct, frozen=True):
    """A sentence, or what may not be cut, with what joins it to the piece before."""

    text: str
    joint: str
    whole: bool


def _pieces(written: list[str], wholes: list[bool], locale: str) -> Iterator[Piece]:
    """A disclosure and the paragraph it belongs to stay in one piece; the rest is taken sentence by sentence."""
    for run, whole in zip(written, wholes, strict=True):
        joint = PLAIN.gap
        for row in [run] if whole else run.split("\n"):
            for text in [row] if whole else sentences(row, locale):
                yield Piece(text, joint, whole)
                joint = " "
            joint = "\n"


def _numbered(pieces: list[Piece], ruler: Ruler) -> list[str]:
    """Parts with their numbers in front; packed again with more room if ten or more come out."""
    parts = pack(list(_small(pieces, ruler, "9/9 ")), _beside("9/9 ", ruler))
    if len(parts) > 9:
        parts = pack(list(_small(pieces, ruler, "99/99 ")), _beside("99/99 ", ruler))
    return [f"{number}/{len(parts)} {part}" for number, part in enumerate(parts, start=1)]


def _small(pieces: list[Piece], ruler: Ruler, number: str) -> Iterator[tuple[str, str]]:
    """The pieces as `pack` takes them; a sentence that no part holds is cut between words."""
    fits = _beside(number, ruler)
    for piece in pieces:
        cuts = [piece.text] if piece.whole or fits(piece.text) else by_words(piece.text, fits)
        for index, text in enumerate(cuts):
            yield text, " " if index else piece.joint


def _beside(number: str, ruler: Ruler) -> Callable[[str], bool]:
    return lambda text: ruler.fits(number + text)
