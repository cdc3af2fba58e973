"""What the management API of entries takes and gives."""

from typing import Annotated

import msgspec

from kb.channels.types import Issue
from kb.entries.types import Content, Key, Kind
from kb.release.referrers import Referrer
from kb.review.types import State

Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
PinnedHash = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")]
PersonId = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$")]
Number = Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)]
MOST_TOGETHER = 100


class NewEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An entry to be made, with its first revision; without `locale`, in the one entries of its kind begin in."""

    key: Key
    kind: Kind
    content: Content
    locale: str = ""
    editors: tuple[PersonId, ...] = ()


class EntryChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The content of the next revision.

    `source`, for translations: the hash of the revision it was made from; left out, it stays what it was. `editors` are
    people who contributed beside the caller and those who wrote since the last live revision, who are added anyway.
    """

    content: Content
    source: PinnedHash = ""
    editors: tuple[PersonId, ...] = ()


class Restoration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The number of the revision whose content is to be the newest again."""

    number: Number


class UnsavedContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A content to be checked without saving it; `together` are hashes of revisions that would be released with it."""

    kind: Kind
    key: Key
    content: Content
    locale: str = ""
    source: PinnedHash = ""
    together: Annotated[tuple[Hash, ...], msgspec.Meta(max_length=MOST_TOGETHER)] = ()


class CheckResult(msgspec.Struct, frozen=True):
    """What the gate would raise; `blocks` tells whether any of it would stop a release."""

    issues: tuple[Issue, ...]
    blocks: bool


class EntryRevision(msgspec.Struct, frozen=True):
    """One revision: `content` is exactly what may be PUT back, `issues` what can be said of it alone (or by the gate)."""

    key: str
    kind: Kind
    locale: str
    number: int
    hash: str
    state: State
    author: str
    editors: tuple[str, ...]
    source: str
    at: str
    position: int
    content: Content
    issues: tuple[Issue, ...]


class RevisionLine(msgspec.Struct, frozen=True):
    """One revision as lists show it."""

    number: int
    hash: str
    state: State
    author: str
    editors: tuple[str, ...]
    source: str
    at: str
    position: int


class RevisionPage(msgspec.Struct, frozen=True):
    """Revisions of one place, the newest first; `next` is the cursor of the page behind it, null on the last."""

    items: tuple[RevisionLine, ...]
    next: str | None


class UsePage(msgspec.Struct, frozen=True):
    """Revisions that refer to an entry; `next` is the cursor of the page behind it, null on the last."""

    items: tuple[Referrer, ...]
    next: str | None
