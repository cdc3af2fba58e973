"""What a sentence asserts as far as its words show: what is negated, what may or must be, how figures are bounded."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec

from kb.channels.lexicons import Lexicon, lexicon
from kb.channels.quantities import Quantity, measure, quantities

TOKEN = re.compile(r"\{\{(?P<kind>\w+):[^{}]*\}\}|\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['’-][^\W\d_]+)*|[%£€$]|[,;:.!?()¿¡–—]")
MORE_OR_LESS = re.compile(r"\b(?:or|o) (?:more|less|fewer|más|menos)\b", re.IGNORECASE)
BOUNDARIES = frozenset(",;:.!?()¿¡–—")
CONJUNCTIONS = {"but", "so", "because", "if", "when", "once", "unless", "until", "while"} | {
    "pero", "porque", "si", "cuando", "hasta", "aunque",
}  # fmt: skip
CLAUSE_ENDS = BOUNDARIES | CONJUNCTIONS
CLAUSE_OPENERS = frozenset({"please", "then", "and", "or", "just", "so", "to", "y", "o", "e", "luego", "simplemente"})
FIRST_PERSONS = frozenset({"we", "podemos", "podremos", "tenemos", "tendremos", "debemos", "deberemos", "necesitamos"})
SECOND_PERSONS = frozenset({"you", "puedes", "podrás", "se", "puedas", "podrías", "deberías", "tienes", "debes"})
REQUIRING = frozenset({"without", "unless", "sin", "menos", "salvo", "excepto", "except"})
CONDITIONAL = frozenset({"without", "unless", "sin", "si", "if", "que"})
"""What a negation can make a condition of (`can't … without`, `no … salvo que`): a word of each of these, or both."""
FORBIDDING = ("must", "deb")
"""How the modals begin that forbid when they are negated; `have to`, `need` and `tienes que` then set free."""
NEGATIVE = frozenset({"not", "free", "requires", "without", "instead", "unneeded"})
CONDITIONS = frozenset({"if", "si"})
NOTHING = frozenset({"nothing", "nada"})
EASY = frozenset({"just", "simply", "solo", "sólo", "simplemente"})
MODALS = frozenset({"may", "can", "must", "should", "will"})
GOVERNING = MODALS | {"unneeded", "instead", "asked", "aim"}
NEGATED_MODALS = MODALS - {"may"}
"""`can't`, `mustn't` and `won't` all say no; `may not` stays uncertain."""
BOUNDS = frozenset({"at-most", "at-least"})
"""Marks that bound a single figure; before a range (`from £5 to £10`) they only open it."""
PRONOUN_REACH, NEGATION_REACH, COST_REACH, WITHOUT_REACH = 4, 2, 4, 3
"""How many words lie at most between a modal and its subject, a negation and its modal, a negation and a cost,
and `without` and what is missing."""


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


class Meaning(msgspec.Struct, frozen=True):
    """The marks of one sentence or of several taken together, and the words, figures and stems they stand among.

    `negated` are stems inside the reach of a negation, `affirmed` all others, `plain` those of clauses that say yes,
    `possible` those behind a `may` or `can`;
    `soft` are stems that negate without a word for it (`refuse`, `lost`); `conditions` are the stems of each condition,
    `names` those of all marks; `openers` are the stems that clauses begin with, verbs if they tell the reader to act.
    `awaited` are the stems behind an `until`, `denials` counts the words that deny anything. Where negations go in pairs (`no pagas nada`), `denied` are the verbs right
    after the first of a pair, `unlicensed` the words before a second without first.
    """

    marks: tuple[Mark, ...]
    words: frozenset[str]
    figures: frozenset[str]
    affirmed: frozenset[str]
    negated: frozenset[str]
    plain: frozenset[str]
    possible: frozenset[str]
    soft: frozenset[str]
    imperative: bool
    conditions: tuple[frozenset[str], ...]
    names: frozenset[str]
    openers: frozenset[str]
    awaited: frozenset[str]
    denials: int
    denied: frozenset[str]
    unlicensed: frozenset[str]

    @property
    def said(self) -> frozenset[str]:
        """All content stems, denied or not."""
        return self.affirmed | self.negated

    def named(self, *names: str) -> tuple[Mark, ...]:
        """The marks of these names."""
        return tuple(mark for mark in self.marks if mark.name in names) if self.has(*names) else ()

    def has(self, *names: str) -> bool:
        """Whether any mark has one of these names."""
        return not self.names.isdisjoint(names)


class _Line:
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

    def rest(self, last: int, reach: int | None = None) -> list[str]:
        """The content stems from a token to the end of its clause, or to the end of its reach."""
        end = self.clause_end(last) if reach is None else min(self.clause_end(last), last + 1 + reach)
        return [stem for stem in self.stems[last + 1 : end] if stem]

    def mark(self, name: str, first: int, last: int) -> Mark:
        """A mark over some tokens, with the figure in it, right behind it or before it."""
        near = (*self.tokens[first : last + 3], *self.tokens[max(0, first - 1) : first])
        figure = next((token.figure for token in near if token.figure), "")
        return Mark(name, first, last, self.tokens[first].start, self.tokens[last].end, figure=figure)

    def inverts(self, place: int) -> bool:
        """Whether a word opens a condition by standing first: `should the payment fail`."""
        return self.tokens[place].word == "should" and place == self.clause_start(place)

    def invites(self, first: int, last: int) -> bool:
        """Whether a word only makes an instruction sound easy: `just tap it`."""
        after = self.tokens[last + 1].word if last + 1 < len(self.tokens) else ""
        return self.tokens[first].word in EASY and first == self.clause_start(first) and _tells(after, self.words)

    def lasts(self, last: int) -> bool:
        """Whether a length of time follows closely: `we need two days` tells how long, not what must be."""
        return any(token.figure.startswith("duration") for token in self.tokens[last + 1 : last + 5])

    def said(self, mark: Mark) -> list[str]:
        """The words of a mark."""
        return [token.word for token in self.tokens[mark.first : mark.last + 1]]


@lru_cache(maxsize=2_000)
def meaning(text: str, locale: str) -> Meaning:
    """Read one or more sentences, Markdown signs already blanked, in a locale whose language has a lexicon."""
    words = lexicon(locale)
    if words is None:
        raise ValueError(f"no lexicon reads {locale}")
    line = _Line(_tokens(text, quantities(text, locale), words), words)
    found = _find(line)
    marks = _settle(found, line)
    inside = _negated(marks, line)
    clauses = _negative_clauses(marks, line)
    openings = _openings(line)
    content = [(place, stem) for place, stem in enumerate(line.stems) if stem]
    return Meaning(
        marks=tuple(marks),
        words=frozenset(token.word for token in line.tokens),
        figures=frozenset(token.figure for token in line.tokens if token.figure),
        affirmed=frozenset(stem for place, stem in content if place not in inside),
        negated=frozenset(stem for place, stem in content if place in inside),
        plain=frozenset(stem for place, stem in content if place not in clauses),
        possible=frozenset(stem for mark in marks if mark.name in {"may", "can"} for stem in line.rest(mark.last)),
        soft=words.soft_negations.intersection(line.stems),
        imperative=any(_tells(line.tokens[place].word, words) for place in openings),
        conditions=tuple(frozenset(line.rest(mark.last)) for mark in marks if mark.name == "if"),
        names=frozenset(mark.name for mark in marks),
        denials=sum(mark.name in {"not", "without"} for mark in found),
        awaited=frozenset(stem for mark in found if mark.name == "until" for stem in line.rest(mark.last)),
        openers=frozenset(line.stems[place] for place in openings if _bare(line, place)) - {""},
        **_pairs(line),
    )


# ---- words -----------------------------------------------------------------------------------------------------------


def _tokens(text: str, figures: Sequence[Quantity], words: Lexicon) -> list[Token]:
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


# ---- marks -----------------------------------------------------------------------------------------------------------


def _find(line: _Line) -> list[Mark]:
    """Marks from left to right, the longest phrase first; a phrase may share its figure with the next one."""
    found: list[Mark] = []
    place = 0
    while place < len(line.tokens):
        match = _phrase(line, place)
        if match is None:
            place += 1
            continue
        name, last = match
        bounds_range = name in BOUNDS and any(token.ranged for token in line.tokens[place : last + 2])
        needs_time = name == "must" and line.lasts(last)
        if name != "neutral" and not bounds_range and not needs_time and not line.invites(place, last):
            found.append(line.mark("if" if line.inverts(place) else name, place, last))
        shared = last > place and line.tokens[last].word == "#"
        place = last if shared else last + 1
    return found


def _phrase(line: _Line, place: int) -> tuple[str, int] | None:
    """The mark of the longest phrase that begins at a token, and its last token."""
    tokens = line.tokens
    first = tokens[place].word
    second = tokens[place + 1].word if place + 1 < len(tokens) else ""
    for start in ((first, second), (first, "*"), (first,)):
        for rest, name in line.words.phrases.get(start, ()):
            last = place + len(start) - 1 + len(rest)
            if last < len(tokens) and _follows(rest, tokens, last):
                return name, last
    return None


def _follows(rest: tuple[str, ...], tokens: Sequence[Token], last: int) -> bool:
    """Whether the last words of a phrase stand where they should."""
    first = last - len(rest) + 1
    return all(word in ("*", tokens[first + offset].word) for offset, word in enumerate(rest))


def _settle(marks: Sequence[Mark], line: _Line) -> list[Mark]:
    """Marks after what they do to each other: `not … fee` is free, `not … more than` a limit."""
    dropped: set[int] = set()
    negations: dict[int, Mark] = {}
    for mark in marks:
        if mark.name == "not" and any(_echoes(mark, each, line) for each in negations.values()):
            dropped.add(mark.first)
        elif mark.name == "not" and mark.first not in dropped:
            negations[mark.first], absorbed = _negation(mark, marks, line)
            dropped |= absorbed
        elif mark.name == "free" and line.tokens[mark.first].word in {"not", "no"} and _conditional(mark, line):
            negations[mark.first] = msgspec.structs.replace(mark, name="not")
        elif mark.name in {"without", "unneeded"}:
            negations[mark.first], absorbed = _freed(mark, marks, line)
            dropped |= absorbed
        elif mark.name == "may":
            dropped |= {each.first for each in marks if each.name == "must" and _near(mark, each)}
    return [
        negations.get(mark.first) or (_governed(mark, line) if mark.name in GOVERNING else mark)
        for mark in marks
        if mark.first not in dropped
    ]


def _freed(mark: Mark, marks: Sequence[Mark], line: _Line) -> tuple[Mark, set[int]]:
    """`without … having to` is unneeded, and what nobody needs to pay a fee for is free."""
    if any(stem.startswith(line.words.cost_stems) for stem in line.rest(mark.last, COST_REACH)):
        return msgspec.structs.replace(mark, name="free"), set()
    mark = _governed(mark, line)
    duties = {each.first for each in marks if each.name == "must" and _near(mark, each) and _sets_free(each, line)}
    if not duties:
        return mark, set()
    last = max(each.last for each in marks if each.first in duties)
    head = next(iter(line.rest(last)), "")
    return msgspec.structs.replace(mark, name="unneeded", head=head), duties


def _sets_free(duty: Mark, line: _Line) -> bool:
    """Whether a duty, negated, is none: `not … need to` is, `must not` isn't."""
    return not line.tokens[duty.first].word.startswith(FORBIDDING)


def _echoes(mark: Mark, earlier: Mark, line: _Line) -> bool:
    """Whether a negation only repeats an earlier one of its clause, as Spanish does (`no pagas nada`, `no llama nadie`)."""
    return mark.first < line.clause_end(earlier.last) and line.tokens[mark.first].word not in {"not", "no"}


def _near(first: Mark, second: Mark) -> bool:
    """Whether a mark follows another closely enough to belong to it (`may have to`, `no se puede`)."""
    return 0 < second.first - first.last <= NEGATION_REACH


def _negation(mark: Mark, marks: Sequence[Mark], line: _Line) -> tuple[Mark, set[int]]:
    """What one negation comes to, and the first tokens of the marks it absorbs."""
    modals = [each for each in marks if each.name in NEGATED_MODALS and (_near(each, mark) or _near(mark, each))]
    absorbed = {each.first for each in modals}
    if any(stem.startswith(line.words.cost_stems) for stem in line.rest(mark.last, COST_REACH)):
        return msgspec.structs.replace(mark, name="free"), absorbed
    name, partner = _completed(mark, marks, line)
    if partner is not None and partner.name == "more":
        kept = {each.first for each in modals if each.name == "should"}
        return msgspec.structs.replace(mark, name=name), (absorbed | {partner.first}) - kept
    duties = [each for each in marks if each.name == "must" and _sets_free(each, line) and mark.first < each.first]
    end = line.clause_end(mark.last)
    nothing = not NOTHING.isdisjoint(line.said(mark))
    if any(_near(mark, each) or (nothing and each.first < end) for each in duties):
        modals = [each for each in marks if each.first in absorbed or each in duties]
        absorbed |= {each.first for each in duties if each.first < end}
        return msgspec.structs.replace(mark, name="unneeded", head=_verb(mark, modals, line)), absorbed
    if _elliptic(mark, line):
        return msgspec.structs.replace(mark, name="otherwise"), absorbed
    said = line.said(mark)
    governs = not line.words.verb_negations.isdisjoint({said[0], " ".join(said)})
    head = _verb(mark, modals, line) if governs else ""
    if partner is not None:
        return msgspec.structs.replace(mark, name=name, head=head), absorbed | {partner.first}
    return msgspec.structs.replace(mark, head=head), absorbed


def _verb(mark: Mark, modals: Sequence[Mark], line: _Line) -> str:
    """The stem of the verb that a negation denies, behind the modals between them."""
    return next(iter(line.rest(max([mark.last, *(each.last for each in modals)]))), "")


def _conditional(mark: Mark, line: _Line) -> bool:
    """Whether a mark stands in a condition."""
    opener = line.clause_start(mark.first) - 1
    return opener >= 0 and line.tokens[opener].word in CONDITIONS


def _elliptic(mark: Mark, line: _Line) -> bool:
    """Whether a negation only points back: `if it isn't, …`, `si no, …`."""
    return _conditional(mark, line) and not line.rest(mark.last)


def _completed(mark: Mark, marks: Sequence[Mark], line: _Line) -> tuple[str, Mark | None]:
    """What a negation makes with another mark of its clause: `not free`, `can't … until`, `not … more than`."""
    start, end = line.clause_start(mark.first), line.clause_end(mark.last)
    for each in marks:
        if each.name == "free" and _near(mark, each):
            return "charged", each
    for each in marks:
        said = line.said(each)
        required = each.name in {"without", "except"} and not (
            REQUIRING.isdisjoint(said) or CONDITIONAL.isdisjoint(said)
        )
        if mark.last < each.first < end + 2 and (required or each.name == "until"):
            return "requires", each
        if each.name == "without" and line.before(start) <= each.first < mark.first:
            return "requires", each
    conditional = _conditional(mark, line)
    for each in marks:
        if start <= each.first < end and each.name == "more":
            return "at-most", each
        if mark.last < each.first < end and each.name == "within" and not conditional:
            return "at-least", each
    return "", None


def _governed(mark: Mark, line: _Line) -> Mark:
    """A modal with its subject (`we`, `you` or another) and the stem of the verb that follows."""
    near = {token.word for token in line.tokens[max(0, mark.first - PRONOUN_REACH) : mark.last + 1]}
    subject = "we" if near & FIRST_PERSONS else "you" if near & SECOND_PERSONS else "other"
    return msgspec.structs.replace(mark, subject=subject, head=next(iter(line.rest(mark.last)), ""))


def _negated(marks: Sequence[Mark], line: _Line) -> set[int]:
    """The places inside the reach of a negation: to the end of its clause, for `without` a few words."""
    reaches = {
        "not": len(line.tokens),
        "free": len(line.tokens),
        "requires": len(line.tokens),
        "without": WITHOUT_REACH,
        "instead": WITHOUT_REACH,
    }
    return {
        place
        for mark in marks
        if mark.name in reaches
        for place in range(mark.last + 1, min(line.clause_end(mark.last), mark.last + 1 + reaches[mark.name]))
    }


def _negative_clauses(marks: Sequence[Mark], line: _Line) -> set[int]:
    """The places of every clause that says no in any way, before its negation too (`coins can't be exchanged`)."""
    said = {mark.first for mark in marks if mark.name in NEGATIVE}
    said |= {place for place, stem in enumerate(line.stems) if stem in line.words.soft_negations}
    return {each for place in said for each in range(line.clause_start(place), line.clause_end(place))}


def _openings(line: _Line) -> list[int]:
    """The places where a clause begins, after the words that only lead up to it (`please`, `and then`)."""
    found: list[int] = []
    opens = True
    for place, token in enumerate(line.tokens):
        if opens and token.word not in BOUNDARIES:
            found.append(place)
        opens = token.word in BOUNDARIES or token.word in CLAUSE_OPENERS
    return found


def _tells(word: str, words: Lexicon) -> bool:
    """Whether a word at the beginning of a clause tells the reader to act."""
    return word in words.imperatives or (words.imperative_form is not None and bool(words.imperative_form.match(word)))


def _bare(line: _Line, place: int) -> bool:
    """Whether a word that opens a clause, if it is a verb, tells somebody to act: it has no other ending, nor a `to`."""
    word = line.tokens[place].word
    infinitive = place > 0 and line.tokens[place - 1].word == "to"
    return not infinitive and (not word.endswith(line.words.inflections) or _tells(word, line.words))


def _pairs(line: _Line) -> dict[str, frozenset[str]]:
    """The verbs that the first of two paired negations denies, and the words before a second one that has no first."""
    words = line.words
    if not words.paired_negations:
        return {"denied": frozenset(), "unlicensed": frozenset()}
    denied: set[str] = set()
    unlicensed: set[str] = set()
    for place, token in enumerate(line.tokens):
        if token.word == "no":
            after = (each.word for each in line.tokens[place + 1 : line.clause_end(place)])
            denied.update(next(([word] for word in after if word not in words.clitics), []))
        elif token.word in words.paired_negations and place > line.clause_start(place):
            clause = {each.word for each in line.tokens[line.clause_start(place) : place]}
            if clause.isdisjoint(words.licensing):
                unlicensed.add(line.tokens[place - 1].word)
    return {"denied": frozenset(map(words.stem, denied)), "unlicensed": frozenset(map(words.stem, unlicensed))}
