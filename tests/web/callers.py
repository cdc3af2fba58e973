"""A house's doors on its own clock, and credentials of every kind, made by the program's own actions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from kb.accounts.api_keys import make_key, revoke_key
from kb.accounts.experts import invite_expert
from kb.accounts.key_format import KeyKind
from kb.accounts.key_types import Scope, Wanted
from kb.accounts.people import suspend
from kb.accounts.sign_in import end_session, session_actor, start_session
from kb.accounts.signing import Sealer
from kb.app import House, build, web
from kb.base.hashing import instant
from kb.base.work import OPERATOR, Right
from kb.settings import Settings
from tests.builders import Home

ADDRESS = "http://kb.example"
PAGE = "https://www.larkfield.example"
COOKIE = "__Host-kb-session"
FROM_OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser adds on pages of ours."""

Headers = dict[str, str]


@asynccontextmanager
async def open_doors(home: Home, folder: Path, **settings: Any) -> AsyncIterator[tuple[httpx.AsyncClient, House]]:
    """A client of the doors and the house behind them, on the home's clock; without limits unless they are given."""
    limits = {"rate_limit": 0, "sign_in_limit": 0} | settings
    house = await build(Settings(home=folder, database_url=home.url, **limits), home.clock)
    try:
        await house.follower.catch_up()
        app: Any = web(house)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            yield client, house
    finally:
        await house.close()


async def a_session(home: Home, person: str) -> Headers:
    """A browser's session of a person."""
    async with home.work() as work:
        started = await start_session(work, person, "link")
    return {"Cookie": f"{COOKIE}={started.token}"}


async def an_ended_session(home: Home, person: str) -> Headers:
    headers = await a_session(home, person)
    token = headers["Cookie"].partition("=")[2]
    async with home.reading() as connection:
        actor = await session_actor(connection, token, home.clock.now())
    assert actor is not None
    async with home.work(actor) as work:
        await end_session(work)
    return headers


async def a_secret_key(home: Home, owner: str, *actions: Right, days: float | None = None, **scope: Any) -> Headers:
    """A secret key of a person; `scope` are channels, locales and audiences."""
    wanted = Wanted(
        kind=KeyKind.SECRET,
        name="a test",
        owner=owner,
        scope=Scope(actions=actions or (Right.READ,), **scope),
        expires_at=None if days is None else instant(home.clock.now() + timedelta(days=days)),
    )
    return await _made(home, wanted)


async def a_publishable_key(home: Home, owner: str, *origins: str, **scope: Any) -> Headers:
    """A key for the pages of some origins; who shows it still says from which."""
    wanted = Wanted(
        kind=KeyKind.PUBLISHABLE, name="a page", owner=owner, scope=Scope(**scope), origins=origins or (PAGE,)
    )
    return await _made(home, wanted)


async def a_preview_key(home: Home, owner: str) -> Headers:
    return await _made(home, Wanted(kind=KeyKind.PREVIEW, name="a preview", owner=owner, scope=Scope()))


async def a_revoked_key(home: Home, owner: str) -> Headers:
    headers = await a_secret_key(home, owner)
    async with home.work() as work:
        await revoke_key(work, key_id(headers))
    return headers


async def an_expert_link(home: Home, folder: Path, hash_: str, days: float = 1) -> Headers:
    async with home.work() as work:
        ends = home.clock.now() + timedelta(days=days)
        invited = await invite_expert(work, hash_, "legal", ends, Sealer(folder / "secret"))
    return {"Authorization": f"Bearer {invited.token}"}


async def suspended(home: Home, person: str) -> None:
    async with home.work() as work:
        await suspend(work, person)


def key_id(headers: Headers) -> str:
    """The public id of the key that these headers show."""
    return headers["Authorization"].split("_")[2]


async def _made(home: Home, wanted: Wanted) -> Headers:
    async with home.work(OPERATOR) as work:
        shown = await make_key(work, wanted)
    return {"Authorization": f"Bearer {shown.token}"}
