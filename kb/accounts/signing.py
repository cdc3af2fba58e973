"""Signing keys of people: made and kept by the server, sealed, or brought by their owner as the public half alone."""

import hmac
import os
import secrets
from pathlib import Path

import msgspec
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.rules import FRESH
from kb.accounts.sign_in import fresh
from kb.accounts.tables import kept_keys, person_keys
from kb.base.errors import Code, Conflict, Forbidden, Invalid, NotFound, Unavailable
from kb.base.hashing import canonical, from_base64url, instant, to_base64url
from kb.base.work import Work

SECRET_BYTES = 32
NONCE_BYTES = 12


class KeyProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the owner of a key signs with it to bring it: that this key is this person's, said at this time.

    The Ed25519 signature is over RFC 8785 JSON of {format, person, public_key, at}; keys and signatures are base64url.
    """

    person: str
    public_key: str
    at: str
    signature: str = ""
    format: str = "kb.key-proof/1"


class Sealer:
    """Seals small secrets with AES-256-GCM under the 32 bytes of a file, made for its owner alone when first needed."""

    def __init__(self, secret_path: Path) -> None:
        self._path = secret_path

    def seal(self, data: bytes, about: bytes) -> bytes:
        """The sealed bytes, nonce first; `about` isn't hidden, and opening needs the same."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._secret()).encrypt(nonce, data, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """What was sealed; Unavailable where the file holds another secret than it was sealed with."""
        try:
            return AESGCM(self._secret()).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
        except InvalidTag as error:
            message = f"{self._path} holds another secret than this was sealed with: put the old file back"
            raise Unavailable(message, retry_after=60) from error

    def mark(self, data: bytes) -> str:
        """What only who has the file can say of these bytes: HMAC-SHA-256 in hex, under a key of its own."""
        return hmac.new(hmac.digest(self._secret(), b"kb.mark/1", "sha256"), data, "sha256").hexdigest()

    def _secret(self) -> bytes:
        """The file's 32 bytes; Invalid where it holds something else."""
        if not self._path.exists():
            self._make()
        secret = self._path.read_bytes()
        if len(secret) != SECRET_BYTES:
            raise Invalid(f"{self._path} must hold {SECRET_BYTES} bytes: give KB_SECRET_FILE a file that does")
        return secret

    def _make(self) -> None:
        """Write a fresh secret, whole or not at all; of two processes that try together one wins."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh_file = self._path.with_name(f"{self._path.name}.{secrets.token_hex(8)}")
        handle = os.open(fresh_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, secrets.token_bytes(SECRET_BYTES))
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(fresh_file, self._path)
        except FileExistsError:
            pass
        finally:
            fresh_file.unlink()


async def sign_with_kept_key(
    connection: AsyncConnection, sealer: Sealer, person_id: str, data: bytes
) -> tuple[str, str] | None:
    """Sign with the newest key the server keeps for a person: (public key, signature) in base64url; None without one."""
    statement = (
        sa.select(kept_keys.c.public_key, kept_keys.c.sealed)
        .join(person_keys, person_keys.c.public_key == kept_keys.c.public_key)
        .where(kept_keys.c.person == person_id, person_keys.c.until.is_(None))
        .order_by(person_keys.c.since.desc(), person_keys.c.public_key)
    )
    row = (await connection.execute(statement.limit(1))).one_or_none()
    if row is None:
        return None
    private = sealer.open(row.sealed, _about(person_id, row.public_key))
    return row.public_key, to_base64url(Ed25519PrivateKey.from_private_bytes(private).sign(data))


async def make_key(work: Work, sealer: Sealer) -> str:
    """Make the actor a key that the server keeps, in place of the one it kept before; the public half in base64url.

    Forbidden (REAUTHENTICATE) unless they proved who they are just now.
    """
    await must_be_fresh(work)
    person = work.actor.id
    for old in await _kept(work.connection, person):
        await _retire(work, old)
    public_key = await add_kept_key(work, sealer, person)
    await work.record("signing-key.made", {"person": person, "public_key": public_key})
    return public_key


async def add_kept_key(work: Work, sealer: Sealer, person: str) -> str:
    """A fresh key kept for a person, within an act that is recorded elsewhere; the public half in base64url."""
    private = Ed25519PrivateKey.generate()
    public_key = to_base64url(private.public_key().public_bytes_raw())
    await _add(work, person, public_key, "kept")
    sealed = sealer.seal(private.private_bytes_raw(), _about(person, public_key))
    row = {"public_key": public_key, "person": person, "sealed": sealed}
    await work.connection.execute(kept_keys.insert().values(**row))
    return public_key


async def bring_key(work: Work, proof: KeyProof) -> None:
    """Take a public key of the actor's own, who proves with it that they have its private half.

    Forbidden (REAUTHENTICATE) unless they proved who they are just now, Invalid for a proof that doesn't hold or is older
    than five minutes, Conflict for a key that is known already.
    """
    await must_be_fresh(work)
    if proof.person != work.actor.id or not _proves(proof):
        raise Invalid(
            "the signature doesn't prove that this key is yours: sign {format, person, public_key, at} with it"
        )
    if not instant(work.now - FRESH) <= proof.at <= instant(work.now + FRESH):
        raise Invalid("the proof is older than five minutes: sign a fresh one")
    known = sa.select(person_keys.c.public_key).where(person_keys.c.public_key == proof.public_key)
    if await work.connection.scalar(known) is not None:
        raise Conflict(
            "this key is known already: each person has keys of their own, and a retired one never comes back"
        )
    await work.record("signing-key.brought", {"person": proof.person, "public_key": proof.public_key})
    await _add(work, proof.person, proof.public_key, "brought")


async def retire_key(work: Work, public_key: str) -> None:
    """End a key of the actor's own: it signs nothing new, and what it signed stands. NotFound for any other key.

    Forbidden (REAUTHENTICATE) unless they proved who they are just now; Conflict for the key that the trust file names:
    that file is where it ends.
    """
    await must_be_fresh(work)
    person = work.actor.id
    theirs = (person_keys.c.person == person) & (person_keys.c.public_key == public_key) & person_keys.c.until.is_(None)
    kind = await work.connection.scalar(sa.select(person_keys.c.kind).where(theirs))
    if kind is None:
        raise NotFound(f"{person} has no key {public_key}")
    if kind == "given":
        raise Conflict("this key stands in the trust file: put another in its place there")
    await _retire(work, public_key)
    await work.record("signing-key.retired", {"person": person, "public_key": public_key})


async def must_be_fresh(work: Work) -> None:
    """Raise Forbidden (REAUTHENTICATE) unless the actor proved who they are within the last five minutes."""
    if not await fresh(work.connection, work.actor, work.now):
        raise not_fresh()


def not_fresh() -> Forbidden:
    """What is said to whom didn't prove who they are of late."""
    message = "this needs a proof that it is you: give your password again, or sign in anew"
    return Forbidden(message, code=Code.REAUTHENTICATE)


async def end_keys(work: Work, person: str) -> None:
    """End all keys of a person within an act that is recorded elsewhere, and destroy those that are kept."""
    await work.connection.execute(kept_keys.delete().where(kept_keys.c.person == person))
    theirs = (person_keys.c.person == person) & person_keys.c.until.is_(None)
    await work.connection.execute(person_keys.update().where(theirs).values(until=work.stamp))


def signed_bytes(proof: KeyProof) -> bytes:
    """The bytes a proof's signature covers."""
    fields = msgspec.structs.asdict(proof)
    del fields["signature"]
    return canonical(fields)


def _proves(proof: KeyProof) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(from_base64url(proof.public_key))
        key.verify(from_base64url(proof.signature), signed_bytes(proof))
    except (InvalidSignature, ValueError):
        return False
    return to_base64url(from_base64url(proof.public_key)) == proof.public_key


async def _kept(connection: AsyncConnection, person: str) -> list[str]:
    found = await connection.execute(sa.select(kept_keys.c.public_key).where(kept_keys.c.person == person))
    return list(found.scalars())


async def _retire(work: Work, public_key: str) -> None:
    await work.connection.execute(kept_keys.delete().where(kept_keys.c.public_key == public_key))
    ended = person_keys.update().where(person_keys.c.public_key == public_key)
    await work.connection.execute(ended.values(until=work.stamp))


async def _add(work: Work, person: str, public_key: str, kind: str) -> None:
    row = {"public_key": public_key, "person": person, "since": work.stamp, "kind": kind}
    await work.connection.execute(person_keys.insert().values(**row))


def _about(person: str, public_key: str) -> bytes:
    """What a sealed key is bound to, so that nobody's key opens under another's name."""
    return f"kb.kept-key/1 {person} {public_key}".encode()
