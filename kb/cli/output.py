"""How commands speak: lines for people, or one JSON document with `--json`; progress only to a terminal."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")


def emit(value: Any, lines: Iterable[str], *, as_json: bool) -> None:
    """Print a result: as JSON, or as lines."""
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
        return
    for line in lines:
        click.echo(line)


class Meter:
    """A progress bar on standard error, one row per stage; silent where nobody watches."""

    def __init__(self, *, show: bool) -> None:
        self._progress = Progress(
            TextColumn("{task.description:>12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=not (show and sys.stderr.isatty()),
        )
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Callable[[str, int, int], None]:
        self._progress.start()
        return self._tell

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def _tell(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total)
        self._progress.update(self._tasks[stage], completed=done, total=total)
