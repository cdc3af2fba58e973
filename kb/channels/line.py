"""The words of a text in a row: contractions written out, figures as one sign each, and where its clauses begin."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from kb.channels.lexicons import Lexicon
from kb.channels.quantities import Quantity, measure

TOKEN = re.compile(r"\{\{(?P<kind>\w+):[^{}]*\}\}|\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['’-][^\W\d_]+)*|[%£€$]|[,;:.!?()¿¡–—]")
MORE_OR_LESS = re.compile(r"\b(?:or|o) (?:more|less|fewer|más|menos)\b", re.IGNORECASE)
BOUNDARIES = frozenset(",;:.!?()¿¡–—")
CONJUNCTIONS = {"but", "so", "because", "if", "when", "once", "unless", "until", "while"} | {
    "pero", "porque", "si", "cuando", "hasta", "aunque",
}  # fmt: skip
CLAUSE_ENDS = BOUNDARIES | CONJUNCTIONS
CLAUSE_OPENERS = frozenset({"please", "then", "and", "or", "just", "so", "to", "y", "o", "e", "luego", "simplemente"})
CONDITIONS = frozenset({"if", "si"})


class Token(msgspec.Struct, frozen=True):
    """A word in lower case, contractions written out, or `#` for a quantity or fact, with its place in the text.

    `figure` is the reference, or what the quantity measures, so that it is known again in another form.
    """

    word: str
    start: int
    end: int
    figure: str = ""
    ranged: bool = False


class Mark(msgspec.Struct, frozen=True):
    """A phrase that bears meaning: its name, its tokens and its place.

    A modal has the subject it speaks of and the verb it governs, a negation its verb, a bound the figure it limits.
    """

    name: str
    first: int
    last: int
    start: int
    end: int
    subject: str = ""
    head: str = ""
    figure: str = ""


class Line:
    """The tokens of a text with their content stems, and where its clauses begin and end."""

    def __init__(self, tokens: Sequence[Token], words: Lexicon) -> None:
        self.tokens = tokens
        self.words = words
        self.stems = [_stem(token, words) for token in tokens]

    def clause_start(self, place: int) -> int:
        """Where the clause of a token begins."""
        opened = (before + 1 for before in range(place - 1, -1, -1) if self.tokens[before].word in CLAUSE_ENDS)
        return next(opened, 0)

    def clause_end(self, place: int) -> int:
        """Where the clause of a token ends: at a sign, or at a conjunction that opens the next."""
        closed = (after for after in range(place + 1, len(self.tokens)) if self.tokens[after].word in CLAUSE_ENDS)
        return next(closed, len(self.tokens))

    def before(self, start: int) -> int:
        """Where a clause begins with what a comma parts from it: `without a PIN, you can't pay`."""
        return self.clause_start(start - 1) if start and self.tokens[start - 1].word == "," else start

    def leads(self, place: int) -> bool:
        """Whether a word may stand between a subject and its verb: no content word but an adverb."""
        return not self.stems[place] or self.tokens[place].word.endswith(("ly", "mente"))

    def rest(self, last: int, reach: int | None = None) -> list[str]:
        """The content stems from a token to the end of its clause, or to the end of its reach."""
        end = self.clause_end(last) if reach is None else min(self.clause_end(last), last + 1 + reach)
        return [stem for stem in self.stems[last + 1 : end] if stem]

    def mark(self, name: str, first: int, last: int) -> Mark:
        """A mark over some tokens, with the figure in it, right behind it or before it."""
        near = (*self.tokens[first : last + 3], *self.tokens[max(0, first - 1) : first])
        figure = next((token.figure for token in near if token.figure), "")
        return Mark(name, first, last, self.tokens[first].start, self.tokens[last].end, figure=figure)

    def tells(self, place: int) -> bool:
        """Whether a word, at the beginning of a clause, tells the reader to act."""
        word = self.tokens[place].word if place < len(self.tokens) else ""
        form = self.words.imperative_form
        return word in self.words.imperatives or (form is not None and bool(form.match(word)))

    def said(self, mark: Mark) -> list[str]:
        """The words of a mark."""
        return [token.word for token in self.tokens[mark.first : mark.last + 1]]


def tokens(text: str, figures: Sequence[Quantity], words: Lexicon) -> list[Token]:
    """Words with contractions written out; each figure is one `#`, with the `or more` that may stand inside it."""
    found: list[Token] = []
    pending = list(figures)
    covered = 0
    for match in TOKEN.finditer(text):
        start, end = match.span()
        if start < covered:
            continue
        while pending and pending[0].end <= start:
            pending.pop(0)
        if pending and pending[0].start <= start and pending[0].kind not in {"url", "email"}:
            figure = pending.pop(0)
            covered = figure.end
            found.append(Token("#", start, covered, " ".join(measure(figure)), ranged=".." in figure.value))
            found.extend(_inner(figure, start))
        elif match["kind"] is not None:
            found.append(Token("#", start, end, match[0]) if match["kind"] == "fact" else Token("{}", start, end))
        else:
            found.extend(Token(word, start, end) for word in _written_out(match[0].lower().replace("’", "'"), words))
    return found


def _inner(figure: Quantity, start: int) -> Iterator[Token]:
    match = MORE_OR_LESS.search(figure.text)
    for word in match[0].lower().split() if match else ():
        yield Token(word, start, figure.end)


def _written_out(word: str, words: Lexicon) -> tuple[str, ...]:
    """The words that a contraction or compound stands for: `can't` is `can not`, `interest-free` `without interest`."""
    if word in words.contractions:
        return words.contractions[word]
    if word.endswith("-free"):
        return "without", word[: -len("-free")]
    if "'" in word:
        for ending, full in words.contracted_endings.items():
            if word.endswith(ending) and len(word) > len(ending):
                return tuple(part for part in (word[: -len(ending)], full) if part)
    return (word,)


def _stem(token: Token, words: Lexicon) -> str:
    """The stem of a content word; nothing for figures, signs and words that carry no content."""
    word = token.word
    return "" if not word[0].isalpha() or word in words.stop_words else words.stem(word)
