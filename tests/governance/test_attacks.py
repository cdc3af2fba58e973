"""Ways round the four eyes that somebody might try: each ends with nothing live that the right people haven't signed."""

from datetime import timedelta

import pytest

from kb.accounts.types import Role
from kb.base.errors import Conflict, Forbidden
from kb.base.work import Actor, Right
from kb.entries.types import Emergency, Kind, Policy, PolicyRule, Revision
from kb.release.actions import release
from kb.release.made import page_of_made
from kb.release.prepare import prepare
from kb.release.rollback import plan_rollback, roll_back
from kb.release.types import Prepared
from kb.review import actions as review
from kb.review.changes import change_class
from kb.review.comments import Remark
from kb.review.types import ChangeClass, State
from tests.builders import (
    EVERY_AUDIENCE,
    Home,
    a_signer,
    a_signoff,
    a_translation,
    an_answer,
    changed,
    committed,
    live,
    prepared,
    read,
    released,
    signed,
    text,
    trusted,
    withdrawn,
    written,
)
from tests.release.scheduling import scheduled, worked
from tests.review.acting import acting, dossier, drafted, ruled, state

GRAVE = ("value", "disclosure", "modality")
RULES = (
    PolicyRule("words", {"brand": 1}, kinds=(Kind.ANSWER,), classes=(*GRAVE, "wording")),
    PolicyRule("binding", {"legal": 1}, kinds=(Kind.ANSWER,), classes=GRAVE),
    PolicyRule("commas", {"admin": 1}, kinds=(Kind.ANSWER,), classes=("typo",)),
    PolicyRule("house", {"admin": 2}, kinds=(Kind.HOUSE,)),
)
WHOLE = (("lea", "legal"), ("bea", "brand"))
COMMA = (("ada", "admin"),)
FIRST = an_answer()
MENDED = changed(FIRST, text="Your card is on its way!")
OTHER = changed(FIRST, text="Your card may be late.")
OTHER_MENDED = changed(FIRST, text="Your card may be late!")


@pytest.fixture
async def firm(house: Home) -> Home:
    """A house in which an admin signs commas, brand and legal the rest, with one answer that is live."""
    await ruled(house, Policy(rules=RULES))
    await live(house, FIRST, signers=WHOLE)
    return house


async def in_emergency(home: Home, *revisions: Revision) -> Prepared:
    async with home.reading() as connection:
        return await prepare(connection, [one.hash for one in revisions], home.clock.now(), emergency=True)


# ---- what was taken back ---------------------------------------------------------------------------------------------


async def test_a_withdrawn_text_does_not_come_back_as_a_mended_comma(firm: Home) -> None:
    await withdrawn(firm, FIRST.key)
    outcome = await released(firm, MENDED, signers=COMMA)
    assert outcome.released is None
    assert (await dossier(firm, outcome.revisions[0])).standing.missing == {"brand": 1, "legal": 1}
    assert await text(firm) is None


async def test_a_comma_signed_before_the_withdrawal_does_not_bring_the_text_back_by_its_schedule(firm: Home) -> None:
    (mended,) = await written(firm, MENDED)
    assert await signed(firm, mended, signers=COMMA) == ()
    await scheduled(firm, firm.clock.now() + timedelta(hours=1), mended)
    await withdrawn(firm, FIRST.key)
    firm.clock.move(hours=2)
    assert len((await worked(firm)).failed) == 1
    assert (await state(firm, mended), await text(firm)) == (State.APPROVED, None)
    (next_one,) = await written(firm, changed(FIRST, text="Your card: is on its way!"))
    assert (await dossier(firm, next_one)).standing.missing == {"author": 1, "brand": 1, "legal": 1}


async def test_what_was_rolled_back_is_no_ground_to_mend_a_comma_on(firm: Home) -> None:
    outcome = await live(firm, OTHER, signers=WHOLE)
    assert outcome.released is not None
    async with firm.reading() as connection:
        plan = await plan_rollback(connection, outcome.released.id, firm.clock.now())
    async with firm.work() as work:
        await roll_back(work, plan, "wrong")
    again = await released(firm, OTHER_MENDED, signers=COMMA)
    assert again.released is None
    assert (await dossier(firm, again.revisions[0])).standing.change is ChangeClass.MODALITY
    assert await text(firm) == "Your card is on its way."


async def test_a_policy_is_not_rolled_back(firm: Home) -> None:
    made = await read(firm, page_of_made, "", None, 50)
    of_policy = next(one.id for one in made if any(item.key == "policy" for item in one.items))
    async with firm.reading() as connection:
        with pytest.raises(Conflict, match="signed under the one in force"):
            await plan_rollback(connection, of_policy, firm.clock.now())


# ---- small steps -----------------------------------------------------------------------------------------------------


async def test_what_an_earlier_policy_approved_is_no_ground_under_a_stricter_one(house: Home) -> None:
    await ruled(house, Policy(rules=(PolicyRule("all", {"admin": 1}, kinds=(Kind.ANSWER,)), RULES[-1])))
    (first,) = await written(house, FIRST)
    await signed(house, first, signers=COMMA)
    assert await state(house, first) is State.APPROVED
    await ruled(house, Policy(rules=RULES))
    outcome = await released(house, MENDED, signers=COMMA)
    assert outcome.released is None
    assert (await dossier(house, outcome.revisions[0])).standing.missing == {"brand": 1, "legal": 1}


async def test_a_comma_behind_what_was_carried_over_is_seen_by_those_who_sign_commas(firm: Home) -> None:
    (first,) = await written(firm, OTHER)
    await signed(firm, first, signers=WHOLE[:1])
    (second,) = await written(firm, OTHER_MENDED)
    await signed(firm, second, signers=WHOLE[1:])
    found = await dossier(firm, second)
    assert [one.role for one in found.carried] == ["legal"]
    assert (found.standing.missing, await state(firm, second)) == ({"admin": 1}, State.IN_REVIEW)
    await signed(firm, second, signers=COMMA)
    assert await state(firm, second) is State.APPROVED


def test_facts_and_figures_that_change_places_are_no_wording() -> None:
    for old, new in (("£5 here, £9 there.", "£9 here, £5 there."), ("Twice a year.", "Once a year.")):
        assert change_class(an_answer(text=old).content, an_answer(text=new).content, "en-GB") is ChangeClass.VALUE


# ---- comments --------------------------------------------------------------------------------------------------------


async def test_a_blocking_comment_on_what_is_approved_is_not_dodged_by_writing_anew(firm: Home) -> None:
    (first,) = await written(firm, OTHER)
    await signed(firm, first, signers=WHOLE)
    async with firm.work(await acting(firm, "leo")) as work:
        await review.comment(work, first.hash, Remark(text="Wrong.", blocks=True))
    assert (await prepared(firm, first)).blocked
    outcome = await released(firm, OTHER_MENDED, signers=COMMA)
    assert outcome.released is None
    assert len((await dossier(firm, outcome.revisions[0])).blocking) == 1


async def test_a_blocking_comment_between_preparing_and_committing_stops_the_release(firm: Home) -> None:
    (first,) = await written(firm, OTHER)
    await signed(firm, first, signers=WHOLE)
    ready = await prepared(firm, first)
    async with firm.work(await acting(firm, "leo")) as work:
        await review.comment(work, first.hash, Remark(text="Wrong.", blocks=True))
    with pytest.raises(Conflict, match="prepare it again"):
        await committed(firm, ready)
    assert await text(firm) == "Your card is on its way."


# ---- topics ----------------------------------------------------------------------------------------------------------


async def test_moving_an_entry_does_not_lose_those_who_sign_where_it_was(house: Home) -> None:
    rules = (
        PolicyRule("cards", {"legal": 1}, kinds=(Kind.ANSWER,), topics=("cards",)),
        PolicyRule("blog", {"brand": 1}, kinds=(Kind.ANSWER,), topics=("blog",)),
    )
    await ruled(house, Policy(rules=(*rules, RULES[-1])))
    await live(house, FIRST, signers=WHOLE[:1])
    outcome = await released(house, changed(FIRST, topic="blog", text="Anything."), signers=WHOLE[1:])
    assert outcome.released is None
    assert (await dossier(house, outcome.revisions[0])).standing.missing == {"legal": 1}


async def test_moving_an_entry_does_not_choose_its_signer(house: Home) -> None:
    await live(house, FIRST)
    await trusted(
        house,
        a_signer("lea", Role.LEGAL, topics=("cards",)),
        a_signer("leo", Role.LEGAL, topics=("blog",)),
        people=("ana", "ada", "adi"),
    )
    (moved,) = await written(house, changed(FIRST, topic="blog", text="Anything."))
    for person in ("leo", "lea"):
        (refused,) = await signed(house, moved, signers=[(person, "legal")])
        assert refused.code == "role-not-held"
    await trusted(house, a_signer("leo", Role.LEGAL, topics=("blog", "cards")), people=("ana", "ada", "adi"))
    assert await signed(house, moved, signers=[("leo", "legal")]) == ()


async def test_who_releases_on_one_topic_does_not_replace_what_is_live_on_another(house: Home) -> None:
    await live(house, FIRST)
    (moved,) = await written(house, changed(FIRST, topic="blog"))
    await signed(house, moved)
    ready = await prepared(house, moved)
    publisher = Actor("pip", EVERY_AUDIENCE, frozenset({Right.RELEASE}), {Right.RELEASE: frozenset({"blog"})})
    with pytest.raises(Forbidden):
        async with house.work(publisher) as work:
            await release(work, ready)


async def test_a_translation_does_not_borrow_the_topic_of_a_source_that_nobody_signed(house: Home) -> None:
    rules = (
        PolicyRule("cards", {"legal": 1}, kinds=(Kind.ANSWER,), topics=("cards",)),
        PolicyRule("blog", {"brand": 1}, kinds=(Kind.ANSWER,), topics=("blog",)),
    )
    await ruled(house, Policy(rules=(*rules, RULES[-1])))
    decoy = changed(FIRST, topic="blog")
    await drafted(house, decoy)
    (source,) = await written(house, FIRST)
    await signed(house, source, signers=WHOLE[:1])
    (translation,) = await written(house, a_translation(decoy, "Lo que sea."))
    await signed(house, translation, signers=WHOLE[1:])
    together = await prepared(house, source, translation)
    assert [(one.locale, one.issues[0].code) for one in together.blocked] == [("es-ES", "not-approved")]
    await committed(house, together)
    assert (await dossier(house, translation)).standing.missing == {"legal": 1}


# ---- authors and emergencies -----------------------------------------------------------------------------------------


async def test_an_editor_does_not_sign_in_the_authors_place(house: Home) -> None:
    (revision,) = await written(house, an_answer(editors=("ben",)))
    async with house.work() as work:
        offered = [a_signoff(house, revision, "author", "ben"), a_signoff(house, revision, "legal", "lea")]
        assert await review.sign(work, offered) == []
    assert (await dossier(house, revision)).standing.missing == {"author": 1}
    await signed(house, revision, signers=())
    assert await state(house, revision) is State.APPROVED


async def test_an_emergency_is_not_prolonged_by_writing_it_anew(firm: Home) -> None:
    await ruled(firm, Policy(rules=RULES, emergency=Emergency({"legal": 1}, hours=24)))
    (first,) = await written(firm, OTHER)
    await signed(firm, first, signers=WHOLE[:1])
    assert await committed(firm, await in_emergency(firm, first)) is not None
    assert await text(firm) == "Your card may be late."
    firm.clock.move(hours=23)
    (again,) = await written(firm, changed(OTHER, phrasings=("where",)))
    await signed(firm, again, signers=())
    assert (await dossier(firm, again)).standing.emergency_missing == {"legal": 1}
    assert (await in_emergency(firm, again)).blocked
    firm.clock.move(hours=2)
    await worked(firm)
    (last,) = await written(firm, changed(OTHER, phrasings=("when",)))
    assert ((await dossier(firm, last)).carriable, await text(firm)) == ((), None)


async def test_an_emergency_ends_in_time_while_a_comment_blocks_its_confirmation(firm: Home) -> None:
    await ruled(firm, Policy(rules=RULES, emergency=Emergency({"legal": 1}, hours=24)))
    (first,) = await written(firm, OTHER)
    await signed(firm, first, signers=WHOLE[:1])
    await committed(firm, await in_emergency(firm, first))
    async with firm.work(await acting(firm, "leo")) as work:
        await review.comment(work, first.hash, Remark(text="Wrong.", blocks=True))
    await signed(firm, first, signers=WHOLE)
    ready = await prepared(firm, first)
    assert (ready.lifting, len(ready.blocked)) == (frozenset(), 1)
    firm.clock.move(hours=25)
    assert await text(firm) is None
