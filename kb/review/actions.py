"""Acts on revisions: submit, sign, waive, and the moves that release takes."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import sqlalchemy as sa

from kb.accounts.queries import everyone
from kb.accounts.types import People
from kb.base.hashing import digest
from kb.base.work import Work
from kb.entries.types import Revision
from kb.review import queries
from kb.review.rules import counts, move, waiver_counts
from kb.review.signatures import signed_bytes
from kb.review.standing import Dossier, dossiers, policy_in_force
from kb.review.tables import reviews, signoffs, waivers
from kb.review.types import Refusal, SignOff, State, Step, Waiver


async def submit(work: Work, revisions: Sequence[Revision]) -> list[Revision]:
    """Put revisions that have no review yet into review; returns those, with a line `review.submitted` each."""
    known = await queries.by_hashes(work.connection, [revision.hash for revision in revisions])
    fresh = list({one.hash: one for one in revisions if one.hash not in known}.values())
    rows = []
    for revision in fresh:
        place = {"key": revision.draft.key, "locale": revision.draft.locale, "hash": revision.hash}
        position = await work.record("review.submitted", place)
        rows.append({**place, "number": revision.number, "state": State.IN_REVIEW.value, "position": position})
    if rows:
        await work.connection.execute(reviews.insert(), rows)
    return fresh


async def sign(work: Work, offered: Sequence[SignOff], waived: Sequence[Waiver] = ()) -> list[Refusal]:
    """Record the sign-offs and waivers that count, approve what has all it needs, and return the ones refused and why.

    A statement recorded before is passed over. A sign-off of a hash that isn't stored is refused, not kept.
    """
    force = await policy_in_force(work.connection)
    statements: list[SignOff | Waiver] = [*offered, *waived]
    found = await dossiers(work.connection, {one.hash for one in statements}, force.policy)
    people = await everyone(work.connection)
    refused = [_unknown(one) for one in statements if not _fits(one, found.get(one.hash))]
    refused += await _record(work, offered, found, people)
    await settle(work, found)
    settled = await policy_in_force(work.connection)  # the first policy may have been among what was just approved
    waivable = settled.policy.waivers if settled.policy else ()
    for waiver in waived:
        dossier = found.get(waiver.hash)
        if dossier is not None and _fits(waiver, dossier):
            person = people.get(waiver.by)
            if refusal := waiver_counts(waiver, person, dossier.contributors, dossier.topic, waivable):
                refused.append(refusal)
            else:
                await _waive(work, waiver)
    return refused


async def _record(
    work: Work, offered: Sequence[SignOff], found: Mapping[str, Dossier], people: People
) -> list[Refusal]:
    """Store the sign-offs that count and are news, a line `review.signed` each; returns those that don't count."""
    known = await queries.signoffs_of(work.connection, found)
    recorded = {(one.hash, one.role, one.by) for group in known.values() for one in group}
    refused, rows = [], []
    for one in offered:
        dossier = found.get(one.hash)
        if dossier is None or not _fits(one, dossier) or (one.hash, one.role, one.by) in recorded:
            continue
        if refusal := counts(one, people.get(one.by), dossier.contributors, dossier.topic):
            refused.append(refusal)
            continue
        recorded.add((one.hash, one.role, one.by))
        data = {"key": one.key, "locale": one.locale, "hash": one.hash, "role": one.role, "by": one.by}
        position = await work.record("review.signed", data | {"statement": digest(signed_bytes(one))})
        rows.append({**msgspec.structs.asdict(one), "position": position})
    if rows:
        await work.connection.execute(signoffs.insert(), rows)
    return refused


async def settle(work: Work, hashes: Iterable[str]) -> list[str]:
    """Approve every revision in review that lacks no sign-off any more; returns their hashes.

    The policy comes first: in an empty home what it asks of the rest holds once it is approved itself.
    """
    approved: list[str] = []
    waiting = set(hashes)
    while waiting:
        force = await policy_in_force(work.connection)
        found = await dossiers(work.connection, waiting, force.policy)
        ready = [one for one in found.values() if one.review.state is State.IN_REVIEW and not one.standing.missing]
        first = [one for one in ready if one.revision.draft.key == "policy"] if force.policy is None else []
        await _approve(work, first or ready, force.hash)
        approved += [dossier.review.hash for dossier in first or ready]
        if not first:
            break
        waiting -= set(approved)
    return approved


async def moved(work: Work, steps: Mapping[str, Step], position: int) -> None:
    """Take `release`'s steps on revisions by hash, all of them part of the act at `position`; Conflict if one can't."""
    known = await queries.by_hashes(work.connection, steps)
    by_state: dict[State, list[str]] = {}
    for hash_, step in steps.items():
        by_state.setdefault(move(known[hash_].state, step), []).append(hash_)
    for state, hashes in by_state.items():
        await _store_states(work, hashes, state, position)


async def _approve(work: Work, ready: Sequence[Dossier], policy: str) -> None:
    rows = []
    for dossier in ready:
        review = dossier.review
        data: dict[str, object] = {"key": review.key, "locale": review.locale, "hash": review.hash, "policy": policy}
        data |= {"class": dossier.standing.change.value, "asked": dossier.asked}
        position = await work.record("review.approved", data)
        rows.append({"of": review.hash, "state": move(review.state, Step.APPROVE).value, "position": position})
    if rows:
        statement = reviews.update().where(reviews.c.hash == sa.bindparam("of"))
        await work.connection.execute(statement, rows)


async def _store_states(work: Work, hashes: Sequence[str], state: State, position: int) -> None:
    for start in range(0, len(hashes), 500):
        chunk = hashes[start : start + 500]
        statement = reviews.update().where(reviews.c.hash.in_(chunk)).values(state=state.value, position=position)
        await work.connection.execute(statement)


async def _waive(work: Work, waiver: Waiver) -> None:
    known = (await queries.waivers_of(work.connection, [waiver.hash])).get(waiver.hash, [])
    if any((one.code, one.field, one.by) == (waiver.code, waiver.field, waiver.by) for one in known):
        return
    data = {"key": waiver.key, "locale": waiver.locale, "hash": waiver.hash, "code": waiver.code, "by": waiver.by}
    position = await work.record("review.waived", data | {"statement": digest(signed_bytes(waiver))})
    await work.connection.execute(waivers.insert().values(**msgspec.structs.asdict(waiver), position=position))


def _fits(statement: SignOff | Waiver, dossier: Dossier | None) -> bool:
    if dossier is None:
        return False
    draft = dossier.revision.draft
    return (draft.key, draft.locale) == (statement.key, statement.locale)


def _unknown(statement: SignOff | Waiver) -> Refusal:
    message = f"no revision of {statement.key} in {statement.locale} has the hash {statement.hash[:12]}…"
    return Refusal(
        statement.key, statement.locale, statement.hash, statement.by, statement.role, "revision-unknown", message
    )
