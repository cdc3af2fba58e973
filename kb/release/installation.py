"""The installation's own signing keys: made when first needed, kept sealed, each new one introduced by the one before."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.signing import Sealer
from kb.base.errors import Conflict
from kb.base.hashing import canonical, digest, from_base64url, to_base64url
from kb.base.work import OPERATOR, Right, Sessions, Work, open_work
from kb.release.tables import installation_keys


class Introduction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key of an installation makes itself known: signed by itself, and by the key before it unless it is the first.

    Both Ed25519 signatures are over RFC 8785 JSON of {format, key, previous, at}; keys and signatures are base64url.
    """

    key: str
    previous: str
    at: str
    signature: str = ""
    endorsement: str = ""
    format: str = "kb.installation-key/1"


class Signing(msgspec.Struct, frozen=True):
    """A key that can sign: the introductions of all keys up to it, and its private half."""

    introductions: tuple[Introduction, ...]
    private: Ed25519PrivateKey

    @property
    def key(self) -> str:
        return self.introductions[-1].key

    def sign(self, data: bytes) -> str:
        """An Ed25519 signature in base64url."""
        return to_base64url(self.private.sign(data))


async def signing(sessions: Sessions, sealer: Sealer) -> Signing:
    """The key in use; the first one is made here, with its journal line."""
    async with sessions.reading() as connection:
        found = await _newest(connection, sealer)
    if found is not None:
        return found
    async with open_work(sessions, OPERATOR) as work:
        found = await _newest(work.connection, sealer)
        return found or await _introduce(work, sealer, None)


async def rotate(work: Work, sealer: Sealer) -> Introduction:
    """A new key in place of the one in use, which introduces it; Conflict where none was made yet."""
    work.actor.must(Right.AUDIT)
    before = await _newest(work.connection, sealer)
    if before is None:
        raise Conflict("this installation has no key yet: the first checkpoint or receipt makes one")
    return (await _introduce(work, sealer, before)).introductions[-1]


async def introductions(connection: AsyncConnection) -> tuple[Introduction, ...]:
    """Every key there ever was, the oldest first."""
    statement = sa.select(installation_keys.c.statement).order_by(installation_keys.c.position)
    found = (await connection.execute(statement)).scalars()
    return tuple(msgspec.json.decode(text, type=Introduction) for text in found)


def trusted(pinned: Iterable[str], introduced: Iterable[Introduction]) -> frozenset[str]:
    """Pinned keys, and every key that one of these introduces, directly or through others."""
    found = set(pinned)
    for one in introduced:
        if one.previous in found and introduces(one):
            found.add(one.key)
    return frozenset(found)


def introduces(one: Introduction) -> bool:
    """Whether its signatures hold: its own, and that of the key before it where it names one."""
    data = signed_bytes(one, "signature", "endorsement")
    own = verifies(one.key, data, one.signature)
    return own and (verifies(one.previous, data, one.endorsement) if one.previous else not one.endorsement)


def signed_bytes(statement: Any, *but: str) -> bytes:
    """The bytes a signature covers: RFC 8785 JSON of every field but those that hold signatures."""
    fields: Mapping[str, Any] = msgspec.to_builtins(statement)
    return canonical({name: value for name, value in fields.items() if name not in but})


def verifies(key: str, data: bytes, signature: str) -> bool:
    """Whether an Ed25519 signature over these bytes is of this key, both in their one base64url spelling."""
    try:
        Ed25519PublicKey.from_public_bytes(from_base64url(key)).verify(from_base64url(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True


async def _newest(connection: AsyncConnection, sealer: Sealer) -> Signing | None:
    columns = (installation_keys.c.public_key, installation_keys.c.sealed)
    statement = sa.select(*columns).order_by(installation_keys.c.position.desc()).limit(1)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    private = Ed25519PrivateKey.from_private_bytes(sealer.open(bytes(row.sealed), _about(row.public_key)))
    return Signing(await introductions(connection), private)


async def _introduce(work: Work, sealer: Sealer, before: Signing | None) -> Signing:
    private = Ed25519PrivateKey.generate()
    key = to_base64url(private.public_key().public_bytes_raw())
    plain = Introduction(key, before.key if before else "", work.stamp)
    data = signed_bytes(plain, "signature", "endorsement")
    made = msgspec.structs.replace(
        plain, signature=to_base64url(private.sign(data)), endorsement=before.sign(data) if before else ""
    )
    statement = canonical(made)
    line = {"key": made.key, "previous": made.previous, "statement": digest(statement)}
    position = await work.record("installation-key.introduced", line)
    row = {"public_key": key, "sealed": sealer.seal(private.private_bytes_raw(), _about(key)), "position": position}
    await work.connection.execute(installation_keys.insert().values(**row, statement=statement.decode()))
    return Signing((*(before.introductions if before else ()), made), private)


def _about(key: str) -> bytes:
    """What a sealed key is bound to."""
    return f"kb.installation-key/1 {key}".encode()
