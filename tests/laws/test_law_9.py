"""Law 9: files seed, the database is the truth: loading never undoes what was done through other doors."""

from pathlib import Path

from kb.base.work import OPERATOR, open_work
from kb.delivery import queries
from kb.delivery.reader import open_reader
from kb.files.load import load
from kb.release.withdraw import withdraw
from tests.builders import asked
from tests.files.folders import a_folder, a_home, edit, signed_by_all


async def served(home: Path) -> str | None:
    reader = open_reader(f"sqlite+aiosqlite:///{home / 'kb.db'}")
    try:
        found = await queries.get(reader, "card-arrival", asked(), "2026-11-23T00:00:00.000Z")
    finally:
        await reader.close()
    return found.body.decode() if found else None


async def test_what_was_withdrawn_does_not_come_back_with_the_unchanged_files(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        assert await served(tmp_path) is not None
        async with open_work(sessions, OPERATOR) as work:
            await withdraw(work, ["card-arrival"], "it is wrong")
        await load(sessions, OPERATOR, folder)
        assert await served(tmp_path) is None


async def test_an_edited_file_changes_nothing_until_it_is_signed(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        before = await served(tmp_path)
        edit(folder, "facts/cards.yaml", "high: 7", "high: 9")
        await load(sessions, OPERATOR, folder)
        assert await served(tmp_path) == before
        signed_by_all(folder)
        await load(sessions, OPERATOR, folder)
        after = await served(tmp_path)
    assert after is not None
    assert "5–9 working days" in after


async def test_a_missing_file_means_nothing(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        before = await served(tmp_path)
        (folder / "answers/card-arrival.en-GB.md").unlink()
        await load(sessions, OPERATOR, folder)
        assert await served(tmp_path) == before
