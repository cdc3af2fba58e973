"""What a release's journal line commits to: a leaf for each rendition it made, and a digest of every other row it writes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa

from kb.base.db import chunks
from kb.base.hashing import digest
from kb.base.work import Work
from kb.channels.render import RENDERER
from kb.delivery.types import REPLACED, Findable, Rendered
from kb.entries.types import NO_LOCALE
from kb.release import merkle
from kb.release.tables import leaf_inputs, leaves
from kb.release.types import Prepared

RUN = 2_000
"""Rows to a statement: the driver copies them all before it writes the first."""

RULINGS = ("channels", "synonyms")
"""House documents that readers need, and so stand in delivery."""

_encode = msgspec.json.Encoder().encode


class RowFacts(msgspec.Struct, frozen=True):
    """The columns of a delivery row that its leaf commits to, in the order RFC 8785 gives their names."""

    audience: str
    channel: str
    due_at: str
    hash: str
    key: str
    kind: str
    locale: str
    overdue_at: str
    pick: int
    product: str
    profile: str
    stage: str
    topic: str
    valid_until: str | None
    variant: str
    verified_at: str
    version: int


class FindableFacts(msgspec.Struct, frozen=True):
    """What search may know of one entry as a release's line commits to it; lists as the row holds them."""

    audience: str
    channels: str
    key: str
    kind: str
    locale: str
    phrasings: str
    product: str
    stage: str
    text: str
    title: str
    topic: str
    valid_until: str | None


class Ended(Protocol):
    """A row that ends, as far as it is committed to."""

    @property
    def id(self) -> int: ...

    @property
    def told(self) -> str: ...


class Written(Protocol):
    """What a release writes beside its leaves: rows to open, rows whose place they take, rows that end for good."""

    @property
    def fresh(self) -> list[Rendered]: ...

    @property
    def replaced(self) -> Sequence[Ended]: ...

    @property
    def gone(self) -> Sequence[Ended]: ...


def leaves_of(prepared: Prepared) -> tuple[list[merkle.Leaf], str]:
    """The leaves of everything a release renders, in order of key and locale, with their root."""
    found = []
    for _, judged in sorted(prepared.judged.items()):
        inputs = merkle.inputs_hash(judged.inputs)
        found += [
            merkle.Leaf(one.rendition, inputs, profile, RENDERER, row_hash(facts_of(one)))
            for one, profile in judged.rendered
        ]
    return found, merkle.root([merkle.leaf_hash(leaf) for leaf in found])


def commitments(
    prepared: Prepared, changes: Written, findables: Iterable[Findable], reason: str = ""
) -> dict[str, Any]:
    """What the line of a release says of the rows it writes beside its leaves, each kind as one digest in a fixed order.

    `opened` renditions by row, `closed` ones by id, `findables` by entry, `rulings` by name, and its `reason`.
    """
    closed = [(row.id, REPLACED) for row in changes.replaced] + [(row.id, row.told) for row in changes.gone]
    return {
        "opened": opened_digest(leaf_row(one.rendition, row_hash(facts_of(one))) for one in changes.fresh),
        "closed": closed_digest(closed),
        "findables": opened_digest(findable_hash(findable_facts(one)) for one in findables),
        "rulings": {name: digest(body.encode()) for name, body in ruling_bodies(prepared).items()},
        "reason": digest(reason.encode()),
    }


def ruling_bodies(prepared: Prepared) -> dict[str, str]:
    """The house documents that a release puts in force for readers, as JSON by name."""
    found = {}
    for name in RULINGS:
        revision = prepared.world.candidates.get((name, NO_LOCALE))
        if revision is not None and revision.draft.content.house is not None:
            document = getattr(revision.draft.content.house, name)
            found[name] = msgspec.json.encode(document).decode()
    return found


def facts_of(one: Rendered) -> RowFacts:
    """A rendition as its row will hold it."""
    at = one.at
    return RowFacts(
        audience=at.audience,
        channel=at.channel,
        due_at=one.due_at,
        hash=one.hash,
        key=at.key,
        kind=one.kind,
        locale=at.locale,
        overdue_at=one.overdue_at,
        pick=at.pick,
        product=one.product,
        profile=at.profile,
        stage=one.stage,
        topic=one.topic,
        valid_until=one.valid_until,
        variant=at.variant,
        verified_at=one.verified_at,
        version=one.version,
    )


def findable_facts(one: Findable) -> FindableFacts:
    """A findable as its row will hold it."""
    fields: Mapping[str, Any] = msgspec.structs.asdict(one)
    lists = {name: _encode(fields[name]).decode() for name in ("phrasings", "channels")}
    return FindableFacts(**{**fields, **lists})


def row_hash(facts: RowFacts) -> str:
    """SHA-256 of the RFC 8785 JSON of a delivery row."""
    return digest(_encode(facts))


def findable_hash(facts: FindableFacts) -> str:
    """SHA-256 of the RFC 8785 JSON of what search may know."""
    return digest(_encode(facts))


def leaf_row(rendition: str, row: str) -> str:
    """A row with what it serves, as one word."""
    return f"{rendition} {row}"


def opened_digest(rows: Iterable[str]) -> str:
    """One hash for rows that open together, whatever their order."""
    return merkle.inputs_hash(sorted(rows))


def closed_digest(rows: Iterable[tuple[int, str]]) -> str:
    """One hash for rows that close together, by id, with what followers are told."""
    return merkle.inputs_hash([f"{id_} {told}" for id_, told in sorted(rows)])


async def store_leaves(work: Work, release_id: str, found: Sequence[merkle.Leaf], prepared: Prepared) -> None:
    """Write the leaves under a release's root, and each list of inputs they name that isn't kept yet."""
    rows = [
        {
            "release": release_id,
            "number": number,
            "rendition": leaf.rendition,
            "inputs": leaf.inputs,
            "profile": leaf.profile,
            "row": leaf.row,
        }
        for number, leaf in enumerate(found)
    ]
    for run in chunks(rows, RUN):
        await work.connection.execute(leaves.insert(), run)
    await _store_inputs(work, prepared)


async def _store_inputs(work: Work, prepared: Prepared) -> None:
    lists = {merkle.inputs_hash(one.inputs): one.inputs for one in prepared.judged.values() if one.rendered}
    known: set[str] = set()
    for chunk in chunks(sorted(lists)):
        statement = sa.select(leaf_inputs.c.hash).where(leaf_inputs.c.hash.in_(chunk))
        known.update((await work.connection.execute(statement)).scalars())
    rows = [{"hash": hash_, "hashes": "\n".join(made)} for hash_, made in lists.items() if hash_ not in known]
    for run in chunks(rows, RUN):
        await work.connection.execute(leaf_inputs.insert(), run)
