"""What an engine is given of a live entry: its words as `words` cuts them, and what ranking will ask of it. Pure."""

import hashlib
from collections.abc import Sequence

import msgspec

from kb.delivery.types import Findable
from kb.search.types import SAID, SEARCHED
from kb.search.words import grams, language, stem, words


class Record(msgspec.Struct, frozen=True, array_like=True):
    """What is kept beside the words: whose they are, and the stems of the title and of each phrasing."""

    key: str
    locale: str
    kind: str
    phrasings: tuple[tuple[str, ...], ...]


class Document(msgspec.Struct, frozen=True):
    """An entry in one locale, ready to be indexed; every word is separated by a space and nothing else needs splitting.

    `words` and `grams` hold one line for the title and one for each phrasing, `vocabulary` each word once as it is
    written, with its language before it (`en:cards`). `serial` stands for the record in 64 bits.
    """

    findable: Findable
    words: tuple[str, ...]
    body: str
    grams: tuple[str, ...]
    vocabulary: str
    record: bytes
    serial: int


def indexed(rows: Sequence[Findable]) -> tuple[Findable, ...]:
    """Those that search may answer with: no disclosures, and nothing that a door says on its own account."""
    return tuple(row for row in rows if row.kind in SEARCHED and not row.key.startswith(SAID))


def document(findable: Findable) -> Document:
    """Cut an entry up."""
    tongue = language(findable.locale)
    said = [words(text, tongue) for text in (findable.title, *findable.phrasings)]
    body = words(findable.text, tongue)
    cut = tuple(tuple(stem(word, tongue) for word in line) for line in said)
    record = msgspec.json.encode(Record(findable.key, findable.locale, findable.kind, cut))
    known = {word for line in (*said, body) for word in line}
    return Document(
        findable=findable,
        words=tuple(map(" ".join, cut)),
        body=" ".join(stem(word, tongue) for word in body),
        grams=tuple(" ".join(grams(line)) for line in said),
        vocabulary=" ".join(f"{tongue}:{word}" for word in known),
        record=record,
        serial=int.from_bytes(hashlib.blake2b(record, digest_size=8).digest()),
    )
