"""The root of the command line: commands by name, each imported only when it is called, and errors as exit codes."""

import importlib
import os
import sys
from typing import Any

import click

from kb import __version__
from kb.base.errors import Conflict, Forbidden, Invalid, KbError, NotFound, Unavailable

COMMANDS = {
    "up": ("kb.cli.up:up", "Seed this home with the content folder, release, index and serve, in one process."),
    "serve": ("kb.cli.serve:serve", "Serve what is released, and nothing else."),
    "content": ("kb.cli.content:content", "Content files: load, dump, lint, sign, pin."),
    "release": (
        "kb.cli.release:release",
        "Let revisions go live, now or at a time, and take them back; move releases between installations.",
    ),
    "people": (
        "kb.cli.people:people",
        "People: list them, add one, invite one by a sign-in link, suspend, reinstate, erase.",
    ),
    "keys": ("kb.cli.keys:keys", "API keys: make, list, rotate, revoke."),
    "history": ("kb.cli.history:history", "What was said when, what changed, and what is missing where."),
    "audit": ("kb.cli.audit:audit", "Prove that nothing was changed behind the journal's back."),
    "schema": ("kb.cli.schema:schema", "Write the generated contracts."),
    "doctor": ("kb.cli.doctor:doctor", "Look at this installation and say what is wrong with it."),
}

EXIT_CODES: tuple[tuple[type[KbError], int], ...] = (
    (NotFound, 4),
    (Conflict, 5),
    (Forbidden, 6),
    (Invalid, 2),
    (Unavailable, 7),
)

EPILOG = (
    "Exit codes: 0 done · 1 something unexpected · 2 wrong use or setting · 3 done, and something needs mending "
    "(blocked revisions, faults in files, failed verification) · 4 no such thing · 5 conflict · 6 not allowed · "
    "7 a part can't answer now."
)


class Lazy(click.Group):
    """A group whose commands are named by strings, so that `--help` costs no import of a database."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_help(self, ctx: click.Context, formatter: Any) -> None:
        console_width = max(len(name) for name in COMMANDS) + 2
        lines = [f"  {name:<{console_width}}{about}" for name, (_, about) in COMMANDS.items()]
        text = "\n".join(["Usage: kb [OPTIONS] COMMAND [ARGS]...", "", f"  {self.help}", "", "Commands:", *lines])
        options = (
            "Options:\n  --version  Show the version.\n  --help     Show this text; `kb COMMAND --help` says more."
        )
        click.echo(f"{text}\n\n{options}\n\n  {EPILOG}")


@click.group(cls=Lazy, epilog=EPILOG, help="One approved answer in every channel.")
@click.version_option(__version__, prog_name="kb")
def root() -> None:
    """One approved answer in every channel."""


def main() -> None:
    """Run a command; an error of ours becomes one sentence and its exit code."""
    try:
        root(standalone_mode=True)
    except KbError as error:
        click.echo(f"kb: {error.message}", err=True)
        for detail in error.errors:
            click.echo(f"  {detail.pointer}: {detail.message}", err=True)
        sys.exit(next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
