"""The site's door on a house of its own: requests go through the whole app, not over a wire."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.builders import Home
from tests.laws.doors import open_doors


@pytest.fixture
async def door(house: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an installation with people, a policy and the `say-*` entries."""
    async with open_doors(house, tmp_path) as (client, _):
        yield client
