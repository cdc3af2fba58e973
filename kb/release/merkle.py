"""The Merkle tree a release's journal line commits to (RFC 9162 §2.1: leaf and node hashes have different prefixes)."""

import hashlib
from collections.abc import Sequence

import msgspec

from kb.base.hashing import digest

EMPTY_ROOT = hashlib.sha256(b"").hexdigest()


class Leaf(msgspec.Struct, frozen=True):
    """One rendition with the hash of its inputs' hashes, its profile's hash, the renderer's version and its row's hash.

    Leaves of before rows were committed to have no `row`.
    """

    rendition: str
    inputs: str
    profile: str
    renderer: str
    row: str = ""


class Sibling(msgspec.Struct, frozen=True):
    """One step from a leaf to the root: the hash beside, and whether it stands to the left."""

    hash: str
    left: bool


def leaf_hash(leaf: Leaf) -> bytes:
    """SHA-256(0x00 ‖ rendition ‖ inputs ‖ profile ‖ renderer ‖ row), fields joined by line feeds, no `row` where it is empty."""
    parts = (leaf.rendition, leaf.inputs, leaf.profile, leaf.renderer, *([leaf.row] if leaf.row else []))
    return hashlib.sha256(b"\x00" + "\n".join(parts).encode()).digest()


def root(leaves: Sequence[bytes]) -> str:
    """The root of leaf hashes in order, lower-case hex; of none, the hash of nothing.

    A level with an odd number carries its last node up as it is, which gives RFC 9162's tree.
    """
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0].hex()


def path(leaves: Sequence[bytes], index: int) -> tuple[Sibling, ...]:
    """The siblings of a leaf on its way to the root, the lowest first (RFC 9162 §2.1.3)."""
    found = []
    level = list(leaves)
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            found.append(Sibling(level[beside].hex(), left=beside < index))
        level = _above(level)
        index //= 2
    return tuple(found)


def root_by(leaf: bytes, siblings: Sequence[Sibling]) -> str:
    """The root that a leaf and its siblings lead to; ValueError where a sibling is no hash."""
    node = leaf
    for sibling in siblings:
        beside = bytes.fromhex(sibling.hash)
        node = _node(beside, node) if sibling.left else _node(node, beside)
    return node.hex()


def inputs_hash(hashes: Sequence[str]) -> str:
    """One hash for the content hashes a rendition was made from, its own first, the rest sorted."""
    return digest("\n".join(hashes).encode())


def _above(level: list[bytes]) -> list[bytes]:
    pairs = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return pairs + ([level[-1]] if len(level) % 2 else [])


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
