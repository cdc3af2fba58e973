"""How well an entry answers a question beyond what an engine says: closeness, alikeness and coverage. Pure.

One document for each entry beats its phrasings taken alone, and sublinear tf-idf, the most similar phrasing and the
engine's BM25 over words and runs of four characters find the right entry more often together than any of them does.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Set

import msgspec

from kb.search.documents import Record
from kb.search.reading import Group, Reading
from kb.search.types import Hit, Why

Rarity = Callable[[str], float]
"""How much a stem says: log(1 + documents / documents that hold it)."""

RANKED = 40
COMPARED = 12
"""How many candidates have their closeness measured, and how many of the best by then their alikeness."""

CLOSENESS = 2.0
ALIKENESS = 2.0
"""What these weigh beside the engine's score divided by the question's rarity."""

NEVER = "\n"
"""A stem that no document holds."""

OTHER_KIND = 0.8
"""What the score of a claim, promise or notice counts beside that of an answer to the same question."""


class Features(msgspec.Struct, frozen=True):
    """What ranking needs of a document: the weight of each stem (a unit vector) and each phrasing with its rarity."""

    record: Record
    weights: dict[str, float]
    phrasings: tuple[tuple[frozenset[str], float], ...]


class Asked(msgspec.Struct, frozen=True):
    """What ranking needs of a question, made once for all candidates.

    `values` maps every stem that may count to its weight times its group's rarity, `numbers` to that group; `length`
    and `total` are the norm and the sum of the rarities of what was asked, `meant` their sum without stop words and
    `familiar` the share of that which any document knows.
    """

    groups: tuple[Group, ...]
    values: dict[str, float]
    numbers: dict[str, int]
    length: float
    total: float
    meant: float
    familiar: float


class Candidate(msgspec.Struct):
    """A document while it is being ranked."""

    features: Features
    shared: Set[str]
    worth: float
    score: float
    near: float
    alike: float = 0.0


def features(record: Record, rarity: Rarity) -> Features:
    """The features of a document."""
    counts = Counter(part for phrasing in record.phrasings for part in phrasing)
    weights = {part: (1.0 + math.log(count)) * rarity(part) for part, count in counts.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    sets = [frozenset(phrasing) for phrasing in record.phrasings]
    return Features(
        record=record,
        weights={part: weight / length for part, weight in weights.items()},
        phrasings=tuple((one, sum(map(rarity, one))) for one in sets if one),
    )


def ask(reading: Reading, rarity: Rarity) -> Asked:
    """A question made ready for ranking."""
    values: dict[str, float] = {}
    numbers: dict[str, int] = {}
    rarities = [rarity(group.stem) for group in reading.groups]
    for number, group in enumerate(reading.groups):
        for part, weight in group.alternatives():
            if values.get(part, -1.0) < weight * rarities[number]:
                values[part], numbers[part] = weight * rarities[number], number
    missed = [value for value, group in zip(rarities, reading.groups, strict=True) if not group.added]
    meaning = [pair for pair in zip(rarities, reading.groups, strict=True) if not (pair[1].added or pair[1].stop)]
    unheard = rarity(NEVER)
    meant = sum(value for value, _ in meaning)
    known = sum(value for value, group in meaning if any(rarity(part) < unheard for part, _ in group.alternatives()))
    return Asked(
        groups=reading.groups,
        values=values,
        numbers=numbers,
        length=math.sqrt(sum(value * value for value in missed)) or 1.0,
        total=sum(missed) or 1.0,
        meant=meant or 1.0,
        familiar=known / (meant or 1.0),
    )


def rank(asked: Asked, found: Iterable[tuple[float, Features]]) -> list[Candidate]:
    """An engine's candidates, given best first with its scores, in order.

    Each measure only adds to scores and is taken of the best so far, so those not measured keep their place below.
    """
    candidates = []
    for place, (score, document) in enumerate(found):
        shared = asked.values.keys() & document.weights.keys() if place < RANKED else frozenset()
        near = closeness(asked, document, shared)
        worth = 1.0 if document.record.kind == "answer" else OTHER_KIND
        candidates.append(Candidate(document, shared, worth, (score / asked.total + CLOSENESS * near) * worth, near))
    candidates.sort(key=_place)
    for candidate in candidates[:COMPARED]:
        candidate.alike = alikeness(asked, candidate.features, candidate.shared)
        candidate.score += ALIKENESS * candidate.alike * candidate.worth
    return sorted(candidates, key=_place)


def hit(asked: Asked, candidate: Candidate) -> Hit:
    """A candidate as it is told, with the reasons: which words were found and what share of the rarity they are."""
    found: dict[int, float] = {}
    for part in candidate.shared:
        number = asked.numbers[part]
        found[number] = max(found.get(number, 0.0), asked.values[part])
    groups = [(asked.groups[number], value) for number, value in sorted(found.items())]
    explained = sum(value for group, value in groups if not (group.added or group.stop))
    why = Why(
        words=tuple(dict.fromkeys(group.asked for group, _ in groups if group.asked)),
        read_as={group.asked: group.read for group, _ in groups if group.asked and group.asked != group.read},
        closeness=round(min(candidate.near, 1.0), 4),
        alikeness=round(min(candidate.alike, 1.0), 4),
        coverage=round(min(explained / asked.meant, 1.0), 4),
        familiarity=round(asked.familiar, 4),
    )
    return Hit(candidate.features.record.key, candidate.features.record.locale, round(candidate.score, 4), why)


def closeness(asked: Asked, document: Features, shared: Set[str]) -> float:
    """The cosine between question and document, sublinear tf-idf over stems."""
    weights, values = document.weights, asked.values
    return sum([weights[part] * values[part] for part in shared]) / asked.length


def alikeness(asked: Asked, document: Features, shared: Set[str]) -> float:
    """The largest share of rarity that the question and one phrasing have in common."""
    best, values = 0.0, asked.values
    for phrasing, rarity in document.phrasings:
        common = sum([values[part] for part in phrasing & shared])
        if common > best * (asked.total + rarity - common):
            best = common / max(asked.total + rarity - common, 1e-9)
    return best


def _place(candidate: Candidate) -> tuple[float, str]:
    return -candidate.score, candidate.features.record.key
