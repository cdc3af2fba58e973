"""Whose sign-offs count: the trust file outside the content folder, or the demo's public keys in a fresh home."""

from pathlib import Path

import msgspec

from kb.accounts.actions import trust
from kb.accounts.queries import everyone
from kb.accounts.types import Signer
from kb.base.errors import Invalid
from kb.base.journal import read_head
from kb.base.work import Actor, Sessions, open_work

DEMO_KEYS = "demo-keys"
DEMO = "demo"
TRUST_FILE = "trust-file"


async def trust_file(sessions: Sessions, actor: Actor, path: Path) -> int:
    """Take the people of a trust file (JSON Lines of `Signer`, no private keys); how many changed.

    Invalid when a line can't be read or holds a private key; then nothing is taken.
    """
    signers = read_trust_file(path)
    async with open_work(sessions, actor) as work:
        return await trust(work, signers, TRUST_FILE)


async def trust_demo(sessions: Sessions, actor: Actor, folder: Path) -> bool:
    """Trust the demo's signers if this home is fresh and the folder brings them; whether that was so.

    A home that has a journal is never given the demo's keys: everyone has their private halves.
    """
    files = sorted((folder / DEMO_KEYS).glob("*.json"))
    if not files:
        return False
    signers = [msgspec.structs.replace(_signer(path.read_bytes(), str(path)), private_key="") for path in files]
    async with open_work(sessions, actor) as work:
        if (await read_head(work.connection, lock=True)).position or await everyone(work.connection):
            return False
        await trust(work, signers, DEMO)
    return True


def read_trust_file(path: Path) -> list[Signer]:
    """The signers of a trust file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Invalid(f"the trust file {path} can't be read: {error.strerror}") from error
    signers = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            signer = _signer(line.encode(), f"{path}:{number}")
            if signer.private_key:
                raise Invalid(f"{path}:{number}: a trust file holds public keys only: take the private key out")
            signers.append(signer)
    return signers


def _signer(text: bytes, where: str) -> Signer:
    try:
        return msgspec.json.decode(text, type=Signer)
    except msgspec.DecodeError as error:
        raise Invalid(f"{where}: no signer: {error}") from error
