"""The table of contents of the REST door."""

from functools import lru_cache
from typing import Any

import msgspec

from kb import __version__
from kb.channels.types import Payload
from kb.delivery.types import Changes
from kb.rest import audit, delivery, entries, feed, history, keys, openid, people, releases, reviews, search
from kb.rest.openapi import document
from kb.search.answers import Match, Results, Suggestions
from kb.web.answers import REVALIDATE, Answer
from kb.web.asking import CHOOSING, FILTERING, PAGING, SHARED
from kb.web.door import Call, Parameter, Route


class Served(Payload, frozen=True, kw_only=True):
    """A payload as it leaves: what was released, with the columns of its row behind it."""

    rendition: str
    position: int
    valid_until: str | None
    verified_at: str
    trust: str


class ServedPage(msgspec.Struct, frozen=True):
    """A page of payloads; `next` is the cursor of the page behind it, null on the last."""

    items: tuple[Served, ...]
    next: str | None


class ServedLookup(msgspec.Struct, frozen=True):
    """Payloads in the order asked, and the keys that nothing live answers to."""

    items: tuple[Served, ...]
    missing: tuple[str, ...]


@lru_cache
def contract() -> dict[str, Any]:
    """The OpenAPI document of this version."""
    return document(ROUTES, __version__)


async def _contract(_: Call) -> Answer:
    """The contract as it is served; the very bytes that `schema/openapi.json` holds are its indented form."""
    return Answer(msgspec.json.encode(contract()), cache=REVALIDATE, tag=True)


CHANNEL = "/v1/channels/{channel}"
ENTRY = f"{CHANNEL}/entries/{{key}}"
QUESTION = Parameter("q", "the customer's words", required=True)
MANY = {"type": "array", "items": {"type": "string"}}
ONLY_CHOOSING = tuple(one for one in CHOOSING if one.name in {"tone", "visibility", "pick"})
SKIPPED = Parameter("cursor", "how many hits to skip", {"type": "integer", "minimum": 0, "maximum": 1000})
AS_OF = Parameter("as_of", "a position of the journal (`42`) or a time (`2026-11-22T10:00:00Z`) of the past")
OR = Parameter("or", "the key that answers when this one isn't live; the header KB-Answered says which one did")
FEED = (
    Parameter("after", "only what changed behind this position", {"type": "integer", "minimum": 0}),
    Parameter("cursor", "the `next` of an earlier answer"),
    Parameter("limit", "how many at most", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),
    Parameter("channel", "only this channel"),
    Parameter("locale", "only this locale"),
)
SNAPSHOT = (Parameter("channel", "only this channel"), *SHARED)
ANSWERED = ("KB-Answered", "Content-Language", "Surrogate-Key")

DELIVERY = (
    Route(ENTRY, delivery.entry, "One approved text", "public", Served, (*SHARED, *CHOOSING, AS_OF, OR),
          headers=ANSWERED),
    Route(f"{CHANNEL}/entries", delivery.entries, "Approved texts in order of key", "public", ServedPage,
          (*SHARED, *FILTERING, *ONLY_CHOOSING, *PAGING)),
    Route(f"{CHANNEL}/lookup", delivery.lookup, "Several approved texts by key", "public", ServedLookup,
          (Parameter("key", "a key; give it up to 100 times", MANY, required=True), *SHARED, *CHOOSING)),
    Route(f"{ENTRY}/fill", delivery.filled, "One approved text with its slots filled", "public", Served,
          (*SHARED, *CHOOSING), methods=("POST",), accepts=delivery.FillRequest, statuses=(400, 404, 413, 415, 503),
          revalidates=False),
    Route(f"{ENTRY}/explain", delivery.explain, "Why this wording and no other", "public", delivery.Explanation,
          (*SHARED, *CHOOSING), revalidates=False),
    Route(f"{CHANNEL}/search", search.search, "Approved texts about these words", "public", Results,
          (QUESTION, *SHARED, *FILTERING, *ONLY_CHOOSING, PAGING[0], SKIPPED), tag="search", revalidates=False),
    Route(f"{CHANNEL}/suggest", search.suggest, "Questions that begin like this", "public", Suggestions,
          (QUESTION, *SHARED, PAGING[0]), tag="search", revalidates=False),
    Route(f"{CHANNEL}/match", search.match, "The answer to a customer's own words", "public", Match,
          (QUESTION, *SHARED, *CHOOSING, Parameter("after", "the key answered last"),
           Parameter("among", "only these keys", MANY)), tag="search", revalidates=False),
    Route("/v1/changes", feed.changes, "What changed, tombstones included", "public", Changes, FEED, tag="feed",
          statuses=(400, 503)),
    Route("/v1/snapshot", feed.snapshot, "Everything live, in one channel or in all, a line each", "public", None,
          SNAPSHOT, tag="feed", media="application/x-ndjson", statuses=(400, 503), revalidates=False),
    Route("/v1/openapi.json", _contract, "This contract", "public", None, tag="feed", statuses=(503,)),
)  # fmt: skip

ROUTES: tuple[Route, ...] = (
    *DELIVERY,
    *entries.ROUTES,
    *reviews.ROUTES,
    *releases.ROUTES,
    *history.ROUTES,
    *people.ROUTES,
    *keys.ROUTES,
    *openid.ROUTES,
    *audit.ROUTES,
)
"""Everything under /v1, room by room."""
