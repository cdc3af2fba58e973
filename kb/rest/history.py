"""REST of history, the table of contents: what was, what would be, what is missing where, and taking back."""

from collections.abc import Sequence

from kb.base.work import Right
from kb.channels.profiles import CHANNELS
from kb.channels.types import Payload
from kb.entries.types import DELIVERED
from kb.release.compared import Compared
from kb.release.coverage import CellState
from kb.release.retire import ForeseenRetirement
from kb.release.translations import TranslationState
from kb.release.withdraw import ForeseenWithdrawal
from kb.rest import history_reading as reading
from kb.rest import history_writing as writing
from kb.rest.history_reading import CoveragePage, EffectPage, HappeningPage, Intervals, TranslationPage
from kb.rest.history_writing import Ended, RetirementRequest, WithdrawalRequest
from kb.web.asking import CHOOSING, PAGING, SHARED
from kb.web.door import PERSON, Parameter, Route


class Previewed(Payload, frozen=True, kw_only=True):
    """A payload as it would leave; `position` is 0 where it was never opened."""

    rendition: str
    position: int
    valid_until: str | None
    verified_at: str
    trust: str


def _choice(name: str, about: str, words: Sequence[str]) -> Parameter:
    return Parameter(name, about, {"type": "string", "enum": [str(word) for word in words]})


def _number(name: str, about: str, *, required: bool) -> Parameter:
    return Parameter(name, about, {"type": "integer", "minimum": 1, "maximum": 999_999_999}, required=required)


MANY = {"type": "array", "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"}, "maxItems": reading.MOST_REVISIONS}
NAMES = {"type": "array", "items": {"type": "string"}, "maxItems": writing.MOST_KEYS}
YES_NO = ("true", "false")
PLACES = (
    _choice("channel", "only this channel", tuple(CHANNELS)),
    Parameter("locale", "only this locale"),
)
FILTERS = (
    _choice("kind", "only entries of this kind", sorted(DELIVERED)),
    Parameter("topic", "only entries of this topic"),
    Parameter("key", "only this entry"),
)
READ = (400, 401, 403, 404, 429, 503)
WRITE = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
ENTRY = "/v1/entries/{key}"

ROUTES: tuple[Route, ...] = (
    Route(f"{ENTRY}/timeline", reading.timeline, "What happened to an entry", PERSON, HappeningPage, PAGING,
          tag="history", statuses=READ, revalidates=False),
    Route(f"{ENTRY}/intervals", reading.intervals, "From when until when an entry was live, or not, and why", PERSON,
          Intervals, tag="history", statuses=READ, revalidates=False),
    Route(f"{ENTRY}/{{locale}}/diff", reading.diff, "What changed between two revisions", PERSON, Compared,
          (_number("from", "the number of the earlier revision", required=True),
           _number("to", "the number of the later revision", required=True),
           _number("base", "the number of the one both were made from: tells how they go together", required=False),
           _choice("channel", "tell what its profiles would say by each", tuple(CHANNELS))),
          tag="history", statuses=READ, revalidates=False),
    Route("/v1/effects", reading.effected, "Every dependent before and after a change", PERSON, EffectPage,
          (Parameter("revision", "the content hash of a revision; give several to see them go live together", MANY,
                     required=True), *PLACES,
           _choice("broken", "with `true`, only what would block or close", YES_NO), *PAGING),
          tag="history", statuses=READ, revalidates=False),
    Route("/v1/coverage", reading.coverage, "What is live where, and what is missing", PERSON, CoveragePage,
          (*FILTERS, *PLACES, _choice("state", "only places in this state", tuple(CellState)),
           _choice("judge", "with `true`, say what would block the revisions that wait", YES_NO),
           Parameter("days", "what ends within so many days is expiring",
                     {"type": "integer", "minimum": 0, "maximum": reading.LONGEST, "default": 30}), *PAGING),
          tag="history", statuses=READ, revalidates=False),
    Route("/v1/translations", reading.translations, "Translations against their sources", PERSON, TranslationPage,
          (*FILTERS, PLACES[1], _choice("state", "only translations in this state", tuple(TranslationState)), *PAGING),
          tag="history", statuses=READ, revalidates=False),
    Route("/v1/previews/channels/{channel}/entries/{key}", reading.previewed, "What would be served after a release",
          Right.PREVIEW, Previewed,
          (Parameter("revision", "the content hash of a revision that would be live; give several for a release", MANY),
           Parameter("schedule", "a pending schedule, in place of revisions"), *SHARED, *CHOOSING),
          tag="history", statuses=READ, revalidates=False, headers=("KB-Preview", "KB-Answered", "Content-Language")),
    Route("/v1/withdrawals/foresee", writing.foreseen, "What a withdrawal would take", Right.WITHDRAW, ForeseenWithdrawal,
          (Parameter("key", "a key, with or without its kind; give several", NAMES),
           Parameter("topic", "everything live of a topic")),
          tag="releases", statuses=(*READ, 409), revalidates=False),
    Route("/v1/withdrawals", writing.withdrawn, "Withdraw exactly what was shown", Right.WITHDRAW, Ended,
          methods=("POST",), accepts=WithdrawalRequest, tag="releases", statuses=WRITE, revalidates=False, success=201,
          headers=("Location",)),
    Route("/v1/retirements/foresee", writing.retirement_foreseen, "What retiring an entry would end", Right.WITHDRAW,
          ForeseenRetirement, (Parameter("key", "the entry that ends", required=True),
                       Parameter("replacement", "the live one that answers for it", required=True)),
          tag="releases", statuses=(*READ, 409), revalidates=False),
    Route("/v1/retirements", writing.retired, "Retire an entry: another answers for it", Right.WITHDRAW, Ended,
          methods=("POST",), accepts=RetirementRequest, tag="releases", statuses=WRITE, revalidates=False, success=201,
          headers=("Location",)),
)  # fmt: skip
