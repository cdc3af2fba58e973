"""Marks of meaning in a row of words: found by their phrases, then settled by what they do to each other."""

from collections.abc import Sequence

import msgspec

from kb.channels.line import CONDITIONS, Line, Mark, Token

FIRST_PERSONS = frozenset({"we", "podemos", "podremos", "tenemos", "tendremos", "debemos", "deberemos", "necesitamos"})
SECOND_PERSONS = frozenset({"you", "puedes", "podrás", "se", "puedas", "podrías", "deberías", "tienes", "debes"})
REQUIRING = frozenset({"without", "unless", "sin", "menos", "salvo", "excepto", "except"})
CONDITIONAL = frozenset({"without", "unless", "sin", "si", "if", "que"})
"""What a negation can make a condition of (`can't … without`, `no … salvo que`): a word of each of these, or both."""
FORBIDDING = ("must", "deb")
"""How the modals begin that forbid when they are negated; `have to`, `need` and `tienes que` then set free."""
PLACES = frozenset({"within", "inside", "dentro de"})
TIMES = frozenset(
    {"days", "hours", "minutes", "weeks", "months", "years", "día", "días", "horas", "minutos", "semanas", "meses"}
)
ONE = frozenset({"one", "uno", "una"})
OR = frozenset({"or", "o"})
LESS = frozenset({"less", "under", "below", "fewer", "before", "menos", "antes", "inferior", "debajo"})
"""Words of a bound that a negation turns round: `not under £10` is at least £10."""
NOTHING = frozenset({"nothing", "nada"})
EASY = frozenset({"just", "simply", "solo", "sólo", "simplemente"})
MODALS = frozenset({"may", "can", "must", "should", "will"})
GOVERNING = MODALS | {"unneeded", "instead", "asked", "aim"}
NEGATED_MODALS = MODALS - {"may"}
"""`can't`, `mustn't` and `won't` all say no; `may not` stays uncertain."""
BOUNDS = frozenset({"at-most", "at-least"})
"""Marks that bound a single figure; before a range (`from £5 to £10`) they only open it."""
PRONOUN_REACH, NEGATION_REACH, COST_REACH = 4, 2, 4
"""How many words lie at most between a modal and its subject, a negation and its modal, and a negation and a cost."""


def find(line: Line) -> list[Mark]:
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
        if name != "neutral" and not bounds_range and not _only_looks(name, place, last, line):
            found.append(line.mark("if" if _inverts(place, line) else name, place, last))
        shared = last > place and line.tokens[last].word == "#"
        place = last if shared else last + 1
    return found


def _only_looks(name: str, first: int, last: int, line: Line) -> bool:
    """Whether a phrase isn't what it looks like: an invitation (`just tap it`), a time (`we need two days`), a place
    (`within the country`), a choice (`a new or higher fee`)."""
    near = line.tokens[last : last + 4]
    if name == "within" and " ".join(token.word for token in line.tokens[first : last + 1]) in PLACES:
        return not any(token.figure or token.word in TIMES for token in near)
    if name in BOUNDS and line.tokens[first].word in OR:
        return not any(
            token.figure or token.word[0].isdigit() or token.word in ONE
            for token in line.tokens[max(0, first - 5) : first]
        )
    if line.tokens[first].word in EASY and first == line.clause_start(first):
        return line.tells(last + 1)
    return name == "must" and any(token.figure.startswith("duration") for token in line.tokens[last + 1 : last + 5])


def _inverts(place: int, line: Line) -> bool:
    """Whether a word opens a condition by standing first: `should the payment fail`."""
    return line.tokens[place].word == "should" and place == line.clause_start(place)


def _phrase(line: Line, place: int) -> tuple[str, int] | None:
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


def settle(marks: Sequence[Mark], line: Line) -> list[Mark]:
    """Marks after what they do to each other: `not … fee` is free, `not … more than` a limit."""
    dropped: set[int] = set()
    settled: dict[int, Mark] = {}
    for mark in marks:
        if mark.name == "not" and any(_echoes(mark, each, line) for each in settled.values() if each.name != "may"):
            dropped.add(mark.first)
        elif mark.name == "not" and mark.first not in dropped:
            settled[mark.first], absorbed = _negation(mark, marks, line)
            dropped |= absorbed
        elif mark.name == "free" and line.tokens[mark.first].word in {"not", "no"} and _conditional(mark, line):
            settled[mark.first] = msgspec.structs.replace(mark, name="not")
        elif mark.name in {"without", "unneeded"}:
            settled[mark.first], absorbed = _freed(mark, marks, line)
            dropped |= absorbed
        elif mark.name == "may":
            duties = [each for each in marks if each.name == "must" and _near(mark, each)]
            dropped |= {each.first for each in duties}
            governed = _governed(mark, line)
            head = _verb(mark, duties, line)
            settled[mark.first] = msgspec.structs.replace(governed, head="" if line.said(mark)[-1] == "que" else head)
    return [
        settled.get(mark.first) or (_governed(mark, line) if mark.name in GOVERNING else mark)
        for mark in marks
        if mark.first not in dropped
    ]


def _freed(mark: Mark, marks: Sequence[Mark], line: Line) -> tuple[Mark, set[int]]:
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


def _sets_free(duty: Mark, line: Line) -> bool:
    """Whether a duty, negated, is none: `not … need to` is, `must not` isn't."""
    return not line.tokens[duty.first].word.startswith(FORBIDDING)


def _echoes(mark: Mark, earlier: Mark, line: Line) -> bool:
    """Whether a negation only repeats an earlier one of its clause, as Spanish does (`no pagas nada`, `no llama nadie`)."""
    return mark.first < line.clause_end(earlier.last) and line.tokens[mark.first].word not in {"not", "no"}


def _near(first: Mark, second: Mark) -> bool:
    """Whether a mark follows another closely enough to belong to it (`may have to`, `no se puede`)."""
    return 0 < second.first - first.last <= NEGATION_REACH


def _denies(negation: Mark, modal: Mark, line: Line) -> bool:
    """Whether a modal follows its negation: near it, and without another verb between them (`no conoces puede`)."""
    return _near(negation, modal) and not any(line.stems[negation.last + 1 : modal.first])


def _negation(mark: Mark, marks: Sequence[Mark], line: Line) -> tuple[Mark, set[int]]:
    """What one negation comes to, and the first tokens of the marks it absorbs."""
    modals = [
        each for each in marks if each.name in NEGATED_MODALS and (_near(each, mark) or _denies(mark, each, line))
    ]
    absorbed = {each.first for each in modals}
    conditional = _conditional(mark, line)
    costs = any(stem.startswith(line.words.cost_stems) for stem in line.rest(mark.last, COST_REACH))
    if costs and not conditional:
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


def _verb(mark: Mark, modals: Sequence[Mark], line: Line) -> str:
    """The stem of the verb that a negation denies, behind the modals between them."""
    return next(iter(line.rest(max([mark.last, *(each.last for each in modals)]))), "")


def _conditional(mark: Mark, line: Line) -> bool:
    """Whether a mark stands in a condition."""
    opener = line.clause_start(mark.first) - 1
    return opener >= 0 and line.tokens[opener].word in CONDITIONS


def _elliptic(mark: Mark, line: Line) -> bool:
    """Whether a negation only points back: `if it isn't, …`, `si no, …`."""
    return _conditional(mark, line) and not line.rest(mark.last)


def _completed(mark: Mark, marks: Sequence[Mark], line: Line) -> tuple[str, Mark | None]:
    """What a negation makes with another mark of its clause: `not free`, `can't … until`, `not … more than`."""
    start, end = line.clause_start(mark.first), line.clause_end(mark.last)
    conditional = _conditional(mark, line)
    for each in marks:
        if each.name == "free" and _near(mark, each):
            return "charged", each
    for each in marks:
        said = line.said(each)
        required = each.name in {"without", "except"} and not (
            REQUIRING.isdisjoint(said) or CONDITIONAL.isdisjoint(said)
        )
        if mark.last < each.first < end + 2 and (required or (each.name == "until" and not conditional)):
            return "requires", each
        if each.name == "without" and line.before(start) <= each.first < mark.first:
            return "requires", each
    for each in marks:
        if start <= each.first < end and each.name == "more":
            return "at-most", each
        bounded = each.name == "within" and not LESS.isdisjoint(line.said(each))
        if mark.last < each.first < end and bounded and not conditional:
            return "at-least", each
    return "", None


def _governed(mark: Mark, line: Line) -> Mark:
    """A modal with its subject (`we`, `you` or another) and the stem of the verb that follows, if it follows at once."""
    first = mark.first
    while first > max(0, mark.first - PRONOUN_REACH) and line.leads(first - 1):
        first -= 1
    near = {token.word for token in line.tokens[first : mark.last + 1]}
    subject = "we" if near & FIRST_PERSONS else "you" if near & SECOND_PERSONS else "other"
    return msgspec.structs.replace(mark, subject=subject, head=next(iter(line.rest(mark.last)), ""))
