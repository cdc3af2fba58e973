"""Reviews that wait: taken on and handed back, listed in the inbox, told once when overdue, signed by fifty at once."""

import asyncio
from typing import Any

import msgspec
import pytest

from kb.accounts.people import reinstate, suspend
from kb.accounts.types import Role
from kb.base.errors import Conflict, Forbidden
from kb.base.journal import read_lines
from kb.base.paging import decode
from kb.entries.types import Kind, Policy, PolicyRule
from kb.review import actions as review
from kb.review import queries
from kb.review.inbox import CURSORS, Inbox, Shown, Sort, Wanted, inbox
from kb.review.overdue import overdue_reviews
from kb.review.signatures import new_keys, sign
from kb.review.takes import takes_of
from kb.review.types import SignOff, State
from tests.builders import (
    POLICY,
    Home,
    a_signer,
    a_signoff,
    an_answer,
    read,
    signed,
    trusted,
    written,
)
from tests.review.acting import acting, dossier, ruled, state

pytestmark = pytest.mark.both_databases


async def takers(home: Home, hash_: str) -> list[tuple[str, str]]:
    return [(one.role, one.by) for one in (await read(home, takes_of, [hash_])).get(hash_, ())]


async def listed(home: Home, person: str, limit: int = 20, **wanted: Any) -> Inbox:
    found = await read(home, inbox, await acting(home, person), Wanted(**wanted), None, limit, home.clock.now())
    assert isinstance(found, Inbox)
    return found


def keys(found: Inbox) -> list[str]:
    return [one.key for one in found.items]


async def test_one_person_at_a_time_reads_a_review_in_a_role(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    async with house.work(await acting(house, "lea")) as work:
        await review.take(work, revision.hash, Role.LEGAL)
    assert await takers(house, revision.hash) == [("legal", "lea")]
    leo = await acting(house, "leo")
    with pytest.raises(Conflict, match="lea reads it"):
        async with house.work(leo) as work:
            await review.take(work, revision.hash, Role.LEGAL)
    with pytest.raises(Forbidden):
        async with house.work(leo) as work:
            await review.hand_back(work, revision.hash, Role.LEGAL)
    async with house.work(await acting(house, "lea")) as work:
        await review.hand_back(work, revision.hash, Role.LEGAL)
    async with house.work(leo) as work:
        await review.take(work, revision.hash, Role.LEGAL)
    assert await takers(house, revision.hash) == [("legal", "leo")]


@pytest.mark.parametrize(("person", "role"), [("bea", Role.LEGAL), ("bea", Role.BRAND), ("ana", Role.LEGAL)])
async def test_only_who_can_sign_in_an_asked_role_takes_a_review(house: Home, person: str, role: Role) -> None:
    (revision,) = await written(house, an_answer())
    with pytest.raises((Conflict, Forbidden)):
        async with house.work(await acting(house, person)) as work:
            await review.take(work, revision.hash, role)
    assert await takers(house, revision.hash) == []


async def test_what_a_suspended_person_had_taken_is_free_again(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    async with house.work(await acting(house, "lea")) as work:
        await review.take(work, revision.hash, Role.LEGAL)
    async with house.work(await acting(house, "ada")) as work:
        await suspend(work, "lea")
    assert await takers(house, revision.hash) == []
    async with house.work() as work:
        await review.escalate(work)
    assert [one.event for one in await read(house, read_lines, 0)][-1] == "review.handed-back"
    async with house.work(await acting(house, "ada")) as work:
        await reinstate(work, "lea")
    assert await takers(house, revision.hash) == []


async def test_a_suspended_persons_new_sign_offs_do_not_count(house: Home) -> None:
    first, second = await written(house, an_answer(), an_answer("another"))
    await signed(house, first, signers=(("lea", "legal"),))
    async with house.work(await acting(house, "ada")) as work:
        await suspend(work, "lea")
    assert [one.code for one in await signed(house, second)] == ["signer-suspended"]
    assert (await dossier(house, first)).standing.missing == {}


async def test_an_overdue_review_is_told_once_to_the_roles_that_the_policy_names(house: Home) -> None:
    await ruled(house, msgspec.structs.replace(POLICY, due_days=3, escalate=("admin",)))
    (revision,) = await written(house, an_answer())
    house.clock.move(days=3, seconds=-1)
    assert await read(house, overdue_reviews, house.clock.now()) == []
    house.clock.move(seconds=1)
    for expected in ([revision.hash], []):
        async with house.work() as work:
            assert [one.hash for one in await review.escalate(work)] == expected
    lines = [one for one in await read(house, read_lines, 0) if one.event == "review.escalated"]
    assert [msgspec.json.decode(one.data)["roles"] for one in lines] == [["admin"]]
    for person, told in (("ada", True), ("lea", False)):
        (item,) = (await listed(house, person, overdue=True)).items
        assert (item.overdue, item.escalated, item.told) == (True, True, told)


async def test_the_inbox_holds_what_waits_and_its_filters_choose(house: Home) -> None:
    rules = (*POLICY.rules, PolicyRule("quick", {"brand": 1}, kinds=(Kind.ANSWER,), topics=("loans",), due_days=2))
    await ruled(house, Policy(rules=rules, due_days=9))
    cards, loans = await written(house, an_answer(), an_answer("loan-offer", topic="loans", author="ben"))
    await signed(house, loans, signers=(("lea", "legal"),))
    assert keys(await listed(house, "lea")) == ["loan-offer", "card-arrival"]
    assert keys(await listed(house, "lea", sort=Sort.NEWEST)) == ["loan-offer", "card-arrival"]
    assert keys(await listed(house, "lea", role="brand")) == ["loan-offer"]
    assert keys(await listed(house, "lea", topic="cards")) == ["card-arrival"]
    assert keys(await listed(house, "lea", mine=True)) == ["card-arrival"]
    assert keys(await listed(house, "ana", mine=True)) == ["card-arrival"]
    assert keys(await listed(house, "lea", shown=Shown.APPROVED)) == []
    (item,) = (await listed(house, "lea", topic="cards")).items
    assert (item.hash, item.missing, item.mine, item.state) == (
        cards.hash,
        {"author": 1, "legal": 1},
        ("legal",),
        State.IN_REVIEW,
    )


async def test_the_inbox_shows_nothing_of_topics_one_has_no_role_on(house: Home) -> None:
    await trusted(house, a_signer("leo", Role.LEGAL, topics=("loans",)))
    await written(house, an_answer(), an_answer("loan-offer", topic="loans"))
    assert keys(await listed(house, "leo")) == ["loan-offer"]


@pytest.mark.parametrize("sort", list(Sort))
async def test_pages_of_the_inbox_hold_everything_once(house: Home, sort: Sort) -> None:
    revisions = await written(house, *(an_answer(f"answer-{number}") for number in range(7)))
    found: list[str] = []
    cursor: str | None = ""
    actor = await acting(house, "lea")
    while cursor is not None:
        after = decode(cursor, CURSORS[sort])
        page = await read(house, inbox, actor, Wanted(sort=sort), after, 3, house.clock.now())
        found += [one.hash for one in page.items]
        cursor = page.next
    assert sorted(found) == sorted(one.hash for one in revisions)
    assert len(found) == 7


async def test_fifty_people_sign_at_once_and_one_of_them_moves_the_state(house: Home) -> None:
    pairs = {f"law-{number}": new_keys() for number in range(50)}
    await trusted(house, *(a_signer(name, Role.LEGAL, key=pair[0]) for name, pair in pairs.items()))
    await ruled(house, Policy(rules=(*POLICY.rules[1:], PolicyRule("all", {"legal": 50}, kinds=(Kind.ANSWER,)))))
    (revision,) = await written(house, an_answer())
    async with house.work() as work:
        await review.sign(work, [a_signoff(house, revision, "author", "ana")])

    async def one(name: str, private_key: str) -> list[Any]:
        draft = revision.draft
        statement = SignOff(draft.key, draft.locale, revision.hash, "legal", name, house.now, "")
        async with house.work() as work:
            return await review.sign(work, [sign(statement, private_key)])

    refused = await asyncio.gather(*(one(name, pair[1]) for name, pair in pairs.items() for _ in range(2)))
    assert [one for each in refused for one in each] == []
    assert await state(house, revision) is State.APPROVED
    offs = (await read(house, queries.signoffs_of, [revision.hash]))[revision.hash]
    assert len(offs) == len({one.by for one in offs}) == 51
    lines = [line for line in await read(house, read_lines, 0, 5000) if revision.hash in line.data]
    assert [line.event for line in lines].count("review.signed") == 51
    assert [line.event for line in lines].count("review.approved") == 1
