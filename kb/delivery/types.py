"""The words of delivery: what release hands over, what a reader asks, and what leaves."""

from enum import StrEnum

import msgspec


class Change(StrEnum):
    """What a follower is told about a rendition."""

    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    RETIRED = "retired"
    EXPIRED = "expired"


REPLACED = "replaced"
"""How a row closes whose place a new one takes in the same act: no change of its own."""


class Slotted(msgspec.Struct, frozen=True):
    """The coordinates of one live row: at any position at most one row is open at them."""

    key: str
    locale: str
    channel: str
    profile: str
    audience: str
    variant: str
    pick: int


class Rendered(msgspec.Struct, frozen=True):
    """One rendition as release hands it over; `rendition` is the SHA-256 of `body`. Times as `base.hashing.instant`."""

    at: Slotted
    kind: str
    topic: str
    product: str
    stage: str
    version: int
    hash: str
    rendition: str
    body: bytes
    valid_until: str | None
    verified_at: str
    due_at: str
    overdue_at: str


class Findable(msgspec.Struct, frozen=True):
    """What search may know of one live entry in one locale."""

    key: str
    locale: str
    audience: str
    kind: str
    topic: str
    product: str
    stage: str
    title: str
    text: str
    phrasings: tuple[str, ...]
    channels: tuple[str, ...]
    valid_until: str | None


class Circumstances(msgspec.Struct, frozen=True):
    """What chooses a variant and an alternate; empty is not known."""

    product: str = ""
    stage: str = ""
    tone: str = ""
    visibility: str = ""
    pick: int = 0


class Asked(msgspec.Struct, frozen=True):
    """One reader's question, with profile and locales already decided: `locales` is the chain to try, in order."""

    channel: str
    profile: str
    locales: tuple[str, ...]
    audiences: frozenset[str]
    circumstances: Circumstances = Circumstances()


class Filters(msgspec.Struct, frozen=True):
    """Filters of lists; empty is all."""

    kind: str = ""
    topic: str = ""
    product: str = ""
    stage: str = ""


class Delivered(msgspec.Struct, frozen=True):
    """One payload as it leaves: `body` are the bytes on the wire, which time alone doesn't change before `until`."""

    key: str
    locale: str
    kind: str
    version: int
    body: bytes
    until: str


class Page(msgspec.Struct, frozen=True):
    """Some payloads in order of key, and the key to go on from (None: that was all)."""

    items: tuple[Delivered, ...]
    next: str | None


class ChangeItem(msgspec.Struct, frozen=True):
    """One change of one rendition at a position."""

    position: int
    at: str
    change: Change
    key: str
    channel: str
    profile: str
    locale: str
    version: int


class Changes(msgspec.Struct, frozen=True):
    """Changes in order; all positions up to `complete_through` are wholly told."""

    items: tuple[ChangeItem, ...]
    next: str
    complete_through: int
