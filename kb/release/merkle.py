"""The Merkle tree a release's journal line commits to (RFC 9162 §2.1: leaf and node hashes have different prefixes)."""

import hashlib
from collections.abc import Sequence

import msgspec

from kb.base.hashing import digest

EMPTY_ROOT = hashlib.sha256(b"").hexdigest()


class Leaf(msgspec.Struct, frozen=True):
    """One rendition with the hash of its inputs' hashes, its profile's hash and the renderer's version."""

    rendition: str
    inputs: str
    profile: str
    renderer: str


def leaf_hash(leaf: Leaf) -> bytes:
    """SHA-256(0x00 ‖ rendition ‖ inputs ‖ profile ‖ renderer), fields joined by line feeds."""
    text = "\n".join((leaf.rendition, leaf.inputs, leaf.profile, leaf.renderer))
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def root(leaves: Sequence[bytes]) -> str:
    """The root of leaf hashes in order, lower-case hex; of none, the hash of nothing.

    A level with an odd number carries its last node up as it is, which gives RFC 9162's tree.
    """
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        pairs = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0].hex()


def inputs_hash(hashes: Sequence[str]) -> str:
    """One hash for the content hashes a rendition was made from, its own first, the rest sorted."""
    return digest("\n".join(hashes).encode())


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
