"""Submitting and signing through the program: what counts, what is refused, what gets approved."""

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from kb.accounts.types import Role
from kb.base import db
from kb.base.errors import Conflict
from kb.base.journal import read_head, read_lines
from kb.entries.actions import write
from kb.entries.types import Kind, Policy, PolicyRule, Revision
from kb.review import actions as review
from kb.review import queries
from kb.review.signatures import new_keys, sign, sign_waiver
from kb.review.standing import dossiers, policy_in_force
from kb.review.types import ChangeClass, Refusal, SignOff, State, Step, Waiver
from tests.builders import (
    HOUSE_SIGNERS,
    KEYS,
    POLICY,
    Home,
    a_fact,
    a_live_answer,
    a_policy,
    a_signer,
    a_signoff,
    an_answer,
    changed,
    live,
    read,
    released,
    signed,
    trusted,
    written,
)

pytestmark = pytest.mark.both_databases


async def state(home: Home, revision: Revision) -> State:
    found = await read(home, queries.by_hashes, [revision.hash])
    result = found[revision.hash].state
    assert isinstance(result, State)
    return result


async def offered(home: Home, *statements: SignOff) -> list[Refusal]:
    async with home.work() as work:
        return await review.sign(work, statements)


async def recorded(home: Home, revision: Revision) -> set[tuple[str, str]]:
    found = await read(home, queries.signoffs_of, [revision.hash])
    return {(one.by, one.role) for one in found.get(revision.hash, [])}


# ---- submitting ------------------------------------------------------------------------------------------------------


async def test_a_written_revision_is_put_into_review_once(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    assert await state(house, revision) is State.IN_REVIEW
    head = await read(house, read_head)
    assert await written(house, an_answer()) == (revision,)
    assert await read(house, read_head) == head


async def test_submitting_does_not_set_back_what_is_live(house: Home) -> None:
    await a_live_answer(house)
    async with house.work() as work:
        assert await review.submit(work, await write(work, [an_answer()])) == []
        assert await queries.in_state(work.connection, State.IN_REVIEW) == []


# ---- signing ---------------------------------------------------------------------------------------------------------


async def test_author_and_lawyer_together_approve(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    assert await offered(house, a_signoff(house, revision, "legal", "lea")) == []
    assert await state(house, revision) is State.IN_REVIEW
    assert await offered(house, a_signoff(house, revision, "author", "ana")) == []
    assert await state(house, revision) is State.APPROVED
    assert await recorded(house, revision) == {("ana", "author"), ("lea", "legal")}


async def test_an_approval_names_the_policy_and_the_class_it_was_judged_by(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    await signed(house, revision)
    line = (await read(house, read_lines, 0))[-1]
    data = msgspec.json.decode(line.data)
    force = await read(house, policy_in_force)
    assert line.event == "review.approved"
    assert data["hash"] == revision.hash
    assert data["policy"] == force.hash
    assert (data["class"], data["asked"]) == ("value", {"legal": 1})


@pytest.mark.parametrize(
    ("role", "by", "other", "code"),
    [
        ("legal", "ben", {}, "signer-contributed"),
        ("legal", "leo", {}, "signer-contributed"),
        ("brand", "lea", {}, "role-not-held"),
        ("editor", "bea", {}, "role-not-held"),
        ("author", "lea", {}, "signer-not-author"),
        ("legal", "lea", {"hash": "0" * 64}, "revision-unknown"),
        ("legal", "lea", {"locale": "es-ES"}, "revision-unknown"),
        ("legal", "lea", {"key": "card-lost"}, "revision-unknown"),
    ],
)
async def test_a_sign_off_that_does_not_count_is_refused_and_not_kept(
    house: Home, role: str, by: str, other: dict[str, Any], code: str
) -> None:
    (revision,) = await written(house, an_answer(author="ben", editors=("leo",)))
    refused = await offered(house, a_signoff(house, revision, role, by, **other))
    assert [(one.by, one.code) for one in refused] == [(by, code)]
    assert await recorded(house, revision) == set()


async def test_a_stranger_with_a_good_signature_is_refused(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    statement = SignOff(revision.draft.key, revision.draft.locale, revision.hash, "legal", "eve", house.now, "")
    refused = await offered(house, sign(statement, new_keys()[1]))
    assert [one.code for one in refused] == ["signer-unknown"]


async def test_a_signature_made_with_another_key_is_refused(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    forged = sign(a_signoff(house, revision, "legal", "lea", signature=""), KEYS["leo"][1])
    assert [one.code for one in await offered(house, forged)] == ["signature-wrong"]


async def test_a_replaced_key_signs_nothing_new_and_what_it_signed_stands(house: Home) -> None:
    first, second = await written(house, an_answer(), an_answer("another"))
    assert await signed(house, first) == ()
    fresh, _ = new_keys()
    await trusted(house, a_signer("lea", key=fresh))
    assert [refusal.code for refusal in await signed(house, second)] == ["signature-wrong"]
    force = await read(house, policy_in_force)
    dossier = (await read(house, dossiers, [first.hash], force.policy))[first.hash]
    assert dossier.standing.missing == {}


async def test_whoever_wrote_since_the_last_live_revision_cannot_sign_the_next(house: Home) -> None:
    await a_live_answer(house)
    await written(house, changed(an_answer(), text="It comes.", author="ben"))
    (third,) = await written(house, changed(an_answer(), text="It comes soon.", author="ana"))
    refused = await offered(house, a_signoff(house, third, "legal", "ben"))
    assert [one.code for one in refused] == ["signer-contributed"]


async def test_whoever_wrote_only_what_was_live_before_can_sign_the_next(house: Home) -> None:
    await live(house, an_answer(author="ben"))
    (second,) = await written(house, changed(an_answer(), text="It comes.", author="ana"))
    assert await signed(house, second, signers=[("ben", "legal")]) == ()
    assert await state(house, second) is State.APPROVED


async def test_an_earlier_draft_in_another_locale_makes_nobody_a_contributor(house: Home) -> None:
    await written(house, changed(an_answer("card-lost"), author="ben"))
    (revision,) = await written(house, an_answer())
    assert await signed(house, revision, signers=[("ben", "legal")]) == ()


async def test_signing_twice_is_recorded_once(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    first = a_signoff(house, revision, "legal", "lea")
    assert await offered(house, first, first) == []
    head = await read(house, read_head)
    house.clock.move(hours=1)
    assert await offered(house, first, a_signoff(house, revision, "legal", "lea")) == []
    assert await read(house, read_head) == head
    assert len((await read(house, queries.signoffs_of, [revision.hash]))[revision.hash]) == 1


async def test_one_person_in_two_roles_is_two_sign_offs(house: Home) -> None:
    await trusted(house, a_signer("lea", Role.LEGAL, Role.BRAND))
    (revision,) = await written(house, an_answer())
    await signed(house, revision, signers=[("lea", "legal"), ("lea", "brand")])
    assert await recorded(house, revision) == {("ana", "author"), ("lea", "legal"), ("lea", "brand")}


async def test_a_role_on_another_topic_does_not_count(house: Home) -> None:
    await trusted(house, a_signer("leo", Role.LEGAL, topics=("loans",)))
    (revision,) = await written(house, an_answer(topic="cards"))
    refused = await offered(house, a_signoff(house, revision, "legal", "leo"))
    assert [one.code for one in refused] == ["role-not-held"]


async def test_a_role_lost_after_signing_leaves_the_sign_off_in_force(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    await offered(house, a_signoff(house, revision, "legal", "lea"))
    await trusted(house, people=["ana", "ada", "adi"])
    await offered(house, a_signoff(house, revision, "author", "ana"))
    assert await state(house, revision) is State.APPROVED


@pytest.mark.parametrize("act", ["UPDATE signoffs SET role = 'admin'", "DELETE FROM signoffs"])
async def test_the_database_itself_refuses_to_change_or_remove_a_sign_off(house: Home, act: str) -> None:
    await a_live_answer(house)
    with pytest.raises(sa.exc.DBAPIError, match="signoffs is written once"):
        async with db.writing(house.sessions.engine) as connection:
            await connection.execute(sa.text(act))


# ---- the policy ------------------------------------------------------------------------------------------------------


async def test_in_an_empty_home_the_first_policy_needs_two_administrators(home: Home) -> None:
    await trusted(home)
    (policy,) = await written(home, a_policy(POLICY))
    await signed(home, policy, signers=[("ada", "admin")])
    assert await state(home, policy) is State.IN_REVIEW
    assert (await read(home, policy_in_force)).policy is None
    await signed(home, policy, signers=HOUSE_SIGNERS)
    assert await state(home, policy) is State.APPROVED
    assert (await read(home, policy_in_force)).hash == policy.hash


async def test_an_administrator_who_wrote_the_first_policy_is_not_one_of_the_two(home: Home) -> None:
    await trusted(home)
    (policy,) = await written(home, a_policy(POLICY, author="ada"))
    refused = await signed(home, policy, signers=HOUSE_SIGNERS)
    assert [one.code for one in refused] == ["signer-contributed"]
    assert await state(home, policy) is State.IN_REVIEW


async def test_before_any_policy_nothing_else_is_approved_by_a_lawyer(home: Home) -> None:
    await trusted(home)
    (answer,) = await written(home, an_answer())
    assert await signed(home, answer) == ()
    assert await state(home, answer) is State.IN_REVIEW


async def test_the_first_policy_and_what_it_rules_are_approved_in_one_go(home: Home) -> None:
    await trusted(home)
    policy, answer = await written(home, a_policy(POLICY), an_answer())
    async with home.work() as work:
        statements = [a_signoff(home, answer, role, by) for by, role in (("ana", "author"), ("lea", "legal"))]
        statements += [a_signoff(home, policy, role, by) for by, role in (("ana", "author"), *HOUSE_SIGNERS)]
        assert await review.sign(work, statements) == []
    assert [await state(home, one) for one in (policy, answer)] == [State.APPROVED, State.APPROVED]


async def test_a_second_policy_is_in_force_only_when_it_is_live(house: Home) -> None:
    before = (await read(house, policy_in_force)).hash
    stricter = a_policy(Policy(rules=(*POLICY.rules, PolicyRule("brand", {"brand": 1}))))
    (revision,) = await written(house, stricter)
    await signed(house, revision)
    assert await state(house, revision) is State.APPROVED
    assert (await read(house, policy_in_force)).hash == before
    await live(house, stricter)
    assert (await read(house, policy_in_force)).hash == revision.hash


async def test_after_a_policy_was_withdrawn_none_is_in_force_until_another_is_live(house: Home) -> None:
    async with house.work() as work:
        force = await policy_in_force(work.connection)
        await review.moved(work, {force.hash: Step.WITHDRAW}, await work.record("test.withdrawn", {}))
    (policy,) = await written(house, a_policy(Policy(rules=())))
    await signed(house, policy)
    assert (await read(house, policy_in_force)).policy is None


async def test_rules_of_a_policy_add_up_for_a_revision(house: Home) -> None:
    rules = (*POLICY.rules, PolicyRule("values", {"legal": 2, "brand": 1}, kinds=(Kind.ANSWER,), classes=("value",)))
    await live(house, a_policy(Policy(rules=rules)))
    (first,) = await written(house, an_answer())
    await signed(house, first, signers=[("lea", "legal"), ("leo", "legal")])
    assert await state(house, first) is State.IN_REVIEW
    await signed(house, first, signers=[("bea", "brand")])
    assert await state(house, first) is State.APPROVED
    (second,) = await written(house, changed(an_answer(), text="Your card is on its way!"))
    await signed(house, second)
    assert await state(house, second) is State.APPROVED


async def test_the_class_is_computed_from_the_last_revision_that_was_fully_signed(house: Home) -> None:
    await a_live_answer(house)
    (unsigned,) = await written(house, changed(an_answer(), text="Your card is £5 on its way."))
    (third,) = await written(house, changed(an_answer(), text="Your card is on its way!"))
    force = await read(house, policy_in_force)
    found = await read(house, dossiers, [unsigned.hash, third.hash], force.policy)
    assert found[unsigned.hash].standing.change is ChangeClass.VALUE
    assert found[third.hash].standing.change is ChangeClass.TYPO


# ---- waivers ---------------------------------------------------------------------------------------------------------


async def test_a_waiver_is_recorded_once_with_its_journal_line(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    statement = Waiver(
        revision.draft.key,
        "en-GB",
        revision.hash,
        "negation-lost",
        "short",
        "in the title",
        "legal",
        "lea",
        house.now,
        "",
    )
    waiver = sign_waiver(statement, KEYS["lea"][1])
    for _ in range(2):
        async with house.work() as work:
            assert await review.sign(work, [], [waiver]) == []
    assert (await read(house, queries.waivers_of, [revision.hash])) == {revision.hash: [waiver]}
    lines = await read(house, read_lines, 0)
    assert [line.event for line in lines].count("review.waived") == 1
    assert "in the title" not in "".join(line.data for line in lines)


async def test_a_waiver_by_the_author_is_refused(house: Home) -> None:
    (revision,) = await written(house, an_answer(author="ben"))
    statement = Waiver(
        revision.draft.key, "en-GB", revision.hash, "negation-lost", "short", "x", "legal", "ben", house.now, ""
    )
    async with house.work() as work:
        refused = await review.sign(work, [], [sign_waiver(statement, KEYS["ben"][1])])
    assert [one.code for one in refused] == ["signer-contributed"]
    assert await read(house, queries.waivers_of, [revision.hash]) == {}


# ---- moves -----------------------------------------------------------------------------------------------------------


async def test_moves_that_the_table_does_not_know_move_nothing(house: Home) -> None:
    outcome = await released(house, an_answer(), a_fact())
    first, second = outcome.revisions

    async def moves() -> None:
        async with house.work() as work:
            position = await work.record("test.moved", {})
            await review.moved(work, {first.hash: Step.WITHDRAW, second.hash: Step.REOPEN}, position)

    with pytest.raises(Conflict):
        await moves()
    assert [await state(house, one) for one in (first, second)] == [State.LIVE, State.LIVE]


async def test_how_many_revisions_are_in_each_state_is_known(house: Home) -> None:
    before = await read(house, queries.counts)
    await a_live_answer(house)
    await written(house, an_answer("card-lost"))
    after = await read(house, queries.counts)
    assert (after["live"] - before["live"], after["in_review"]) == (1, 1)
