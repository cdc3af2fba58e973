"""A load that is killed, at any stage, leaves all or nothing of its release, and the next load carries on."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kb.base.journal import verify
from kb.base.work import OPERATOR
from kb.files.load import load
from kb.files.read import read
from kb.release.queries import live_hashes
from tests.files.folders import a_folder, a_home, signed_by_all

KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from kb.base.clock import RandomIds, SystemClock
from kb.base.db import connect
from kb.base.work import OPERATOR, Sessions
from kb.files import load as loading

loading.BATCH = 1
stage, database, folder = sys.argv[1:]

def progress(name, done, total):
    if name == stage and done:
        os.kill(os.getpid(), signal.SIGKILL)

sessions = Sessions(connect(f"sqlite+aiosqlite:///{database}"), SystemClock(), RandomIds())
asyncio.run(loading.load(sessions, OPERATOR, Path(folder), progress=progress))
"""


@pytest.mark.parametrize("stage", ["reading", "storing", "signing", "rendering"])
async def test_a_killed_load_is_carried_on_by_the_next(tmp_path: Path, stage: str) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        command = [sys.executable, "-c", KILLED, stage, str(tmp_path / "kb.db"), str(folder)]
        ended = await asyncio.to_thread(subprocess.run, command, check=False, timeout=60)
        assert ended.returncode == -signal.SIGKILL
        async with sessions.reading() as connection:
            assert await live_hashes(connection) == {}
            assert await verify(connection) is None
        report = await load(sessions, OPERATOR, folder)
        assert report.counts["released"] == 3
        async with sessions.reading() as connection:
            live = await live_hashes(connection)
            assert await verify(connection) is None
        assert live == {one.place: one.hash for one in read(folder).drafts}
