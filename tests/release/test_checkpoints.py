"""Checkpoints: the head is signed and leaves the database, so that truncation and rewriting are found; keys rotate."""

from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from kb.accounts.signing import Sealer
from kb.base.errors import Conflict, Forbidden, Invalid, Unavailable
from kb.base.hashing import canonical
from kb.base.journal import FIRST_HASH, Head, journal, journal_head, line_hash, read_lines
from kb.base.work import ANONYMOUS
from kb.release.audit import verify_all
from kb.release.checkpoints import Checkpoint, checkpoint, checkpoint_if_due, holds, latest, read_checkpoints
from kb.release.installation import Introduction, introduces, introductions, rotate, signing, trusted
from tests.builders import Home, a_live_answer, an_answer, head, read, written
from tests.tampering import behind_its_back

pytestmark = pytest.mark.both_databases


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer(tmp_path / "secret")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "out" / "checkpoints.jsonl"


async def keys_of(home: Home) -> list[str]:
    return [one.key for one in await read(home, introductions)]


async def rotated(home: Home, sealer: Sealer) -> Introduction:
    async with home.work() as work:
        return await rotate(work, sealer)


async def cut_after(home: Home, position: int) -> None:
    """Cut the journal off behind a position, and put the head there, as a careful forger would."""
    async with behind_its_back(home) as connection:
        await connection.execute(journal.delete().where(journal.c.position > position))
        row = (await connection.execute(sa.select(journal).where(journal.c.position == position))).one()
        await connection.execute(journal_head.update().values(position=row.position, at=row.at, hash=row.hash))


async def rewritten(home: Home, position: int) -> None:
    """Change a line's actor, and chain everything behind it anew."""
    lines = await read(home, read_lines, 0, 10_000)
    before = Head(0, "", FIRST_HASH)
    async with behind_its_back(home) as connection:
        for line in lines:
            told = msgspec.structs.replace(line, actor="nobody") if line.position == position else line
            hash_ = line_hash(before.hash, told)
            statement = journal.update().where(journal.c.position == line.position)
            await connection.execute(statement.values(actor=told.actor, hash=hash_))
            before = Head(line.position, line.at, hash_)
        await connection.execute(journal_head.update().values(hash=before.hash))


async def test_a_checkpoint_is_the_signed_head(house: Home, sealer: Sealer, file: Path) -> None:
    made = await checkpoint(house.sessions, sealer, file)
    (line,) = await read(house, read_lines, made.position - 1)
    assert (made.position, made.hash) == (await head(house), line.hash)
    assert holds(made)
    assert latest(file) == made
    assert not holds(msgspec.structs.replace(made, hash="0" * 64))


async def test_lines_cut_off_behind_a_checkpoint_are_found(house: Home, sealer: Sealer, file: Path) -> None:
    await a_live_answer(house)
    made = await checkpoint(house.sessions, sealer, file)
    known = read_checkpoints(file, await keys_of(house))
    await cut_after(house, made.position - 3)
    assert (await read(house, verify_all))[0] is None, "nothing inside the database tells"
    fault, _ = await read(house, verify_all, known.hashes)
    assert fault is not None
    assert fault.position == made.position - 2


async def test_a_history_that_was_written_anew_is_found(house: Home, sealer: Sealer, file: Path) -> None:
    first = await checkpoint(house.sessions, sealer, file)
    await a_live_answer(house)
    second = await checkpoint(house.sessions, sealer, file)
    await rewritten(house, first.position + 2)
    known = read_checkpoints(file, await keys_of(house))
    fault, _ = await read(house, verify_all, known.hashes)
    assert fault is not None
    assert fault.position == second.position
    assert f"a line from {first.position + 1} on" in fault.message


async def test_an_untouched_journal_agrees_with_its_checkpoints(house: Home, sealer: Sealer, file: Path) -> None:
    await checkpoint(house.sessions, sealer, file)
    await a_live_answer(house)
    await checkpoint(house.sessions, sealer, file)
    known = read_checkpoints(file, await keys_of(house))
    assert (len(known.hashes), known.findings) == (2, ())
    assert await read(house, verify_all, known.hashes) == (None, ())


@pytest.mark.parametrize("field", ["position", "at", "hash", "key", "signature", "format"])
async def test_a_changed_checkpoint_is_not_believed(house: Home, sealer: Sealer, file: Path, field: str) -> None:
    made = await checkpoint(house.sessions, sealer, file)
    other = {"position": made.position + 1}.get(field, getattr(made, field)[:-2] if field != "position" else 0)
    forged = msgspec.structs.replace(made, **{field: other})
    file.write_bytes(canonical(forged) + b"\n")  # noqa: ASYNC240 (a few bytes)
    known = read_checkpoints(file, await keys_of(house))
    assert known.hashes == {}
    assert [one.table for one in known.findings] == ["checkpoints"]


async def test_a_stranger_s_checkpoint_is_not_believed(house: Home, file: Path, tmp_path: Path) -> None:
    keys = [(await signing(house.sessions, Sealer(tmp_path / "secret"))).key]
    await checkpoint(house.sessions, Sealer(tmp_path / "secret"), file)
    known = read_checkpoints(file, ["A" * 43])
    assert known.hashes == {}
    assert keys[0] not in trusted(["A" * 43], await read(house, introductions))


async def test_a_new_key_is_introduced_by_the_old_one_whose_checkpoints_still_count(
    house: Home, sealer: Sealer, file: Path
) -> None:
    old = await checkpoint(house.sessions, sealer, file)
    made = await rotated(house, sealer)
    new = await checkpoint(house.sessions, sealer, file)
    assert (made.previous, made.key, new.key) == (old.key, new.key, made.key)
    assert introduces(made)
    known = read_checkpoints(file, [old.key])
    assert known == read_checkpoints(file, [new.key, old.key])
    assert (set(known.hashes), known.findings) == ({old.position, new.position}, ())
    assert await read(house, verify_all, known.hashes) == (None, ())


@pytest.mark.parametrize("field", ["key", "previous", "at", "signature", "endorsement"])
async def test_a_changed_introduction_introduces_nobody(house: Home, sealer: Sealer, field: str) -> None:
    first = await signing(house.sessions, sealer)
    made = await rotated(house, sealer)
    forged = msgspec.structs.replace(made, **{field: getattr(made, field)[:-3] + "AAA"})
    assert not introduces(forged)
    assert trusted([first.key], [forged]) == {first.key}


async def test_only_who_may_audit_rotates_and_only_what_was_made(home: Home, sealer: Sealer) -> None:
    with pytest.raises(Conflict):
        await rotated(home, sealer)
    await signing(home.sessions, sealer)
    with pytest.raises(Forbidden):
        async with home.work(ANONYMOUS) as work:
            await rotate(work, sealer)


async def test_without_the_secret_nobody_signs(home: Home, sealer: Sealer, tmp_path: Path) -> None:
    await signing(home.sessions, sealer)
    with pytest.raises(Unavailable):
        await signing(home.sessions, Sealer(tmp_path / "another"))


async def test_a_checkpoint_is_due_behind_each_release_and_each_hour(house: Home, sealer: Sealer, file: Path) -> None:
    async def due() -> Checkpoint | None:
        return await checkpoint_if_due(house.sessions, sealer, file)

    assert await due() is not None, "the first"
    await due()  # the first key has a line of its own
    assert await due() is None
    await written(house, an_answer())
    assert await due() is None, "a draft can wait"
    house.clock.move(minutes=61)
    assert await due() is not None
    house.clock.move(hours=5)
    assert await due() is None, "nothing has happened since"
    await a_live_answer(house, "b")
    found = await due()
    assert found is not None
    assert found.position == await head(house)


def test_a_line_that_was_cut_short_spoils_only_itself(tmp_path: Path) -> None:
    file = tmp_path / "checkpoints.jsonl"
    file.write_bytes(b'{"format":"kb.checkpoint/1","pos')
    assert latest(file) is None
    assert latest(tmp_path / "none") is None


def moved(position: int, by: int) -> sa.Update:
    return journal.update().where(journal.c.position == position).values(position=position + by)


HOLDS = 20
"""The line that is tampered with; a checkpoint is signed of the head behind it."""

TAMPERED: dict[str, tuple[list[sa.Executable], int]] = {
    "a mutation": ([journal.update().where(journal.c.position == HOLDS).values(actor="nobody")], HOLDS),
    "a deletion": ([journal.delete().where(journal.c.position == HOLDS)], HOLDS),
    "a deletion that closes up": (
        [journal.delete().where(journal.c.position == HOLDS), moved(HOLDS + 1, -1), moved(HOLDS + 2, -1)],
        HOLDS,
    ),
    "a reordering": ([moved(HOLDS, 10_000), moved(HOLDS + 1, -1), moved(HOLDS + 10_000, -9_999)], HOLDS),
    "a truncation": ([journal.delete().where(journal.c.position >= HOLDS)], HOLDS),
    "the first line": ([journal.delete().where(journal.c.position == 1)], 1),
    "all lines": ([journal.delete()], 1),
    "no head": ([journal_head.delete()], 0),
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_the_first_bad_line_is_named(house: Home, sealer: Sealer, file: Path, what: str) -> None:
    await checkpoint(house.sessions, sealer, file)
    known = read_checkpoints(file, await keys_of(house))
    statements, line = TAMPERED[what]
    last = await head(house)
    async with behind_its_back(house) as connection:
        for statement in statements:
            await connection.execute(statement)
    fault, _ = await read(house, verify_all, known.hashes)
    assert fault is not None
    assert fault.position == (line or last + 1)


async def test_a_line_that_was_put_in_is_named(house: Home, sealer: Sealer, file: Path) -> None:
    """Lines behind it move up by one; the line put in has the hash of one in its place."""
    await checkpoint(house.sessions, sealer, file)
    known = read_checkpoints(file, await keys_of(house))
    lines = await read(house, read_lines, HOLDS - 1, 10_000)
    before = (await read(house, read_lines, HOLDS - 2, 1))[0]
    extra = msgspec.structs.replace(lines[0], actor="nobody")
    extra = msgspec.structs.replace(extra, hash=line_hash(before.hash, extra))
    async with behind_its_back(house) as connection:
        for line in reversed(lines):
            await connection.execute(moved(line.position, 1))
        await connection.execute(journal.insert().values(**msgspec.structs.asdict(extra)))
    fault, _ = await read(house, verify_all, known.hashes)
    assert fault is not None
    assert fault.position == HOLDS + 1, "the one put in follows; what comes behind it doesn't"


@pytest.mark.parametrize("position", [1, 2, HOLDS])
async def test_a_chain_written_anew_from_any_line_on_is_found(
    house: Home, sealer: Sealer, file: Path, position: int
) -> None:
    made = await checkpoint(house.sessions, sealer, file)
    await a_live_answer(house)
    await rewritten(house, position)
    assert (await read(house, verify_all))[0] is None, "the chain itself is whole again"
    fault, _ = await read(house, verify_all, read_checkpoints(file, await keys_of(house)).hashes)
    assert fault is not None
    assert fault.position == made.position


@pytest.mark.parametrize("garbage", [b"", b"\n", b"not a checkpoint", b"\xff\x00\xfe", b"[" * 100_000, b"{}", b"null"])
def test_a_file_of_garbage_is_told_as_such(tmp_path: Path, garbage: bytes) -> None:
    file = tmp_path / "checkpoints.jsonl"
    file.write_bytes(garbage)
    known = read_checkpoints(file, ["A" * 43])
    assert known.hashes == {}
    assert [one.name for one in known.findings] == ["checkpoints.jsonl:1"]
    assert latest(file) is None


def test_a_file_that_can_not_be_read_says_which(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(Invalid, match=str(path)):
            read_checkpoints(path, [])
