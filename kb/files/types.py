"""The words of files: what was read where, what is wrong with it, and what a load, a signing or a dump did."""

from typing import Generic, TypeVar

import msgspec

from kb.channels.types import Issue, Severity
from kb.entries.types import Draft
from kb.review.types import Refusal, SignOff, Waiver

T = TypeVar("T")


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that keeps a file, or a part of it, from being read: `line` counts from 1, `action` says what to do."""

    file: str
    line: int
    code: str
    message: str
    action: str


class ReadError(Exception):
    """A part of a file that can't be read; `line` counts from 1 within the text it was found in."""

    def __init__(self, line: int, code: str, message: str, action: str) -> None:
        super().__init__(message)
        self.line = line
        self.code = code
        self.message = message
        self.action = action

    def fault(self, file: str, above: int = 0) -> Fault:
        """The fault in a file in which `above` lines precede the text."""
        return Fault(file, self.line + above, self.code, self.message, self.action)


class Located(msgspec.Struct, Generic[T], frozen=True):
    """A value with the file and line that say it; paths are relative to the content folder, with slashes."""

    value: T
    file: str
    line: int


class ReadDraft(msgspec.Struct, frozen=True):
    """A draft as read, its content hash, and where it stands. `base` is the hash it was dumped from, else empty."""

    draft: Draft
    hash: str
    file: str
    line: int
    base: str = ""

    @property
    def place(self) -> tuple[str, str]:
        return self.draft.key, self.draft.locale


class ReadFile(msgspec.Struct, frozen=True):
    """One content file that could be read: an entry, a house document, or the facts of a topic."""

    path: str
    drafts: tuple[ReadDraft, ...]


class Reading(msgspec.Struct, frozen=True):
    """A whole content folder: what could be read, and what could not. A fault never hides what stands elsewhere."""

    source_locale: str
    files: tuple[ReadFile, ...]
    faults: tuple[Fault, ...]
    signoffs: tuple[Located[SignOff], ...] = ()
    waivers: tuple[Located[Waiver], ...] = ()

    @property
    def drafts(self) -> tuple[ReadDraft, ...]:
        """Every draft, in order of its file's path."""
        return tuple(draft for file in self.files for draft in file.drafts)


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fault or an issue with its place in the files: what lint prints, one a line."""

    file: str
    line: int
    code: str
    severity: Severity
    message: str
    action: str
    field: str = ""
    where: str = ""


class Change(msgspec.Struct, frozen=True):
    """One field of a content before and after, as text; an absent field is empty."""

    field: str
    before: str
    after: str


class EntryReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one draft: `outcome` is a `plan.Outcome`, `state` its state in review after the load.

    `conflicting` is the hash of the revision in the database that stands against the file, `missing` the sign-offs it
    still lacks (role → people).
    """

    key: str
    locale: str
    hash: str
    file: str
    line: int
    outcome: str
    state: str = ""
    message: str = ""
    conflicting: str = ""
    changes: tuple[Change, ...] = ()
    issues: tuple[Issue, ...] = ()
    missing: dict[str, int] = {}


class LoadReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one load did, or with `dry_run` would do; `position` is the release's, 0 when nothing was released.

    `entries` holds a line for each draft that isn't simply unchanged.
    """

    dry_run: bool
    counts: dict[str, int]
    entries: tuple[EntryReport, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    faults: tuple[Fault, ...] = ()
    position: int = 0
