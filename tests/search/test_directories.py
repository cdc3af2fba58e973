"""An index on disk survives restarts, changed schemas, other processes and kill -9."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from kb.base.errors import Unavailable
from kb.delivery.types import Findable
from kb.search import directories, embedded
from kb.search.embedded import EmbeddedIndex
from tests.search.conftest import BANK, batch
from tests.search.samples import entry, question

WRITES_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from kb.search.embedded import EmbeddedIndex
from tests.search.conftest import batch
from tests.search.samples import entry

async def main():
    index = EmbeddedIndex(Path(sys.argv[1]))
    for position in range(1, 100_000):
        run = [entry(f"key-{number}", f"round r{position}r") for number in range(40)]
        await index.apply(batch(run, position))
        print(position, flush=True)

asyncio.run(main())
"""


async def test_a_restart_finds_everything_as_it_was(tmp_path: Path) -> None:
    first = EmbeddedIndex(tmp_path)
    await first.apply(batch(BANK, 7))
    before = await first.find(question("where is my card"))
    await first.close()
    again = EmbeddedIndex(tmp_path)
    assert await again.bookmark() == 7
    assert await again.find(question("where is my card")) == before


async def test_a_changed_schema_starts_anew_and_sweeps_the_old_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = EmbeddedIndex(tmp_path)
    await first.apply(batch(BANK, 7))
    await first.close()
    monkeypatch.setattr(embedded, "SCHEMA_NAME", "0123456789ab")
    renewed = EmbeddedIndex(tmp_path)
    assert await renewed.bookmark() == 0
    await renewed.apply(batch(BANK, 7))
    assert builds(tmp_path) == ["0123456789ab-1"]
    await renewed.close()


async def test_an_index_that_cannot_be_read_is_built_anew(tmp_path: Path) -> None:
    first = EmbeddedIndex(tmp_path)
    await first.apply(batch(BANK, 7))
    await first.close()
    live = directories.live(tmp_path, embedded.SCHEMA_NAME)
    assert live is not None
    (live / "meta.json").write_text("{")
    again = EmbeddedIndex(tmp_path)
    assert await again.bookmark() == 0


async def test_leftover_temporary_files_and_half_built_indexes_are_swept(tmp_path: Path) -> None:
    first = EmbeddedIndex(tmp_path)
    await first.apply(batch(BANK, 7))
    await first.close()
    live = directories.live(tmp_path, embedded.SCHEMA_NAME)
    assert live is not None
    (live / ".tmpAbCdEf").write_bytes(b"half a segment")
    directories.make(tmp_path, embedded.SCHEMA_NAME)
    again = EmbeddedIndex(tmp_path)
    await again.apply(batch([entry("new", "New")], 8))
    await again.close()
    assert not leftovers(live)
    assert builds(tmp_path) == [live.name]


async def test_one_process_writes_and_others_see_it_when_they_look(tmp_path: Path) -> None:
    writer, reader = EmbeddedIndex(tmp_path), EmbeddedIndex(tmp_path)
    await writer.apply(batch(BANK, 7))
    with pytest.raises(Unavailable):
        await reader.apply(batch(BANK, 7))
    await reader.refresh()
    assert await reader.bookmark() == 7
    await writer.close()


async def test_a_rebuilt_index_is_seen_by_other_processes_when_they_look(tmp_path: Path) -> None:
    writer, reader = EmbeddedIndex(tmp_path), EmbeddedIndex(tmp_path)

    async def everything() -> AsyncIterator[Sequence[Findable]]:
        yield BANK

    await writer.rebuild(everything(), 9)
    await reader.refresh()
    assert await reader.bookmark() == 9
    await writer.close()


@pytest.mark.parametrize("delay", [0.0, 0.013, 0.041])
async def test_killed_at_any_moment_nothing_acknowledged_is_lost_and_nothing_doubled(
    tmp_path: Path, delay: float
) -> None:
    told = await asyncio.to_thread(write_until_killed, tmp_path, delay)
    index = EmbeddedIndex(tmp_path)
    position = await index.bookmark()
    assert position >= max(told)
    found = await index.find(question(f"r{position}r"))
    assert found.total == 40
    await index.apply(batch([entry("after", "After the crash")], position + 1))
    assert (await index.find(question("crash"))).total == 1
    await index.close()


def write_until_killed(root: Path, delay: float) -> list[int]:
    """The positions that a writing process acknowledged before it was killed."""
    command = [sys.executable, "-c", WRITES_FOR_EVER, str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(4)]
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        return told + [int(line) for line in process.stdout.read().split()]


def builds(root: Path) -> list[str]:
    return [path.name for path in root.iterdir() if path.is_dir()]


def leftovers(directory: Path) -> list[Path]:
    return list(directory.glob(".tmp*"))
