"""Homes whose program is killed at named points, and what is looked at afterwards: all of an act, or nothing of it."""

import asyncio
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
import sqlalchemy as sa

from kb.base.db import metadata
from kb.base.journal import read_lines
from kb.release.audit import verify_all
from tests.builders import Home, head, read
from tests.doors.program import FORKS, PATIENCE, READY, environment
from tests.faults.dying import run, said
from tests.governance.crowd import a_home_now

T = TypeVar("T")

PASSING = {"browser_sessions": {"seen_at"}, "api_keys": {"last_used_at"}}
"""What a process notes in passing, outside of every act."""
NONE: Mapping[str, Any] = {}
KILLED = -signal.SIGKILL
Picture = dict[str, list[tuple[Any, ...]]]
"""Every row of every table."""


class Asked(msgspec.Struct, frozen=True):
    """A request whose sender asks for one effect of it, however often it comes; `session` is the token of a cookie."""

    session: str
    path: str
    body: Any

    def send(self, address: str) -> httpx.Response:
        headers = {
            "Cookie": f"__Host-kb-session={self.session}",
            "Sec-Fetch-Site": "same-origin",
            "Idempotency-Key": "once and for all",
        }
        plain = httpx.HTTPTransport(verify=False)  # there is no TLS here, and certificates take long to read
        with httpx.Client(base_url=address, timeout=PATIENCE, transport=plain) as client:
            return client.post(self.path, json=self.body, headers=headers)


class Child:
    """The program in a process of its own, which may be going to die."""

    def __init__(self, process: Any, told: Path) -> None:
        self._process = process
        self._told = told

    @property
    def said(self) -> str:
        return said(self._told)

    def address(self) -> str:
        """Where it answers; empty where it died first."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self._process.is_alive():
            for line in self.said.splitlines():
                if line.startswith(READY):
                    return line.removeprefix(READY).split()[0]
            time.sleep(0.01)
        assert not self._process.is_alive(), "it doesn't answer: " + self.said
        return ""

    def ended(self) -> int:
        """How it ended: its exit code, or less a signal's number."""
        self._process.join(PATIENCE)
        code = self._process.exitcode
        assert code is not None, "it goes on: " + self.said
        return int(code)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()


class Place:
    """A database and a home folder; what happened there is read by the program's own queries, or row by row."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    @contextmanager
    def child(
        self, *arguments: str | Path, point: str = "", trust: Path | None = None, patches: Mapping[str, Any] = NONE
    ) -> Iterator[Child]:
        """The program with these arguments on this home, with other constants, killed at the point when it comes there."""
        with tempfile.TemporaryDirectory(prefix="kb-killed-") as folder:
            told = Path(folder) / "told"
            words = [*map(str, arguments), "--home", str(self.folder)]
            settings = environment(KB_DATABASE_URL=self.url, KB_RATE_LIMIT="0")
            settings |= {"KB_TRUST_FILE": str(trust)} if trust else {}
            process = FORKS.Process(target=run, args=(words, settings, str(told), point, dict(patches)), daemon=True)
            process.start()
            child = Child(process, told)
            try:
                yield child
            finally:
                child.kill()

    @contextmanager
    def server(self, point: str = "") -> Iterator[Child]:
        with self.child("serve", "--port", "0", point=point) as child:
            yield child

    def inside(self, act: Callable[[Home], Awaitable[T]]) -> T:
        async def go() -> T:
            async with a_home_now(self.url) as home:
                return await act(home)

        return asyncio.run(go())

    def head(self) -> int:
        return self.inside(head)

    def events(self, after: int) -> Counter[str]:
        lines: Any = self.inside(lambda home: read(home, read_lines, after))
        return Counter(line.event for line in lines)

    def assert_whole(self, when: str) -> None:
        """The chain stands, and every row is what its line says."""
        found = self.inside(lambda home: read(home, verify_all))
        assert found == (None, ()), (when, found)

    def picture(self) -> Picture:
        engine = sa.create_engine(self.url.replace("+aiosqlite", ""))
        try:
            with engine.connect() as connection:
                return {table.name: _rows(connection, table) for table in metadata.sorted_tables}
        finally:
            engine.dispose()


def _rows(connection: sa.Connection, table: sa.Table) -> list[tuple[Any, ...]]:
    columns = [column for column in table.c if column.name not in PASSING.get(table.name, ())]
    return sorted((tuple(row) for row in connection.execute(sa.select(*columns))), key=repr)


def differing(one: Picture, other: Picture) -> list[str]:
    """The tables in which two pictures differ."""
    return [name for name in one if one[name] != other[name]]
