"""`kb release make|rollback|schedule|schedules|cancel`: what goes live, now or at a time, and back again."""

import rich_click as click
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.app import House
from kb.base.errors import Conflict, Invalid
from kb.base.work import OPERATOR, open_work
from kb.cli.options import home_options, settings_of
from kb.cli.output import emit, json_option
from kb.cli.running import with_house
from kb.release import schedules as scheduling
from kb.release.actions import release as commit_release
from kb.release.making import ForeseenRelease, foresee_release, overtaking, plan_release
from kb.release.rollback import Rollback, plan_rollback, roll_back
from kb.release.scheduled import Schedule, page
from kb.release.types import Prepared, Released
from kb.release.zones import moment
from kb.review.queries import in_state
from kb.review.types import State

hashes_argument = click.argument("hashes", nargs=-1)
reason_option = click.option("--reason", default="", help="Why; kept with the release, never in the journal.")
despite_option = click.option("--despite", multiple=True, metavar="ID", help="Go ahead despite this one; repeatable.")


@click.command()
@hashes_argument
@reason_option
@click.option("--approved", is_flag=True, help="Everything that is approved, instead of HASHES.")
@click.option("--emergency", is_flag=True, help="By the policy's row for emergencies, where sign-offs are missing.")
@click.option("--dry-run", is_flag=True, help="Only say what would go live, end and stay behind.")
@home_options
@json_option
def make(
    hashes: tuple[str, ...],
    reason: str,
    *,
    approved: bool,
    emergency: bool,
    dry_run: bool,
    as_json: bool,
    **flags: object,
) -> None:
    """Have the revisions with these HASHES go live together: all of them, or none."""
    if bool(hashes) == approved:
        raise Invalid("give the hashes of revisions, or --approved")

    async def chosen(connection: AsyncConnection) -> tuple[str, ...]:
        return hashes or tuple(one.hash for one in await in_state(connection, State.APPROVED))

    async def look(house: House) -> ForeseenRelease:
        async with house.sessions.reading() as connection:
            wanted, now = await chosen(connection), house.services.clock.now()
            return await foresee_release(connection, wanted, now, emergency=emergency)

    async def act(house: House) -> Released:
        async def plan(connection: AsyncConnection) -> Prepared:
            wanted, now = await chosen(connection), house.services.clock.now()
            return await plan_release(connection, wanted, now, emergency=emergency)

        async def commit(planned: Prepared) -> Released | None:
            async with open_work(house.sessions, OPERATOR) as work:
                return await commit_release(work, planned, reason)

        return _something(await overtaking(house.sessions, plan, commit))

    settings = settings_of(**flags)
    if dry_run:
        foreseen = with_house(settings, look)
        emit(foreseen, _foreseen(foreseen), as_json=as_json)
        return
    made = with_house(settings, act)
    emit(made, [_made("released", made)], as_json=as_json)


@click.command()
@click.argument("release_id", metavar="RELEASE")
@reason_option
@despite_option
@click.option("--dry-run", is_flag=True, help="Only say what would come back and what would end.")
@home_options
@json_option
def rollback(
    release_id: str, reason: str, despite: tuple[str, ...], *, dry_run: bool, as_json: bool, **flags: object
) -> None:
    """Make live again what was live before RELEASE, at each of its places."""

    async def look(house: House) -> Rollback:
        async with house.sessions.reading() as connection:
            return await plan_rollback(connection, release_id, house.services.clock.now(), despite)

    async def act(house: House) -> Released:
        async def plan(connection: AsyncConnection) -> Rollback:
            return await plan_rollback(connection, release_id, house.services.clock.now(), despite)

        async def commit(planned: Rollback) -> Released | None:
            async with open_work(house.sessions, OPERATOR) as work:
                return await roll_back(work, planned, reason)

        return _something(await overtaking(house.sessions, plan, commit))

    settings = settings_of(**flags)
    if dry_run:
        planned = with_house(settings, look)
        lines = [f"comes back: {key} ({locale})" for key, locale in sorted(planned.returning)]
        lines += [f"{one.change}: {one.key} ({one.locale})" for one in planned.prepared.closing]
        told = {"returning": sorted(planned.returning.items()), "closing": planned.prepared.closing}
        emit(told, lines, as_json=as_json)
        return
    made = with_house(settings, act)
    emit(made, [_made("rolled back", made)], as_json=as_json)


@click.command()
@click.argument("hashes", nargs=-1, required=True)
@click.option("--at", required=True, help="A local time like 2026-11-29T09:00, or an instant that ends with Z.")
@click.option("--zone", default="", help="The IANA zone of a local time, like Europe/London.")
@click.option("--hard", is_flag=True, help="End what they replace at that instant, even if nothing runs then.")
@reason_option
@despite_option
@home_options
@json_option
def schedule(
    hashes: tuple[str, ...],
    at: str,
    zone: str,
    reason: str,
    despite: tuple[str, ...],
    *,
    hard: bool,
    as_json: bool,
    **flags: object,
) -> None:
    """Have the approved revisions with these HASHES go live together at a time."""

    async def act(house: House) -> Schedule:
        when = moment(at, zone, house.services.clock.now())

        async def plan(connection: AsyncConnection) -> scheduling.Plan:
            return await scheduling.plan(connection, hashes, when, house.services.clock.now(), hard=hard)

        async def commit(planned: scheduling.Plan) -> Schedule:
            async with open_work(house.sessions, OPERATOR) as work:
                return await scheduling.schedule(work, planned, reason, despite)

        return await overtaking(house.sessions, plan, commit)

    made = with_house(settings_of(**flags), act)
    emit(made, [_line(made)], as_json=as_json)


@click.command()
@click.option("--state", type=click.Choice(["pending", "released", "failed", "cancelled"]), help="Only these.")
@home_options
@json_option
def schedules(state: str | None, *, as_json: bool, **flags: object) -> None:
    """List schedules, the newest first."""

    async def look(house: House) -> list[Schedule]:
        async with house.sessions.reading() as connection:
            return await page(connection, state or "", None, 100)

    found = with_house(settings_of(**flags), look)
    lines = [_line(one) for one in found] or ["nothing is scheduled"]
    emit(found, lines, as_json=as_json)


@click.command()
@click.argument("schedule_id", metavar="SCHEDULE")
@reason_option
@home_options
@json_option
def cancel(schedule_id: str, reason: str, *, as_json: bool, **flags: object) -> None:
    """Take SCHEDULE back: its revisions are approved again, and what a hard one would have ended goes on."""

    async def act(house: House) -> Schedule:
        async def plan(connection: AsyncConnection) -> Prepared | None:
            return await scheduling.plan_cancel(connection, schedule_id, house.services.clock.now())

        async def commit(planned: Prepared | None) -> Schedule:
            async with open_work(house.sessions, OPERATOR) as work:
                return await scheduling.cancel(work, schedule_id, planned, reason)

        return await overtaking(house.sessions, plan, commit)

    found = with_house(settings_of(**flags), act)
    emit(found, [_line(found)], as_json=as_json)


COMMANDS = (make, rollback, schedule, schedules, cancel)


def _something(made: Released | None) -> Released:
    if made is None:
        raise Conflict("this would change nothing: all of it is live as it is")
    return made


def _made(what: str, made: Released) -> str:
    return f"{what} at position {made.position}: {made.opened} renditions opened, {made.closed} closed ({made.id})"


def _foreseen(foreseen: ForeseenRelease) -> list[str]:
    lines = [f"ends: {one.key} ({one.locale}), {one.change}" for one in foreseen.closing]
    lines += [f"{one.step}: {one.key} ({one.locale})" for one in foreseen.items]
    for one in foreseen.blocked:
        because = f", which {one.because_of} leans on" if one.because_of else ""
        lines += [f"stays behind: {one.key} ({one.locale}){because}: {issue.message}" for issue in one.issues]
    return lines + [f"changes: {key} ({locale})" for key, locale in foreseen.changes]


def _line(one: Schedule) -> str:
    hard = ", hard" if one.hard else ""
    keys = ", ".join(f"{item.key} ({item.locale})" for item in one.items)
    stopped = "".join(f"; {stop.key}: {issue.message}" for stop in one.stopped for issue in stop.issues)
    return f"{one.id}  {one.local} {one.zone}{hard}  {one.state}  {keys}{stopped}"
