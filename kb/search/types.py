"""The words of search: what is indexed, what is asked, what is found, and what any engine and any listener must do."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import msgspec

from kb.delivery.types import Findable
from kb.entries.types import Synonyms

SEARCHED = frozenset({"answer", "promise", "notice", "claim"})
"""The kinds searched unless one is named; disclosures and `say-*` entries are never hits."""

SAID = "say-"
"""How the keys begin of what a door says on its own account."""

FACETS = ("kind", "topic", "product", "stage")


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """One question to an engine in one locale.

    `text` is as the customer wrote it and never becomes a filter. Facets are counted when asked for. Empty `topic`,
    `product` and `stage` filter nothing;
    `among` narrows to these keys (None: all), `without` leaves keys out before anything is counted.
    """

    text: str
    locale: str
    channel: str
    audiences: frozenset[str]
    kinds: frozenset[str] = SEARCHED
    topic: str = ""
    product: str = ""
    stage: str = ""
    among: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    limit: int = 10
    offset: int = 0
    facets: bool = False


class Why(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a document was found.

    `words` are the question's words that it holds, `read_as` those that were taken for others (`crad` for `card`).
    The rest measures how sure that is, each from 0 to 1: `closeness` to all the entry's words, `alikeness` to its most
    similar phrasing, `coverage`, the share of the question's meaning that its words explain, and `familiarity`, the
    share that any document's would.
    """

    words: tuple[str, ...] = ()
    read_as: dict[str, str] = {}
    closeness: float = 0.0
    alikeness: float = 0.0
    coverage: float = 0.0
    familiarity: float = 0.0


class Hit(msgspec.Struct, frozen=True):
    """One document found; scores compare within one answer only."""

    key: str
    locale: str
    score: float
    why: Why = Why()


class Found(msgspec.Struct, frozen=True):
    """A stretch of hits, best first, with how many there are in all and how they spread (facet → value → count).

    `stems` are those the question was looked up by, to mark words with.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    facets: dict[str, dict[str, int]] = {}
    stems: frozenset[str] = frozenset()


class Batch(msgspec.Struct, frozen=True):
    """A change of an index: all documents of `keys` give way to `documents`, and the bookmark moves to `position`."""

    keys: frozenset[str]
    documents: tuple[Findable, ...]
    position: int


class SearchIndex(Protocol):
    """An index of what is live. It holds keys and words; no text ever leaves from here.

    All methods raise Unavailable when the engine can't answer. The same suite of tests runs over every engine.
    """

    async def bookmark(self) -> int:
        """The journal's position this index has applied; 0 for an empty one."""
        ...

    async def apply(self, batch: Batch) -> None:
        """Make a change wholly or not at all; once this returns it is durable and every `find` sees it.

        A batch whose position lies before the bookmark has been overtaken and is ignored, one at the bookmark is
        applied again: replay and reordering do no harm. One without keys only moves the bookmark, and that may be
        forgotten when the process ends.
        """
        ...

    async def rebuild(self, batches: AsyncIterator[Sequence[Findable]], position: int) -> None:
        """Build a second index beside the live one, which goes on answering, then swap; raising leaves the live one."""
        ...

    async def learn(self, synonyms: Synonyms) -> None:
        """Read questions with these synonyms from now on."""
        ...

    async def find(self, query: Query) -> Found:
        """Documents that hold a word of the question, ranked; typing mistakes mended, numbers taken exactly."""
        ...

    async def suggest(self, query: Query) -> Found:
        """Documents that hold all the words typed so far, the last of which may be unfinished."""
        ...

    async def refresh(self) -> None:
        """See what another process has applied."""
        ...

    async def drop(self) -> None:
        """Forget everything, the bookmark too."""
        ...

    async def close(self) -> None:
        """Give back files, locks and connections; harmless when done twice."""
        ...


class Miss(msgspec.Struct, frozen=True):
    """A question that found no confident answer: `outcome` is `unsure` or `no_answer`, `nearest` the keys offered."""

    text: str
    channel: str
    locale: str
    outcome: str
    confidence: float
    nearest: tuple[str, ...] = ()


class Misses(Protocol):
    """Hears of questions without a confident answer; never raises and never waits, so that it can't harm an answer."""

    def note(self, miss: Miss) -> None: ...


class NoMisses:
    """The Misses of an installation that doesn't listen."""

    def note(self, miss: Miss) -> None:
        return
