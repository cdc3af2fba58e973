"""`kb serve`: serve what is released, and nothing else."""

import rich_click as click

from kb.app import House
from kb.cli.options import home_options, server_options, settings_of
from kb.cli.running import listen, serve_until_told, with_house


@click.command()
@home_options
@server_options
def serve(**flags: object) -> None:
    """Serve what is released; content and releases come through other commands, and show at once."""
    settings = settings_of(**flags)
    bound = listen(settings)

    async def run(house: House) -> None:
        await serve_until_told(house, bound, lambda address: click.echo(f"kb answers at {address}"))

    with_house(settings, run)
