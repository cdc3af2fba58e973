"""Releasing: what goes live together at one position, and the proof it leaves in the journal."""

import msgspec
import pytest
import sqlalchemy as sa

from kb.base import db
from kb.base.errors import Forbidden
from kb.base.journal import read_lines
from kb.base.work import ANONYMOUS
from kb.channels.profiles import CHANNELS as EVERY_CHANNEL
from kb.channels.profiles import ProfilesDocument
from kb.channels.values import Duration, Unit
from kb.entries.types import Policy, PolicyRule
from kb.release import merkle, queries
from kb.release.actions import differences, release
from kb.release.tables import leaves, releases
from kb.review.queries import by_hashes
from kb.review.types import State
from tests.builders import (
    ENGLISH,
    POLICY,
    Home,
    a_channels_document,
    a_claim,
    a_fact,
    a_live_answer,
    a_policy,
    an_answer,
    approved,
    asked,
    changed,
    committed,
    head,
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
ARRIVAL = "Your card arrives in {{fact:card.delivery}}."


async def state(home: Home, hash_: str) -> State:
    found = (await read(home, by_hashes, [hash_]))[hash_].state
    assert isinstance(found, State)
    return found


# ---- going live ------------------------------------------------------------------------------------------------------


async def test_an_approved_answer_goes_live_in_every_channel_at_one_position(house: Home) -> None:
    outcome = await released(house, an_answer())
    for channel in EVERY_CHANNEL:
        told = await payload(house, "card-arrival", asked(channel))
        assert told is not None
        assert told["position"] == outcome.position
    assert await state(house, outcome.revisions[0].hash) is State.LIVE


async def test_a_release_is_one_journal_line_that_holds_ids_and_hashes_only(house: Home) -> None:
    before = await head(house)
    release_of = await approved(house, an_answer(text="A secret sentence."), a_fact())
    middle = await head(house)
    assert middle > before
    made = await committed(house, release_of)
    assert made is not None
    (line,) = await read(house, read_lines, middle)
    assert (line.position, line.event) == (made.position, "release.made")
    told = {"release", "act", "policy", "renderer", "root", "items", "count"}
    assert set(msgspec.json.decode(line.data)) == told | {"opened", "closed", "findables", "rulings", "reason"}
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
    before = await head(house)
    ready = await prepared(house, *outcome.revisions)
    assert await committed(house, ready) is None
    assert await head(house) == before


async def test_a_release_of_nothing_is_none(house: Home) -> None:
    before = await head(house)
    assert await committed(house, await prepared(house)) is None
    assert await head(house) == before


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
    before = await head(house)
    ready = await prepared(house, everything=True)
    assert ready.blocked == ()
    assert await read(house, differences, ready) == ()
    assert await committed(house, ready) is None
    assert await head(house) == before


# ---- proof -----------------------------------------------------------------------------------------------------------


async def test_the_journal_commits_to_every_rendition_of_a_release(house: Home) -> None:
    outcome = await live(house, a_fact(), an_answer(text=ARRIVAL), an_answer("card-lost", "Call us."))
    assert outcome.released is not None
    made = outcome.released
    (line,) = await read(house, read_lines, made.position - 1)
    async with house.reading() as connection:
        rows = (await connection.execute(sa.select(leaves).where(leaves.c.release == made.id))).all()
        renderer = await connection.scalar(sa.select(releases.c.renderer).where(releases.c.id == made.id))
    found = [
        merkle.Leaf(row.rendition, row.inputs, row.profile, str(renderer), row.row)
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
