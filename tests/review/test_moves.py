"""Into review, back to the author, and what a newer revision does to the ones before it."""

import msgspec
import pytest

from kb.base.errors import Conflict, Forbidden, Invalid, NotFound
from kb.base.journal import read_lines
from kb.base.work import OPERATOR, Actor
from kb.entries.types import House, Policy, PolicyRule
from kb.review import actions as review
from kb.review import queries
from kb.review.comments import Remark
from kb.review.types import State
from tests.builders import (
    CONTENT_SIGNERS,
    POLICY,
    Home,
    a_house_document,
    a_live_answer,
    a_signoff,
    an_answer,
    changed,
    live,
    read,
    signed,
    written,
)
from tests.review.acting import acting, dossier, drafted, ruled, state

pytestmark = pytest.mark.both_databases


async def events(home: Home) -> list[str]:
    return [line.event for line in await read(home, read_lines, 0)]


async def test_a_stored_revision_is_a_draft_until_its_author_submits_it(house: Home) -> None:
    (revision,) = await drafted(house, an_answer())
    assert (await dossier(house, revision)).review.state is State.DRAFT
    async with house.work(await acting(house, "ana")) as work:
        await review.submit_draft(work, revision.hash)
    assert await state(house, revision) is State.IN_REVIEW
    assert (await events(house))[-1] == "review.submitted"


async def test_who_may_not_write_on_the_topic_submits_nothing(house: Home) -> None:
    (revision,) = await drafted(house, an_answer())
    for actor in (await acting(house, "lea"), Actor("ana", rights=frozenset({"drafts"}))):
        with pytest.raises(Forbidden):
            async with house.work(actor) as work:
                await review.submit(work, [revision])
    elsewhere = Actor("ana", rights=frozenset({"write"}), limits={"write": frozenset({"loans"})})
    with pytest.raises(Forbidden, match="on cards"):
        async with house.work(elsewhere) as work:
            await review.submit(work, [revision])
    assert await state(house, revision) is State.DRAFT


async def test_who_may_not_see_drafts_is_told_that_there_is_no_such_revision(house: Home) -> None:
    (revision,) = await drafted(house, an_answer())
    for hash_, actor in ((revision.hash, Actor("p-x", rights=frozenset({"write"}))), ("0" * 64, OPERATOR)):
        with pytest.raises(NotFound):
            async with house.work(actor) as work:
                await review.submit_draft(work, hash_)


async def test_what_is_in_review_is_not_submitted_again(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    with pytest.raises(Conflict, match="no step submit"):
        async with house.work(await acting(house, "ana")) as work:
            await review.submit_draft(work, revision.hash)


async def test_an_author_takes_back_and_submits_again_and_keeps_the_sign_offs(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    await signed(house, revision, signers=())
    ana = await acting(house, "ana")
    async with house.work(ana) as work:
        await review.take_back(work, revision.hash)
    assert await state(house, revision) is State.DRAFT
    async with house.work() as work:
        await review.sign(work, [a_signoff(house, revision, "legal", "lea")])
    assert await state(house, revision) is State.DRAFT
    async with house.work(ana) as work:
        await review.submit_draft(work, revision.hash)
        await review.settle(work, [revision.hash])
    assert await state(house, revision) is State.APPROVED


async def test_only_who_wrote_it_takes_it_back(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    with pytest.raises(Forbidden, match="only who wrote it"):
        async with house.work(await acting(house, "ben")) as work:
            await review.take_back(work, revision.hash)


async def test_a_reviewer_asks_for_changes_with_a_reason_that_stays_as_a_comment(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    async with house.work(await acting(house, "lea")) as work:
        await review.request_changes(work, revision.hash, "Say when.")
    assert await state(house, revision) is State.CHANGES_REQUESTED
    assert len((await dossier(house, revision)).blocking) == 1
    assert "Say when." not in "".join(line.data for line in await read(house, read_lines, 0))


async def test_asking_for_changes_needs_a_reason_or_a_blocking_comment(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    lea = await acting(house, "lea")
    with pytest.raises(Invalid, match="say what has to change"):
        async with house.work(lea) as work:
            await review.request_changes(work, revision.hash, "  ")
    async with house.work(lea) as work:
        await review.comment(work, revision.hash, Remark(text="When?", blocks=True))
        await review.request_changes(work, revision.hash)
    assert await state(house, revision) is State.CHANGES_REQUESTED


async def test_an_approved_revision_can_be_given_back_too(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    await signed(house, revision)
    async with house.work(await acting(house, "leo")) as work:
        await review.request_changes(work, revision.hash, "The law changes tomorrow.")
    assert await state(house, revision) is State.CHANGES_REQUESTED


async def test_a_newer_revision_takes_the_older_ones_out_of_review_but_not_what_is_approved(house: Home) -> None:
    (first,) = await written(house, an_answer())
    await signed(house, first)
    (second,) = await written(house, changed(an_answer(), text="It comes."))
    (third,) = await written(house, changed(an_answer(), text="It comes soon."))
    assert [await state(house, one) for one in (first, second, third)] == [
        State.APPROVED,
        State.DRAFT,
        State.IN_REVIEW,
    ]
    line = next(one for one in await read(house, read_lines, 0) if one.event == "review.taken-back")
    assert msgspec.json.decode(line.data)["for"] == third.hash


async def test_an_older_draft_does_not_come_back_behind_a_newer_revision(house: Home) -> None:
    (first,) = await written(house, an_answer())
    await written(house, changed(an_answer(), text="It comes."))
    with pytest.raises(Conflict, match="restore this one as a new draft"):
        async with house.work(await acting(house, "ana")) as work:
            await review.submit_draft(work, first.hash)


async def test_an_approval_that_was_overtaken_is_judged_against_what_is_live_now(house: Home) -> None:
    rules = (*POLICY.rules, PolicyRule("values", {"brand": 1}, classes=("value",)))
    first = an_answer()
    await ruled(house, Policy(rules=rules))
    await live(house, first, signers=(*CONTENT_SIGNERS, ("bea", "brand")))
    (second,) = await written(house, changed(first, text="Your card is on its way!"))
    await signed(house, second)
    assert (await dossier(house, second)).standing.missing == {}
    await live(
        house,
        changed(first, text="Your new card is on its way.", product="debit"),
        signers=(*CONTENT_SIGNERS, ("bea", "brand")),
    )
    assert (await dossier(house, second)).standing.missing == {"brand": 1}


async def test_reviews_are_due_when_the_policy_says_so_and_the_shortest_rule_wins(house: Home) -> None:
    rules = (*POLICY.rules, PolicyRule("quick", {"legal": 1}, topics=("cards",), due_days=2))
    await ruled(house, Policy(rules=rules, due_days=7))
    cards, other = await written(house, an_answer(), an_answer("loan", topic="loans"))
    found = await read(house, queries.by_hashes, [cards.hash, other.hash])
    assert found[cards.hash].due_at == "2026-01-08T09:00:00.000Z"
    assert found[other.hash].due_at == "2026-01-13T09:00:00.000Z"


async def test_a_change_of_policy_needs_the_sign_offs_of_the_policy_in_force(house: Home) -> None:
    lax = Policy(rules=(PolicyRule("anything", {"brand": 1}),))
    (revision,) = await written(house, a_house_document("policy", House(policy=lax)))
    assert (await dossier(house, revision)).asked == {"admin": 2}
    await signed(house, revision, signers=(("bea", "brand"), ("ada", "admin")))
    assert await state(house, revision) is State.IN_REVIEW
    await signed(house, revision, signers=(("adi", "admin"),))
    assert await state(house, revision) is State.APPROVED


async def test_what_is_live_is_not_submitted_by_a_load_again(house: Home) -> None:
    draft = await a_live_answer(house)
    (revision,) = await drafted(house, draft)
    async with house.work() as work:
        assert await review.submit(work, [revision]) == []
