"""REST of taking back: withdrawing and retiring, each after its list was shown."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.work import Actor, Right, Work
from kb.entries.types import Key
from kb.release import retire as retiring
from kb.release import withdraw as withdrawing
from kb.release.ending import standing
from kb.release.seeing import must_see
from kb.release.topics import live_topics
from kb.release.types import Released
from kb.review.types import RevisionAt
from kb.web.acting import Done, act
from kb.web.answers import Answer, json_answer
from kb.web.bodies import read_body
from kb.web.door import Call, wrong

MOST_KEYS = 100


class WithdrawalRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Keys (with or without their kind, `claim:free-atm`), a whole topic, or both; `expected` is the digest of the list shown."""

    keys: tuple[str, ...] = ()
    topic: str = ""
    reason: str
    expected: str


class RetirementRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The key that ends, and the live one that answers for it from now on."""

    key: Key
    replacement: Key
    reason: str


class Ended(msgspec.Struct, frozen=True):
    """The release that ended these revisions, its position, and how many renditions closed."""

    id: str
    position: int
    items: tuple[RevisionAt, ...]
    closed: int


async def foreseen(call: Call) -> Answer:
    """What a withdrawal would take, with the digest to withdraw exactly that by."""
    keys, topic = call.query.all("key"), call.query.one("topic")
    _must_name(keys, topic, "key")
    async with call.services.sessions.reading() as connection:
        taken = await withdrawing.foresee(connection, keys, topic=topic)
        await must_see(connection, call.actor, taken.withdrawn)
        call.actor.must(Right.WITHDRAW, *await live_topics(connection, {key for key, _ in taken.withdrawn}))
        return json_answer(await withdrawing.listed(connection, taken))


async def withdrawn(call: Call) -> Answer:
    """Withdraw what was shown."""
    request = await read_body(call, WithdrawalRequest)
    _must_name(request.keys, request.topic, "/keys")
    if not request.expected:
        raise wrong("/expected", "look at GET /v1/withdrawals/foresee first, and send its digest as expected")

    async def do(work: Work) -> Done:
        expected = request.expected
        taken = await withdrawing.foresee(work.connection, request.keys, topic=request.topic)
        await must_see(work.connection, work.actor, taken.withdrawn)
        done = await withdrawing.withdraw(work, request.keys, request.reason, topic=request.topic, expected=expected)
        return _ended(done)

    return await act(call, do)


async def retirement_foreseen(call: Call) -> Answer:
    """What retiring a key would end, and what stands in its way."""
    key, replacement = call.query.one("key"), call.query.one("replacement")
    if not key or not replacement:
        raise wrong(
            "replacement" if key else "key", "give the key that ends, and replacement, the one that answers for it"
        )
    async with call.services.sessions.reading() as connection:
        await _must_see_standing(connection, call.actor, key)
        found = await retiring.foresee(connection, key, replacement, call.services.now())
        call.actor.must(Right.WITHDRAW, *await live_topics(connection, [key]))
    return json_answer(found)


async def retired(call: Call) -> Answer:
    """Retire a key in favour of another."""
    request = await read_body(call, RetirementRequest)

    async def do(work: Work) -> Done:
        await _must_see_standing(work.connection, work.actor, request.key)
        return _ended(await retiring.retire(work, request.key, request.replacement, request.reason))

    return await act(call, do)


async def _must_see_standing(connection: AsyncConnection, actor: Actor, key: str) -> None:
    """Raise NotFound for a key that stands where the caller may not know of it, as for one that stands nowhere."""
    await must_see(connection, actor, await standing(connection, [key], lapsed=True))


def _ended(done: Released) -> Done:
    location = (b"location", f"/v1/releases/{done.id}".encode())
    answer = json_answer(Ended(done.id, done.position, done.items, done.closed), headers=(location,))
    return Done(msgspec.structs.replace(answer, status=201))


def _must_name(keys: tuple[str, ...], topic: str, pointer: str) -> None:
    if not keys and not topic:
        raise wrong(pointer, "name one key or more, or a topic")
    if len(keys) > MOST_KEYS:
        raise wrong(pointer, f"name at most {MOST_KEYS} keys at once; a topic takes all of it")
