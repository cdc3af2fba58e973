"""Finding what is live: the index gives keys, delivery gives the words and drops what may not leave."""

from collections.abc import Iterable

import msgspec

from kb.base.clock import Clock
from kb.base.errors import Unavailable
from kb.base.hashing import instant
from kb.delivery import feed, queries
from kb.delivery.node import Node, View
from kb.delivery.types import Asked, Delivered
from kb.search.answers import Results, SearchHit, Shown, Suggestion, Suggestions
from kb.search.highlight import highlights
from kb.search.reading import LONGEST_QUESTION
from kb.search.suggestion import best_text
from kb.search.types import FACETS, SAID, SEARCHED, Found, Hit, Misses, NoMisses, Query, SearchIndex
from kb.search.words import is_stop_word, language, stem, words

SCANNED = 200
"""Entries the database is asked for when the engine is down."""


class Narrow(msgspec.Struct, frozen=True):
    """What a search is narrowed to; empty is all. `limit` and `offset` count hits."""

    kind: str = ""
    topic: str = ""
    product: str = ""
    stage: str = ""
    limit: int = 10
    offset: int = 0
    among: frozenset[str] | None = None


EVERYTHING = Narrow()


class Finder:
    """What finding stands on, with what it remembers of keys that closed behind the index's back."""

    def __init__(self, index: SearchIndex, node: Node, clock: Clock, misses: Misses | None = None) -> None:
        self.index = index
        self.node = node
        self.clock = clock
        self.misses = misses or NoMisses()
        self._gone: tuple[int, int, frozenset[str]] = (0, 0, frozenset())

    def now(self) -> str:
        return instant(self.clock.now())

    async def gone(self, view: View) -> frozenset[str]:
        """Keys that are no longer live although the index still counts them; almost always none."""
        bookmark = await self.index.bookmark()
        if bookmark >= view.position:
            return frozenset()
        if self._gone[:2] != (bookmark, view.position):
            closed = await feed.closed_keys(self.node.reader, bookmark, view.position)
            self._gone = (bookmark, view.position, closed)
        return self._gone[2]


class Question(msgspec.Struct, frozen=True):
    """What is asked, by whom, within what, in which locales of their chain, and of which state of the house."""

    text: str
    asked: Asked
    narrow: Narrow
    locales: tuple[str, ...]
    view: View


class Candidates(msgspec.Struct, frozen=True):
    """Hits with the payloads of those that may leave, in order; `found` is what the engine said of all of them."""

    hits: tuple[tuple[Hit, Delivered], ...] = ()
    found: Found = Found()
    degraded: bool = False


async def search(finder: Finder, text: str, asked: Asked, narrow: Narrow = EVERYTHING) -> Results:
    """Live entries for a question: the asked locale's hits first, then those of its chain, each told by its locale."""
    view = await finder.node.view()
    question = Question(text, asked, narrow, asked.locales, view)
    candidates = await candidates_for(finder, question, facets=True)
    found = candidates.found
    return Results(
        hits=tuple(_shown(hit, payload, found.stems) for hit, payload in candidates.hits),
        facets=found.facets,
        total=found.total,
        position=view.position,
        degraded=candidates.degraded,
        locale=asked.locales[0],
    )


async def suggest(finder: Finder, text: str, asked: Asked, limit: int = 8) -> Suggestions:
    """Titles and phrasings of live entries that go on as was typed, one for each entry; none without an engine."""
    view = await finder.node.view()
    question = Question(text, asked, Narrow(limit=limit), asked.locales, view)
    items: dict[str, Suggestion] = {}
    try:
        gone = await finder.gone(view)
        for locale in asked.locales:
            found = await finder.index.suggest(_query(question, locale, gone | items.keys()))
            items |= await _suggestions(finder, question, locale, found)
            if len(items) >= limit:
                break
    except Unavailable:
        return Suggestions(())
    return Suggestions(tuple(items.values())[:limit])


async def candidates_for(finder: Finder, question: Question, *, facets: bool = False) -> Candidates:
    """Hits along the question's locales with their payloads; from the database when the engine can't answer."""
    try:
        found = await _along(finder.index, question, await finder.gone(question.view), facets=facets)
    except Unavailable:
        return await _scanned(finder, question)
    keys = [hit.key for hit in found.hits]
    payloads = await queries.many(finder.node.reader, keys, question.asked, finder.now(), follow=False)
    kept = tuple((hit, payloads[hit.key]) for hit in found.hits if hit.key in payloads)
    total = max(found.total - len(found.hits) + len(kept), len(kept))
    return Candidates(kept, msgspec.structs.replace(found, total=total))


async def _along(index: SearchIndex, question: Question, gone: frozenset[str], *, facets: bool) -> Found:
    """What the engine finds in the first locale, filled up from the others with entries not found before."""
    narrow = question.narrow
    wanted = narrow.offset + narrow.limit
    together = Found()
    for locale in question.locales:
        query = _query(question, locale, gone | {hit.key for hit in together.hits})
        found = await index.find(msgspec.structs.replace(query, limit=wanted, offset=0, facets=facets))
        together = Found(
            hits=(*together.hits, *found.hits)[:wanted],
            total=together.total + found.total,
            facets=_added(together.facets, found.facets),
            stems=together.stems | found.stems,
        )
        if len(together.hits) >= wanted:
            break
    return msgspec.structs.replace(together, hits=together.hits[narrow.offset :])


async def _scanned(finder: Finder, question: Question) -> Candidates:
    """What the database finds by itself, in its own plain order; counts are of what may leave."""
    kept: dict[str, tuple[Hit, Delivered]] = {}
    facets: dict[str, dict[str, int]] = {}
    marked: set[str] = set()
    for locale in question.locales:
        tongue = language(locale)
        looked_for = [
            word for word in words(question.text[:LONGEST_QUESTION], tongue) if not is_stop_word(word, tongue)
        ]
        marked.update(stem(word, tongue) for word in looked_for)
        keys = await feed.scan(finder.node.reader, looked_for, locale, SCANNED)
        payloads = await queries.many(finder.node.reader, keys, question.asked, finder.now(), follow=False)
        for place, key in enumerate(keys):
            payload = payloads.get(key)
            if payload is not None and key not in kept and _wanted(payload, question.narrow):
                kept[key] = (Hit(key, payload.locale, 1.0 / (1 + place)), payload)
                facets = _added(facets, _facets_of(payload))
    hits = tuple(kept.values())
    start, stop = question.narrow.offset, question.narrow.offset + question.narrow.limit
    return Candidates(hits[start:stop], Found((), len(hits), facets, frozenset(marked)), degraded=True)


async def _suggestions(finder: Finder, question: Question, locale: str, found: Found) -> dict[str, Suggestion]:
    """What delivery keeps of these entries in one locale, for those this reader may see."""
    asked, now = question.asked, finder.now()
    rows = await feed.findables(finder.node.reader, [hit.key for hit in found.hits])
    live = {
        row.key: row
        for row in rows
        if row.locale == locale
        and row.audience in asked.audiences
        and asked.channel in row.channels
        and (row.valid_until is None or row.valid_until > now)
    }
    keys = [hit.key for hit in found.hits if hit.key in live]
    tongue = language(locale)
    texts = {key: best_text(question.text, (live[key].title, *live[key].phrasings), tongue) for key in keys}
    return {key: Suggestion(text, key) for key, text in texts.items()}


def _query(question: Question, locale: str, without: Iterable[str]) -> Query:
    narrow = question.narrow
    return Query(
        text=question.text,
        locale=locale,
        channel=question.asked.channel,
        audiences=question.asked.audiences,
        kinds=frozenset({narrow.kind}) & SEARCHED if narrow.kind else SEARCHED,
        topic=narrow.topic,
        product=narrow.product,
        stage=narrow.stage,
        among=narrow.among,
        without=frozenset(without),
        limit=narrow.limit,
        offset=narrow.offset,
    )


def _wanted(payload: Delivered, narrow: Narrow) -> bool:
    """Whether what the database found passes the filters that an engine would have applied."""
    if payload.key.startswith(SAID) or payload.kind not in SEARCHED:
        return False
    if narrow.among is not None and payload.key not in narrow.among:
        return False
    shown = msgspec.json.decode(payload.body, type=Shown)
    return all(not getattr(narrow, name) or getattr(narrow, name) == getattr(shown, name) for name in FACETS)


def _shown(hit: Hit, payload: Delivered, wanted: frozenset[str]) -> SearchHit:
    shown = msgspec.json.decode(payload.body, type=Shown)
    marks = highlights(shown.title, shown.text, wanted, language(payload.locale))
    return SearchHit(hit.key, payload.kind, payload.locale, shown.title, shown.text, marks, hit.score)


def _facets_of(payload: Delivered) -> dict[str, dict[str, int]]:
    shown = msgspec.json.decode(payload.body, type=Shown)
    return {name: {value: 1} for name in FACETS if (value := getattr(shown, name))}


def _added(one: dict[str, dict[str, int]], other: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Two countings together."""
    return {
        name: {
            value: one.get(name, {}).get(value, 0) + other.get(name, {}).get(value, 0)
            for value in {**one.get(name, {}), **other.get(name, {})}
        }
        for name in {**one, **other}
    }
