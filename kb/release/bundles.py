"""Moving a release to another installation: everything it needs in one file, judged there anew by its own people and policy."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.queries import everyone
from kb.base.db import chunks
from kb.base.errors import Conflict, Invalid, NotFound
from kb.base.hashing import canonical, digest
from kb.base.work import Actor, Right, Work
from kb.entries import actions as entries
from kb.entries.queries import REVISION, revision_of
from kb.entries.rules import content_hash
from kb.entries.tables import revisions
from kb.entries.types import Draft
from kb.release.audit_released import OPENING
from kb.release.installation import Introduction, Signing, signed_bytes, verifies
from kb.release.prepare import prepare
from kb.release.receipt_types import CarriedOver, Signatory, Strict
from kb.release.receipts import signatory
from kb.release.tables import live_revisions, release_items, releases
from kb.release.types import At, Blocked, Prepared
from kb.review import actions as review
from kb.review.queries import by_hashes, carried_to, signoffs_of, waivers_of
from kb.review.standing import BEEN_LIVE
from kb.review.types import Refusal, RevisionAt, SignOff, Waiver

REASON = "imported from another installation"
"""The reason of a release that an import makes."""


class Packed(Strict, frozen=True):
    """A revision as it was signed: `body` is the very text whose SHA-256 is `hash`; `number` and `at` are of its origin."""

    hash: str
    number: int
    at: str
    body: str


class Bundle(Strict, frozen=True, kw_only=True):
    """A release with everything another installation needs to judge it (`kb.bundle/1`).

    `items` went live by it; the other revisions are sources that translations pin, and former candidates whose sign-offs
    were carried over. `people` are for information: the other installation believes its own. `signature` is Ed25519 over
    RFC 8785 JSON of all the rest, by `key`.
    """

    release: str
    position: int
    at: str
    policy: str
    items: tuple[RevisionAt, ...]
    revisions: tuple[Packed, ...]
    signoffs: tuple[SignOff, ...]
    waivers: tuple[Waiver, ...]
    carried: tuple[CarriedOver, ...]
    people: tuple[Signatory, ...]
    introductions: tuple[Introduction, ...]
    key: str
    signature: str = ""
    format: str = "kb.bundle/1"

    def written(self) -> bytes:
        """The one spelling of a bundle: its RFC 8785 JSON."""
        return canonical(self)


class Unpacked(msgspec.Struct, frozen=True):
    """A bundle that can be believed to be whole: its drafts in the order in which they were written."""

    bundle: Bundle
    drafts: tuple[Draft, ...]


class Accepted(msgspec.Struct, frozen=True):
    """What an import wrote: how many revisions were news, and the statements that don't count here, with why."""

    fresh: int
    refused: tuple[Refusal, ...]


async def pack(connection: AsyncConnection, signer: Signing, release: str) -> Bundle:
    """A release as a bundle; NotFound where there is no such release, or one that made nothing live."""
    row = (await connection.execute(sa.select(releases).where(releases.c.id == release))).one_or_none()
    columns = (release_items.c.key, release_items.c.locale, release_items.c.hash)
    listed = sa.select(*columns).where(release_items.c.release == release, release_items.c.step.in_(OPENING))
    items = [RevisionAt(*item) for item in await connection.execute(listed.order_by(*columns))]
    if row is None or not items:
        raise NotFound(f"no release {release} that made anything live: `kb release list` names them")
    packed, carried = await _whole(connection, [item.hash for item in items])
    if missing := [item.key for item in items if item.hash not in packed]:
        raise Conflict(f"the text of {', '.join(missing)} was redacted: what is gone can't be moved")
    offs = [one for group in (await signoffs_of(connection, packed)).values() for one in group]
    waived = [one for group in (await waivers_of(connection, packed)).values() for one in group]
    people = await everyone(connection)
    signers = sorted(({one.by for one in offs} | {one.by for one in waived}) & people.keys())
    plain = Bundle(
        release=row.id,
        position=row.position,
        at=row.at,
        policy=row.policy,
        items=tuple(items),
        revisions=tuple(sorted(packed.values(), key=lambda one: (one.at, one.number, one.hash))),
        signoffs=tuple(offs),
        waivers=tuple(waived),
        carried=tuple(carried),
        people=tuple(signatory(people[one]) for one in signers),
        introductions=signer.introductions,
        key=signer.key,
    )
    return msgspec.structs.replace(plain, signature=signer.sign(signed_bytes(plain, "signature")))


def unpack(data: bytes) -> Unpacked:
    """The bundle in these bytes; Invalid where it isn't exactly what its own key signed, or a text isn't what its hash says.

    That key is nobody this installation knows: it proves that the file is whole, not that anyone should believe it.
    """
    try:
        bundle = msgspec.json.decode(data, type=Bundle)
        whole = bundle.written() == data.removesuffix(b"\n") and bundle.format == "kb.bundle/1"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"this is no bundle of a release: {error}") from error
    if not whole or not verifies(bundle.key, signed_bytes(bundle, "signature"), bundle.signature):
        raise Invalid("this bundle was changed after it was exported: export it again, nothing of it was taken")
    return Unpacked(bundle, tuple(_draft(one) for one in bundle.revisions))


async def accept(work: Work, unpacked: Unpacked) -> Accepted:
    """Write and submit a bundle's revisions, and record what was signed as far as it counts here.

    Every signature is verified again, with the keys and roles of this installation's own people, under its policy. Doing
    it twice writes nothing more.
    """
    work.actor.must(Right.RELEASE)
    actor, work.actor = work.actor, _loading(work.actor)
    try:
        hashes = [one.hash for one in unpacked.bundle.revisions]
        known = await by_hashes(work.connection, hashes)
        written = await entries.write(work, unpacked.drafts)
        await review.submit(work, written)
        refused = await review.sign(work, unpacked.bundle.signoffs, unpacked.bundle.waivers)
        await review.settle(work, hashes)
    finally:
        work.actor = actor
    return Accepted(len({*hashes} - known.keys()), tuple(refused))


async def prepared(
    connection: AsyncConnection, unpacked: Unpacked, now: datetime
) -> tuple[Prepared | None, list[Blocked]]:
    """What releasing the bundle's items would do here (None: nothing), and those that stay behind, with why.

    What is live stays as it is, and what was withdrawn or replaced since it was imported doesn't come back by importing it.
    """
    items = unpacked.bundle.items
    states = await by_hashes(connection, [one.hash for one in items])
    highest = await _highest(connection, {one.key for one in items})
    ready = [
        one.hash
        for one in items
        if (found := states.get(one.hash))
        and found.state not in BEEN_LIVE
        and found.number > highest.get((one.key, one.locale), 0)
    ]
    if not ready:
        return None, []
    made = await prepare(connection, ready, now)
    return (made if made.steps else None), list(made.blocked)


def _loading(actor: Actor) -> Actor:
    """Whoever may release may take in what others wrote and signed elsewhere: as files are, not as writing of their own."""
    return msgspec.structs.replace(actor, rights=actor.rights | {Right.LOAD})


async def _whole(connection: AsyncConnection, hashes: Sequence[str]) -> tuple[dict[str, Packed], list[CarriedOver]]:
    """These revisions, the sources they pin, and the former candidates whose sign-offs they carry, by hash."""
    found: dict[str, Packed] = {}
    carried: list[CarriedOver] = []
    waiting = set(hashes)
    while waiting:
        further: set[str] = set()
        for chunk in chunks(sorted(waiting)):
            rows = await connection.execute(sa.select(*REVISION, revisions.c.source).where(revisions.c.hash.in_(chunk)))
            for row in rows:
                if row.body:
                    found[row.hash] = Packed(row.hash, row.number, row.at, bytes(row.body).decode())
                    further |= {row.source} - {""}
        for hash_, group in (await carried_to(connection, waiting)).items():
            carried += [CarriedOver(hash_, one.role, one.by, one.signed, str(one.change)) for one in group]
            further |= {one.signed for one in group}
        waiting = further - found.keys() - waiting
    return found, carried


async def _highest(connection: AsyncConnection, keys: set[str]) -> dict[At, int]:
    """The highest number that was ever live at each place of these keys."""
    found: dict[At, int] = {}
    highest = sa.func.max(live_revisions.c.number).label("number")
    base = sa.select(live_revisions.c.key, live_revisions.c.locale, highest)
    for chunk in chunks(sorted(keys)):
        rows = base.where(live_revisions.c.key.in_(chunk)).group_by(live_revisions.c.key, live_revisions.c.locale)
        found.update({(row.key, row.locale): row.number for row in await connection.execute(rows)})
    return found


class _Row(msgspec.Struct, frozen=True):
    """A packed revision where a row of the table is read."""

    number: int
    hash: str
    body: bytes
    at: str
    position: int = 0


def _draft(packed: Packed) -> Draft:
    body = packed.body.encode()
    try:
        draft = revision_of(_Row(packed.number, packed.hash, body, packed.at)).draft
    except (msgspec.DecodeError, ValueError) as error:
        raise Invalid(f"a revision in this bundle can't be read: {error}") from error
    if digest(body) != packed.hash or content_hash(draft) != packed.hash:
        raise Invalid(f"the revision of {draft.key} isn't what its hash says: nothing of the bundle was taken")
    return draft
