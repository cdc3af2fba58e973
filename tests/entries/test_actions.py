"""Writing entries: every draft becomes the next immutable revision, once."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from kb.base import db
from kb.base.errors import Conflict
from kb.base.hashing import digest
from kb.base.journal import read_lines
from kb.channels.types import Next
from kb.entries import queries
from kb.entries.actions import write
from kb.entries.rules import content_hash, signed_bytes
from kb.entries.tables import revisions
from kb.entries.types import Draft, Kind, Revision
from tests.builders import Home, a_claim, a_fact, a_translation, an_answer, changed, read

pytestmark = pytest.mark.both_databases


async def stored(home: Home, *drafts: Draft) -> list[Revision]:
    async with home.work() as work:
        return await write(work, drafts)


async def events(home: Home) -> list[str]:
    return [line.event for line in await read(home, read_lines, 0)]


async def test_a_draft_becomes_the_first_revision_of_its_key_and_locale(home: Home) -> None:
    draft = an_answer()
    (revision,) = await stored(home, draft)
    assert (revision.draft, revision.number, revision.hash) == (draft, 1, content_hash(draft))
    assert await events(home) == ["entry.created", "entry.written"]
    assert revision.position == 2


async def test_what_is_read_is_what_was_written(home: Home) -> None:
    draft = an_answer(text="Up to {{fact:card.delivery}}, “ñ” & 中.", editors=("ben", "lea"))
    (revision,) = await stored(home, draft)
    assert (await read(home, queries.by_hashes, [revision.hash]))[revision.hash] == revision


async def test_the_bytes_in_the_row_are_those_that_were_hashed(home: Home) -> None:
    draft = an_answer()
    (revision,) = await stored(home, draft)
    async with home.reading() as connection:
        body = await connection.scalar(sa.select(revisions.c.body))
    assert body is not None
    assert bytes(body) == signed_bytes(draft)
    assert digest(bytes(body)) == revision.hash


async def test_numbers_count_within_key_and_locale(home: Home) -> None:
    english = an_answer()
    spanish = a_translation(english, "Tu tarjeta está en camino.")
    await stored(home, english, spanish, an_answer("card-lost"))
    again = await stored(home, changed(english, text="It is coming."), changed(english, text="It is on its way."))
    assert [one.number for one in again] == [2, 3]
    assert [(one.draft.locale, one.number) for one in await read(home, queries.all_of, "card-arrival")] == [
        ("en-GB", 1),
        ("en-GB", 2),
        ("en-GB", 3),
        ("es-ES", 1),
    ]


async def test_writing_the_same_again_changes_nothing_and_adds_no_line(home: Home) -> None:
    first = await stored(home, an_answer(), a_fact())
    lines = await events(home)
    home.clock.move(hours=1)
    again = await stored(home, an_answer(), a_fact())
    assert [(one.number, one.hash, one.position) for one in again] == [(o.number, o.hash, o.position) for o in first]
    assert await events(home) == lines


async def test_the_same_draft_twice_in_one_go_is_one_revision(home: Home) -> None:
    one, other = await stored(home, an_answer(), an_answer())
    assert one == other
    assert len(await read(home, queries.all_of, "card-arrival")) == 1


async def test_going_back_to_a_former_text_is_the_former_revision(home: Home) -> None:
    first, _, again = await stored(home, an_answer(), changed(an_answer(), text="Soon."), an_answer())
    assert again == first


async def test_another_author_is_another_revision(home: Home) -> None:
    one, other = await stored(home, an_answer(), an_answer(author="ben"))
    assert one.hash != other.hash
    assert other.number == 2


async def test_a_key_keeps_its_kind(home: Home) -> None:
    await stored(home, an_answer("fees"))
    with pytest.raises(Conflict, match="fees is a answer and can't become a claim"):
        await stored(home, a_claim("fees"))
    with pytest.raises(Conflict, match="fees-two"):
        await stored(home, an_answer("fees-two"), a_claim("fees-two"))
    assert await read(home, queries.kinds_of, ["fees", "fees-two"]) == {"fees": Kind.ANSWER}


@pytest.mark.parametrize("act", ["UPDATE revisions SET author = 'eve'", "DELETE FROM revisions"])
async def test_the_database_itself_refuses_to_change_or_remove_a_revision(home: Home, act: str) -> None:
    (revision,) = await stored(home, an_answer())
    with pytest.raises(sa.exc.DBAPIError, match="revisions is written once"):
        async with db.writing(home.sessions.engine) as connection:
            await connection.execute(sa.text(act))
    assert await read(home, queries.all_of, "card-arrival") == [revision]


async def test_who_refers_to_whom_is_known_in_both_directions(home: Home) -> None:
    text = "In {{fact:card.delivery}}. {{claim:free-atm}} {{disclosure:capital}} {{slot:name}} {{fact:card.delivery}}"
    ways = (Next("lost", "Lost it", "entry:card-lost"), Next("person", "Talk", "handover"))
    (answer,) = await stored(home, an_answer(text=text, next=ways))
    (claim,) = await stored(home, a_claim(text="Free up to {{fact:atm.limit}}."))
    assert sorted(await read(home, queries.users_of, ["card.delivery", "atm.limit", "card-lost", "nobody"])) == [
        ("atm.limit", "fact", "free-atm", claim.hash),
        ("card-lost", "entry", "card-arrival", answer.hash),
        ("card.delivery", "fact", "card-arrival", answer.hash),
    ]


async def test_authors_since_a_revision_are_known(home: Home) -> None:
    first = an_answer()
    await stored(home, first, changed(first, text="B.", author="ben"), changed(first, text="C.", author="lea"))
    place: tuple[Any, ...] = (queries.authors_between, "card-arrival", "en-GB")
    assert await read(home, *place, 0, 3) == {"ana", "ben", "lea"}
    assert await read(home, *place, 1, 2) == {"ben"}
    assert await read(home, *place, 3, 3) == frozenset()


async def test_many_drafts_are_written_in_one_go(home: Home) -> None:
    drafts = [an_answer(f"answer-{number}") for number in range(1001)]
    assert len({one.hash for one in await stored(home, *drafts)}) == 1001
    assert len(await read(home, queries.places)) == 1001
    found = await read(home, queries.by_hashes, [content_hash(draft) for draft in drafts])
    assert len(found) == 1001


async def test_two_who_write_the_same_key_at_once_both_succeed(home: Home) -> None:
    drafts = [an_answer(text=f"Text {letter}.") for letter in "abcdefgh"]
    await asyncio.gather(*(stored(home, draft) for draft in drafts))
    assert [one.number for one in await read(home, queries.all_of, "card-arrival")] == list(range(1, 9))
