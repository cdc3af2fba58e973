"""Signing: sign-offs, waivers and verifications are judged, recorded once, and may move what they speak of."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

import msgspec

from kb.accounts.queries import everyone
from kb.accounts.signing import Sealer, sign_with_kept_key
from kb.accounts.types import People, Role
from kb.base.errors import Code, Conflict, Detail, Forbidden, Invalid
from kb.base.hashing import digest, instant
from kb.base.work import Right, Work
from kb.review import queries
from kb.review.cases import case_of
from kb.review.counting import counts, verification_counts, waiver_counts
from kb.review.rules import invited, may_on, refuse, topics_for, why_not
from kb.review.settling import settle
from kb.review.signatures import signed_bytes
from kb.review.standing import dossiers, policy_in_force
from kb.review.tables import signoffs, verifications, waivers
from kb.review.types import Act, Dossier, Refusal, SignOff, Statement, Verification, Waiver

T = TypeVar("T", SignOff, Waiver, Verification)

SKEW = timedelta(minutes=5)
"""How far the clock of whoever signed elsewhere may be ahead of ours."""

TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")

AGAINST = {"signer-suspended", "signer-contributed", "signer-not-author", "role-not-held", "signer-not-vouched"}
"""Refusals of a person rather than of a statement."""


async def sign(work: Work, offered: Sequence[SignOff], waived: Sequence[Waiver] = ()) -> list[Refusal]:
    """Record the sign-offs and waivers that count, approve what has all it needs, and return the ones refused and why.

    A statement recorded before is passed over. A sign-off of a hash that isn't stored is refused, not kept. Forbidden for an
    actor who may neither load nor sign on a topic that the statements are about.
    """
    force = await policy_in_force(work.connection)
    statements: list[SignOff | Waiver] = [*offered, *waived]
    found = await dossiers(work.connection, {one.hash for one in statements}, force.policy)
    _may_hand_in(work, found)
    people = await everyone(work.connection)
    refused = [_unknown(one) for one in statements if not _fits(one, found.get(one.hash))]
    refused += await _record(work, offered, found, people, first=force.policy is None)
    await settle(work, found)
    if waived:
        settled = await policy_in_force(work.connection)  # the first policy may have been among what was just approved
        waivable = settled.policy.waivers if settled.policy else ()
        for waiver in waived:
            dossier = found.get(waiver.hash)
            if dossier is not None and _fits(waiver, dossier):
                refused += await _record_waiver(work, waiver, dossier, people, waivable)
    return refused


async def sign_here(work: Work, sealer: Sealer, hash_: str, role: Role) -> SignOff:
    """The actor signs a revision with the key the server keeps for them; what lacks nothing then is approved.

    Conflict or Forbidden with every reason why it can't be; Forbidden (`reauthenticate`) where a change of class value or
    disclosure needs a fresh proof of who they are.
    """
    dossier, someone = await case_of(work, hash_)
    refuse(why_not(dossier, someone, Act.SIGN, work.now, role))
    review = dossier.review
    unsigned = SignOff(review.key, review.locale, hash_, role.value, work.actor.id, work.stamp, "")
    signoff = await _with_kept_key(work, sealer, unsigned)
    _accept(await sign(work, [signoff]))
    return signoff


async def sign_brought(work: Work, hash_: str, signoff: SignOff) -> None:
    """Hand in a sign-off that someone made with a key of their own; a second time is no other sign-off.

    Invalid for a statement about another revision or with a signature that doesn't verify, Forbidden where it doesn't count.
    """
    dossier, someone = await case_of(work, hash_)
    if signoff.hash != hash_ or not _fits(signoff, dossier):
        raise _wrong("the sign-off speaks of another revision than the address")
    _own(work, signoff)
    reasons = why_not(dossier, msgspec.structs.replace(someone, fresh=True), Act.SIGN, work.now, signoff.role)
    refuse([one for one in reasons if one.code != "already-signed"])
    _accept(await sign(work, [signoff]))


async def waive(work: Work, waiver: Waiver) -> None:
    """Let a finding about negation, modality or a qualifier pass: a signed line bound to one hash, code and field.

    Law 4: a role that the policy names, by someone who contributed nothing, with a reason; figures, disclosures and
    prohibited phrases never. Invalid or Forbidden where it doesn't count; a second time is no other waiver.
    """
    dossier, someone = await case_of(work, waiver.hash)
    if not _fits(waiver, dossier):
        raise _wrong("the waiver speaks of another revision than the address")
    _own(work, waiver)
    refuse(why_not(dossier, msgspec.structs.replace(someone, fresh=True), Act.WAIVE, work.now, waiver.role))
    people = await everyone(work.connection)
    _accept(await _record_waiver(work, waiver, dossier, people, dossier.waivers))


async def waive_here(work: Work, sealer: Sealer, hash_: str, role: Role, code: str, field: str, reason: str) -> Waiver:
    """The actor waives a finding with the key the server keeps for them, having proved just now who they are."""
    dossier, someone = await case_of(work, hash_)
    refuse(why_not(dossier, someone, Act.WAIVE, work.now, role))
    review, by = dossier.review, work.actor.id
    unsigned = Waiver(review.key, review.locale, hash_, code, field, reason.strip(), role.value, by, work.stamp, "")
    waiver = await _with_kept_key(work, sealer, unsigned)
    await waive(work, waiver)
    return waiver


async def verify(work: Work, verification: Verification) -> None:
    """Record that a live text is still right: by a holder of a role the policy asks of it, who contributed nothing to it.

    Nothing is changed by it but the day the text was last known to be right (`queries.verified_at`); rows are made anew with
    that by a release.
    """
    dossier, someone = await case_of(work, verification.hash)
    if not _fits(verification, dossier):
        raise _wrong("the verification speaks of another revision than the address")
    _own(work, verification)
    refuse(why_not(dossier, msgspec.structs.replace(someone, fresh=True), Act.VERIFY, work.now, verification.role))
    person = (await everyone(work.connection)).get(verification.by)
    topics, roles = topics_for(dossier), dossier.verifiers
    refusal = verification_counts(verification, person, dossier.contributors, topics, roles, work.now)
    _accept([refusal] if refusal else [])
    known = (await queries.verifications_of(work.connection, [verification.hash])).get(verification.hash, [])
    if any((one.role, one.by, one.at) == (verification.role, verification.by, verification.at) for one in known):
        return
    position = await work.record("review.verified", _said(verification))
    await work.connection.execute(
        verifications.insert().values(**msgspec.structs.asdict(verification), position=position)
    )


async def verify_here(work: Work, sealer: Sealer, hash_: str, role: Role) -> Verification:
    """The actor verifies a live text with the key the server keeps for them, having proved just now who they are."""
    dossier, someone = await case_of(work, hash_)
    refuse(why_not(dossier, someone, Act.VERIFY, work.now, role))
    review = dossier.review
    unsigned = Verification(review.key, review.locale, hash_, role.value, work.actor.id, work.stamp, "")
    verification = await _with_kept_key(work, sealer, unsigned)
    await verify(work, verification)
    return verification


async def _record(
    work: Work, offered: Sequence[SignOff], found: Mapping[str, Dossier], people: People, *, first: bool
) -> list[Refusal]:
    """Store the sign-offs that count and are news, a line `review.signed` each; returns those that don't count."""
    known = await queries.signoffs_of(work.connection, found)
    recorded = {(one.hash, one.role, one.by) for group in known.values() for one in group}
    refused, rows = [], []
    for one in offered:
        dossier = found.get(one.hash)
        if dossier is None or not _fits(one, dossier) or (one.hash, one.role, one.by) in recorded:
            continue
        topics, wrote = topics_for(dossier), dossier.contributors
        if refusal := counts(one, people.get(one.by), wrote, topics, leaving=dossier.leaving, at=work.now, first=first):
            refused.append(refusal)
            continue
        recorded.add((one.hash, one.role, one.by))
        position = await work.record("review.signed", _said(one))
        rows.append({**msgspec.structs.asdict(one), "position": position})
    if rows:
        await work.connection.execute(signoffs.insert(), rows)
    return refused


async def _record_waiver(
    work: Work, waiver: Waiver, dossier: Dossier, people: People, waivable: Sequence[str]
) -> list[Refusal]:
    topics, wrote = topics_for(dossier), dossier.contributors
    if refusal := waiver_counts(waiver, people.get(waiver.by), wrote, topics, waivable, work.now):
        return [refusal]
    known = (await queries.waivers_of(work.connection, [waiver.hash])).get(waiver.hash, [])
    if not any((one.code, one.field, one.by) == (waiver.code, waiver.field, waiver.by) for one in known):
        position = await work.record("review.waived", _said(waiver) | {"code": waiver.code})
        await work.connection.execute(waivers.insert().values(**msgspec.structs.asdict(waiver), position=position))
    return []


async def _with_kept_key(work: Work, sealer: Sealer, unsigned: T) -> T:
    found = await sign_with_kept_key(work.connection, sealer, work.actor.id, signed_bytes(unsigned))
    if found is None:
        raise Conflict("the server keeps no key for you: have one made, or hand in what you signed with your own")
    return msgspec.structs.replace(unsigned, signature=found[1])


def _own(work: Work, statement: Statement) -> None:
    """A statement that someone brings is their own, and not of a day to come: it would keep a text verified till then."""
    if statement.by != work.actor.id:
        raise Forbidden("everyone hands in what they signed themselves")
    if not TIME.fullmatch(statement.at) or statement.at > instant(work.now + SKEW):
        raise _wrong("it must say when it was signed, in UTC with milliseconds, and not in the future")


def _may_hand_in(work: Work, found: Mapping[str, Dossier]) -> None:
    if work.actor.may(Right.LOAD):
        return
    for dossier in found.values():
        if not may_on(work.actor, Right.SIGN, dossier) and not invited(work.actor, dossier):
            work.actor.must(Right.SIGN, dossier.topic)


def _accept(refused: Sequence[Refusal]) -> None:
    for one in refused:
        if one.code in AGAINST:
            raise Forbidden(one.message)
        raise _wrong(one.message)


def _said(statement: Statement) -> dict[str, object]:
    """What the journal says of a statement: ids and the digest of what was signed."""
    said = {name: getattr(statement, name) for name in ("key", "locale", "hash", "role", "by")}
    return said | {"statement": digest(signed_bytes(statement))}


def _fits(statement: Statement, dossier: Dossier | None) -> bool:
    if dossier is None:
        return False
    draft = dossier.revision.draft
    return (draft.key, draft.locale) == (statement.key, statement.locale)


def _unknown(statement: SignOff | Waiver) -> Refusal:
    message = f"no revision of {statement.key} in {statement.locale} has the hash {statement.hash[:12]}…"
    return Refusal(
        statement.key, statement.locale, statement.hash, statement.by, statement.role, "revision-unknown", message
    )


def _wrong(message: str) -> Invalid:
    return Invalid(message, errors=(Detail("", Code.INVALID.value, message),))
