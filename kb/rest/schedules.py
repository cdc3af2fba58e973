"""REST of schedules: making one, looking at them, taking one back."""

from typing import Annotated

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.paging import decode, encode
from kb.base.work import Right, Work
from kb.release import schedules
from kb.release.making import overtaking
from kb.release.scheduled import Schedule
from kb.release.seeing import must_see_revisions, page_of_schedules_seen, schedule_seen
from kb.release.types import Blocked, Prepared
from kb.release.zones import moment
from kb.web.acting import Done, act, repeatable
from kb.web.answers import Answer, json_answer
from kb.web.bodies import read_body
from kb.web.door import Call, Parameter, Route, wrong

STATES = ("pending", "released", "failed", "cancelled")
Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
BODY_BYTES = 1_000_000


class ScheduleOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Approved revisions that are to go live together, by hash.

    `at` is a local time in the IANA `zone`, or an instant. `hard` ends what they replace at that very instant, come what may.
    `despite` names pending schedules that this one may get in the way of.
    """

    hashes: Annotated[tuple[Hash, ...], msgspec.Meta(min_length=1, max_length=5_000)]
    at: Annotated[str, msgspec.Meta(max_length=40)]
    zone: Annotated[str, msgspec.Meta(max_length=64)] = ""
    hard: bool = False
    reason: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    despite: tuple[str, ...] = ()


class Cancellation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a schedule is taken back."""

    reason: Annotated[str, msgspec.Meta(max_length=2_000)] = ""


class Scheduled(msgspec.Struct, frozen=True):
    """A schedule that was made, and what would stop it if its time were now."""

    schedule: Schedule
    blocked: tuple[Blocked, ...]


class SchedulePage(msgspec.Struct, frozen=True):
    """Schedules, the newest first; `next` is the cursor of the page behind it, null on the last."""

    items: tuple[Schedule, ...]
    next: str | None


async def listed(call: Call) -> Answer:
    """Schedules, the newest first."""
    state = call.query.one("state")
    if state and state not in STATES:
        raise wrong("state", f"unknown state {state!r}; use one of: {', '.join(STATES)}")
    place, limit = decode(call.query.one("cursor"), (int,)), call.query.number("limit", 20, 1, 100)
    async with call.services.sessions.reading() as connection:
        before = int(place[0]) if place else None
        found = await page_of_schedules_seen(connection, call.actor, state, before, limit + 1)
    more = len(found) > limit
    return json_answer(SchedulePage(tuple(found[:limit]), encode([found[limit - 1].made_at]) if more else None))


async def shown(call: Call) -> Answer:
    """One schedule."""
    async with call.services.sessions.reading() as connection:
        return json_answer(await schedule_seen(connection, call.actor, call.path["schedule"]), tag=True)


@repeatable
async def made(call: Call) -> Answer:
    """Make a schedule."""
    order = await read_body(call, ScheduleOrder)
    now = call.services.clock.now()
    when = moment(order.at, order.zone, now)

    async def plan(connection: AsyncConnection) -> schedules.Plan:
        await must_see_revisions(connection, call.actor, order.hashes)
        return await schedules.plan(connection, order.hashes, when, now, hard=order.hard)

    async def commit(planned: schedules.Plan) -> Answer:
        async def do(work: Work) -> Done:
            found = await schedules.schedule(work, planned, order.reason, order.despite)
            location = (b"location", f"/v1/schedules/{found.id}".encode())
            answer = json_answer(Scheduled(found, planned.blocked), headers=(location,))
            return Done(msgspec.structs.replace(answer, status=201))

        return await act(call, do)

    return await overtaking(call.services.sessions, plan, commit)


@repeatable
async def cancelled(call: Call) -> Answer:
    """Take a schedule back."""
    request = await read_body(call, Cancellation)

    async def plan(connection: AsyncConnection) -> Prepared | None:
        await schedule_seen(connection, call.actor, call.path["schedule"])
        return await schedules.plan_cancel(connection, call.path["schedule"], call.services.clock.now())

    async def commit(planned: Prepared | None) -> Answer:
        async def do(work: Work) -> Done:
            found = await schedules.cancel(work, call.path["schedule"], planned, request.reason)
            return Done(json_answer(found))

        return await act(call, do)

    return await overtaking(call.services.sessions, plan, commit)


READING = (400, 401, 403, 404, 429, 503)
WRITING = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
LISTING = (
    Parameter("state", "only schedules in this state", {"type": "string", "enum": list(STATES)}),
    Parameter("limit", "how many at most", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    Parameter("cursor", "the `next` of an earlier answer"),
)

ROUTES: tuple[Route, ...] = (
    Route("/v1/schedules", listed, "Schedules, the newest first", Right.RELEASE, SchedulePage, LISTING, tag="releases",
          statuses=READING, revalidates=False),
    Route("/v1/schedules", made, "Have approved revisions go live at a time", Right.RELEASE, Scheduled,
          methods=("POST",), accepts=ScheduleOrder, tag="releases", statuses=WRITING, success=201, body_bytes=BODY_BYTES,
          headers=("Location",)),
    Route("/v1/schedules/{schedule}", shown, "One schedule", Right.RELEASE, Schedule, tag="releases", statuses=READING),
    Route("/v1/schedules/{schedule}/cancel", cancelled, "Take a schedule back", Right.RELEASE, Schedule,
          methods=("POST",), accepts=Cancellation, tag="releases", statuses=WRITING),
)  # fmt: skip
