"""Releasing: what goes live together, what has to stay behind, and what a changed fact takes with it."""

import asyncio
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from kb.base import db
from kb.base.errors import Conflict, Forbidden
from kb.base.journal import read_head, read_lines
from kb.base.work import ANONYMOUS
from kb.channels.profiles import CHANNELS as EVERY_CHANNEL
from kb.channels.profiles import ProfilesDocument
from kb.channels.types import Link, Next, Wording
from kb.channels.values import Duration, Integer, Unit, Url
from kb.entries import queries as entries
from kb.entries.types import Policy, PolicyRule
from kb.release import merkle, queries
from kb.release.actions import differences, release
from kb.release.tables import leaves
from kb.release.types import Prepared, Released
from kb.review import actions as review
from kb.review.queries import by_hashes
from kb.review.signatures import sign_waiver
from kb.review.types import State, Waiver
from tests.builders import (
    CHANNELS,
    ENGLISH,
    KEYS,
    POLICY,
    SPANISH,
    Home,
    a_channels_document,
    a_claim,
    a_fact,
    a_live_answer,
    a_policy,
    a_translation,
    an_answer,
    asked,
    body,
    changed,
    committed,
    live,
    payload,
    prepared,
    read,
    released,
    signed,
    text,
    withdrawn,
    written,
)

pytestmark = pytest.mark.both_databases

SHORTER = Duration(3, Unit.WORKING_DAYS)
HELP = a_fact("link.help", Url("https://larkfield.example/help"))
BROKEN_HELP = changed(HELP, fact=Integer(3))
HELPFUL = (Link("Help", "{{fact:link.help}}"),)
ARRIVAL = "Your card arrives in {{fact:card.delivery}}."


async def state(home: Home, hash_: str) -> State:
    found = (await read(home, by_hashes, [hash_]))[hash_].state
    assert isinstance(found, State)
    return found


async def link(home: Home) -> str:
    told = await payload(home)
    assert told is not None
    return str(told["links"][0]["url"])


async def position(home: Home) -> int:
    found = (await read(home, read_head)).position
    assert isinstance(found, int)
    return found


async def approved(home: Home, *drafts: Any) -> Prepared:
    """These drafts written, signed and prepared, and not yet committed."""
    revisions = await written(home, *drafts)
    assert await signed(home, *revisions) == ()
    return await prepared(home, *revisions)


# ---- going live ------------------------------------------------------------------------------------------------------


async def test_an_approved_answer_goes_live_in_every_channel_at_one_position(house: Home) -> None:
    outcome = await released(house, an_answer())
    for channel in EVERY_CHANNEL:
        told = await payload(house, "card-arrival", asked(channel))
        assert told is not None
        assert told["position"] == outcome.position
    assert await state(house, outcome.revisions[0].hash) is State.LIVE


async def test_a_release_is_one_journal_line_that_holds_ids_and_hashes_only(house: Home) -> None:
    before = await position(house)
    release_of = await approved(house, an_answer(text="A secret sentence."), a_fact())
    middle = await position(house)
    assert middle > before
    made = await committed(house, release_of)
    assert made is not None
    (line,) = await read(house, read_lines, middle)
    assert (line.position, line.event) == (made.position, "release.made")
    assert set(msgspec.json.decode(line.data)) == {"release", "act", "policy", "renderer", "root", "items", "count"}
    assert "secret" not in line.data


async def test_what_is_not_approved_stays_behind_and_says_what_it_lacks(house: Home) -> None:
    outcome = await released(house, an_answer(), signers=[])
    assert outcome.released is None
    assert outcome.codes("card-arrival") == {"not-approved"}
    assert await text(house) is None


async def test_what_was_approved_under_an_easier_policy_stays_behind(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    await signed(house, revision)
    await live(house, a_policy(Policy(rules=(*POLICY.rules, PolicyRule("brand", {"brand": 1})))))
    ready = await prepared(house, revision)
    assert [issue.message for issue in ready.blocked[0].issues] == [
        "This revision can't go live: the policy in force asks for 1 × brand more."
    ]


async def test_releasing_the_same_again_changes_nothing(house: Home) -> None:
    outcome = await released(house, an_answer())
    before = await position(house)
    ready = await prepared(house, *outcome.revisions)
    assert await committed(house, ready) is None
    assert await position(house) == before


async def test_a_release_of_nothing_is_none(house: Home) -> None:
    before = await position(house)
    assert await committed(house, await prepared(house)) is None
    assert await position(house) == before


async def test_a_new_revision_supersedes_the_old_one_and_replaces_its_renditions(house: Home) -> None:
    first = await released(house, an_answer())
    second = await released(house, changed(an_answer(), text="Your card comes by post."))
    assert await text(house) == "Your card comes by post."
    assert await state(house, first.revisions[0].hash) is State.SUPERSEDED
    assert second.released is not None
    assert (second.released.opened, second.released.closed) == (7, 7)


async def test_a_stranger_may_not_release(house: Home) -> None:
    ready = await approved(house, an_answer())

    async def attempt() -> None:
        async with house.work(ANONYMOUS) as work:
            await release(work, ready)

    with pytest.raises(Forbidden):
        await attempt()
    assert await text(house) is None


@pytest.mark.parametrize("table", ["release_items", "release_leaves"])
@pytest.mark.parametrize("act", ["UPDATE {} SET release = 'x'", "DELETE FROM {}"])
async def test_the_database_itself_refuses_to_rewrite_a_release(house: Home, table: str, act: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match=f"{table} is written once"):
        async with db.writing(house.sessions.engine) as connection:
            await connection.execute(sa.text(act.format(table)))


# ---- one value, one place --------------------------------------------------------------------------------------------


async def test_a_changed_fact_says_the_new_value_everywhere_at_one_position(house: Home) -> None:
    await live(
        house,
        a_fact(),
        a_claim("fast-post", "Cards come in {{fact:card.delivery}}."),
        an_answer(text=ARRIVAL),
        an_answer("card-new", "We are quick. {{claim:fast-post}}"),
        an_answer("card-lost", "Call us."),
    )
    before = {channel: await body(house, "card-lost", asked(channel)) for channel in EVERY_CHANNEL}
    revisions = await read(house, entries.places)
    outcome = await live(house, changed(a_fact(), fact=SHORTER))
    for key in ("card-arrival", "card-new", "fast-post"):
        for channel in EVERY_CHANNEL:
            told = await payload(house, key, asked(channel))
            assert told is not None
            assert told["position"] == outcome.position
            assert told["facts"]["card.delivery"]["version"] == 2
            assert "three working days" in told["text"] if channel == "voice" else "3 working days" in told["text"]
    assert {channel: await body(house, "card-lost", asked(channel)) for channel in EVERY_CHANNEL} == before
    assert len(await read(house, entries.places)) == len(revisions) + 1


async def test_a_reviewer_can_see_which_entries_a_fact_would_change(house: Home) -> None:
    await live(house, a_fact(), an_answer(text=ARRIVAL), an_answer("card-lost", "Call us."))
    ready = await approved(house, changed(a_fact(), fact=SHORTER))
    assert await read(house, differences, ready) == (("card-arrival", ENGLISH),)


async def test_a_fact_that_would_break_what_leans_on_it_stays_behind(house: Home) -> None:
    await live(house, HELP, an_answer(links=HELPFUL))
    outcome = await released(house, BROKEN_HELP)
    assert outcome.released is None
    (blocked,) = outcome.blocked
    assert (blocked.key, blocked.because_of) == ("link.help", f"card-arrival ({ENGLISH})")
    assert await link(house) == "https://larkfield.example/help"


async def test_a_fact_that_breaks_something_may_go_with_what_mends_it(house: Home) -> None:
    await live(house, HELP, an_answer(links=HELPFUL))
    await live(house, BROKEN_HELP, an_answer(text="It is your card."))
    assert await text(house) == "It is your card."


async def test_what_is_live_is_guarded_even_while_a_candidate_for_its_place_stays_behind(house: Home) -> None:
    await live(house, HELP, an_answer(links=HELPFUL))
    unsigned, fact = await written(house, an_answer(text="It is your card."), BROKEN_HELP)
    await signed(house, fact)
    ready = await prepared(house, unsigned, fact)
    assert {one.key for one in ready.blocked} == {"link.help", "card-arrival"}
    await committed(house, ready)
    assert await link(house) == "https://larkfield.example/help"


# ---- staying behind --------------------------------------------------------------------------------------------------


async def test_whatever_needs_what_stays_behind_stays_behind_too_and_the_rest_goes_live(house: Home) -> None:
    outcome = await released(
        house,
        a_claim("bad", "It costs 30 pounds."),
        an_answer("a", "See: {{claim:bad}}"),
        an_answer("b", "Fine.", next=(Next("a", "More", "entry:a"),)),
        an_answer("c", "Fine.", next=(Next("b", "More", "entry:b"),)),
        an_answer("d", "Fine."),
    )
    assert {one.key for one in outcome.blocked} == {"bad", "a", "b", "c"}
    assert outcome.codes("bad") == {"literal-not-a-fact"}
    assert outcome.codes("a") == {"reference-not-live"}
    assert outcome.codes("b") == outcome.codes("c") == {"next-dead"}
    assert await text(house, "d") == "Fine."
    assert await text(house, "c") is None


async def test_what_needs_each_other_goes_together(house: Home) -> None:
    await live(
        house,
        an_answer("a", "Fine.", next=(Next("b", "More", "entry:b"),)),
        an_answer("b", "Fine.", next=(Next("a", "Back", "entry:a"),)),
    )
    assert await text(house, "a") == "Fine."


async def test_a_translation_waits_for_its_source(house: Home) -> None:
    source = an_answer(text="It costs 30 pounds.")
    outcome = await released(house, source, a_translation(source, "Está en camino."))
    assert outcome.codes("card-arrival") == {"literal-not-a-fact", "source-not-live"}
    assert await text(house, "card-arrival", asked("chat", SPANISH)) is None


async def test_a_translation_whose_way_on_stays_behind_stays_behind_too(house: Home) -> None:
    lost = an_answer("card-lost", "Call us.")
    source = an_answer(next=(Next("lost", "Lost it", "entry:card-lost"),))
    outcome = await released(
        house,
        lost,
        a_translation(lost, "Son 30 libras."),
        source,
        a_translation(source, "Está en camino.", next=(Next("lost", "La perdí", ""),)),
    )
    assert {(one.key, one.locale) for one in outcome.blocked} == {("card-lost", SPANISH), ("card-arrival", SPANISH)}
    assert await text(house) == "Your card is on its way."


async def test_a_reference_to_nothing_a_circle_and_a_wrong_kind_are_refused(house: Home) -> None:
    outcome = await released(
        house,
        a_fact(),
        an_answer("a", "In {{fact:nothing}}."),
        an_answer("b", "In {{claim:card.delivery}}."),
        a_claim("c", "See {{claim:d}}."),
        a_claim("d", "See {{claim:c}}."),
    )
    assert outcome.codes("a") == {"reference-not-live"}
    assert outcome.codes("b") >= {"reference-kind"} or outcome.codes("b") >= {"reference-not-live"}
    assert "reference-circular" in outcome.codes("c") & outcome.codes("d")
    assert [place.key for place in (outcome.released.items if outcome.released else ())] == ["card.delivery"]


async def test_a_blocked_revision_comes_with_field_place_and_what_to_do(house: Home) -> None:
    outcome = await released(house, an_answer(text="It takes 14 days."))
    (issue,) = outcome.blocked[0].issues
    assert (issue.code, issue.field, issue.found) == ("literal-not-a-fact", "text", "14 days")
    assert "It takes 14 days."[issue.start : issue.end] == "14 days"
    assert issue.action


# ---- waivers ---------------------------------------------------------------------------------------------------------


async def test_a_waived_finding_about_meaning_no_longer_stops_a_release(house: Home) -> None:
    draft = an_answer(wording=Wording("You can not cancel it.", short="You can cancel it."))
    outcome = await released(house, draft)
    (revision,) = outcome.revisions
    waivers = []
    for issue in outcome.blocked[0].issues:
        plain = Waiver(
            "card-arrival", ENGLISH, revision.hash, issue.code, issue.field, "so", "legal", "leo", house.now, ""
        )
        waivers.append(sign_waiver(plain, KEYS["leo"][1]))
    assert waivers
    async with house.work() as work:
        assert await review.sign(work, [], waivers) == []
    ready = await prepared(house, revision)
    assert ready.blocked == ()
    assert await committed(house, ready) is not None


async def test_a_figure_can_never_be_waived(house: Home) -> None:
    outcome = await released(house, an_answer(text="It takes 14 days."))
    (revision,) = outcome.revisions
    plain = Waiver(
        "card-arrival", ENGLISH, revision.hash, "literal-not-a-fact", "text", "so", "legal", "leo", house.now, ""
    )
    async with house.work() as work:
        await review.sign(work, [], [sign_waiver(plain, KEYS["leo"][1])])
    assert [one.key for one in (await prepared(house, revision)).blocked] == ["card-arrival"]


# ---- at the same time ------------------------------------------------------------------------------------------------


async def both(home: Home, one: Prepared, other: Prepared) -> tuple[Released | BaseException | None, ...]:
    return await asyncio.gather(committed(home, one), committed(home, other), return_exceptions=True)


async def test_of_two_releases_of_one_entry_one_wins_and_the_other_is_told(house: Home) -> None:
    one = await approved(house, changed(an_answer(), text="One."))
    other = await approved(house, changed(an_answer(), text="Other."))
    results = await both(house, one, other)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Released"]
    assert await text(house) in {"One.", "Other."}
    async with house.reading() as connection:
        assert len(await queries.live(connection, ["card-arrival"])) == 1


async def test_two_releases_that_have_nothing_to_do_with_each_other_both_win(house: Home) -> None:
    one = await approved(house, an_answer("a", "One."))
    other = await approved(house, an_answer("b", "Other."))
    results = await both(house, one, other)
    assert [type(result).__name__ for result in results] == ["Released", "Released"]


async def test_a_release_made_from_what_was_withdrawn_meanwhile_is_refused(house: Home) -> None:
    await live(house, a_claim())
    ready = await approved(house, an_answer(text="Good news. {{claim:free-atm}}"))
    await withdrawn(house, "free-atm")
    with pytest.raises(Conflict, match="prepare it again"):
        await committed(house, ready)
    assert await text(house) is None


async def test_a_release_judged_by_a_former_policy_is_refused(house: Home) -> None:
    ready = await approved(house, an_answer())
    await live(house, a_policy(Policy(rules=(*POLICY.rules, PolicyRule("brand", {"brand": 1})))))
    with pytest.raises(Conflict, match="meanwhile"):
        await committed(house, ready)
    assert await text(house) is None


async def test_an_answer_released_while_its_fact_was_being_prepared_is_not_left_with_the_old_value(house: Home) -> None:
    await live(house, a_fact())
    ready = await approved(house, changed(a_fact(), fact=SHORTER))
    await live(house, an_answer(text=ARRIVAL))
    with pytest.raises(Conflict, match="prepare it again"):
        await committed(house, ready)
    await live(house, changed(a_fact(), fact=SHORTER))
    assert await text(house) == "Your card arrives in 3 working days."


async def test_an_answer_released_while_profiles_were_being_prepared_is_not_left_without_them(house: Home) -> None:
    wider = msgspec.structs.replace(CHANNELS, serve=("chat/core", "chat/slack"))
    ready = await approved(house, a_channels_document(wider))
    await live(house, an_answer())
    with pytest.raises(Conflict, match="prepare it again"):
        await committed(house, ready)


# ---- house documents -------------------------------------------------------------------------------------------------


async def test_new_profiles_render_everything_again_at_one_position(house: Home) -> None:
    await a_live_answer(house)
    fewer = ProfilesDocument(locales=(ENGLISH,), serve=("chat/core", "chat/slack"))
    outcome = await live(house, a_channels_document(fewer))
    slack = msgspec.structs.replace(asked("chat"), profile="slack")
    told = await payload(house, "card-arrival", slack)
    assert told is not None
    assert told["position"] == outcome.position
    assert await text(house, "card-arrival", asked("voice")) is None
    assert await text(house) == "Your card is on its way."


async def test_a_changed_say_entry_is_heard_in_every_voice_answer(house: Home) -> None:
    await a_live_answer(house)
    outcome = await live(
        house, an_answer("say-handover", "One of us will help you.", title="Speak to us", topic="house")
    )
    told = await payload(house, "card-arrival", asked("voice"))
    assert told is not None
    assert told["position"] == outcome.position
    assert told["voice"]["options"][-1]["say"].startswith("Speak to us")


async def test_rendering_again_with_the_same_renderer_changes_nothing(house: Home) -> None:
    await live(house, a_fact(), an_answer(text=ARRIVAL), a_claim())
    before = await position(house)
    ready = await prepared(house, everything=True)
    assert ready.blocked == ()
    assert await read(house, differences, ready) == ()
    assert await committed(house, ready) is None
    assert await position(house) == before


# ---- proof -----------------------------------------------------------------------------------------------------------


async def test_the_journal_commits_to_every_rendition_of_a_release(house: Home) -> None:
    outcome = await live(house, a_fact(), an_answer(text=ARRIVAL), an_answer("card-lost", "Call us."))
    assert outcome.released is not None
    made = outcome.released
    (line,) = await read(house, read_lines, made.position - 1)
    async with house.reading() as connection:
        rows = (await connection.execute(sa.select(leaves).where(leaves.c.release == made.id))).all()
        (release_row,) = await queries.last(connection, 1)
    found = [
        merkle.Leaf(row.rendition, row.inputs, row.profile, release_row.renderer)
        for row in sorted(rows, key=lambda row: row.number)
    ]
    assert len(found) == made.opened == 14
    assert msgspec.json.decode(line.data)["root"] == merkle.root([merkle.leaf_hash(leaf) for leaf in found])
    told = await payload(house)
    assert told is not None
    assert told["rendition"] in {leaf.rendition for leaf in found}


async def test_everything_ever_released_is_known(house: Home) -> None:
    outcome = await live(house, an_answer())
    await withdrawn(house, "card-arrival")
    assert ("card-arrival", ENGLISH, outcome.revisions[0].hash) in await read(house, queries.ever_released)
