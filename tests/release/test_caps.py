"""Ends from outside a text: an emergency's hours, and a text that nobody verified; with the workers stopped too."""

from datetime import timedelta

import msgspec
import pytest

from kb.base.errors import Conflict, Forbidden
from kb.base.hashing import instant
from kb.base.work import OPERATOR, Actor, Right
from kb.channels.values import Duration, Unit
from kb.entries.types import Emergency, Policy, Revision
from kb.release.actions import release
from kb.release.audit import verify_all
from kb.release.prepare import prepare
from kb.release.types import Prepared
from kb.review import actions as review
from kb.review.queries import by_hashes
from kb.review.signatures import sign_verification
from kb.review.types import State, Verification
from tests.builders import (
    KEYS,
    POLICY,
    Home,
    a_fact,
    a_policy,
    an_answer,
    approved,
    changed,
    committed,
    head,
    live,
    payload,
    prepared,
    read,
    signed,
    text,
    written,
)
from tests.release.scheduling import worked

pytestmark = pytest.mark.both_databases

OLD, NEW = "Your card is on its way.", "Your card comes by post."
ARRIVAL = "Your card arrives in {{fact:card.delivery}}."
URGENT = msgspec.structs.replace(POLICY, emergency=Emergency({"brand": 1}, 48))
STRICT = Policy(rules=POLICY.rules, cadence_days=100, due_days=10, withdraw_days=20)


async def urgently(home: Home, hash_: str) -> Prepared:
    async with home.reading() as connection:
        return await prepare(connection, [hash_], home.clock.now(), emergency=True)


async def told(home: Home) -> dict[str, object]:
    found = await payload(home)
    assert found is not None
    return found


async def state(home: Home, hash_: str) -> State:
    found = (await read(home, by_hashes, [hash_]))[hash_].state
    assert isinstance(found, State)
    return found


# ---- emergencies -----------------------------------------------------------------------------------------------------


async def test_an_emergency_ends_by_itself_unless_everybody_signs(house: Home) -> None:
    await live(house, a_policy(URGENT))
    (revision,) = await written(house, an_answer())
    await signed(house, revision, signers=[("bea", "brand")])
    assert (await prepared(house, revision)).blocked != ()
    ready = await urgently(house, revision.hash)
    assert ready.blocked == ()
    await committed(house, ready)
    assert (await told(house))["valid_until"] == instant(house.clock.now() + timedelta(hours=48))
    house.clock.move(hours=48)
    assert await text(house) is None
    assert (await worked(house)).lapsed is not None
    assert await state(house, revision.hash) is State.EXPIRED
    assert await read(house, verify_all) == (None, ())


async def test_releasing_it_again_once_everybody_has_signed_lifts_its_end(house: Home) -> None:
    await live(house, a_policy(URGENT))
    (revision,) = await written(house, an_answer())
    await signed(house, revision, signers=[("bea", "brand")])
    await committed(house, await urgently(house, revision.hash))
    await signed(house, revision)
    ready = await prepared(house, revision)
    assert ready.blocked == ()
    assert await committed(house, ready) is not None
    assert (await told(house))["valid_until"] is None
    house.clock.move(days=30)
    assert (await worked(house)).lapsed is None
    assert await text(house) == OLD
    assert await read(house, verify_all) == (None, ())


async def test_an_emergency_needs_what_its_row_asks_and_a_policy_that_has_one(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    await signed(house, revision, signers=[("bea", "brand")])
    assert "no row for an emergency" in (await urgently(house, revision.hash)).blocked[0].issues[0].message
    await live(house, a_policy(URGENT))
    (other,) = await written(house, an_answer("other"))
    await signed(house, other, signers=[])
    assert "1 × brand" in (await urgently(house, other.hash)).blocked[0].issues[0].message


async def test_another_release_keeps_the_end_of_an_emergency(house: Home) -> None:
    await live(house, a_policy(URGENT), a_fact())
    (revision,) = await written(house, an_answer(text=ARRIVAL))
    await signed(house, revision, signers=[("bea", "brand")])
    await committed(house, await urgently(house, revision.hash))
    ends = instant(house.clock.now() + timedelta(hours=48))
    house.clock.move(hours=1)
    await live(house, changed(a_fact(), fact=Duration(3, Unit.WORKING_DAYS)))
    assert (await told(house))["valid_until"] == ends


# ---- verification ----------------------------------------------------------------------------------------------------


async def test_a_text_that_nobody_verifies_ends_so_many_days_after_it_was_overdue(house: Home) -> None:
    await live(house, a_policy(STRICT))
    await live(house, an_answer())
    assert (await told(house))["valid_until"] == instant(house.clock.now() + timedelta(days=130))
    house.clock.move(days=115)
    assert (await told(house))["trust"] == "overdue"
    house.clock.move(days=15)
    assert await text(house) is None
    done = await worked(house)
    assert done.lapsed is not None
    assert [place.key for place in done.lapsed.items if place.key == "card-arrival"] == ["card-arrival"]


async def test_what_says_a_fact_that_nobody_verified_is_suspended_with_it(house: Home) -> None:
    await live(house, a_policy(STRICT))
    (fact,) = (await live(house, a_fact())).revisions
    house.clock.move(days=50)
    (answer,) = (await live(house, an_answer(text=ARRIVAL))).revisions
    house.clock.move(days=80)
    assert await text(house) is None
    await worked(house)
    assert await state(house, fact.hash) is State.EXPIRED
    assert await state(house, answer.hash) is State.SUSPENDED


async def test_a_due_work_that_finds_nothing_writes_nothing(house: Home) -> None:
    await live(house, a_policy(STRICT))
    await live(house, an_answer())
    before = await head(house)
    await worked(house)
    assert await head(house) == before


async def test_only_who_may_release_its_topic_releases_a_text(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    await signed(house, revision)
    ready = await prepared(house, revision)
    publisher = msgspec.structs.replace(OPERATOR, id="pat", limits={"release": frozenset({"savings"})})

    async def attempt() -> None:
        async with house.work(publisher) as work:
            await release(work, ready)

    with pytest.raises(Forbidden, match="cards"):
        await attempt()


# ---- brought back ----------------------------------------------------------------------------------------------------


async def verified(home: Home, revision: Revision, by: str = "lea", role: str = "legal") -> None:
    """A person says that a live text is still right, with a key of their own."""
    draft = revision.draft
    plain = Verification(draft.key, draft.locale, revision.hash, role, by, home.now, "")
    async with home.work(Actor(by, rights=frozenset({Right.SIGN, Right.DRAFTS}))) as work:
        await review.verify(work, sign_verification(plain, KEYS[by][1]))


async def test_a_text_is_due_then_overdue_then_ended_with_no_worker_and_a_verification_brings_it_back(
    house: Home,
) -> None:
    await live(house, a_policy(STRICT))
    (answer,) = (await live(house, an_answer())).revisions
    seen = []
    for days in (99, 2, 10, 18):
        house.clock.move(days=days)
        seen.append((await told(house))["trust"])
    house.clock.move(days=1)
    assert (seen, await text(house)) == (["verified", "due", "overdue", "overdue"], None)
    await verified(house, answer)
    assert (await worked(house)).verified is not None
    found = await told(house)
    assert (found["trust"], found["valid_until"]) == ("verified", instant(house.clock.now() + timedelta(days=130)))
    assert await read(house, verify_all) == (None, ())


async def test_what_expired_unverified_comes_back_by_a_new_release(house: Home) -> None:
    await live(house, a_policy(STRICT))
    await live(house, an_answer())
    house.clock.move(days=131)
    assert (await worked(house)).lapsed is not None
    await live(house, changed(an_answer(), text=NEW))
    assert await text(house) == NEW
    assert await read(house, verify_all) == (None, ())


async def test_a_verified_fact_prolongs_what_says_it_at_once(house: Home) -> None:
    await live(house, a_policy(STRICT))
    (fact,) = (await live(house, a_fact())).revisions
    house.clock.move(days=50)
    await live(house, an_answer(text=ARRIVAL))
    assert (await told(house))["valid_until"] == instant(house.clock.now() + timedelta(days=80))
    await verified(house, fact)
    assert (await worked(house)).verified is not None
    assert (await told(house))["valid_until"] == instant(house.clock.now() + timedelta(days=130))
    before = await head(house)
    assert (await worked(house)).verified is None
    assert await head(house) == before
    assert await read(house, verify_all) == (None, ())


async def test_a_verified_fact_is_taken_up_once_where_another_ends_its_dependents_as_soon(house: Home) -> None:
    await live(house, a_policy(STRICT))
    facts = (await live(house, a_fact(), a_fact("card.fee"))).revisions
    await live(house, an_answer(text=ARRIVAL + " It costs {{fact:card.fee}}."))
    ends = (await told(house))["valid_until"]
    house.clock.move(days=50)
    await verified(house, facts[0])
    assert (await worked(house)).verified is not None
    assert (await told(house))["valid_until"] == ends
    assert (await worked(house)).verified is None
    assert await read(house, verify_all) == (None, ())


async def test_a_release_that_was_prepared_before_a_verification_is_prepared_again(house: Home) -> None:
    await live(house, a_policy(STRICT))
    (fact, _) = (await live(house, a_fact(), an_answer(text=ARRIVAL))).revisions
    house.clock.move(days=1)
    ready = await approved(house, changed(an_answer(text=ARRIVAL), phrasings=("card sent",)))
    await verified(house, fact)
    with pytest.raises(Conflict, match="verified meanwhile"):
        await committed(house, ready)


async def test_a_policy_that_sets_other_times_gives_them_to_all_that_is_live(house: Home) -> None:
    await live(house, an_answer())
    assert (await told(house))["valid_until"] is None
    signed_at = house.clock.now()
    house.clock.move(days=1)
    await live(house, a_policy(STRICT))
    assert (await told(house))["valid_until"] == instant(signed_at + timedelta(days=130))
    house.clock.move(days=100)
    assert (await told(house))["trust"] == "due"
    await live(house, a_policy(msgspec.structs.replace(POLICY, cadence_days=400)))
    found = await told(house)
    assert (found["trust"], found["valid_until"]) == ("verified", None)
    assert await read(house, verify_all) == (None, ())
