"""The embedded engine: tantivy on disk, in this process; one writer a directory, any number of readers.

What is indexed and what is asked go through `words`, so that tantivy only splits at spaces: no analyser of its own
needs registering after a directory is opened. The bookmark is a document, written by the same commit as what it stands
for.
"""

import asyncio
import hashlib
import math
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import tantivy
from tantivy import Occur
from tantivy import Query as Lookup

from kb.base.errors import Unavailable
from kb.delivery.types import Findable
from kb.entries.types import Synonyms
from kb.search import directories
from kb.search.documents import Document, Record, document
from kb.search.ranking import RANKED, Features, ask, features, hit, rank
from kb.search.reading import Group, Reading, Thesaurus, read, thesaurus
from kb.search.types import FACETS, Batch, Found, Query
from kb.search.vocabulary import Vocabulary
from kb.search.words import CUT, language

T = TypeVar("T")

WRITER_BYTES = 48_000_000
REMEMBERED = 8_192
"""Documents whose features stay in memory (some 6 kB each)."""
MOST_RARITIES = 100_000
MOST_FACET_VALUES = 200
DEEPEST = 1_000
"""Hits that can be paged through: nobody reads the thousandth, and each has to be ranked."""

BODY = 0.3
GRAMS = 1 / 3
"""What a word of the text, and a run of four characters, weigh beside a word of title or phrasings."""

BOOKMARK = "\n bookmark"
"""The key of the document that holds the bookmark: no entry can have it."""

EXACT = {"tokenizer_name": "raw", "index_option": "basic"}
FIELDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    *(("text", name, EXACT) for name in ("key", "locale", "audience", "channels")),
    *(("text", name, {**EXACT, "fast": True}) for name in FACETS),
    ("text", "words", {"tokenizer_name": "whitespace", "index_option": "position"}),
    ("text", "body", {"tokenizer_name": "whitespace", "index_option": "position"}),
    ("text", "grams", {"tokenizer_name": "whitespace", "index_option": "freq"}),
    ("text", "vocabulary", {"tokenizer_name": "whitespace", "index_option": "basic"}),
    ("unsigned", "serial", {"fast": True}),
    ("unsigned", "bookmark", {"stored": True}),
    ("bytes", "record", {"stored": True}),
)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for kind, name, options in FIELDS:
        getattr(builder, f"add_{kind}_field")(name, **options)
    return builder.build()


SCHEMA = _schema()
SCHEMA_NAME = hashlib.sha256(repr((CUT, FIELDS)).encode()).hexdigest()[:12]
"""Names directories: a changed schema or way of cutting words finds no index of its own and builds one."""


class EmbeddedIndex:
    """A `SearchIndex` in a folder. Finding runs on the caller's thread (about a millisecond), writing in another."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._turn = asyncio.Lock()
        self._building = asyncio.Lock()
        self._synonyms = Synonyms(locales={})
        self._writer: tantivy.IndexWriter | None = None
        self._passed = 0
        self._directory, self._index = _open(root)
        self._view = View(self._index, self._synonyms)

    async def bookmark(self) -> int:
        return max(self._view.bookmark, self._passed)

    async def apply(self, batch: Batch) -> None:
        async with self._turn:
            if batch.position < self._view.bookmark:
                return
            if batch.keys or batch.documents:
                await self._blocking(self._apply, batch)
            self._passed = max(self._passed, batch.position)

    async def rebuild(self, batches: AsyncIterator[Sequence[Findable]], position: int) -> None:
        async with self._building:
            async with self._turn:
                await self._blocking(self._writing)  # sweeps, so it comes before there is anything to sweep away
            try:
                directory, index, writer = await self._blocking(_beside, self._root)
                async for findables in batches:
                    await self._blocking(_add, writer, findables)
                await self._blocking(_commit, writer, position)
                async with self._turn:
                    await self._blocking(self._swap, directory, index, writer)
            finally:
                await self._blocking(directories.sweep, self._root, self._directory)

    async def learn(self, synonyms: Synonyms) -> None:
        self._synonyms = synonyms
        self._view.learn(synonyms)

    async def find(self, query: Query) -> Found:
        return self._answer(query, unfinished=False)

    async def suggest(self, query: Query) -> Found:
        return self._answer(query, unfinished=True)

    async def refresh(self) -> None:
        async with self._turn:
            await self._blocking(self._refresh)

    async def drop(self) -> None:
        async with self._turn:
            await self._blocking(self._drop)

    async def close(self) -> None:
        async with self._turn:
            await self._blocking(self._release)

    def _answer(self, query: Query, *, unfinished: bool) -> Found:
        try:
            return self._view.answer(query, unfinished=unfinished)
        except (OSError, ValueError) as error:
            raise Unavailable("the search index can't be read right now") from error

    async def _blocking(self, act: Callable[..., T], *arguments: Any) -> T:
        """On a thread, and to its end even when its caller is told to stop: whose turn is next must not meet it halfway."""
        doing = asyncio.ensure_future(asyncio.to_thread(act, *arguments))
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait([doing])
            _ = doing.cancelled() or doing.exception()  # nobody is left to be told
            raise
        except (OSError, ValueError) as error:
            raise Unavailable(f"the search index in {self._root} can't be written: {error}") from error

    def _apply(self, batch: Batch) -> None:
        writer = self._writing()
        try:
            for key in batch.keys:
                writer.delete_documents_by_term("key", key)
            _add(writer, batch.documents)
            _commit(writer, batch.position)
        except (OSError, ValueError):
            writer.rollback()
            raise
        self._renew()

    def _writing(self) -> tantivy.IndexWriter:
        """The writer, opened when first needed: from then on this process holds the directory's lock."""
        if self._writer is None:
            self._writer = self._index.writer(WRITER_BYTES, 1)
            directories.sweep(self._root, self._directory)
        return self._writer

    def _swap(self, directory: Path, index: tantivy.Index, writer: tantivy.IndexWriter) -> None:
        directories.point(self._root, directory)
        self._release()
        self._directory, self._index, self._writer = directory, index, writer
        self._passed = 0
        self._renew()

    def _drop(self) -> None:
        writer = self._writing()
        writer.delete_all_documents()
        writer.commit()
        self._passed = 0
        self._renew()

    def _refresh(self) -> None:
        live = directories.live(self._root, SCHEMA_NAME)
        if self._writer is None and live is not None and live != self._directory:
            self._directory, self._index = _open(self._root)
        self._renew()

    def _renew(self) -> None:
        self._index.reload()
        self._view = View(self._index, self._synonyms)

    def _release(self) -> None:
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None


def _open(root: Path) -> tuple[Path, tantivy.Index]:
    """The live index, or a new empty one where there is none, its schema is another, or it can't be read."""
    directory = directories.live(root, SCHEMA_NAME)
    if directory is not None:
        try:
            return directory, tantivy.Index.open(str(directory))
        except ValueError:
            directory = None  # what can't be read is built anew from the journal
    directory = directories.make(root, SCHEMA_NAME)
    index = tantivy.Index(SCHEMA, str(directory))
    directories.point(root, directory)
    return directory, index


def _beside(root: Path) -> tuple[Path, tantivy.Index, tantivy.IndexWriter]:
    """A new, empty index beside the live one, with its writer."""
    directory = directories.make(root, SCHEMA_NAME)
    index = tantivy.Index(SCHEMA, str(directory))
    return directory, index, index.writer(WRITER_BYTES, 1)


def _add(writer: tantivy.IndexWriter, findables: Iterable[Findable]) -> None:
    for findable in findables:
        writer.add_document(tantivy.Document.from_dict(_fields(document(findable)), SCHEMA))


def _fields(cut: Document) -> dict[str, Any]:
    return {
        **{name: getattr(cut.findable, name) for name in ("key", "locale", "audience", *FACETS)},
        "channels": list(cut.findable.channels),
        "words": list(cut.words),
        "body": cut.body,
        "grams": list(cut.grams),
        "vocabulary": cut.vocabulary,
        "serial": cut.serial,
        "record": cut.record,
    }


def _commit(writer: tantivy.IndexWriter, position: int) -> None:
    writer.delete_documents_by_term("key", BOOKMARK)
    writer.add_document(tantivy.Document.from_dict({"key": BOOKMARK, "bookmark": position}, SCHEMA))
    writer.commit()


class View:
    """One committed state of an index with what was learned from it; replaced as a whole after each commit."""

    def __init__(self, index: tantivy.Index, synonyms: Synonyms) -> None:
        self._searcher = index.searcher()
        self._vocabularies = _vocabularies(self._searcher)
        self._rarities: dict[str, float] = {}
        self._features: dict[int, Features] = {}
        self._documents = max(self._searcher.num_docs - 1, 1)
        self.bookmark = self._bookmark()
        self.learn(synonyms)

    def learn(self, synonyms: Synonyms) -> None:
        self._thesauri = {tongue: thesaurus(synonyms, tongue) for tongue in self._vocabularies}

    def answer(self, query: Query, *, unfinished: bool) -> Found:
        tongue = language(query.locale)
        vocabulary = self._vocabularies.get(tongue)
        if vocabulary is None:
            return Found()
        reading = read(query.text, vocabulary, self._thesauri.get(tongue, Thesaurus()), unfinished=unfinished)
        if not reading.groups:
            return Found()
        matching = [*_filters(query), (Occur.Must, _finding(reading, together=unfinished))]
        count = min(max(RANKED, query.offset + query.limit), DEEPEST)
        result: Any = self._searcher.search(Lookup.boolean_query([*matching, *_ranking(reading)]), count)
        asked = ask(reading, self.rarity)
        ranked = rank(asked, self._candidates(result.hits))[query.offset : query.offset + query.limit]
        return Found(
            hits=tuple(hit(asked, candidate) for candidate in ranked),
            total=result.count,
            facets=self._facets(Lookup.boolean_query(matching)) if query.facets else {},
            stems=frozenset(part for group in reading.finding for part, _ in group.alternatives()),
        )

    def rarity(self, part: str) -> float:
        """How much a stem says, from how many documents hold it in title or phrasings."""
        found = self._rarities.get(part)
        if found is None:
            if len(self._rarities) > MOST_RARITIES:
                self._rarities.clear()
            holding = self._searcher.doc_freq("words", part)
            found = self._rarities[part] = math.log(1.0 + self._documents / (holding or 0.5))
        return found

    def _candidates(self, found: Sequence[tuple[float, tantivy.DocAddress]]) -> Iterable[tuple[float, Features]]:
        serials = self._searcher.fast_field_values("serial", [address for _, address in found])
        for (score, address), serial in zip(found, serials, strict=True):
            yield score, self._features_of(int(serial or 0), address)

    def _features_of(self, serial: int, address: tantivy.DocAddress) -> Features:
        known = self._features.get(serial)
        if known is None:
            if len(self._features) >= REMEMBERED:
                del self._features[next(iter(self._features))]
            stored = self._searcher.doc(address).get_first("record") or b""
            known = self._features[serial] = features(msgspec.json.decode(stored, type=Record), self.rarity)
        return known

    def _facets(self, matching: Lookup) -> dict[str, dict[str, int]]:
        asked = {name: {"terms": {"field": name, "size": MOST_FACET_VALUES}} for name in FACETS}
        told = self._searcher.aggregate(matching, asked)
        return {
            name: {bucket["key"]: bucket["doc_count"] for bucket in told[name]["buckets"] if bucket["key"]}
            for name in FACETS
        }

    def _bookmark(self) -> int:
        result = self._searcher.search(_term("key", BOOKMARK), 1)
        if not result.hits:
            return 0
        return int(self._searcher.doc(result.hits[0][1]).get_first("bookmark") or 0)


def _vocabularies(searcher: tantivy.Searcher) -> dict[str, Vocabulary]:
    counts: dict[str, dict[str, int]] = {}
    for entry, count in searcher.terms_with_prefix("vocabulary", ""):
        tongue, _, word = entry.partition(":")
        counts.setdefault(tongue, {})[word] = count
    return {tongue: Vocabulary(tongue, known) for tongue, known in counts.items()}


def _filters(query: Query) -> Iterable[tuple[Occur, Lookup]]:
    """Clauses that decide but don't score; none is made of what the customer wrote."""
    exact = {"locale": query.locale, "channels": query.channel}
    exact |= {name: value for name in ("topic", "product", "stage") if (value := getattr(query, name))}
    for name, value in exact.items():
        yield Occur.Must, _silent(_term(name, value))
    sets = {"audience": query.audiences, "kind": query.kinds, "key": query.among}
    for name, values in sets.items():
        if values is not None:
            yield Occur.Must, _silent(_any(name, values))
    if query.without:
        yield Occur.MustNot, _any("key", query.without)


def _finding(reading: Reading, *, together: bool) -> Lookup:
    """What a document must hold: one of the words that find, or `together` all of them, and every quoted phrase."""
    occur = Occur.Must if together else Occur.Should
    groups = [group for group in reading.groups if not group.added] if together else reading.finding
    wanted = Lookup.boolean_query([(occur, _group(group)) for group in groups])
    phrases = [_phrase(phrase) for phrase in reading.phrases]
    return Lookup.boolean_query([(Occur.Must, one) for one in (wanted, *phrases)]) if phrases else wanted


def _ranking(reading: Reading) -> Iterable[tuple[Occur, Lookup]]:
    """What makes a document better without being needed: stop words, and runs of characters for other forms."""
    for group in reading.ranking:
        yield Occur.Should, _term("words", group.stem)
    for run in reading.grams:
        yield Occur.Should, Lookup.boost_query(_term("grams", run), GRAMS)


def _group(group: Group) -> Lookup:
    """A word by its best alternative, in title and phrasings or (for less) in the text."""
    ways = []
    for part, weight in group.alternatives():
        ways.append(Lookup.boost_query(_term("words", part), weight))
        ways.append(Lookup.boost_query(_term("body", part), weight * BODY))
    return Lookup.disjunction_max_query(ways)


def _phrase(parts: tuple[str, ...]) -> Lookup:
    if len(parts) == 1:
        return Lookup.disjunction_max_query([_term("words", parts[0]), _term("body", parts[0])])
    both = [Lookup.phrase_query(SCHEMA, name, list(parts)) for name in ("words", "body")]
    return Lookup.disjunction_max_query(both)


def _term(name: str, value: str) -> Lookup:
    return Lookup.term_query(SCHEMA, name, value)


def _any(name: str, values: Iterable[str]) -> Lookup:
    return Lookup.term_set_query(SCHEMA, name, sorted(values))


def _silent(lookup: Lookup) -> Lookup:
    return Lookup.const_score_query(lookup, 0.0)
