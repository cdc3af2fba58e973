"""Ed25519 signatures of sign-offs, waivers and verifications: the bytes that are signed, signing and verifying."""

import hashlib
from functools import lru_cache

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kb.base.hashing import canonical, from_base64url, to_base64url
from kb.review.types import SignOff, Statement, Verification, Waiver

KEY_BYTES = 32
MOST_PROVED = 200_000
"""Proofs that stay in memory (some 100 bytes each)."""

_encode = msgspec.json.Encoder().encode
_proved: set[bytes] = set()
"""SHA-256 of a public key and every field of a statement that it was seen to verify."""


def signed_bytes(statement: Statement) -> bytes:
    """The bytes a signature covers: RFC 8785 JSON of every field but the signature."""
    fields = msgspec.structs.asdict(statement)
    del fields["signature"]
    return canonical(fields)


def sign(statement: SignOff, private_key: str) -> SignOff:
    """The sign-off with its signature; `private_key` is 32 bytes in base64url."""
    signature = Ed25519PrivateKey.from_private_bytes(from_base64url(private_key)).sign(signed_bytes(statement))
    return msgspec.structs.replace(statement, signature=to_base64url(signature))


def sign_waiver(statement: Waiver, private_key: str) -> Waiver:
    """The waiver with its signature."""
    signature = Ed25519PrivateKey.from_private_bytes(from_base64url(private_key)).sign(signed_bytes(statement))
    return msgspec.structs.replace(statement, signature=to_base64url(signature))


def sign_verification(statement: Verification, private_key: str) -> Verification:
    """The verification with its signature."""
    signature = Ed25519PrivateKey.from_private_bytes(from_base64url(private_key)).sign(signed_bytes(statement))
    return msgspec.structs.replace(statement, signature=to_base64url(signature))


def verifies(statement: Statement, public_key: str) -> bool:
    """Whether the statement's signature was made with the private half of this key.

    A load asks it of each statement when it is offered, approved and released; what was proved stays proved.
    """
    proof = hashlib.sha256(_encode((public_key, statement))).digest()
    if proof in _proved:
        return True
    try:
        _public(public_key).verify(from_base64url(statement.signature), signed_bytes(statement))
    except (InvalidSignature, ValueError):
        return False
    if len(_proved) >= MOST_PROVED:
        _proved.clear()
    _proved.add(proof)
    return True


def new_keys() -> tuple[str, str]:
    """A fresh pair (public, private) in base64url."""
    private = Ed25519PrivateKey.generate()
    return to_base64url(private.public_key().public_bytes_raw()), to_base64url(private.private_bytes_raw())


@lru_cache(maxsize=1024)
def _public(key: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(from_base64url(key))
