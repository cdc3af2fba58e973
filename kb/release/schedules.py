"""Schedules: binding approved revisions to a time, taking that back, and saying what came of it.

A hard schedule ends what it replaces at its instant: the rows live now, and what leans on them, are closed and opened again
with that end in the act that makes it, so that no worker is needed then, and what was said before stays exact.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.errors import Code, Conflict, Detail, Invalid, NotFound
from kb.base.hashing import digest
from kb.base.work import Right, Work
from kb.entries.queries import by_hashes
from kb.entries.types import Revision
from kb.release import merkle
from kb.release.actions import commit
from kb.release.prepare import prepare
from kb.release.rechecking import recheck
from kb.release.scheduled import PENDING, Schedule, Stopped, find, pending
from kb.release.tables import schedule_items, schedules
from kb.release.types import Blocked, Prepared
from kb.release.zones import Moment
from kb.review import actions as review
from kb.review import queries as reviews
from kb.review.standing import dossiers, policy_in_force
from kb.review.types import RevisionAt, State, Step


class Plan(msgspec.Struct, frozen=True):
    """A schedule ready to be made: its revisions and time, what would stop it today, and the ends that a hard one sets."""

    moment: Moment
    hard: bool
    revisions: tuple[Revision, ...]
    blocked: tuple[Blocked, ...]
    capping: Prepared | None


class Overlap(msgspec.Struct, frozen=True):
    """A pending schedule that another would get in the way of, at a place, and how."""

    schedule: str
    key: str
    locale: str
    message: str


async def plan(
    connection: AsyncConnection, hashes: Collection[str], moment: Moment, now: datetime, *, hard: bool
) -> Plan:
    """What scheduling these revisions would do; NotFound for a hash that nothing has."""
    found = await by_hashes(connection, hashes)
    if unknown := sorted(set(hashes) - found.keys()):
        raise NotFound(f"no revision has the hash {unknown[0]}")
    if not found:
        raise Invalid("name at least one revision by its hash")
    at = datetime.fromisoformat(moment.at)
    foreseen = await prepare(connection, hashes, at)
    capping = None
    if hard:
        places = {(one.draft.key, one.draft.locale): moment.at for one in found.values()}
        capping = await prepare(connection, (), now, keys={key for key, _ in places}, capping=places)
    return Plan(moment, hard, tuple(found.values()), foreseen.blocked, capping)


async def schedule(work: Work, planned: Plan, reason: str = "", despite: Collection[str] = ()) -> Schedule:
    """Bind the revisions to their time; each becomes `scheduled`.

    Conflict when one of them isn't approved, or when pending schedules get in the way that `despite` doesn't name; all are
    listed.
    """
    await _may(work, planned.revisions)
    others = await overlaps(work.connection, planned, despite)
    if others:
        raise Conflict(
            f"{len(others)} pending schedules get in the way: cancel them, or name them to go ahead despite them",
            errors=tuple(Detail(one.schedule, Code.CONFLICT.value, one.message) for one in others),
        )
    await _refuse_unapproved(work.connection, planned.revisions)
    id_ = work.ids.new()
    if planned.capping is not None:
        await recheck(work, planned.capping)
        await commit(work, msgspec.structs.replace(planned.capping, schedule=id_), reason, "schedule")
    items = [RevisionAt(one.draft.key, one.draft.locale, one.hash) for one in planned.revisions]
    data = {"schedule": id_, "hard": planned.hard, **msgspec.structs.asdict(planned.moment)}
    data |= {"reason": digest(reason.encode())}
    position = await work.record("schedule.made", data | _listed(items))
    row = {"id": id_, "made_at": position, "actor": work.actor.id, "reason": reason, "state": PENDING}
    row |= {"hard": planned.hard, **msgspec.structs.asdict(planned.moment)}
    await work.connection.execute(schedules.insert().values(**row))
    numbers = {one.hash: one.number for one in planned.revisions}
    rows = [{"schedule": id_, **msgspec.structs.asdict(one), "number": numbers[one.hash]} for one in items]
    await work.connection.execute(schedule_items.insert(), rows)
    await review.moved(work, {one.hash: Step.SCHEDULE for one in items}, position)
    return await find(work.connection, id_)


async def overlaps(connection: AsyncConnection, planned: Plan, despite: Collection[str] = ()) -> list[Overlap]:
    """Pending schedules that this one would get in the way of, but for those it goes ahead despite."""
    return [
        overlap
        for other in await pending(connection)
        for place, number in zip(other.items, other.numbers, strict=True)
        for one in planned.revisions
        if (overlap := _overlap(one, planned.moment.at, other, place, number)) and other.id not in despite
    ]


async def plan_cancel(connection: AsyncConnection, id_: str, now: datetime) -> Prepared | None:
    """What taking a schedule back renders again: the ends that a hard one set are lifted; None for any other."""
    found = await find(connection, id_)
    if not found.hard or found.state != PENDING:
        return None
    return await prepare(connection, (), now, keys={one.key for one in found.items}, schedule=id_)


async def cancel(work: Work, id_: str, planned: Prepared | None, reason: str = "") -> Schedule:
    """Take a schedule back: its revisions are approved again, and what a hard one would have ended goes on.

    Conflict when it is no longer pending, or when its time has come: then it is being released, and can be rolled back.
    """
    found = await find(work.connection, id_)
    if found.state != PENDING:
        raise Conflict(f"this schedule is {found.state}: there is nothing to cancel")
    if found.at <= work.stamp:
        raise Conflict("its time has come and it is being released: roll the release back instead")
    await _may(work, (await by_hashes(work.connection, [one.hash for one in found.items])).values())
    if found.hard:
        if planned is None:
            raise Conflict("the schedule has changed meanwhile: try again")
        await recheck(work, planned)
    await conclude(work, found, "cancelled")
    if found.hard and planned is not None:
        await commit(work, planned, reason, "cancel")
    return await find(work.connection, id_)


async def conclude(
    work: Work, found: Schedule, state: str, *, release: str = "", stopped: Sequence[Stopped] = ()
) -> int:
    """Say what came of a schedule, as its own act; what it didn't release is approved again."""
    data = {"schedule": found.id, **_listed(found.items)}
    values: dict[str, object] = {"state": state, "release": release or None}
    if stopped:
        issues = msgspec.json.encode(stopped)
        values["issues"] = issues.decode()
        data |= {"codes": sorted({issue.code for one in stopped for issue in one.issues}), "issues": digest(issues)}
    values["ended_at"] = position = await work.record(
        f"schedule.{state}", data | ({"release": release} if release else {})
    )
    await work.connection.execute(schedules.update().where(schedules.c.id == found.id).values(**values))
    if not release:
        waiting = await _in_state(work.connection, found, State.SCHEDULED)
        await review.moved(work, dict.fromkeys(waiting, Step.CANCEL), position)
    return position


async def _may(work: Work, revisions: Iterable[Revision]) -> None:
    """Raise Forbidden where the actor may not release these; the topic of a translation is that of its source."""
    force = await policy_in_force(work.connection)
    found = await dossiers(work.connection, [one.hash for one in revisions], force.policy)
    work.actor.must(Right.RELEASE, *sorted({topic for one in found.values() for topic in (one.topic, *one.leaving)}))


async def _refuse_unapproved(connection: AsyncConnection, revisions: Iterable[Revision]) -> None:
    """Conflict where one of these can't be bound to a time: not approved, or not under the policy that is in force."""
    force = await policy_in_force(connection)
    found = await dossiers(connection, [one.hash for one in revisions], force.policy)
    for one in revisions:
        dossier = found.get(one.hash)
        state = dossier.review.state if dossier else State.DRAFT
        name = f"number {one.number} of {one.draft.key} ({one.draft.locale})"
        if dossier is None or state is not State.APPROVED:
            raise Conflict(f"{name} is {state}: only what is approved can be scheduled")
        if dossier.standing.missing:
            lacking = ", ".join(f"{count} × {role}" for role, count in dossier.standing.missing.items())
            raise Conflict(f"{name} can't go live: the policy in force asks for {lacking} more")


def _overlap(one: Revision, at: str, other: Schedule, place: RevisionAt, number: int) -> Overlap | None:
    if (place.key, place.locale) != (one.draft.key, one.draft.locale):
        return None
    when = f"{other.local} in {other.zone}"
    message = f"{place.key} ({place.locale}) is scheduled for {when} already"
    if place.hash == one.hash:
        message = f"number {number} of {place.key} ({place.locale}) is scheduled for {when} already: cancel that first"
    elif (number < one.number) != (other.at < at):
        message += f", and number {number} would then stand in the way of number {one.number}: the order is wrong"
    return Overlap(other.id, place.key, place.locale, message)


def _listed(items: Iterable[RevisionAt]) -> dict[str, object]:
    listed = [f"{one.key} {one.locale} {one.hash}" for one in items]
    return {"items": merkle.inputs_hash(sorted(listed)), "count": len(listed)}


async def _in_state(connection: AsyncConnection, found: Schedule, state: State) -> list[str]:
    known = await reviews.by_hashes(connection, [one.hash for one in found.items])
    return [hash_ for hash_, one in known.items() if one.state is state]
