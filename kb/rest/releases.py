"""REST of releases: making one, what it would do, looking at them, rolling one back; and schedules."""

from typing import Annotated

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Conflict
from kb.base.paging import decode, encode
from kb.base.work import Right, Work
from kb.release.actions import release
from kb.release.made import Made
from kb.release.making import ForeseenRelease, foresee_release, overtaking, plan_release
from kb.release.rollback import Rollback, plan_rollback, roll_back
from kb.release.seeing import made_seen, must_see_all_of, must_see_revisions, page_of_made_seen
from kb.release.types import Prepared, Released
from kb.rest import schedules
from kb.rest.schedules import BODY_BYTES, READING, WRITING, Hash
from kb.web.acting import Done, act, repeatable
from kb.web.answers import Answer, json_answer
from kb.web.bodies import read_body
from kb.web.door import Call, Parameter, Route, wrong

ACTS = ("release", "emergency", "rollback", "schedule", "cancel", "verify", "rerender", "withdraw", "retire", "lapse")


class ReleaseOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Revisions that go live together, by hash: all of them, or none.

    With `emergency` those that lack sign-offs go live by the policy's row for emergencies, for as long as that lets them.
    """

    hashes: Annotated[tuple[Hash, ...], msgspec.Meta(min_length=1, max_length=5_000)]
    reason: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    emergency: bool = False


class RollbackOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a release is rolled back, and the ids of later ones that this goes over."""

    reason: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    despite: tuple[str, ...] = ()


class ReleasePage(msgspec.Struct, frozen=True):
    """Releases, the newest first; `next` is the cursor of the page behind it, null on the last."""

    items: tuple[Made, ...]
    next: str | None


async def listed(call: Call) -> Answer:
    """Releases and every other act that changed what is served, the newest first."""
    chosen = call.query.one("act")
    if chosen and chosen not in ACTS:
        raise wrong("act", f"unknown act {chosen!r}; use one of: {', '.join(ACTS)}")
    place, limit = decode(call.query.one("cursor"), (int,)), call.query.number("limit", 20, 1, 100)
    async with call.services.sessions.reading() as connection:
        before = int(place[0]) if place else None
        found = await page_of_made_seen(connection, call.actor, chosen, before, limit + 1)
    more = len(found) > limit
    return json_answer(ReleasePage(tuple(found[:limit]), encode([found[limit - 1].position]) if more else None))


async def shown(call: Call) -> Answer:
    """One release."""
    async with call.services.sessions.reading() as connection:
        return json_answer(await made_seen(connection, call.actor, call.path["release"]), tag=True)


async def foreseen(call: Call) -> Answer:
    """What a release would do; nothing is changed."""
    order = await read_body(call, ReleaseOrder)
    now = call.services.clock.now()
    async with call.services.sessions.reading() as connection:
        await must_see_revisions(connection, call.actor, order.hashes)
        return json_answer(await foresee_release(connection, order.hashes, now, emergency=order.emergency))


@repeatable
async def made(call: Call) -> Answer:
    """Make a release."""
    order = await read_body(call, ReleaseOrder)

    async def plan(connection: AsyncConnection) -> Prepared:
        now = call.services.clock.now()
        await must_see_revisions(connection, call.actor, order.hashes)
        return await plan_release(connection, order.hashes, now, emergency=order.emergency)

    async def commit(planned: Prepared) -> Answer:
        async def do(work: Work) -> Done:
            return _done(await release(work, planned, order.reason))

        return await act(call, do)

    return await overtaking(call.services.sessions, plan, commit)


@repeatable
async def rolled_back(call: Call) -> Answer:
    """Roll a release back."""
    order = await read_body(call, RollbackOrder)

    async def plan(connection: AsyncConnection) -> Rollback:
        await must_see_all_of(connection, call.actor, call.path["release"])
        return await plan_rollback(connection, call.path["release"], call.services.clock.now(), order.despite)

    async def commit(planned: Rollback) -> Answer:
        async def do(work: Work) -> Done:
            return _done(await roll_back(work, planned, order.reason))

        return await act(call, do)

    return await overtaking(call.services.sessions, plan, commit)


def _done(made_now: Released | None) -> Done:
    if made_now is None:
        raise Conflict("this would change nothing: all of it is live as it is")
    location = (b"location", f"/v1/releases/{made_now.id}".encode())
    return Done(msgspec.structs.replace(json_answer(made_now, headers=(location,)), status=201))


LISTING = (
    Parameter("act", "only acts of this kind", {"type": "string", "enum": list(ACTS)}),
    Parameter("limit", "how many at most", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    Parameter("cursor", "the `next` of an earlier answer"),
)

ROUTES: tuple[Route, ...] = (
    Route("/v1/releases", listed, "What changed what is served, the newest first", Right.RELEASE, ReleasePage, LISTING,
          tag="releases", statuses=READING, revalidates=False),
    Route("/v1/releases", made, "Have approved revisions go live together, now", Right.RELEASE, Released,
          methods=("POST",), accepts=ReleaseOrder, tag="releases", statuses=WRITING, success=201, body_bytes=BODY_BYTES,
          headers=("Location",)),
    Route("/v1/releases/prepare", foreseen, "What a release would do", Right.RELEASE, ForeseenRelease, methods=("POST",),
          accepts=ReleaseOrder, tag="releases", statuses=(400, 401, 403, 404, 413, 415, 429, 503), body_bytes=BODY_BYTES),
    Route("/v1/releases/{release}", shown, "One release", Right.RELEASE, Made, tag="releases", statuses=READING),
    Route("/v1/releases/{release}/rollback", rolled_back, "Make live again what was live before a release",
          Right.RELEASE, Released, methods=("POST",), accepts=RollbackOrder, tag="releases", statuses=WRITING,
          success=201, headers=("Location",)),
    *schedules.ROUTES,
)  # fmt: skip
