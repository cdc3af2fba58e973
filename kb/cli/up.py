"""`kb up`: seed a home with the content folder, release, index and serve, in one process."""

import contextlib
import webbrowser
from pathlib import Path

import rich_click as click

from kb.accounts.first_link import first_link
from kb.app import House, introduce
from kb.base.errors import Unavailable
from kb.base.journal import read_head
from kb.base.work import OPERATOR
from kb.cli.content import report_lines
from kb.cli.options import home_options, server_options, settings_of
from kb.cli.output import Meter
from kb.cli.people import sign_in_address
from kb.cli.running import listen, serve_until_told, with_house
from kb.files.load import load
from kb.files.trust import trust_demo, trust_file


@click.command()
@home_options
@server_options
@click.option(
    "--content",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The content folder to load; without it, `content` here, if there is one.",
)
@click.option("--no-open", is_flag=True, help="Don't open a browser.")
def up(folder: Path | None, *, no_open: bool, **flags: object) -> None:
    """Seed this home with the content folder, release, index and serve, in one process.

    A home that was filled before is only brought up to date: loading never undoes what was done through other doors.
    """
    settings = settings_of(**flags)
    folder = folder or (Path("content") if Path("content").is_dir() else None)
    bound = listen(settings)

    async def run(house: House) -> None:
        if folder is not None:
            await _seed(house, folder)
        elif await _is_empty(house):
            click.echo(
                "an empty home: give a folder with --content, or sign in and write by the API; `kb --help` says more"
            )
        with Meter(show=True) as progress, contextlib.suppress(Unavailable):  # it is tried again while serving
            await house.follower.catch_up()
            progress("indexing", 1, 1)
        token = await _way_in(house)
        await serve_until_told(house, bound, lambda address: _say_hello(house, address, token, no_open=no_open))

    with_house(settings, run)


async def _seed(house: House, folder: Path) -> None:
    if house.settings.trust_file is not None:
        await trust_file(house.sessions, OPERATOR, house.settings.trust_file)
    elif await trust_demo(house.sessions, OPERATOR, folder):
        click.echo("a fresh home: the demo's signers are trusted, whose keys are public; receipts will say `demo`")
    await introduce(house)
    with Meter(show=True) as progress:
        report = await load(house.sessions, OPERATOR, folder, progress=progress)
    for line in report_lines(report):
        click.echo(line)


async def _is_empty(house: House) -> bool:
    """Whether nothing was ever done here."""
    async with house.sessions.reading() as connection:
        return (await read_head(connection)).position == 0


async def _way_in(house: House) -> str | None:
    """The token of a link for the first admin, where no admin has ever had a way to sign in."""
    async with house.sessions.reading() as connection:
        return await first_link(connection, house.services.sealer, house.services.clock.now())


def _say_hello(house: House, address: str, token: str | None, *, no_open: bool) -> None:
    if token:
        where = sign_in_address(house.settings, token, address)
        click.echo(f"sign in as an admin, once and within 15 minutes: {where}")
    click.echo(f"kb answers at {address}   (the contract: {address}/docs, stop with Ctrl-C)")
    if not no_open:
        webbrowser.open(address)
