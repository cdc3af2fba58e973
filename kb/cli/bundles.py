"""`kb release export` and `kb release import`: moving a release to another installation."""

from typing import BinaryIO

import msgspec
import rich_click as click

from kb.accounts.signing import Sealer
from kb.app import House
from kb.base.work import OPERATOR, open_work
from kb.cli.options import home_options, settings_of
from kb.cli.output import emit, json_option
from kb.cli.running import with_house
from kb.release import bundles
from kb.release.actions import release as commit
from kb.release.installation import signing
from kb.release.types import Blocked, Released
from kb.review.types import Refusal


class Imported(msgspec.Struct, frozen=True):
    """What an import did: revisions that were news, statements that don't count here, what stays behind, what went live."""

    fresh: int
    refused: tuple[Refusal, ...]
    blocked: tuple[Blocked, ...]
    released: Released | None


@click.command("export")
@click.argument("release")
@click.option("-o", "out", type=click.File("wb"), default="-", help="Where to write it; without, to the terminal.")
@home_options
def export_release(*, release: str, out: BinaryIO, **flags: object) -> None:
    """Write RELEASE with all that another installation needs to judge it for itself."""
    settings = settings_of(**flags)

    async def run(house: House) -> bundles.Bundle:
        signer = await signing(house.sessions, Sealer(settings.secret))
        async with house.sessions.reading() as connection:
            return await bundles.pack(connection, signer, release)

    out.write(with_house(settings, run).written() + b"\n")


@click.command("import")
@click.argument("file", type=click.File("rb"))
@home_options
@json_option
def import_release(file: BinaryIO, *, as_json: bool, **flags: object) -> None:
    """Take in a release from FILE: signatures are verified again, by the people and the policy of this installation."""
    unpacked = bundles.unpack(file.read())

    async def run(house: House) -> Imported:
        async with open_work(house.sessions, OPERATOR) as work:
            accepted = await bundles.accept(work, unpacked)
        async with house.sessions.reading() as connection:
            ready, blocked = await bundles.prepared(connection, unpacked, house.services.clock.now())
        released = None
        if ready is not None:
            async with open_work(house.sessions, OPERATOR) as work:
                released = await commit(work, ready, bundles.REASON)
        return Imported(accepted.fresh, accepted.refused, tuple(blocked), released)

    found = with_house(settings_of(**flags), run)
    emit(found, _lines(found), as_json=as_json)


def _lines(found: Imported) -> list[str]:
    lines = [f"{found.fresh} revisions were news"]
    lines += [
        f"doesn't count: {one.key} ({one.locale}) by {one.by} as {one.role}: {one.message}" for one in found.refused
    ]
    for one in found.blocked:
        lines += [f"stays behind: {one.key} ({one.locale}): {issue.message}" for issue in one.issues]
    if found.released:
        lines.append(f"released at position {found.released.position}: {len(found.released.items)} revisions")
    return lines if found.released else [*lines, "nothing went live"]
