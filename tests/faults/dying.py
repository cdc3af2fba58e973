"""The program in a process that kills itself at a named point: a statement, a commit, or a function of the program.

A point is written `before INSERT renditions`, `after COMMIT` or `before kb.release.actions.recheck`, with a number behind
it where it isn't the first time that counts (`before COMMIT 3`). Nothing in the program knows of it: names are replaced and
SQLAlchemy is listened to in the child process alone, which is forked from one that has read the program's modules already.
"""

import importlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kb.base import db
from kb.cli.root import main

STATEMENT = re.compile(r"\s*(INSERT|UPDATE|DELETE)(?: INTO| FROM)? \"?(\w+)")
POINT = re.compile(r"(before|after) (INSERT|UPDATE|DELETE|COMMIT|kb\.[\w.]+)(?: ([a-z_]+))?(?: (\d+))?")


def run(arguments: list[str], settings: dict[str, str], told: str, point: str, patches: dict[str, Any]) -> None:
    """`kb` with these arguments, in the process this is called in; what it says goes to the file `told`."""
    os.environ.clear()
    os.environ.update(settings)
    sys.argv = ["kb", *arguments]
    opened = os.open(told, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    os.dup2(opened, 1)
    os.dup2(opened, 2)
    for name, value in patches.items():
        module, _, attribute = name.rpartition(".")
        setattr(importlib.import_module(module), attribute, value)
    if point:
        arm(point)
    main()


def arm(point: str) -> None:
    """Have this process killed when it comes to a point."""
    shape = POINT.fullmatch(point)
    assert shape, point
    when, what, table, number = shape.groups()
    counted = _Counted(int(number or 1))
    if what == "COMMIT":
        _around_commits(when, counted)
    elif table:
        _around_statements(when, f"{what} {table}", counted)
    else:
        _around_calls(when, what, counted)


class _Counted:
    """Kills this process the so manieth time it is called."""

    def __init__(self, number: int) -> None:
        self._left = number

    def __call__(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _around_statements(when: str, named: str, come: Callable[[], None]) -> None:
    def told(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if (found := STATEMENT.match(statement)) and f"{found[1]} {found[2]}" == named:
            come()

    sa.event.listen(sa.engine.Engine, f"{when}_cursor_execute", told)


def _around_commits(when: str, come: Callable[[], None]) -> None:
    """Commits of works: what a process only notes in passing, such as when a key was used, is none."""
    writing = db.writing

    @asynccontextmanager
    async def watched(engine: Any) -> AsyncIterator[Any]:
        async with writing(engine) as connection:
            yield connection
            if when == "before":
                come()
        if when == "after":
            come()

    db.writing = watched


def _around_calls(when: str, name: str, come: Callable[[], None]) -> None:
    module, _, attribute = name.rpartition(".")
    place = importlib.import_module(module)
    called = getattr(place, attribute)

    async def watched(*arguments: Any, **named: Any) -> Any:
        if when == "before":
            come()
        result = await called(*arguments, **named)
        if when == "after":
            come()
        return result

    setattr(place, attribute, watched)


def said(told: Path) -> str:
    """What a process has said so far."""
    return told.read_text(encoding="utf-8") if told.exists() else ""
