"""`kb doctor`: look at this installation and say what is wrong with it."""

import sys
from collections.abc import Sequence

import msgspec
import rich_click as click
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.queries import everyone
from kb.app import House
from kb.base.journal import read_head
from kb.cli.options import home_options, settings_of
from kb.cli.output import emit, json_option
from kb.cli.running import with_house
from kb.delivery import feed
from kb.release.queries import live_hashes
from kb.release.scheduled import Schedule, page
from kb.review.queries import by_hashes, counts
from kb.review.standing import policy_in_force
from kb.review.types import State

FAILED = 20
"""How many failed schedules are looked at, the newest first."""


class Check(msgspec.Struct, frozen=True):
    """One thing looked at: `state` is ok, note or wrong; `advice` says what to do where something is to be done."""

    name: str
    state: str
    found: str
    advice: str = ""


@click.command()
@home_options
@json_option
def doctor(*, as_json: bool, **flags: object) -> None:
    """Look at this installation and say what is wrong with it. Exit 3: something is."""
    checks = with_house(settings_of(**flags), _look)
    lines = [f"{one.state:>5}  {one.name}: {one.found}{'. ' + one.advice if one.advice else ''}" for one in checks]
    emit(checks, lines, as_json=as_json)
    if any(one.state == "wrong" for one in checks):
        sys.exit(3)


async def _look(house: House) -> list[Check]:
    async with house.sessions.reading() as connection:
        head = await read_head(connection)
        people = await everyone(connection)
        force = await policy_in_force(connection)
        states = await counts(connection)
        live = await live_hashes(connection)
        failed = await _failed(connection)
    demo = [person for person in people.values() if person.origin == "demo"]
    checks = [
        Check("journal", "ok", f"{head.position} lines, head {head.hash[:12]}…"),
        _people(len(people), len(demo)),
        _policy(force.hash),
        _live(len(live), states),
        _schedules(failed),
    ]
    return [*checks, *await _search(house, head.position)]


async def _failed(connection: AsyncConnection) -> list[Schedule]:
    """Schedules that failed and whose revisions still wait, approved and released by nothing since."""
    found = await page(connection, "failed", None, FAILED)
    known = await by_hashes(connection, {item.hash for one in found for item in one.items})
    waiting = {hash_ for hash_, review in known.items() if review.state is State.APPROVED}
    return [one for one in found if any(item.hash in waiting for item in one.items)]


def _schedules(failed: Sequence[Schedule]) -> Check:
    if not failed:
        return Check("schedules", "ok", "none has failed that still waits")
    named = "; ".join(f"{one.id} of {one.local} {one.zone}" for one in failed)
    advice = "See why: `kb release schedules --state failed`; mend it, and release or schedule it anew"
    return Check("schedules", "wrong", f"{len(failed)} failed: {named}", advice)


def _people(total: int, demo: int) -> Check:
    if demo:
        advice = "Everyone has the demo's private keys: start a home of your own with KB_TRUST_FILE before you go live"
        return Check("people", "note", f"{total} people sign, {demo} of them with the demo's public keys", advice)
    if not total:
        return Check("people", "wrong", "nobody's sign-off counts", "Give KB_TRUST_FILE, and load the content again")
    return Check("people", "ok", f"{total} people sign")


def _policy(hash_: str) -> Check:
    if not hash_:
        advice = "Load a policy signed by two admins of the trust file; until then nothing can be approved"
        return Check("policy", "wrong", "no policy is in force", advice)
    return Check("policy", "ok", f"in force: {hash_[:12]}…")


def _live(live: int, states: dict[str, int]) -> Check:
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    if not live:
        return Check("live", "wrong", f"nothing is live ({told or 'no revisions'})", "Load content: `kb content load`")
    return Check("live", "ok", f"{live} revisions live; {told}")


async def _search(house: House, position: int) -> list[Check]:
    bookmark = await house.index.bookmark()
    behind = await feed.changed_keys(house.node.reader, bookmark, position)
    if behind:
        advice = "A running server catches up by itself; otherwise `kb up` does"
        return [Check("search", "note", f"{len(behind)} entries behind (at {bookmark} of {position})", advice)]
    return [Check("search", "ok", f"in step at position {position}")]
