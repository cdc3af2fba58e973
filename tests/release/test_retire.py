"""Retiring: another entry answers from then on, the past stays what it was, and nothing is left hanging."""

import pytest

from kb.base.errors import Conflict, Forbidden, NotFound
from kb.base.work import ANONYMOUS
from kb.delivery import feed, queries
from kb.delivery.types import Change
from kb.entries.rules import content_hash
from kb.entries.types import Audience
from kb.release.retire import foresee, retire
from kb.release.types import Released
from kb.review.queries import by_hashes
from kb.review.types import State
from tests.builders import (
    EVERY_AUDIENCE,
    PUBLIC,
    SPANISH,
    Home,
    a_claim,
    a_translation,
    an_answer,
    asked,
    changed,
    head,
    live,
    read,
    text,
    withdrawn,
)

pytestmark = pytest.mark.both_databases

OLD, NEW = an_answer("old", "The old way."), an_answer("new", "The new way.")


async def retired(home: Home, key: str = "old", replacement: str = "new") -> Released:
    async with home.work() as work:
        return await retire(work, key, replacement, "a test")


async def test_a_retired_key_is_answered_by_its_replacement(house: Home) -> None:
    await live(house, OLD, NEW)
    done = await retired(house)
    found = await queries.get(house.reader, "old", asked(), house.now)
    assert found is not None
    assert (found.key, await text(house, "old")) == ("new", "The new way.")
    assert await queries.get(house.reader, "old", asked(), house.now, follow=False) is None
    several = await queries.many(house.reader, ["old", "new", "nothing"], asked(), house.now)
    assert {key: one.key for key, one in several.items()} == {"old": "new", "new": "new"}
    assert [(place.key, place.locale) for place in done.items] == [("old", "en-GB")]


async def test_followers_are_told_and_search_forgets_it(house: Home) -> None:
    await live(house, OLD, NEW)
    done = await retired(house)
    told = await feed.changes(house.reader, feed.Cursor(done.position, 0, 0), done.position, 100, EVERY_AUDIENCE)
    assert {(one.key, one.change) for one in told.items} == {("old", Change.RETIRED)}
    assert await feed.findables(house.reader, ["old"]) == []
    states = await read(house, by_hashes, [content_hash(OLD)])
    assert states[content_hash(OLD)].state is State.RETIRED


async def test_the_past_before_is_the_old_text_and_after_the_new(house: Home) -> None:
    await live(house, OLD, NEW)
    done = await retired(house)
    for position, key in ((done.position - 1, "old"), (done.position, "new")):
        instant = await queries.instant_of(house.reader, position)
        assert instant is not None
        found = await queries.get_then(house.reader, "old", asked(), instant)
        assert found is not None
        assert found.key == key


async def test_retirements_are_followed_to_the_end(house: Home) -> None:
    await live(house, OLD, NEW, an_answer("newest", "The newest way."))
    await retired(house)
    await retired(house, "new", "newest")
    assert await text(house, "old") == "The newest way."
    await withdrawn(house, "newest")
    assert await text(house, "old") is None


async def test_a_key_that_goes_live_again_answers_for_itself(house: Home) -> None:
    await live(house, OLD, NEW)
    await retired(house)
    await live(house, changed(OLD, text="Back again."))
    assert await text(house, "old") == "Back again."
    await withdrawn(house, "old")
    assert await text(house, "old") is None


async def test_nobody_is_answered_what_is_not_for_them(house: Home) -> None:
    staff = an_answer("old", "The old way.", audience=Audience.STAFF)
    await live(house, staff, an_answer("new", "The new way.", audience=Audience.STAFF))
    await retired(house)
    assert await text(house, "old", asked(audiences=PUBLIC)) is None
    assert await text(house, "old", asked(audiences=EVERY_AUDIENCE)) == "The new way."


async def test_a_translation_is_retired_with_its_source(house: Home) -> None:
    spanish = [a_translation(OLD, "Lo viejo."), a_translation(NEW, "Lo nuevo.")]
    await live(house, OLD, NEW, *spanish)
    done = await retired(house)
    assert {place.locale for place in done.items} == {"en-GB", SPANISH}
    assert await text(house, "old", asked("chat", SPANISH)) == "Lo nuevo."


async def test_what_cannot_answer_is_refused(house: Home) -> None:
    await live(house, OLD, NEW, a_translation(OLD, "Lo viejo."), an_answer("inside", "x", audience=Audience.STAFF))
    for replacement in ("old", "nothing", "new", "inside"):
        with pytest.raises(Conflict):
            await retired(house, "old", replacement)
    with pytest.raises(NotFound):
        await retired(house, "nothing", "new")
    with pytest.raises(Conflict):
        await retired(house, "say-handover", "new")
    assert await text(house, "old") == "The old way."


async def test_two_entries_cannot_stand_in_for_each_other(house: Home) -> None:
    await live(house, OLD, NEW)
    await retired(house)
    with pytest.raises(Conflict, match="itself"):
        await retired(house, "new", "old")


async def test_what_leans_on_it_has_to_move_first(house: Home) -> None:
    claim, other = a_claim(), a_claim("free-cash", "Cash is free.")
    news = an_answer("news", "Good news. {{claim:free-atm}}")
    await live(house, claim, other, news)
    foreseen = await read(house, foresee, "free-atm", "free-cash", house.now)
    assert foreseen.leaning == (("news", "en-GB"),)
    with pytest.raises(Conflict, match="news"):
        await retired(house, "free-atm", "free-cash")
    await live(house, changed(news, text="Good news. {{claim:free-cash}}"))
    await retired(house, "free-atm", "free-cash")
    assert await text(house, "free-atm") == "Cash is free."


async def test_only_who_may_withdraw_may_retire(house: Home) -> None:
    await live(house, OLD, NEW)
    before = await head(house)
    with pytest.raises(Forbidden):
        async with house.work(ANONYMOUS) as work:
            await retire(work, "old", "new", "")
    assert await head(house) == before
