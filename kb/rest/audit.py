"""REST of proof: the journal, checkpoints, receipts, redactions, and releases that move between installations."""

import msgspec

from kb.base.errors import NotFound
from kb.base.work import Right, Work, open_work
from kb.delivery import queries
from kb.release import bundles, receipts, redact
from kb.release.actions import release as commit
from kb.release.checkpoints import Checkpoint, sign_head
from kb.release.export import FORMATS, exported
from kb.release.installation import Introduction, signing
from kb.release.receipt_checks import check
from kb.release.receipt_types import Receipt
from kb.release.redact import Redaction
from kb.release.seeing import must_see_all_of
from kb.release.types import Blocked, Released
from kb.rest.receipt_page import POLICY, page
from kb.review.types import Refusal
from kb.web.acting import Done, act, repeatable
from kb.web.answers import HTML, NDJSON, Answer, json_answer
from kb.web.asking import CHOOSING, SHARED, asked_of, instant_of
from kb.web.bodies import read_body
from kb.web.door import Call, Parameter, Route, wrong
from kb.web.repeats import forget_answers

CSV = b"text/csv; charset=utf-8"
MOST_OF_A_BUNDLE = 64 * 1024 * 1024
PAGES = ("json", "html")


class LatestCheckpoint(msgspec.Struct, frozen=True):
    """The journal's head, signed now, with the keys of this installation: each introduced by the one before."""

    checkpoint: Checkpoint
    introductions: tuple[Introduction, ...]


class RedactionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text to erase, by the content hash of its revision, and why."""

    hash: str
    reason: str


class Redactions(msgspec.Struct, frozen=True):
    """Every redaction that was asked for, the oldest first."""

    items: tuple[Redaction, ...]


class Imported(msgspec.Struct, frozen=True):
    """What an import did: revisions that were news, statements that don't count here, what stays behind, what went live."""

    fresh: int
    refused: tuple[Refusal, ...]
    blocked: tuple[Blocked, ...]
    released: Released | None


async def journal(call: Call) -> Answer:
    """The journal behind a position, as newline-delimited JSON or CSV."""
    format_ = _one_of(call, "format", FORMATS)
    after = call.query.number("after", 0, 0, 2**53)
    stream = exported(call.services.sessions, format_, after)
    return Answer(b"", media=CSV if format_ == "csv" else NDJSON, stream=stream)


async def latest_checkpoint(call: Call) -> Answer:
    """The head, signed now: keep it elsewhere, and lines cut off later will be found."""
    signer = await signing(call.services.sessions, call.services.sealer)
    made = LatestCheckpoint(await sign_head(call.services.sessions, signer), signer.introductions)
    return json_answer(made)


async def receipt(call: Call) -> Answer:
    """The receipt of a rendition by its hash."""
    return await _receipt(call, call.path["rendition"])


async def receipt_of(call: Call) -> Answer:
    """The receipt of what a channel says, or said, of a key."""
    placed = msgspec.structs.replace(call, path={"channel": call.query.one("channel")})
    instant = await instant_of(placed)
    reader = call.services.node.reader
    key = call.query.one("key")
    if instant is None:
        found = await queries.get(reader, key, asked_of(placed), call.services.now())
    else:
        asked = asked_of(placed, await call.services.node.profiles_at(instant.position))
        found = await queries.get_then(reader, key, asked, instant)
    if found is None:
        raise NotFound(f"no rendition of {key}")
    return await _receipt(call, msgspec.json.decode(found.body, type=_Named).rendition)


class _Named(msgspec.Struct):
    rendition: str


async def _receipt(call: Call, rendition: str) -> Answer:
    signer = await signing(call.services.sessions, call.services.sealer)
    async with call.services.sessions.reading() as connection:
        made = await receipts.receipt(connection, signer, call.services.now(), call.actor, rendition)
    if _wants_page(call):
        return Answer(
            page(made, check(made.written(), made.key)),
            media=HTML,
            headers=((b"content-security-policy", POLICY.encode()),),
        )
    name = f'attachment; filename="receipt-{rendition[:12]}.json"'.encode()
    return Answer(made.written(), headers=((b"content-disposition", name),))


async def redactions(call: Call) -> Answer:
    """Redactions that were asked for, and those that were made."""
    async with call.services.sessions.reading() as connection:
        return json_answer(Redactions(tuple(await redact.listed(connection))))


async def ask_redaction(call: Call) -> Answer:
    """Ask that a text be erased; another admin has to confirm it."""
    request = await read_body(call, RedactionRequest)

    async def do(work: Work) -> Done:
        made = await redact.ask(work, request.hash, request.reason)
        location = ((b"location", f"/v1/redactions/{made.id}".encode()),)
        return Done(msgspec.structs.replace(json_answer(made, headers=location), status=201))

    return await act(call, do)


async def redaction(call: Call) -> Answer:
    """One redaction."""
    async with call.services.sessions.reading() as connection:
        return json_answer(await redact.one(connection, call.path["redaction"]))


async def confirm_redaction(call: Call) -> Answer:
    """Erase a text for good, as the second admin."""

    async def do(work: Work) -> Done:
        done = await redact.confirm(work, call.path["redaction"])
        await forget_answers(work.connection, done.hash)
        return Done(json_answer(done))

    return await act(call, do)


async def bundle(call: Call) -> Answer:
    """A release with everything another installation needs to judge it."""
    call.actor.must(Right.DRAFTS)  # former candidates and staff parts are in it
    signer = await signing(call.services.sessions, call.services.sealer)
    async with call.services.sessions.reading() as connection:
        await must_see_all_of(connection, call.actor, call.path["release"])
        made = await bundles.pack(connection, signer, call.path["release"])
    name = f'attachment; filename="release-{made.release[:12]}.json"'.encode()
    return Answer(made.written(), headers=((b"content-disposition", name),))


@repeatable
async def take_bundle(call: Call) -> Answer:
    """Take in a release of another installation: judged anew by the people and the policy of this one."""
    unpacked = bundles.unpack(await call.body())
    async with open_work(call.services.sessions, call.actor) as work:
        work.actor = await call.again(work.connection)
        accepted = await bundles.accept(work, unpacked)
    async with call.services.sessions.reading() as connection:
        ready, blocked = await bundles.prepared(connection, unpacked, call.services.clock.now())

    async def do(work: Work) -> Done:
        released = await commit(work, ready, bundles.REASON) if ready is not None else None
        return Done(json_answer(Imported(accepted.fresh, accepted.refused, tuple(blocked), released)))

    return await act(call, do)


def _one_of(call: Call, name: str, known: tuple[str, ...]) -> str:
    given = call.query.one(name, known[0])
    if given not in known:
        raise wrong(name, f"{name} is one of: {', '.join(known)}")
    return given


def _wants_page(call: Call) -> bool:
    """`format` decides, else whether the client would rather have a page than JSON."""
    if call.query.one("format"):
        return _one_of(call, "format", PAGES) == "html"
    return b"text/html" in call.headers.get(b"accept", b"")


FORMAT = Parameter("format", "how it is written: a line of JSON each, or CSV", {"type": "string", "enum": [*FORMATS]})
PAGE = Parameter("format", "JSON to be checked, or a page to be printed", {"type": "string", "enum": [*PAGES]})
AFTER = Parameter("after", "only lines behind this position", {"type": "integer", "minimum": 0})
AS_OF = Parameter("as_of", "a position of the journal (`42`) or a time (`2026-11-22T10:00:00Z`) of the past")
PLACE = (
    Parameter("key", "the entry's key", required=True),
    Parameter("channel", "the channel it is said on", required=True),
)
KEPT = ("Content-Disposition",)
READING, WRITING = (400, 401, 403, 404, 503), (400, 401, 403, 404, 409, 413, 415, 422, 503)

ROUTES: tuple[Route, ...] = (
    Route("/v1/journal", journal, "The journal, for other programs", Right.AUDIT, None, (FORMAT, AFTER), tag="proof",
          media="application/x-ndjson", statuses=READING, revalidates=False, other_media=("text/csv",)),
    Route("/v1/checkpoints/latest", latest_checkpoint, "The journal's head, signed now", Right.AUDIT, LatestCheckpoint,
          tag="proof", statuses=READING, revalidates=False),
    Route("/v1/receipts", receipt_of, "The receipt of what a channel says or said", Right.AUDIT, Receipt,
          (*PLACE, *SHARED, *CHOOSING, AS_OF, PAGE), tag="proof", statuses=(*READING, 409), revalidates=False,
          headers=KEPT, other_media=("text/html",)),
    Route("/v1/receipts/{rendition}", receipt, "The receipt of a rendition", Right.AUDIT, Receipt, (PAGE,), tag="proof",
          statuses=(*READING, 409), revalidates=False, headers=KEPT, other_media=("text/html",)),
    Route("/v1/redactions", redactions, "Redactions asked for and made", Right.REDACT, Redactions, tag="proof",
          statuses=READING, revalidates=False),
    Route("/v1/redactions", ask_redaction, "Ask that a text be erased", Right.REDACT, Redaction, methods=("POST",),
          accepts=RedactionRequest, tag="proof", statuses=WRITING, revalidates=False, success=201,
          headers=("Location",)),
    Route("/v1/redactions/{redaction}", redaction, "One redaction", Right.REDACT, Redaction, tag="proof",
          statuses=READING, revalidates=False),
    Route("/v1/redactions/{redaction}/confirm", confirm_redaction, "Erase a text, as the second admin", Right.REDACT,
          Redaction, methods=("POST",), tag="proof", statuses=WRITING, revalidates=False),
    Route("/v1/releases/{release}/bundle", bundle, "A release, to be moved", Right.RELEASE, bundles.Bundle, tag="proof",
          statuses=(*READING, 409), revalidates=False, headers=KEPT),
    Route("/v1/bundles", take_bundle, "Take in a release of another installation", Right.RELEASE, Imported,
          methods=("POST",), accepts=bundles.Bundle, tag="proof", statuses=WRITING, revalidates=False,
          body_bytes=MOST_OF_A_BUNDLE),
)  # fmt: skip
