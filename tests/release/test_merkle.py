"""The Merkle tree against the recursive definition of RFC 9162 §2.1.1."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from kb.release.merkle import EMPTY_ROOT, Leaf, inputs_hash, leaf_hash, root


def tree(leaves: list[bytes]) -> bytes:
    """MTH over hashed leaves: split at the largest power of two below their number."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + tree(leaves[:split]) + tree(leaves[split:])).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70))
def test_the_root_is_that_of_rfc_9162(leaves: list[bytes]) -> None:
    assert root(leaves) == tree(leaves).hex()


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert root([]) == EMPTY_ROOT == hashlib.sha256(b"").hexdigest()


def test_a_leaf_depends_on_each_of_its_parts() -> None:
    leaves = [Leaf("a", "b", "c", "d"), Leaf("x", "b", "c", "d"), Leaf("a", "x", "c", "d"), Leaf("a", "b", "x", "d")]
    leaves.append(Leaf("a", "b", "c", "x"))
    assert len({leaf_hash(leaf) for leaf in leaves}) == 5


def test_the_hash_of_inputs_depends_on_each_and_on_their_order() -> None:
    assert len({inputs_hash(["a", "b"]), inputs_hash(["b", "a"]), inputs_hash(["ab"]), inputs_hash(["a"])}) == 4
