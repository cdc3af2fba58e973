"""Checkpoints: the journal's head, signed and kept outside the database, so that lines cut off its end are found."""

import asyncio
import fcntl
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.signing import Sealer
from kb.base.errors import Invalid
from kb.base.hashing import canonical, instant
from kb.base.journal import read_head
from kb.base.work import Sessions
from kb.release.finding import Finding
from kb.release.installation import Introduction, Signing, introduces, signed_bytes, signing, verifies
from kb.release.tables import releases

EVERY = timedelta(hours=1)
"""How long the journal grows at most before its head is signed again."""


class Checkpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The hash of the journal's line at a position, signed by the installation at a time.

    The Ed25519 signature is over RFC 8785 JSON of {format, position, at, hash, key}, in base64url.
    """

    position: int
    at: str
    hash: str
    key: str
    signature: str = ""
    format: str = "kb.checkpoint/1"


class Known(msgspec.Struct, frozen=True):
    """What a file of checkpoints says, as far as it can be believed: hashes by position, and its lines that can't."""

    hashes: dict[int, str]
    findings: tuple[Finding, ...]


def checkpoint_of(signer: Signing, position: int, hash_: str, at: str) -> Checkpoint:
    """A signed checkpoint of a line."""
    plain = Checkpoint(position, at, hash_, signer.key)
    return msgspec.structs.replace(plain, signature=signer.sign(signed_bytes(plain, "signature")))


def holds(checkpoint: Checkpoint) -> bool:
    """Whether its signature is of the key it names."""
    return verifies(checkpoint.key, signed_bytes(checkpoint, "signature"), checkpoint.signature)


async def checkpoint_if_due(sessions: Sessions, sealer: Sealer, path: Path) -> Checkpoint | None:
    """Sign the head into the file behind a release that isn't in it yet, or an hour after the last one.

    None when there is nothing to add: a journal that hasn't grown needs no new checkpoint. Cheap enough for each second.
    """
    last = await asyncio.to_thread(latest, path)
    async with sessions.reading() as connection:
        head = await read_head(connection)
        if head.position == (last.position if last else 0):
            return None
        due = last is None or await _released_since(connection, last.position)
    now = sessions.clock.now()
    if not due and last is not None and datetime.fromisoformat(last.at) + EVERY > now:
        return None
    return await checkpoint(sessions, sealer, path)


async def checkpoint(sessions: Sessions, sealer: Sealer, path: Path) -> Checkpoint:
    """Sign the head as it is now and add it to the file, behind the introductions that the file lacks."""
    signer = await signing(sessions, sealer)
    made = await sign_head(sessions, signer)
    await asyncio.to_thread(append, path, made, signer.introductions)
    return made


async def sign_head(sessions: Sessions, signer: Signing) -> Checkpoint:
    """The head as it is now, signed."""
    async with sessions.reading() as connection:
        head = await read_head(connection)
    return checkpoint_of(signer, head.position, head.hash, max(instant(sessions.clock.now()), head.at))


def append(path: Path, made: Checkpoint, introduced: Sequence[Introduction]) -> None:
    """Add lines to the file and see them on the disk; processes that write at once wait for each other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = file.read()
        missing = [one for one in introduced if f'"key":"{one.key}","previous"'.encode() not in before]
        lines = [canonical(one) for one in (*missing, made)]
        start = b"\n" if before and not before.endswith(b"\n") else b""
        file.write(start + b"".join(line + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())


def latest(path: Path) -> Checkpoint | None:
    """The last checkpoint of a file, None where there is none."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 65_536))
        lines = file.read().splitlines()
    return next((found for line in reversed(lines) if isinstance(found := _decoded(line), Checkpoint)), None)


def read_checkpoints(path: Path, keys: Sequence[str]) -> Known:
    """What a file says, believing the keys given and those they introduce; Invalid where it can't be read.

    A line that is neither a checkpoint nor an introduction, or whose signature doesn't hold, is a finding.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise Invalid(
            f"{path} can't be read ({error.strerror}): name the file that checkpoints are added to"
        ) from error
    believed = set(keys)
    hashes: dict[int, str] = {}
    findings: list[Finding] = []
    for number, line in enumerate(lines, 1):
        found = _decoded(line)
        if isinstance(found, Introduction) and introduces(found) and {found.key, found.previous} & believed:
            believed.add(found.key)
        elif isinstance(found, Checkpoint) and found.key in believed and holds(found):
            if hashes.setdefault(found.position, found.hash) != found.hash:
                findings.append(_finding(path, number, f"two hashes are signed for line {found.position}"))
        elif line.strip():
            findings.append(_finding(path, number, "this is no checkpoint that a key of this installation signed"))
    if not hashes and not findings:
        findings.append(_finding(path, 1, "there is no checkpoint in it: name the file that checkpoints are added to"))
    return Known(hashes, tuple(findings))


async def _released_since(connection: AsyncConnection, position: int) -> bool:
    statement = sa.select(releases.c.position).where(releases.c.position > position).limit(1)
    return await connection.scalar(statement) is not None


def _decoded(line: bytes) -> Checkpoint | Introduction | None:
    """A line as what it is, None where it is neither."""
    try:
        format_ = msgspec.json.decode(line, type=_Format).format
        if format_ == "kb.checkpoint/1":
            return msgspec.json.decode(line, type=Checkpoint)
        return msgspec.json.decode(line, type=Introduction) if format_ == "kb.installation-key/1" else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


class _Format(msgspec.Struct):
    format: str


def _finding(path: Path, number: int, message: str) -> Finding:
    return Finding("checkpoints", f"{path.name}:{number}", message)
