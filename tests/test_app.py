"""A house that runs by itself: it signs checkpoints and forgets what the settings say it may not keep."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from kb.accounts.sign_in import start_session
from kb.accounts.tables import browser_sessions
from kb.app import House, build, web
from kb.base.db import writing
from kb.release.audit import verify_all
from kb.release.checkpoints import latest
from kb.settings import Settings
from kb.web.tables import repeats
from tests.builders import Home, a_live_answer, head, read

pytestmark = pytest.mark.both_databases


@asynccontextmanager
async def running(home: Home, place: Path, keep_sessions: int = 30, keep_answers: int = 24) -> AsyncIterator[House]:
    """A server over this home but for its socket; it tidies once more when it stops."""
    settings = Settings(home=place, database_url=home.url, keep_sessions=keep_sessions, keep_answers=keep_answers)
    opened = await build(settings, home.clock)
    try:
        async with web(opened).lifespan():
            yield opened
    finally:
        await opened.close()


async def a_session(home: Home) -> str:
    async with home.work() as work:
        return (await start_session(work, "lea", "link")).session


async def an_answer_kept(home: Home, key: str) -> None:
    row = {"owner": "lea", "key": key, "fingerprint": "", "status": 200, "headers": "[]", "body": b"", "at": home.now}
    async with writing(home.sessions.engine) as connection:
        await connection.execute(repeats.insert().values(**row))


async def test_each_release_is_signed_into_the_file_of_checkpoints(house: Home, tmp_path: Path) -> None:
    async with running(house, tmp_path) as opened:
        first = latest(opened.settings.checkpoints)
        assert first is not None, "the house doesn't wait for a release"
        await a_live_answer(house)
        for _ in range(100):
            last = latest(opened.settings.checkpoints)
            if last is not None and last.position == await head(house):
                break
            await asyncio.sleep(0.05)
    assert last is not None
    assert first.position < last.position == await head(house)
    assert await read(house, verify_all, {one.position: one.hash for one in (first, last)}) == (None, ())


async def test_a_house_whose_secret_is_lost_runs_without_checkpoints(house: Home, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    async with running(house, tmp_path) as opened:
        assert latest(opened.settings.checkpoints) is None
        await a_live_answer(house)


async def test_sessions_and_answers_are_kept_as_long_as_the_settings_say(house: Home, tmp_path: Path) -> None:
    gone = await a_session(house)
    await an_answer_kept(house, "gone")
    house.clock.move(days=3, hours=-1)
    kept = await a_session(house)
    house.clock.move(hours=2)
    await an_answer_kept(house, "kept")
    async with running(house, tmp_path, keep_sessions=3, keep_answers=2):
        await asyncio.sleep(0.05)  # it tidies each hour, and once more when it is told to stop
    assert kept != gone
    async with house.reading() as connection:
        sessions = (await connection.execute(sa.select(browser_sessions.c.id))).scalars().all()
        answers = (await connection.execute(sa.select(repeats.c.key))).scalars().all()
    assert (sessions, answers) == ([kept], ["kept"])
    assert await read(house, verify_all) == (None, ())
