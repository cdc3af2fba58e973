"""`kb release`: what goes live, now or at a time, and back again; withdraw entries; render anew after an upgrade."""

import msgspec
import rich_click as click

from kb.app import House
from kb.base.errors import Invalid
from kb.base.work import OPERATOR, open_work
from kb.cli.bundles import export_release, import_release
from kb.cli.options import home_options, settings_of
from kb.cli.output import Meter, emit, json_option
from kb.cli.releasing import COMMANDS
from kb.cli.running import with_house
from kb.release import actions
from kb.release.prepare import prepare
from kb.release.retire import ForeseenRetirement
from kb.release.retire import foresee as foresee_retirement
from kb.release.retire import retire as retire_key
from kb.release.types import At, Released, Withdrawal
from kb.release.withdraw import foresee
from kb.release.withdraw import withdraw as withdraw_keys


class Rerender(msgspec.Struct, frozen=True):
    """What rendering everything anew would do, or did: entries whose renditions differ, and the release if one was made."""

    differs: tuple[str, ...]
    released: Released | None


@click.group()
def release() -> None:
    """What goes live, now or at a time, and back again; withdraw entries; render anew after an upgrade."""


@release.command()
@click.argument("keys", nargs=-1)
@click.option("--topic", default="", help="Everything live of a topic, beside KEYS or alone.")
@click.option("--reason", default="", help="Why; kept with the release, never in the journal.")
@click.option("--dry-run", is_flag=True, help="Only list what would go.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@home_options
@json_option
def withdraw(
    keys: tuple[str, ...], topic: str, reason: str, *, dry_run: bool, yes: bool, as_json: bool, **flags: object
) -> None:
    """Take KEYS (`free-atm` or `claim:free-atm`) out of every channel at once, with everything that leans on them."""
    if not keys and not topic:
        raise Invalid("name one key or more, or a --topic")

    async def look(house: House) -> Withdrawal:
        async with house.sessions.reading() as connection:
            return await foresee(connection, keys, topic=topic)

    async def act(house: House) -> Released:
        async with open_work(house.sessions, OPERATOR) as work:
            return await withdraw_keys(work, keys, reason, topic=topic)

    settings = settings_of(**flags)
    taken = with_house(settings, look)
    if dry_run:
        emit(taken, _taken(taken), as_json=as_json)
        return
    if as_json and not yes:
        raise Invalid("with --json nobody is asked: say --yes, or --dry-run to see what would go")
    if not yes:
        click.echo("\n".join(_taken(taken)))
        click.confirm("Withdraw?", abort=True)
    done = with_house(settings, act)
    emit(done, [f"withdrawn at position {done.position}: {done.closed} renditions closed"], as_json=as_json)


@release.command()
@click.argument("key")
@click.argument("replacement")
@click.option("--reason", default="", help="Why; kept with the release, never in the journal.")
@click.option("--dry-run", is_flag=True, help="Only list what would end, and what stands in the way.")
@home_options
@json_option
def retire(key: str, replacement: str, reason: str, *, dry_run: bool, as_json: bool, **flags: object) -> None:
    """End KEY for good and let REPLACEMENT, which is live, answer for it."""

    async def look(house: House) -> ForeseenRetirement:
        async with house.sessions.reading() as connection:
            return await foresee_retirement(connection, key, replacement, house.services.now())

    async def act(house: House) -> Released:
        async with open_work(house.sessions, OPERATOR) as work:
            return await retire_key(work, key, replacement, reason)

    settings = settings_of(**flags)
    if dry_run:
        found = with_house(settings, look)
        lines = [f"would end: {name}" for name in _named(found.retired)]
        lines += [f"holds its words, and has to change first: {name}" for name in _named(found.leaning)]
        emit(found, [*lines, *(f"leads to it: {name}" for name in _named(found.leading))], as_json=as_json)
        return
    done = with_house(settings, act)
    emit(done, [f"retired at position {done.position}: {replacement} answers for {key}"], as_json=as_json)


@release.command()
@click.option("--dry-run", is_flag=True, help="Only list what would differ.")
@home_options
@json_option
def rerender(*, dry_run: bool, as_json: bool, **flags: object) -> None:
    """Render everything that is live with this version, and release what differs as class `rendering`."""

    async def act(house: House) -> Rerender:
        with Meter(show=not as_json) as progress:
            async with house.sessions.reading() as connection:
                prepared = await prepare(connection, (), house.services.clock.now(), everything=True, progress=progress)
        async with house.sessions.reading() as connection:
            differs = await actions.differences(connection, prepared)
        if dry_run or not differs:
            return Rerender(_named(differs), None)
        async with open_work(house.sessions, OPERATOR) as work:
            return Rerender(_named(differs), await actions.release(work, prepared, "rendering", act="rerender"))

    found = with_house(settings_of(**flags), act)
    lines = [f"{name} differs" for name in found.differs] or ["nothing differs"]
    if found.released:
        lines.append(f"released at position {found.released.position}")
    emit(found, lines, as_json=as_json)


def _taken(taken: Withdrawal) -> list[str]:
    lines = [f"withdrawn: {name}" for name in _named(taken.withdrawn)]
    return lines + [f"suspended with it: {name}" for name in _named(taken.suspended)]


def _named(places: tuple[At, ...]) -> tuple[str, ...]:
    return tuple(f"{key} ({locale})" for key, locale in places)


for command in COMMANDS:
    release.add_command(command)


release.add_command(export_release)
release.add_command(import_release)
