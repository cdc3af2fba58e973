"""What search answers with: the words delivery let leave, beside what the index knew. Names and shapes as DESIGN §9."""

import msgspec

from kb.channels.types import NextOut
from kb.search.confidence import Outcome
from kb.search.highlight import Highlight


class SearchHit(msgspec.Struct, frozen=True):
    """One entry found, in the locale it is delivered in; a score compares with those of the same answer only."""

    key: str
    kind: str
    locale: str
    title: str
    text: str
    highlights: tuple[Highlight, ...]
    score: float


class Results(msgspec.Struct, frozen=True):
    """`locale` is the one asked for; `degraded` says that the database answered in the engine's place."""

    hits: tuple[SearchHit, ...]
    facets: dict[str, dict[str, int]]
    total: int
    position: int
    degraded: bool
    locale: str


class Choice(msgspec.Struct, frozen=True):
    """One of the entries to choose from when a match is unsure."""

    key: str
    kind: str
    title: str
    text: str


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why this answer: the phrasing most like the question, the words found and how they were read, or the way on."""

    phrasing: str = ""
    words: tuple[str, ...] = ()
    read_as: dict[str, str] = {}
    chosen: str = ""


class Match(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`answer` and `say` are delivery payloads as they leave; `say` is the signed entry for want of one answer."""

    outcome: Outcome
    confidence: float
    position: int
    locale: str
    degraded: bool
    answer: msgspec.Raw | None = None
    options: tuple[Choice, ...]
    say: msgspec.Raw | None = None
    why: Reason | None


class Suggestion(msgspec.Struct, frozen=True):
    """A title or phrasing that goes on as was typed, and the entry it belongs to."""

    text: str
    key: str


class Suggestions(msgspec.Struct, frozen=True):
    items: tuple[Suggestion, ...]


class Shown(msgspec.Struct, frozen=True):
    """The part of a payload that search reads."""

    key: str
    kind: str
    title: str
    text: str
    topic: str = ""
    product: str = ""
    stage: str = ""
    next: tuple[NextOut, ...] = ()
