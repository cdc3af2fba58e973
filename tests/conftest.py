"""Fixtures for every room: `home` is an empty home, `house` one with people, a policy and what every answer needs.

Both stand on SQLite; a test or module marked `both_databases` runs on PostgreSQL too.
"""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings

from tests.builders import Home, a_house, an_open_home
from tests.databases import PostgresServer, SqliteFiles, Templates, postgres

pytest_plugins = ("tests.doors.fixtures",)


settings.register_profile("house", deadline=None)  # a busy machine is no failing property
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_databases: runs on SQLite and on PostgreSQL")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "databases" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases") is not None
        metafunc.parametrize("databases", ["sqlite", "postgresql"] if both else ["sqlite"], indirect=True)


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates(SqliteFiles(tmp_path_factory.mktemp("sqlite")))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with postgres(os.environ.get("KB_TEST_DATABASE_URL", "")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_templates(postgres_server: PostgresServer) -> Templates:
    return Templates(postgres_server)


@pytest.fixture
def databases(request: pytest.FixtureRequest) -> Templates:
    """Where this test's databases come from."""
    name = "postgres_templates" if request.param == "postgresql" else "sqlite_templates"
    templates = request.getfixturevalue(name)
    assert isinstance(templates, Templates)
    return templates


@pytest.fixture
async def home(databases: Templates) -> AsyncIterator[Home]:
    """A migrated database in which nothing has happened."""
    async with an_open_home(databases.migrated()) as home:
        yield home


@pytest.fixture
async def house(databases: Templates) -> AsyncIterator[Home]:
    """A home with its people, a policy in force, the channels document and the `say-*` entries that renderers need."""
    async with an_open_home(await databases.built("house", a_house)) as home:
        yield home
