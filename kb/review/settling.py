"""Settling: what was signed enough is approved, what may carry over is recorded, and an emergency is confirmed."""

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from kb.base.hashing import digest
from kb.base.work import Work
from kb.entries.types import Policy
from kb.review import queries
from kb.review.rules import move
from kb.review.signatures import signed_bytes
from kb.review.standing import POLICY_KEY, dossiers, policy_in_force
from kb.review.tables import carried, reviews
from kb.review.types import Dossier, State, Step


async def settle(work: Work, hashes: Iterable[str]) -> list[str]:
    """Approve every revision in review that lacks nothing any more, and confirm what went live in an emergency.

    Returns their hashes. The policy comes first: in an empty home what it asks of the rest holds once it is approved itself.
    """
    approved: list[str] = []
    waiting = set(hashes)
    while waiting:
        force = await policy_in_force(work.connection)
        found = await carry(work, await dossiers(work.connection, waiting, force.policy), force.policy)
        ready = [one for one in found.values() if one.waits and not one.standing.missing and not one.blocking]
        first = [one for one in ready if one.revision.draft.key == POLICY_KEY] if force.policy is None else []
        await _approve(work, first or ready, force.hash)
        approved += [dossier.review.hash for dossier in first or ready]
        if not first:
            break
        waiting -= set(approved)
    return approved


async def carry(work: Work, found: Mapping[str, Dossier], policy: Policy | None) -> dict[str, Dossier]:
    """Record what may carry over to the revisions that wait, a line `review.carried` each; returns all as they stand then."""
    carrying = {hash_: one for hash_, one in found.items() if one.waits and one.carriable}
    if not carrying:
        return dict(found)
    signed = await queries.signoffs_of(
        work.connection, {one.signed for each in carrying.values() for one in each.carriable}
    )
    statements = {(one.hash, one.role, one.by): one for offs in signed.values() for one in offs}
    rows = []
    for hash_, dossier in carrying.items():
        place = {"key": dossier.review.key, "locale": dossier.review.locale, "hash": hash_}
        for one in dossier.carriable:
            row = {**place, "role": one.role, "by": one.by, "signed": one.signed, "change": one.change.value}
            statement = digest(signed_bytes(statements[one.signed, one.role, one.by]))
            position = await work.record("review.carried", {**row, "statement": statement})
            rows.append({**row, "position": position})
    await work.connection.execute(carried.insert(), rows)
    return {**found, **await dossiers(work.connection, carrying, policy)}


async def _approve(work: Work, ready: Sequence[Dossier], policy: str) -> None:
    approved, confirmed = [], []
    for dossier in ready:
        review = dossier.review
        data: dict[str, object] = {"key": review.key, "locale": review.locale, "hash": review.hash, "policy": policy}
        data |= {"class": dossier.standing.change.value, "asked": dossier.asked}
        if dossier.emergency:
            position = await work.record("review.approved", data | {"emergency": True})
            confirmed.append({"of": review.hash, "confirmed": position})
        else:
            position = await work.record("review.approved", data)
            approved.append({"of": review.hash, "state": move(review.state, Step.APPROVE).value, "position": position})
    statement = reviews.update().where(reviews.c.hash == sa.bindparam("of"))
    for rows in (approved, confirmed):
        if rows:
            await work.connection.execute(statement, rows)


async def store_states(work: Work, hashes: Sequence[str], state: State, position: int, **more: object) -> None:
    """Put these revisions into a state as part of the act at a position."""
    for start in range(0, len(hashes), 500):
        chunk = hashes[start : start + 500]
        values = {"state": state.value, "position": position, **more}
        await work.connection.execute(reviews.update().where(reviews.c.hash.in_(chunk)).values(**values))
