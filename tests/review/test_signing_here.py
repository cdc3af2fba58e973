"""Signing with a kept key or one's own, verifying, waiving, emergencies and outside experts, through the program."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kb.accounts.links import link_actor
from kb.accounts.types import Role
from kb.base.errors import Code, Conflict, Forbidden, Invalid, NotFound
from kb.base.journal import read_lines
from kb.base.work import Actor
from kb.entries.types import Emergency, Kind, Policy, PolicyRule, Revision
from kb.review import actions as review
from kb.review import queries
from kb.review.comments import Remark
from kb.review.experts import Invitation, revoke
from kb.review.signatures import sign_verification, sign_waiver
from kb.review.types import ChangeClass, SignOff, State, Step, Verification, Waiver
from tests.builders import (
    KEYS,
    POLICY,
    Home,
    a_fact,
    a_live_answer,
    a_signer,
    a_signoff,
    an_answer,
    changed,
    live,
    read,
    signed,
    trusted,
    written,
)
from tests.review.acting import a_kept_key, acting, dossier, drafted, ruled, signed_in, state

pytestmark = pytest.mark.both_databases


# ---- kept and brought keys -------------------------------------------------------------------------------------------


async def test_a_person_signs_with_the_key_that_is_kept_for_them(house: Home, tmp_path: Path) -> None:
    (revision,) = await written(house, an_answer())
    sealer = await a_kept_key(house, "lea", tmp_path)
    async with house.work() as work:
        await review.sign(work, [a_signoff(house, revision, "author", "ana")])
    async with house.work(await signed_in(house, "lea")) as work:
        await review.sign_here(work, sealer, revision.hash, Role.LEGAL)
    assert await state(house, revision) is State.APPROVED
    offs = (await dossier(house, revision)).standing.signed
    assert {(one.by, one.role) for one in offs} == {("ana", "author"), ("lea", "legal")}


async def test_a_value_is_signed_only_by_who_proved_lately_who_they_are(house: Home, tmp_path: Path) -> None:
    (revision,) = await written(house, an_answer())
    sealer = await a_kept_key(house, "lea", tmp_path)
    late = await signed_in(house, "lea")
    house.clock.move(minutes=6)
    for actor in (late, await acting(house, "lea")):
        with pytest.raises(Forbidden) as refused:
            async with house.work(actor) as work:
                await review.sign_here(work, sealer, revision.hash, Role.LEGAL)
        assert refused.value.code is Code.REAUTHENTICATE
    assert (await dossier(house, revision)).standing.signed == ()


async def test_a_wording_is_signed_without_that(house: Home, tmp_path: Path) -> None:
    await a_live_answer(house)
    (revision,) = await written(house, changed(an_answer(), text="Your card is coming."))
    assert (await dossier(house, revision)).standing.change is ChangeClass.WORDING
    sealer = await a_kept_key(house, "lea", tmp_path)
    async with house.work(await acting(house, "lea")) as work:
        await review.sign_here(work, sealer, revision.hash, Role.LEGAL)
    assert len((await dossier(house, revision)).standing.signed) == 1


async def test_nobody_hands_in_what_another_signed_or_what_speaks_of_another_revision(house: Home) -> None:
    revision, other = await written(house, an_answer(), an_answer("another"))
    lea = await acting(house, "lea")

    async def hand_in(signoff: SignOff) -> None:
        async with house.work(lea) as work:
            await review.sign_brought(work, revision.hash, signoff)

    with pytest.raises(Forbidden, match="themselves"):
        await hand_in(a_signoff(house, revision, "legal", "leo"))
    with pytest.raises(Invalid, match="another revision"):
        await hand_in(a_signoff(house, other, "legal", "lea"))
    with pytest.raises(Invalid, match="verify"):
        await hand_in(msgspec.structs.replace(a_signoff(house, revision, "legal", "lea"), signature="AAAA"))
    with pytest.raises(Invalid, match="in the future"):
        await hand_in(a_signoff(house, revision, "legal", "lea", at="2099-01-01T00:00:00.000Z"))
    await hand_in(a_signoff(house, revision, "legal", "lea"))
    await hand_in(a_signoff(house, revision, "legal", "lea"))
    assert [one.by for one in (await dossier(house, revision)).standing.signed] == ["lea"]


async def test_a_draft_is_not_signed_by_anyone_who_comes_too_early(house: Home) -> None:
    (revision,) = await drafted(house, an_answer())
    with pytest.raises(Conflict, match="no step sign"):
        async with house.work(await acting(house, "lea")) as work:
            await review.sign_brought(work, revision.hash, a_signoff(house, revision, "legal", "lea"))


# ---- waiving ---------------------------------------------------------------------------------------------------------


def a_waiver(home: Home, revision: Revision, by: str = "lea", **other: Any) -> Waiver:
    fields = {"code": "negation-lost", "field": "short", "reason": "said by the picture", "role": "legal"} | other
    draft = revision.draft
    waiver = Waiver(draft.key, draft.locale, revision.hash, by=by, at=home.now, signature="", **fields)
    return sign_waiver(waiver, KEYS[by][1])


async def test_a_waiver_is_an_act_of_its_own(house: Home, tmp_path: Path) -> None:
    (revision,) = await written(house, an_answer())
    waiver = a_waiver(house, revision)
    for _ in range(2):
        async with house.work(await acting(house, "lea")) as work:
            await review.waive(work, waiver)
    assert (await read(house, queries.waivers_of, [revision.hash]))[revision.hash] == [waiver]
    sealer = await a_kept_key(house, "leo", tmp_path)
    async with house.work(await signed_in(house, "leo")) as work:
        await review.waive_here(work, sealer, revision.hash, Role.LEGAL, "modality-changed", "spoken", "it is a title")
    assert len((await read(house, queries.waivers_of, [revision.hash]))[revision.hash]) == 2


@pytest.mark.parametrize(
    ("by", "other"),
    [
        ("lea", {"code": "fact-missing"}),
        ("lea", {"code": "disclosure-missing"}),
        ("lea", {"reason": " "}),
        ("bea", {"role": "brand"}),
        ("ben", {}),
    ],
)
async def test_a_waiver_that_law_4_does_not_know_is_refused(house: Home, by: str, other: dict[str, Any]) -> None:
    (revision,) = await written(house, an_answer(author="ben"))
    with pytest.raises((Forbidden, Invalid)):
        async with house.work(await acting(house, by)) as work:
            await review.waive(work, a_waiver(house, revision, by, **other))
    assert await read(house, queries.waivers_of, [revision.hash]) == {}


# ---- verifying -------------------------------------------------------------------------------------------------------


def a_verification(home: Home, revision: Revision, by: str = "lea", role: str = "legal") -> Verification:
    draft = revision.draft
    return sign_verification(Verification(draft.key, draft.locale, revision.hash, role, by, home.now, ""), KEYS[by][1])


async def test_a_live_text_is_confirmed_anew_without_being_changed(house: Home) -> None:
    (revision,) = (await live(house, an_answer())).revisions
    before = (await read(house, queries.verified_at, [revision.hash]))[revision.hash]
    house.clock.move(days=300)
    async with house.work(await acting(house, "lea")) as work:
        await review.verify(work, a_verification(house, revision))
    after = (await read(house, queries.verified_at, [revision.hash]))[revision.hash]
    assert (before < after, after) == (True, house.now)
    assert await state(house, revision) is State.LIVE
    assert (await read(house, read_lines, 0))[-1].event == "review.verified"


@pytest.mark.parametrize(("by", "role"), [("bea", "brand"), ("bea", "legal"), ("ben", "legal")])
async def test_only_a_role_that_is_asked_and_wrote_nothing_verifies(house: Home, by: str, role: str) -> None:
    (revision,) = (await live(house, an_answer(author="ben"))).revisions
    with pytest.raises(Forbidden):
        async with house.work(await acting(house, by)) as work:
            await review.verify(work, a_verification(house, revision, by, role))
    assert await read(house, queries.verifications_of, [revision.hash]) == {}


async def test_what_is_not_live_is_not_verified(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    with pytest.raises(Conflict):
        async with house.work(await acting(house, "lea")) as work:
            await review.verify(work, a_verification(house, revision))


# ---- emergencies -----------------------------------------------------------------------------------------------------

URGENT = msgspec.structs.replace(
    POLICY,
    rules=(*POLICY.rules, PolicyRule("brand", {"brand": 1}, kinds=(Kind.ANSWER,))),
    emergency=Emergency({"legal": 1}, hours=48),
)


async def in_an_emergency(home: Home, revision: Revision) -> None:
    """The move that a release takes, without one."""
    async with home.work() as work:
        position = await work.record("test.released", {"hash": revision.hash})
        await review.moved(work, {revision.hash: Step.RELEASE_EMERGENCY}, position)


async def test_an_emergency_needs_what_its_row_asks_and_is_confirmed_by_the_rest(house: Home) -> None:
    await ruled(house, URGENT)
    (revision,) = await written(house, an_answer())
    assert (await dossier(house, revision)).standing.emergency_missing == {"author": 1, "legal": 1}
    with pytest.raises(Conflict, match="even for an emergency"):
        await in_an_emergency(house, revision)
    assert await signed(house, revision, signers=(("lea", "legal"),)) == ()
    assert (await dossier(house, revision)).standing.emergency_missing == {}
    await in_an_emergency(house, revision)
    found = await dossier(house, revision)
    assert (found.review.state, found.emergency, found.standing.missing) == (State.LIVE, True, {"brand": 1})
    assert await read(house, queries.emergencies) == {revision.hash: "2026-01-08T09:00:00.000Z"}
    await signed(house, revision, signers=(("bea", "brand"),))
    confirmed = await dossier(house, revision)
    assert (confirmed.review.state, confirmed.emergency) == (State.LIVE, False)
    assert await read(house, queries.emergencies) == {}
    assert (await read(house, read_lines, 0))[-1].event == "review.approved"


async def test_an_unconfirmed_emergency_is_no_fully_signed_revision_to_compare_with(house: Home) -> None:
    await ruled(house, URGENT)
    (first,) = await written(house, an_answer(author="ben"))
    await signed(house, first, signers=(("lea", "legal"),))
    await in_an_emergency(house, first)
    (second,) = await written(house, changed(an_answer(), text="Your card is on its way!"))
    found = await dossier(house, second)
    assert found.standing.change is ChangeClass.VALUE
    assert "ben" in found.contributors
    await signed(house, first, signers=(("bea", "brand"),))
    assert (await dossier(house, second)).standing.change is ChangeClass.TYPO


async def test_without_an_emergency_row_and_for_house_documents_there_is_no_such_way(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    await signed(house, revision, signers=())
    assert (await dossier(house, revision)).standing.emergency_missing is None
    with pytest.raises(Conflict, match="lets no answer go live"):
        await in_an_emergency(house, revision)


# ---- dependents ------------------------------------------------------------------------------------------------------


async def test_a_fact_asks_the_owners_of_what_says_it_and_their_topics_count(house: Home) -> None:
    await live(house, a_fact())
    await live(house, an_answer(text="It takes {{fact:card.delivery}}.", topic="loans"))
    rule = PolicyRule("again", {"brand": 1}, kinds=(Kind.ANSWER,), topics=("loans",), dependents=True)
    await ruled(house, Policy(rules=(*POLICY.rules, rule)))
    await trusted(house, a_signer("bea", Role.BRAND, topics=("loans",)))
    (fact,) = await written(house, changed(a_fact(), title="Delivery"))
    found = await dossier(house, fact)
    assert found.asked == {"legal": 1, "brand": 1}
    assert found.topics == {"cards", "loans"}
    assert await signed(house, fact, signers=(("lea", "legal"), ("bea", "brand"))) == ()
    assert await state(house, fact) is State.APPROVED
    (other,) = await written(house, a_fact("card.colour"))
    assert (await dossier(house, other)).asked == {"legal": 1}


# ---- outside experts -------------------------------------------------------------------------------------------------


async def invited(home: Home, revision: Revision, folder: Path, *, signs: bool) -> tuple[Actor, Any]:
    sealer = await a_kept_key(home, "adi", folder)
    asked = Invitation(role="legal", expires_at=home.clock.now() + timedelta(days=3), signs=signs)
    async with home.work(await acting(home, "ada")) as work:
        made = await review.invite(work, sealer, revision.hash, asked)
    actor = await read(home, link_actor, made.token, home.clock.now())
    assert actor is not None
    return actor, sealer


async def test_an_outside_expert_signs_the_one_revision_they_were_shown(house: Home, tmp_path: Path) -> None:
    revision, other = await written(house, an_answer(), an_answer("another"))
    expert, sealer = await invited(house, revision, tmp_path, signs=True)
    async with house.work(expert) as work:
        await review.comment(work, revision.hash, Remark(text="Fine."))
        await review.sign_here(work, sealer, revision.hash, Role.LEGAL)
    assert [one.by for one in (await dossier(house, revision)).standing.signed] == [expert.id]
    with pytest.raises(NotFound):
        async with house.work(expert) as work:
            await review.sign_here(work, sealer, other.hash, Role.LEGAL)


async def test_an_expert_who_was_asked_for_comments_does_not_sign(house: Home, tmp_path: Path) -> None:
    (revision,) = await written(house, an_answer())
    expert, sealer = await invited(house, revision, tmp_path, signs=False)
    async with house.work(expert) as work:
        await review.comment(work, revision.hash, Remark(text="Hm."))
    with pytest.raises(Forbidden):
        async with house.work(expert) as work:
            await review.sign_here(work, sealer, revision.hash, Role.LEGAL)
    assert (await dossier(house, revision)).standing.signed == ()


async def test_after_its_end_an_experts_signature_counts_no_more(house: Home, tmp_path: Path) -> None:
    (revision,) = await written(house, an_answer())
    expert, sealer = await invited(house, revision, tmp_path, signs=True)
    house.clock.move(days=3)
    with pytest.raises(Forbidden):
        async with house.work(expert) as work:
            await review.sign_here(work, sealer, revision.hash, Role.LEGAL)
    assert (await dossier(house, revision)).standing.signed == ()


async def test_only_who_may_sign_release_or_manage_people_invites(house: Home, tmp_path: Path) -> None:
    (revision,) = await written(house, an_answer())
    sealer = await a_kept_key(house, "adi", tmp_path)
    asked = Invitation(role="legal", expires_at=house.clock.now() + timedelta(days=3))
    with pytest.raises(Forbidden):
        async with house.work(Actor("ada", rights=frozenset({"drafts", "comment"}))) as work:
            await review.invite(work, sealer, revision.hash, asked)
    late = msgspec.structs.replace(asked, expires_at=house.clock.now() + timedelta(days=31))
    with pytest.raises(Invalid):
        async with house.work(await acting(house, "ada")) as work:
            await review.invite(work, sealer, revision.hash, late)


@pytest.mark.parametrize(("person", "role"), [("ana", "legal"), ("bea", "legal")])
async def test_nobody_gets_a_signature_that_is_not_theirs_to_give_by_inviting_an_expert(
    house: Home, tmp_path: Path, person: str, role: str
) -> None:
    await trusted(house, a_signer("bea", Role.BRAND))
    (revision,) = await written(house, an_answer())
    sealer = await a_kept_key(house, "adi", tmp_path)
    asked = Invitation(role=role, expires_at=house.clock.now() + timedelta(days=3), signs=True)
    with pytest.raises(Forbidden, match=r"whoever wrote it|only who holds"):
        async with house.work(await acting(house, person)) as work:
            await review.invite(work, sealer, revision.hash, asked)
    comments_only = msgspec.structs.replace(asked, signs=False)
    async with house.work(await acting(house, person)) as work:
        assert (await review.invite(work, sealer, revision.hash, comments_only)).token


async def test_who_lets_an_expert_sign_in_their_place_does_not_sign_beside_them(house: Home, tmp_path: Path) -> None:
    (revision,) = await written(house, an_answer())
    sealer = await a_kept_key(house, "lea", tmp_path)
    asked = Invitation(role="legal", expires_at=house.clock.now() + timedelta(days=3), signs=True)
    async with house.work(await acting(house, "lea")) as work:
        made = await review.invite(work, sealer, revision.hash, asked)
    with pytest.raises(Conflict, match="in your place"):
        async with house.work(await signed_in(house, "lea")) as work:
            await review.sign_here(work, sealer, revision.hash, Role.LEGAL)
    async with house.work(await acting(house, "lea")) as work:
        await revoke(work, revision.hash, made.link)
    async with house.work(await signed_in(house, "lea")) as work:
        await review.sign_here(work, sealer, revision.hash, Role.LEGAL)
    with pytest.raises(Conflict, match=r"signed it yourself|has no step"):
        async with house.work(await acting(house, "lea")) as work:
            await review.invite(work, sealer, revision.hash, asked)
