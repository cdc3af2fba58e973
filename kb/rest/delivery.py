"""REST of delivery: one payload, lists, lookups, former states, explanations and filled slots."""

from collections.abc import Iterable, Sequence

import msgspec

from kb.base.errors import Detail, Invalid, NotFound
from kb.base.work import Actor, Right
from kb.channels.slots import fill
from kb.channels.types import Payload
from kb.delivery import queries
from kb.delivery.rules import Verdict, verdicts
from kb.delivery.types import Asked, Delivered
from kb.web.answers import PRIVATE, REVALIDATE, Answer, Headers, json_answer
from kb.web.asking import asked_of, filters_of, instant_of
from kb.web.bodies import read_body
from kb.web.door import Call, wrong

LOOKUP_KEYS = 100


class Listed(msgspec.Struct, frozen=True):
    """A page of payloads; `next` is the cursor of the page behind it."""

    items: tuple[msgspec.Raw, ...]
    next: str | None


class LookedUp(msgspec.Struct, frozen=True):
    """Payloads in the order asked, and the keys that nothing live answers to."""

    items: tuple[msgspec.Raw, ...]
    missing: tuple[str, ...]


class FillRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values for slots, by name; each as text in its slot's written form (a date as 2026-11-22, money as 12.50 GBP)."""

    slots: dict[str, str]


class Explanation(msgspec.Struct, frozen=True):
    """Which rule chose what: the locale that answered among those tried, and why each live wording was taken or not."""

    key: str
    channel: str
    profile: str
    locales: tuple[str, ...]
    locale: str
    audiences: tuple[str, ...]
    wordings: tuple[Verdict, ...]
    rendition: str
    position: int
    trust: str
    facts: dict[str, msgspec.Raw]
    claims: tuple[msgspec.Raw, ...]
    disclosures: tuple[msgspec.Raw, ...]


async def entry(call: Call) -> Answer:
    """One payload, now or as of a point of the past; `or` names the entry that answers when this one can't."""
    key, fallback = call.path["key"], call.query.one("or")
    if call.query.values and call.query.one("as_of"):
        return _sent(await _then(call, [key, fallback] if fallback else [key]))
    asked = asked_of(call)
    now = call.services.now()
    found = await queries.get(call.services.node.reader, key, asked, now)
    if found is None and fallback:
        found = await queries.get(call.services.node.reader, fallback, asked, now)
    return _while_they_hold(_sent(found), [found] if found is not None else [])


async def entries(call: Call) -> Answer:
    """Live payloads in order of key."""
    asked, limit = asked_of(call), call.query.number("limit", 20, 1, 100)
    after = call.query.one("cursor")
    reader = call.services.node.reader
    page = await queries.page(reader, asked, filters_of(call), after, limit, call.services.now())
    items = tuple(msgspec.Raw(item.body) for item in page.items)
    return _while_they_hold(json_answer(Listed(items, page.next), cache=REVALIDATE, tag=True), page.items)


async def lookup(call: Call) -> Answer:
    """Several payloads by key."""
    keys = call.query.all("key")
    if not 0 < len(keys) <= LOOKUP_KEYS:
        raise wrong("key", f"give key from 1 to {LOOKUP_KEYS} times")
    found = await queries.many(call.services.node.reader, keys, asked_of(call), call.services.now())
    items = tuple(msgspec.Raw(found[key].body) for key in dict.fromkeys(keys) if key in found)
    missing = tuple(key for key in dict.fromkeys(keys) if key not in found)
    return _while_they_hold(json_answer(LookedUp(items, missing), cache=REVALIDATE, tag=True), found.values())


async def filled(call: Call) -> Answer:
    """One payload with its slots filled, escaped and spoken as the channel needs; nothing is stored."""
    asked = asked_of(call)
    found = await _live(call, asked)
    request = await read_body(call, FillRequest)
    payload = msgspec.json.decode(found.body, type=Payload)
    profile = call.view.profiles.get(f"{asked.channel}/{asked.profile}")
    complete, issues = fill(payload, request.slots, profile)
    if issues:
        errors = tuple(Detail(f"/slots/{_slot_of(issue.field)}", issue.code, issue.message) for issue in issues)
        raise Invalid("a slot can't be filled with what was given", errors=errors)
    body = msgspec.json.encode(complete)
    columns = _columns(found.body)
    return Answer(body[:-1] + b"," + columns, cache=PRIVATE)


async def explain(call: Call) -> Answer:
    """Why this wording and no other."""
    asked = asked_of(call)
    found = await _live(call, asked)
    whole = msgspec.json.decode(found.body, type=_Told)
    rows = await queries.candidates(call.services.node.reader, found.key, asked, found.locale)
    explanation = Explanation(
        key=found.key,
        channel=asked.channel,
        profile=asked.profile,
        locales=asked.locales,
        locale=found.locale,
        audiences=tuple(sorted(asked.audiences)),
        wordings=verdicts(rows, asked.audiences, asked.circumstances),
        rendition=whole.rendition,
        position=whole.position,
        trust=whole.trust,
        facts=whole.facts,
        claims=whole.claims,
        disclosures=whole.disclosures,
    )
    return json_answer(explanation)


class _Told(msgspec.Struct, frozen=True):
    rendition: str
    position: int
    trust: str
    facts: dict[str, msgspec.Raw]
    claims: tuple[msgspec.Raw, ...]
    disclosures: tuple[msgspec.Raw, ...]


async def _then(call: Call, keys: Sequence[str]) -> Delivered | None:
    """A former payload of the first of these keys that has one.

    Those who may not read history may ask it of entries that are still live for them (law 7).
    """
    instant = await instant_of(call)
    if instant is None:
        raise wrong("as_of", "as_of is empty: give a position or a time")
    asked_now, now = asked_of(call), call.services.now()
    asked = asked_of(call, await call.services.node.profiles_at(instant.position))
    reader = call.services.node.reader
    for key in keys:
        found = await queries.get_then(reader, key, asked, instant)
        if found is None:
            continue
        if _may_look_back(call.actor, found) or await queries.get(reader, found.key, asked_now, now, follow=False):
            return found
    return None


def _may_look_back(actor: Actor, found: Delivered) -> bool:
    """Whether someone may read what was said of this topic, live or not."""
    if Right.HISTORY not in actor.rights:
        return False
    return actor.may(Right.HISTORY, msgspec.json.decode(found.body, type=_Topical).topic)


class _Topical(msgspec.Struct, frozen=True):
    topic: str


async def _live(call: Call, asked: Asked) -> Delivered:
    found = await queries.get(call.services.node.reader, call.path["key"], asked, call.services.now())
    if found is None:
        raise NotFound(call.path["key"])
    return found


def _sent(found: Delivered | None) -> Answer:
    if found is None:
        raise NotFound("not live, not for this reader, or unknown: nobody is told which")
    headers: Headers = (
        (b"kb-answered", found.key.encode()),
        (b"surrogate-key", f"{found.key} {found.key}.{found.locale}".encode()),
        (b"content-language", found.locale.encode()),
    )
    return Answer(found.body, cache=REVALIDATE, tag=True, headers=headers)


def _while_they_hold(answer: Answer, found: Iterable[Delivered]) -> Answer:
    """The answer, which may be given again until time changes one of the payloads in it (nothing to find stays so)."""
    return msgspec.structs.replace(answer, until=min((one.until for one in found), default=queries.NEVER))


def _columns(body: bytes) -> bytes:
    """The row's own columns at the end of a stored payload, closing brace included."""
    return body[body.rindex(b'"rendition":') :]


def _slot_of(field: str) -> str:
    return field.removeprefix("slots.")
