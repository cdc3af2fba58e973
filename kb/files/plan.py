"""What a load would do with each draft: a pure decision over what was read and what the database has."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from kb.entries.types import Kind
from kb.files.types import ReadDraft, Reading

At = tuple[str, str]
"""An entry in one locale: (key, locale)."""


class Outcome(StrEnum):
    """What becomes of a draft. Only `new` and `changed` write anything."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SEEN_BEFORE = "seen-before"
    CONFLICT = "conflict"


class Stored(msgspec.Struct, frozen=True):
    """What the database has: the hashes of each place in order of writing, which of them came from files, and kinds."""

    hashes: Mapping[At, Sequence[str]]
    seen: frozenset[tuple[str, str, str]]
    kinds: Mapping[str, Kind]


class Decision(msgspec.Struct, frozen=True):
    """What becomes of one draft and why; `against` is the hash of the database's latest revision where they differ."""

    read: ReadDraft
    outcome: Outcome
    message: str = ""
    against: str = ""


def decide(reading: Reading, stored: Stored) -> tuple[Decision, ...]:
    """A decision for each draft, each behind what it may lean on. A missing file means nothing."""
    ranked = sorted(reading.drafts, key=lambda read: _rank(read, reading.source_locale))
    return tuple(_decide(read, stored) for read in ranked)


def fresh(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Those that become revisions."""
    return tuple(one for one in decisions if one.outcome in {Outcome.NEW, Outcome.CHANGED})


def _decide(read: ReadDraft, stored: Stored) -> Decision:
    draft = read.draft
    kind = stored.kinds.get(draft.key, draft.kind)
    if kind != draft.kind:
        message = f"{draft.key} is a {kind} in the database: give this {draft.kind} another key"
        return Decision(read, Outcome.CONFLICT, message)
    hashes = stored.hashes.get(read.place, ())
    if not hashes:
        return Decision(read, Outcome.NEW)
    latest = hashes[-1]
    if read.hash == latest:
        return Decision(read, Outcome.UNCHANGED)
    if read.hash in hashes:
        return Decision(read, Outcome.SEEN_BEFORE, _SEEN, latest)
    if latest == read.base or (*read.place, latest) in stored.seen:
        return Decision(read, Outcome.CHANGED, "", latest)
    return Decision(read, Outcome.CONFLICT, _CONFLICT, latest)


_SEEN = (
    "this text was stored before and a newer revision followed: loading never goes back; roll back by a release, or "
    "change the file again"
)
_CONFLICT = (
    "the file and the database have both changed: dump the entry, bring both texts together in the file, and name the "
    "database's revision as base"
)
_ORDER = {kind: number for number, kind in enumerate((Kind.HOUSE, Kind.FACT, Kind.DISCLOSURE, Kind.CLAIM))}


def _rank(read: ReadDraft, source_locale: str) -> tuple[int, bool, str, str]:
    """House documents before all, facts before texts, sources before their translations."""
    draft = read.draft
    return _ORDER.get(draft.kind, len(_ORDER)), draft.locale != source_locale, draft.key, draft.locale
