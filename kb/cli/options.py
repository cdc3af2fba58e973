"""Options that several commands share, and the settings made of them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from kb.settings import DESCRIPTIONS, Settings, load

Command = TypeVar("Command", bound=Callable[..., Any])


def home_options(command: Command) -> Command:
    """`--home` and `--database-url`: which installation."""
    for name, kind in (("database_url", str), ("home", click.Path(file_okay=False, path_type=Path))):
        command = click.option(f"--{name.replace('_', '-')}", name, type=kind, help=_help(name))(command)
    return command


def server_options(command: Command) -> Command:
    """Where to listen, and which hosts to answer."""
    for name, kind in (("port", click.IntRange(0, 65535)), ("host", str)):
        command = click.option(f"--{name.replace('_', '-')}", name, type=kind, help=_help(name))(command)
    return command


def settings_of(**flags: object) -> Settings:
    """Settings from the environment with these flags above them."""
    return load(os.environ, **flags)


def _help(name: str) -> str:
    return f"{DESCRIPTIONS[name][0].upper()}{DESCRIPTIONS[name][1:]} (KB_{name.upper()})."
