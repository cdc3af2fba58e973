"""The words of receipts: everything needed to prove offline what a rendition was made from and who signed it."""

import msgspec

from kb.base.hashing import canonical
from kb.base.journal import Line
from kb.release.checkpoints import Checkpoint
from kb.release.installation import Introduction
from kb.release.leaves import RowFacts
from kb.release.merkle import Leaf, Sibling
from kb.review.types import SignOff, Verification, Waiver

EMERGENCY = "emergency"
"""The class of an approval that was none: the revision went live in an emergency, on the sign-offs its row asks for."""


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a receipt is made of: nothing in it that isn't known."""


class ServingRow(Strict, frozen=True):
    """The row that served the rendition: its columns, and the positions between which it was live (None: it is)."""

    facts: RowFacts
    opened_at: int
    closed_at: int | None
    closed_as: str | None


class Input(Strict, frozen=True):
    """A revision that the rendition was made from; its own comes first."""

    key: str
    kind: str
    locale: str
    number: int
    hash: str


class Approval(Strict, frozen=True, rename={"change": "class"}):
    """What the policy of this hash asked of a revision when it was approved, as role → distinct people.

    Of one that went live in an emergency (class `emergency`) it is what the policy's row for that asks.
    """

    hash: str
    position: int
    policy: str
    change: str
    asked: dict[str, int]


class CarriedOver(Strict, frozen=True):
    """The sign-off of a former candidate `signed` that counts for the revision `hash`, since nobody is asked about `change`."""

    hash: str
    role: str
    by: str
    signed: str
    change: str


class HeldRole(Strict, frozen=True):
    """A role held on topics from an instant until another (None: still)."""

    role: str
    topics: tuple[str, ...]
    since: str
    until: str | None


class Signatory(Strict, frozen=True):
    """Somebody who signed: an opaque id, who vouches for them, their public keys, and the roles they held over time."""

    id: str
    origin: str
    public_keys: tuple[str, ...]
    roles: tuple[HeldRole, ...]


class Receipt(Strict, frozen=True, kw_only=True):
    """Proof that a rendition was made by a renderer from revisions that people signed under a policy (`kb.receipt/1`).

    `payload` is the very text whose SHA-256 is `rendition`; `line` is the release's line of the journal, `previous` the
    hash of the line before it. `signature` is Ed25519 over RFC 8785 JSON of all the rest, by `key`; `demo` says that
    somebody signed with a key that everyone has.
    """

    rendition: str
    issued_at: str
    payload: str
    served: ServingRow
    inputs: tuple[Input, ...]
    leaf: Leaf
    path: tuple[Sibling, ...]
    line: Line
    previous: str
    policy: str
    approvals: tuple[Approval, ...]
    signoffs: tuple[SignOff, ...]
    carried: tuple[CarriedOver, ...]
    waivers: tuple[Waiver, ...]
    verifications: tuple[Verification, ...]
    people: tuple[Signatory, ...]
    checkpoint: Checkpoint
    introductions: tuple[Introduction, ...]
    demo: bool
    key: str
    signature: str = ""
    format: str = "kb.receipt/1"

    def written(self) -> bytes:
        """The one spelling of a receipt: its RFC 8785 JSON."""
        return canonical(self)
