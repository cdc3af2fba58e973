"""REST of entries, the table of contents: finding them, reading their revisions, and writing the next one."""

from collections.abc import Sequence

from kb.base.work import Right
from kb.entries.types import Audience, Kind, Stage
from kb.release.catalogue import SORTS, EntryPage, ListedEntry
from kb.rest import entry_reading as reading
from kb.rest import entry_writing as writing
from kb.rest.entry_shapes import (
    CheckResult,
    EntryChange,
    EntryRevision,
    NewEntry,
    Restoration,
    RevisionPage,
    UnsavedContent,
    UsePage,
)
from kb.review.types import State
from kb.web.asking import PAGING
from kb.web.door import Parameter, Route


def _choice(name: str, about: str, words: Sequence[str]) -> Parameter:
    return Parameter(name, about, {"type": "string", "enum": [str(word) for word in words]})


YES_NO = ("true", "false")
FILTERS = (
    _choice("kind", "only entries of this kind", tuple(Kind)),
    Parameter("topic", "only entries of this topic"),
    Parameter("product", "only entries about this product"),
    _choice("stage", "only entries of this stage", tuple(Stage)),
    Parameter("owner", "only entries of this owner"),
    _choice("audience", "only entries for this audience", tuple(Audience)),
    Parameter("locale", "only entries written in this locale; `state` and `live` are about it then"),
    _choice("state", "only entries whose newest revision is in this state", tuple(State)),
    _choice("live", "only entries that are live, or that aren't", YES_NO),
    Parameter("q", "only entries whose key or title holds this"),
)
GATE = _choice("gate", "with `true`, the issues are what the gate would raise now; the answer has no ETag then", YES_NO)
CONTENT_BYTES = 262_144
ENTRY = "/v1/entries/{key}"
PLACE = f"{ENTRY}/{{locale}}"
READ = (400, 401, 403, 404, 429, 503)
WRITE = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
WRITTEN = ("ETag", "Location")

ROUTES: tuple[Route, ...] = (
    Route("/v1/entries", reading.listed, "Entries with the newest revision of each locale", Right.DRAFTS, EntryPage,
          (*FILTERS, _choice("sort", "by key or by last writing; `-` is downwards", SORTS), *PAGING),
          tag="entries", statuses=READ, revalidates=False),
    Route("/v1/entries", writing.created, "Make an entry with its first revision", Right.WRITE, EntryRevision,
          methods=("POST",), accepts=NewEntry, tag="entries", statuses=WRITE, revalidates=False, success=201,
          body_bytes=CONTENT_BYTES, headers=WRITTEN),
    Route(ENTRY, reading.entry, "One entry with the newest revision of each locale", Right.DRAFTS, ListedEntry,
          tag="entries", statuses=READ),
    Route(f"{ENTRY}/uses", reading.used, "Who refers to an entry", Right.DRAFTS, UsePage,
          (_choice("transitive", "with `true`, through the texts of others too", YES_NO),
           _choice("live", "only live revisions, or only those that aren't", YES_NO), *PAGING),
          tag="entries", statuses=READ, revalidates=False),
    Route(PLACE, reading.newest, "The newest revision in a locale, as it may be PUT back", Right.DRAFTS, EntryRevision, (GATE,),
          tag="entries", statuses=READ),
    Route(PLACE, writing.changed, "Write the next revision, or the first in another locale", Right.WRITE, EntryRevision,
          methods=("PUT",), accepts=EntryChange, tag="entries", statuses=(201, *WRITE, 412, 428), revalidates=False,
          body_bytes=CONTENT_BYTES, headers=WRITTEN),
    Route(f"{PLACE}/revisions", reading.revisions, "The revisions in a locale, the newest first", Right.DRAFTS, RevisionPage,
          PAGING, tag="entries", statuses=READ, revalidates=False),
    Route(f"{PLACE}/revisions/{{number}}", reading.numbered, "One revision", Right.DRAFTS, EntryRevision, (GATE,),
          tag="entries", statuses=READ),
    Route(f"{PLACE}/restore", writing.restored, "Write a new draft with the content of an earlier revision", Right.WRITE,
          EntryRevision, methods=("POST",), accepts=Restoration, tag="entries", statuses=(200, *WRITE), revalidates=False,
          success=201, headers=WRITTEN),
    Route("/v1/checks", writing.checked, "What the gate would raise against a content that is not saved", Right.WRITE,
          CheckResult, methods=("POST",), accepts=UnsavedContent, tag="entries", statuses=(*READ, 413, 415), revalidates=False,
          body_bytes=CONTENT_BYTES),
)  # fmt: skip
