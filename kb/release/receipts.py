"""Making receipts: what the database knows of one released rendition, with its Merkle path, signed by the installation."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.queries import everyone
from kb.accounts.types import Person
from kb.base.db import chunks
from kb.base.errors import Conflict, NotFound
from kb.base.hashing import instant
from kb.base.journal import FIRST_HASH, Line, journal
from kb.base.work import Actor, Right
from kb.delivery.tables import payloads, renditions
from kb.entries.queries import by_hashes
from kb.entries.tables import revisions
from kb.entries.types import Policy
from kb.release import merkle
from kb.release.checkpoints import checkpoint_of
from kb.release.finding import told
from kb.release.installation import Signing, signed_bytes
from kb.release.leaves import RowFacts, row_hash
from kb.release.receipt_types import EMERGENCY, Approval, CarriedOver, HeldRole, Input, Receipt, ServingRow, Signatory
from kb.release.tables import leaf_inputs, leaves, release_items, releases
from kb.review.queries import carried_to, signoffs_of, verifications_of, waivers_of
from kb.review.types import SignOff, Step

FACTS = tuple(renditions.c[name] for name in RowFacts.__struct_fields__)
ROW = (renditions.c.opened_at, renditions.c.closed_at, renditions.c.closed_as, renditions.c.rendition, *FACTS)
LATER_REASON = "it was released by a version that kept no list of what it was made from: release it again"


async def receipt(connection: AsyncConnection, signer: Signing, now: str, actor: Actor, rendition: str) -> Receipt:
    """The receipt of a rendition by its hash, of the newest row that serves it or did.

    NotFound where there is none, where its audience, channel or locale isn't the actor's, where its text was redacted,
    and where it is no longer live and the actor lacks the right to history.
    """
    row = await _row(connection, rendition, actor, now)
    release = (await connection.execute(sa.select(releases).where(releases.c.position == row.opened_at))).one()
    body = await connection.scalar(sa.select(payloads.c.body).where(payloads.c.hash == rendition))
    if not body:
        raise NotFound("its text was redacted")
    facts = RowFacts(*row[4:])
    leaf, path = await _leaf(connection, release, rendition, facts)
    inputs = await _inputs(connection, leaf.inputs)
    line, previous = await _line(connection, row.opened_at)
    hashes = [one.hash for one in inputs]
    signed = await _signed(connection, hashes)
    plain = Receipt(
        rendition=rendition,
        issued_at=now,
        payload=bytes(body).decode(),
        served=ServingRow(facts, row.opened_at, row.closed_at, row.closed_as),
        inputs=inputs,
        leaf=leaf,
        path=path,
        line=line,
        previous=previous,
        policy=release.policy,
        approvals=await _approvals(connection, hashes, signed["signoffs"], row.opened_at),
        checkpoint=checkpoint_of(signer, line.position, line.hash, now),
        introductions=signer.introductions,
        key=signer.key,
        **signed,
    )
    return msgspec.structs.replace(plain, signature=signer.sign(signed_bytes(plain, "signature")))


async def _row(connection: AsyncConnection, rendition: str, actor: Actor, now: str) -> Any:
    """The row that serves a rendition: a live one if there is any, else the newest that did."""
    made = sa.select(releases.c.position).join(leaves, leaves.c.release == releases.c.id)
    positions = made.where(leaves.c.rendition == rendition).distinct()
    statement = sa.select(*ROW).where(renditions.c.opened_at.in_(positions), renditions.c.rendition == rendition)
    order = (renditions.c.closed_at.is_not(None), renditions.c.opened_at.desc(), renditions.c.id.desc())
    for row in await connection.execute(statement.order_by(*order)):
        live = row.closed_at is None and (row.valid_until is None or row.valid_until > now)
        if _may_see(actor, row) and (live or actor.may(Right.HISTORY)):
            return row
    raise NotFound(f"no rendition {rendition}")


def _may_see(actor: Actor, row: Any) -> bool:
    return (
        row.audience in actor.audiences
        and (not actor.channels or row.channel in actor.channels)
        and (not actor.locales or row.locale in actor.locales)
    )


async def _leaf(
    connection: AsyncConnection, release: Any, rendition: str, facts: RowFacts
) -> tuple[merkle.Leaf, tuple[merkle.Sibling, ...]]:
    columns = (leaves.c.rendition, leaves.c.inputs, leaves.c.profile, leaves.c.row)
    statement = sa.select(*columns).where(leaves.c.release == release.id).order_by(leaves.c.number)
    rows = (await connection.execute(statement)).all()
    wanted = (rendition, row_hash(facts))
    index = next((at for at, row in enumerate(rows) if (row.rendition, row.row) == wanted), None)
    if index is None:
        raise Conflict(f"no receipt can be made: {LATER_REASON}")

    def walk() -> tuple[merkle.Leaf, tuple[merkle.Sibling, ...]]:
        made = [merkle.Leaf(row.rendition, row.inputs, row.profile, release.renderer, row.row) for row in rows]
        return made[index], merkle.path([merkle.leaf_hash(leaf) for leaf in made], index)

    return await asyncio.to_thread(walk)


async def _inputs(connection: AsyncConnection, inputs: str) -> tuple[Input, ...]:
    listed = await connection.scalar(sa.select(leaf_inputs.c.hashes).where(leaf_inputs.c.hash == inputs))
    if listed is None:
        raise Conflict(f"no receipt can be made: {LATER_REASON}")
    hashes = listed.split("\n")
    columns = (revisions.c.key, revisions.c.kind, revisions.c.locale, revisions.c.number, revisions.c.hash)
    rows = await connection.execute(sa.select(*columns).where(revisions.c.hash.in_(hashes)))
    found = {row.hash: Input(*row) for row in rows}
    return tuple(found[hash_] for hash_ in hashes)


async def _line(connection: AsyncConnection, position: int) -> tuple[Line, str]:
    """A line of the journal, and the hash of the one before it."""
    statement = sa.select(journal).where(journal.c.position.in_((position - 1, position)))
    rows = (await connection.execute(statement.order_by(journal.c.position))).all()
    return Line(*rows[-1]), (rows[0].hash if len(rows) > 1 else FIRST_HASH)


async def _signed(connection: AsyncConnection, hashes: Sequence[str]) -> dict[str, Any]:
    """Every statement about these revisions, what was carried over to them, and who made it all."""
    carried = [
        CarriedOver(hash_, one.role, one.by, one.signed, str(one.change))
        for hash_, group in (await carried_to(connection, hashes)).items()
        for one in group
    ]
    wanted = {(one.signed, one.role, one.by) for one in carried}
    signoffs = _flat((await signoffs_of(connection, hashes)).values())
    former = _flat((await signoffs_of(connection, {one.signed for one in carried} - set(hashes))).values())
    signoffs += [one for one in former if (one.hash, one.role, one.by) in wanted]
    waivers = _flat((await waivers_of(connection, hashes)).values())
    verifications = _flat((await verifications_of(connection, hashes)).values())
    known = await everyone(connection)
    ids = sorted({one.by for one in (*signoffs, *waivers, *verifications)})
    people = tuple(signatory(known[one]) for one in ids if one in known)
    return {
        "signoffs": tuple(signoffs),
        "carried": tuple(carried),
        "waivers": tuple(waivers),
        "verifications": tuple(verifications),
        "people": people,
        "demo": any(one.origin == "demo" for one in people),
    }


def _flat(groups: Iterable[Iterable[Any]]) -> list[Any]:
    return [one for group in groups for one in group]


def signatory(person: Person) -> Signatory:
    """A person as proofs name them: an opaque id, public keys and roles over time."""
    roles = tuple(
        HeldRole(str(one.role), one.topics, instant(one.since), instant(one.until) if one.until else None)
        for one in person.roles
    )
    return Signatory(person.id, person.origin, (*person.public_keys, *person.retired_keys), roles)


async def _approvals(
    connection: AsyncConnection, hashes: Sequence[str], signoffs: Iterable[SignOff], upto: int
) -> tuple[Approval, ...]:
    """What was asked of each revision when it was approved the last time before a position, or let live in an emergency."""
    said = sa.or_(*(journal.c.data.contains(hash_, autoescape=True) for hash_ in hashes))
    first = sa.select(sa.func.min(revisions.c.position)).where(revisions.c.hash.in_(hashes)).scalar_subquery()
    statement = sa.select(journal.c.position, journal.c.data).where(
        journal.c.position > first, journal.c.position < upto, journal.c.event == "review.approved", said
    )
    found = await _emergencies(connection, hashes, upto)
    for row in await connection.execute(statement.order_by(journal.c.position)):
        line = told(row.data)
        if line.get("hash") in hashes:
            before = found.get(line["hash"])
            if before is not None and before.position > row.position:
                continue  # it was approved, and went live in an emergency after that
            asked = {str(role): int(count) for role, count in line.get("asked", {}).items()}
            found[line["hash"]] = Approval(line["hash"], row.position, line["policy"], line["class"], asked)
    return tuple(found[hash_] for hash_ in hashes if hash_ in found)


async def _emergencies(connection: AsyncConnection, hashes: Sequence[str], upto: int) -> dict[str, Approval]:
    """What the policy asked of revisions that went live in an emergency by a position: its row for that, in place of the rest."""
    urgent = release_items.c.step == Step.RELEASE_EMERGENCY
    statement = sa.select(release_items.c.hash, releases.c.position, releases.c.policy)
    statement = statement.join(releases, releases.c.id == release_items.c.release).order_by(releases.c.position)
    found = {}
    for chunk in chunks(sorted(set(hashes))):
        rows = statement.where(urgent, release_items.c.hash.in_(chunk), releases.c.position <= upto)
        for row in await connection.execute(rows):
            policy = await _policy(connection, row.policy)
            asked = dict(policy.emergency.roles) if policy is not None and policy.emergency is not None else {}
            found[row.hash] = Approval(row.hash, row.position, row.policy, EMERGENCY, asked)
    return found


async def _policy(connection: AsyncConnection, hash_: str) -> Policy | None:
    found = (await by_hashes(connection, [hash_])).get(hash_)
    house = found.draft.content.house if found is not None else None
    return house.policy if house is not None else None
