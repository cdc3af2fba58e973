"""Checking a receipt offline, from its bytes and one public key: what each step proved, or the first thing wrong. Pure."""

from collections.abc import Sequence

import msgspec

from kb.base.hashing import digest
from kb.base.journal import line_hash
from kb.release import merkle
from kb.release.checkpoints import holds
from kb.release.finding import told
from kb.release.installation import signed_bytes, trusted, verifies
from kb.release.leaves import row_hash
from kb.release.receipt_types import EMERGENCY, Approval, Receipt, Signatory
from kb.review.types import SignOff, Verification, Waiver

SAID = ("key", "locale", "channel", "profile", "hash", "version")
"""What a payload says of itself, as its row does."""


class Proved(msgspec.Struct, frozen=True):
    """What a receipt proved, a sentence each, and the first thing that is wrong with it (empty: nothing)."""

    proved: tuple[str, ...]
    wrong: str = ""


class Wrong(Exception):
    """Something that a receipt claims and doesn't prove."""


def read_receipt(data: bytes) -> Receipt:
    """The receipt in these bytes; Wrong for anything but the one spelling of a receipt."""
    try:
        receipt = msgspec.json.decode(data, type=Receipt)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Wrong(f"this is no receipt: {error}") from error
    if receipt.format != "kb.receipt/1":
        raise Wrong(f"this is a {receipt.format}, not a kb.receipt/1")
    if receipt.written() != data.removesuffix(b"\n"):
        raise Wrong(
            "the file isn't spelled as its installation wrote it: something was added, left out or put elsewhere"
        )
    return receipt


def check(data: bytes, pinned: str) -> Proved:
    """Check the bytes of a receipt against the public key of its installation, or one that introduced that key."""
    proved: list[str] = []
    try:
        receipt = read_receipt(data)
        proved.append(_signature(receipt, pinned))
        for step in (_payload, _row, _inputs, _path, _line, _checkpoint, _signoffs, _asked, _others, _demo):
            proved.append(step(receipt))
    except Wrong as error:
        return Proved(tuple(proved), str(error))
    return Proved(tuple(proved))


def _signature(receipt: Receipt, pinned: str) -> str:
    if receipt.key not in trusted([pinned], receipt.introductions):
        raise Wrong(f"it is signed by the key {receipt.key}, which is neither {pinned} nor introduced by it")
    if not verifies(receipt.key, signed_bytes(receipt, "signature"), receipt.signature):
        raise Wrong("its signature doesn't hold: something in it was changed")
    through = "" if receipt.key == pinned else ", through the keys between them"
    return f"signed by the installation whose key you gave{through}, at {receipt.issued_at}"


def _payload(receipt: Receipt) -> str:
    if digest(receipt.payload.encode()) != receipt.rendition:
        raise Wrong("the payload isn't the one whose hash is the rendition")
    return f"the payload is the rendition {receipt.rendition}"


def _row(receipt: Receipt) -> str:
    facts = receipt.served.facts
    if row_hash(facts) != receipt.leaf.row or receipt.leaf.rendition != receipt.rendition:
        raise Wrong("the leaf commits to another row or rendition")
    said = told(receipt.payload)
    if any(said.get(name) != getattr(facts, name) for name in SAID):
        raise Wrong("the payload says another place or revision than its row")
    return f"served on {facts.channel}/{facts.profile} as {facts.key} in {facts.locale} to audience {facts.audience}"


def _inputs(receipt: Receipt) -> str:
    hashes = [one.hash for one in receipt.inputs]
    if not hashes or hashes[0] != receipt.served.facts.hash or merkle.inputs_hash(hashes) != receipt.leaf.inputs:
        raise Wrong("the inputs aren't those that the leaf commits to")
    return f"made by renderer {receipt.leaf.renderer} from {len(hashes)} revisions, and from no other"


def _path(receipt: Receipt) -> str:
    try:
        root = merkle.root_by(merkle.leaf_hash(receipt.leaf), receipt.path)
    except ValueError as error:
        raise Wrong("the Merkle path holds something that is no hash") from error
    if root != told(receipt.line.data).get("root") or receipt.line.event != "release.made":
        raise Wrong("the Merkle path leads to another root than the release's line holds")
    return f"its leaf is under the root {root} of the release at line {receipt.line.position}"


def _line(receipt: Receipt) -> str:
    line = receipt.line
    try:
        recomputed = line_hash(receipt.previous, line)
    except (msgspec.DecodeError, TypeError) as error:
        raise Wrong("the release's line can't be read") from error
    if recomputed != line.hash or receipt.served.opened_at != line.position:
        raise Wrong("the release's line has another hash, or isn't the one that opened this row")
    if told(line.data).get("policy") != receipt.policy or told(line.data).get("renderer") != receipt.leaf.renderer:
        raise Wrong("the release's line names another policy or renderer")
    return f"line {line.position} follows from the line before it and was written at {line.at}"


def _checkpoint(receipt: Receipt) -> str:
    made = receipt.checkpoint
    if (made.position, made.hash) != (receipt.line.position, receipt.line.hash):
        raise Wrong("the checkpoint is of another line")
    if made.key != receipt.key or not holds(made):
        raise Wrong("the checkpoint isn't signed by the installation")
    return f"a checkpoint of line {made.position}, signed at {made.at}: keep it, and truncation will be found"


def _signoffs(receipt: Receipt) -> str:
    known = {one.hash for one in receipt.inputs} | {one.signed for one in receipt.carried}
    for one in receipt.signoffs:
        if one.hash not in known:
            raise Wrong(f"the sign-off of {one.by} is of a revision that isn't among the inputs")
        _proves(receipt, one)
    for carried in receipt.carried:
        if not any(
            (one.hash, one.role, one.by) == (carried.signed, carried.role, carried.by) for one in receipt.signoffs
        ):
            raise Wrong(f"the sign-off of {carried.by} that was carried over isn't there")
    people = {one.by for one in receipt.signoffs}
    return f"{len(receipt.signoffs)} sign-offs by {len(people)} people, each verified with a key of its signer"


def _asked(receipt: Receipt) -> str:
    approvals = {one.hash: one for one in receipt.approvals}
    for one in receipt.inputs:
        approval = approvals.get(one.hash)
        if approval is None:
            raise Wrong(f"nothing says what was asked of {one.key} in {one.locale}")
        if lacking := _lacking(receipt, one.hash, approval):
            raise Wrong(f"{one.key} in {one.locale} lacks what its policy asked: {lacking}")
    others = {one.policy for one in receipt.approvals} - {receipt.policy}
    earlier = f", some approved under an earlier one ({', '.join(sorted(others))})" if others else ""
    urgent = sum(one.change == EMERGENCY for one in receipt.approvals)
    brief = (
        f"; EMERGENCY: {urgent} of them went live on the few sign-offs that the policy's row asks for" if urgent else ""
    )
    return (
        f"each revision holds what its policy asked; the release was judged by policy {receipt.policy}{earlier}{brief}"
    )


def _others(receipt: Receipt) -> str:
    known = {one.hash for one in receipt.inputs}
    others: list[Waiver | Verification] = [*receipt.waivers, *receipt.verifications]
    for one in others:
        if one.hash not in known:
            raise Wrong(f"the statement of {one.by} is of a revision that isn't among the inputs")
        _proves(receipt, one)
    return f"{len(receipt.waivers)} waivers and {len(receipt.verifications)} verifications, each verified likewise"


def _demo(receipt: Receipt) -> str:
    if receipt.demo != any(one.origin == "demo" for one in receipt.people):
        raise Wrong("it hides that a demo's key signed, or claims it of none")
    if receipt.demo:
        return "DEMO: some signed with keys that everyone has, so their sign-offs prove nothing about anyone"
    return "no demo key signed"


def _lacking(receipt: Receipt, hash_: str, approval: Approval) -> str:
    signed = {(one.role, one.by) for one in receipt.signoffs if one.hash == hash_}
    signed |= {(one.role, one.by) for one in receipt.carried if one.hash == hash_}
    wanted = {"author": 1} | approval.asked
    short = [role for role, count in wanted.items() if len({by for held, by in signed if held == role}) < count]
    return ", ".join(sorted(short))


def _proves(receipt: Receipt, statement: SignOff | Waiver | Verification) -> None:
    """Wrong unless a key of its signer made it, in a role that the signer held then."""
    person = next((one for one in receipt.people if one.id == statement.by), None)
    data = signed_bytes(statement, "signature")
    if person is None or not any(verifies(key, data, statement.signature) for key in person.public_keys):
        raise Wrong(f"the statement of {statement.by} on {statement.key} isn't signed by any of their keys")
    if statement.role != "author" and not _held(person, statement.role, statement.at):
        raise Wrong(f"{statement.by} didn't hold the role {statement.role} when signing {statement.key}")


def _held(person: Signatory, role: str, at: str) -> bool:
    return any(one.role == role and (one.until is None or at < one.until) for one in person.roles)


def sentences(found: Proved) -> Sequence[str]:
    """What a check found, for people: what was proved, then what is wrong."""
    return [*found.proved, *([f"WRONG: {found.wrong}"] if found.wrong else [])]
