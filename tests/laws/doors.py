"""A home with its web doors open in this process, as `kb serve` opens them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from kb.app import House, build, web
from kb.settings import Settings
from tests.builders import Home


@asynccontextmanager
async def open_doors(home: Home, folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, House]]:
    """A client of the doors, and the house behind them with its search index up to date."""
    house = await build(Settings(home=folder, database_url=home.url, allowed_hosts=()))
    try:
        await house.follower.catch_up()
        app: Any = web(house)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://kb.example") as client:
            yield client, house
    finally:
        await house.close()
