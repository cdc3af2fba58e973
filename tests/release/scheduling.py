"""Small builders for schedules: made, cancelled and carried out by the program's own actions."""

from datetime import datetime
from typing import Any

from kb.base.hashing import instant
from kb.base.work import OPERATOR
from kb.entries.types import Draft, Revision
from kb.release import schedules
from kb.release.due import Done, run_due
from kb.release.scheduled import Schedule
from kb.release.zones import moment
from tests.builders import Home, signed, written


async def approved_revisions(home: Home, *drafts: Draft) -> tuple[Revision, ...]:
    """Drafts written and signed one after the other, and not yet released."""
    found: list[Revision] = []
    for draft in drafts:
        revisions = await written(home, draft)
        refused = await signed(home, *revisions)
        assert not refused, refused
        found += revisions
    return tuple(found)


async def scheduled(
    home: Home, at: datetime | str, *revisions: Revision, zone: str = "", hard: bool = False, despite: Any = ()
) -> Schedule:
    """These revisions scheduled; `at` is an instant, or a local time in `zone`."""
    told = at if isinstance(at, str) else instant(at)
    when = moment(told, zone, home.clock.now())
    async with home.reading() as connection:
        plan = await schedules.plan(connection, [one.hash for one in revisions], when, home.clock.now(), hard=hard)
    async with home.work() as work:
        return await schedules.schedule(work, plan, "a test", despite)


async def cancelled(home: Home, id_: str) -> Schedule:
    async with home.reading() as connection:
        plan = await schedules.plan_cancel(connection, id_, home.clock.now())
    async with home.work() as work:
        return await schedules.cancel(work, id_, plan)


async def worked(home: Home) -> Done:
    """Due work as the watcher of a server does it."""
    return await run_due(home.sessions, OPERATOR)
