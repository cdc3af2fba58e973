"""Law 7: nothing is lost: written once, never changed, and what was said on a day can be read byte for byte."""

import pytest
import sqlalchemy as sa

from kb.base import db
from kb.channels.profiles import CHANNELS
from kb.delivery import queries
from kb.review import actions as review
from kb.review.signatures import sign_waiver
from kb.review.types import Waiver
from tests.builders import KEYS, Home, a_live_answer, an_answer, asked, body, changed, live, withdrawn, written

WRITTEN_ONCE = ("journal", "revisions", "signoffs", "waivers", "release_items", "release_leaves")


@pytest.mark.both_databases
@pytest.mark.parametrize("table", WRITTEN_ONCE)
async def test_the_database_refuses_to_update_or_delete(house: Home, table: str) -> None:
    draft = await a_live_answer(house)
    await live(house, changed(draft, text="It comes."))
    if table == "waivers":
        await a_waiver(house)
    column = "release" if table.startswith("release_") else "position"
    for act in (f"UPDATE {table} SET {column} = '9'", f"DELETE FROM {table}"):
        with pytest.raises(sa.exc.DBAPIError, match=f"{table} is written once"):
            async with db.writing(house.sessions.engine) as connection:
                await connection.execute(sa.text(act))


async def a_waiver(house: Home) -> None:
    (revision,) = await written(house, an_answer("b"))
    statement = Waiver("b", "en-GB", revision.hash, "negation-lost", "short", "so", "legal", "lea", house.now, "")
    async with house.work() as work:
        assert await review.sign(work, [], [sign_waiver(statement, KEYS["lea"][1])]) == []


@pytest.mark.both_databases
async def test_what_was_said_on_a_day_is_still_known_after_it_was_changed_and_withdrawn(house: Home) -> None:
    said: dict[str, dict[str, bytes | None]] = {}
    for wording in ("Your card is on its way.", "It comes by post.", "It comes by bike."):
        await live(house, an_answer(text=wording))
        said[house.now] = {channel: await body(house, "card-arrival", asked(channel)) for channel in CHANNELS}
        house.clock.move(days=1)
    await withdrawn(house, "card-arrival")
    for at, bodies in said.items():
        instant = await queries.instant_at(house.reader, at)
        assert instant is not None
        for channel, expected in bodies.items():
            found = await queries.get_then(house.reader, "card-arrival", asked(channel), instant)
            assert found is not None
            assert found.body == expected
