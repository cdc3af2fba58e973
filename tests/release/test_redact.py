"""Redaction: two admins erase a text; its hash and lines stay, nobody reads it again, and nothing brings it back."""

import msgspec
import pytest
import sqlalchemy as sa

from kb.accounts.people import erase
from kb.base.db import writing
from kb.base.errors import Conflict, Forbidden, Invalid, NotFound
from kb.base.work import OPERATOR, Actor, Right
from kb.delivery import queries as delivery
from kb.delivery.tables import findable, payloads
from kb.entries.queries import by_hashes
from kb.entries.tables import latest_revisions, revisions
from kb.release.audit import verify_all
from kb.release.redact import Redaction, ask, confirm
from kb.release.tables import live_revisions, redactions
from tests.builders import (
    Home,
    a_live_answer,
    an_answer,
    asked,
    changed,
    head,
    live,
    prepared,
    read,
    released,
    trusted,
    withdrawn,
    written,
)

pytestmark = pytest.mark.both_databases

ADA = Actor("ada", rights=frozenset({Right.REDACT}))
ADI = Actor("adi", rights=frozenset({Right.REDACT}))
SECRET = "Jane Doe lives at 4 Mill Lane."


async def asked_for(home: Home, hash_: str, actor: Actor = ADA) -> Redaction:
    async with home.work(actor) as work:
        return await ask(work, hash_, "it names a customer")


async def confirmed(home: Home, id_: str, actor: Actor = ADI) -> Redaction:
    async with home.work(actor) as work:
        return await confirm(work, id_)


async def a_replaced_answer(home: Home) -> str:
    """An answer that said what it must not, replaced since; the hash of what it said."""
    draft = an_answer(text=SECRET, title=SECRET, phrasings=(SECRET,))
    outcome = await live(home, draft)
    await live(home, changed(draft, text="Your card is on its way.", title="Cards", phrasings=("where",)))
    return outcome.revisions[0].hash


async def holding(home: Home, text: str) -> set[str]:
    """The tables in which a text stands anywhere."""
    found = set()
    async with home.reading() as connection:
        for table in revisions.metadata.sorted_tables:
            for row in await connection.execute(sa.select(table)):
                if any(text in (one.decode(errors="replace") if isinstance(one, bytes) else str(one)) for one in row):
                    found.add(table.name)
    return found


async def test_two_admins_erase_a_text_and_the_journal_holds(house: Home) -> None:
    hash_ = await a_replaced_answer(house)
    before = await head(house)
    assert await holding(house, SECRET) >= {"revisions", "payloads", "findable"}
    request = await asked_for(house, hash_)
    assert await holding(house, SECRET) >= {"revisions"}
    done = await confirmed(house, request.id)
    assert (done.asked_by, done.confirmed_by, done.confirmed_at) == ("ada", "adi", before + 2)
    assert await holding(house, SECRET) == set()
    assert await read(house, verify_all) == (None, ())


async def test_what_a_channel_said_then_is_unknown_to_everyone(house: Home) -> None:
    hash_ = await a_replaced_answer(house)
    async with house.reading() as connection:
        opened = sa.select(live_revisions.c.opened_at).where(live_revisions.c.hash == hash_)
        instant = await delivery.instant_of(house.reader, await connection.scalar(opened) or 0)
    assert instant is not None
    before = await delivery.get_then(house.reader, "card-arrival", asked(), instant)
    assert before is not None
    assert SECRET.encode() in before.body
    await confirmed(house, (await asked_for(house, hash_)).id)
    assert await delivery.get_then(house.reader, "card-arrival", asked(), instant) is None
    current = await delivery.get(house.reader, "card-arrival", asked(), house.now)
    assert current is not None
    assert await read(house, by_hashes, [hash_]) == {}


async def test_one_admin_alone_cannot(house: Home) -> None:
    request = await asked_for(house, await a_replaced_answer(house))
    with pytest.raises(Forbidden):
        await confirmed(house, request.id, ADA)
    with pytest.raises(Forbidden):
        await confirmed(house, request.id, OPERATOR)
    with pytest.raises(Forbidden):
        await asked_for(house, request.hash, OPERATOR)
    assert "revisions" in await holding(house, SECRET)


async def test_what_is_served_cannot_be_redacted(house: Home) -> None:
    outcome = await live(house, an_answer())
    with pytest.raises(Conflict):
        await asked_for(house, outcome.revisions[0].hash)
    await withdrawn(house, "card-arrival")
    assert (await asked_for(house, outcome.revisions[0].hash)).confirmed_at is None


async def test_what_goes_live_after_it_was_asked_cannot_be_redacted(house: Home) -> None:
    draft = an_answer()
    (revision,) = await written(house, draft)
    request = await asked_for(house, revision.hash)
    await released(house, draft)
    with pytest.raises(Conflict):
        await confirmed(house, request.id)


async def test_a_redaction_is_asked_for_once_with_a_reason_and_confirmed_once(house: Home) -> None:
    hash_ = await a_replaced_answer(house)
    request = await asked_for(house, hash_)
    with pytest.raises(Conflict):
        await asked_for(house, hash_, ADI)
    await confirmed(house, request.id)
    with pytest.raises(Conflict):
        await confirmed(house, request.id)
    with pytest.raises(NotFound):
        await asked_for(house, "0" * 64)
    with pytest.raises(NotFound):
        await confirmed(house, "nothing")
    with pytest.raises(Invalid):
        async with house.work(ADA) as work:
            await ask(work, hash_, "  ")


async def test_the_same_text_does_not_come_back(house: Home) -> None:
    """A file that holds it still finds its hash remembered: nothing is written, nothing is released."""
    draft = an_answer(text=SECRET)
    await live(house, draft)
    await withdrawn(house, "card-arrival")
    (revision,) = await written(house, draft)
    await confirmed(house, (await asked_for(house, revision.hash)).id)
    before = await head(house)
    (again,) = await written(house, draft)
    assert again.hash == revision.hash
    assert await head(house) == before
    assert not (await prepared(house, again)).steps
    assert await holding(house, SECRET) == set()


FORBIDDEN = {
    "an erased text that nobody asked to erase": revisions.update().values(body=b""),
    "another text": revisions.update().values(body=b"{}"),
    "another author": revisions.update().values(author="nobody"),
    "no row": revisions.delete(),
    "a payload": payloads.update().values(body=b""),
    "no payload": payloads.delete(),
    "its own confirmation": redactions.update().values(confirmed_by="ada", confirmed_at=1),
    "another reason": redactions.update().values(reason="none"),
    "no redaction": redactions.delete(),
}


@pytest.mark.parametrize("what", FORBIDDEN)
async def test_the_database_lets_nothing_else_through(house: Home, what: str) -> None:
    await asked_for(house, await a_replaced_answer(house))
    with pytest.raises(sa.exc.DBAPIError, match="written once"):
        async with writing(house.sessions.engine) as connection:
            await connection.execute(FORBIDDEN[what])


async def test_a_redaction_nobody_made_is_found(house: Home) -> None:
    hash_ = await a_replaced_answer(house)
    await confirmed(house, (await asked_for(house, hash_)).id)
    async with writing(house.sessions.engine) as connection:
        told = findable.update().where(findable.c.closed_at.is_(None)).values(text="")
        await connection.execute(told)
    assert "findable" in {one.table for one in (await read(house, verify_all))[1]}


async def test_a_title_in_lists_goes_with_its_text(house: Home) -> None:
    (revision,) = await written(house, an_answer(title=SECRET))
    await confirmed(house, (await asked_for(house, revision.hash)).id)
    async with house.reading() as connection:
        shown = sa.select(latest_revisions.c.title).where(latest_revisions.c.hash == revision.hash)
        assert await connection.scalar(shown) == ""
    assert await read(house, verify_all) == (None, ())


async def test_erasing_a_person_keeps_the_chain_and_what_they_signed(house: Home) -> None:
    await a_live_answer(house)
    await trusted(house, people=["ana", "ben", "leo", "bea", "ada", "adi"])
    async with house.work() as work:
        await erase(work, "lea")
    assert await read(house, verify_all) == (None, ())


def test_a_redaction_tells_no_text() -> None:
    assert "kept" not in Redaction.__struct_fields__
    assert msgspec.structs.fields(Redaction)[0].name == "id"
