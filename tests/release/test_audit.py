"""Audit: whoever changes a row behind the program's back is found, and the row is named."""

from collections.abc import Sequence

import msgspec
import pytest
import sqlalchemy as sa

from kb.base.journal import Fault, journal
from kb.delivery.tables import payloads, renditions
from kb.entries.tables import revisions
from kb.release.audit import verify_all
from kb.release.finding import Finding
from kb.release.tables import leaves, live_revisions, releases
from kb.review.tables import reviews, signoffs
from tests.builders import (
    Home,
    a_fact,
    a_live_answer,
    a_signoff,
    an_answer,
    body,
    live,
    payload,
    read,
    signed,
    withdrawn,
    written,
)
from tests.tampering import behind_its_back

pytestmark = pytest.mark.both_databases


async def findings(home: Home) -> tuple[Fault | None, Sequence[Finding]]:
    fault, found = await read(home, verify_all)
    return fault, found


async def changed_to(home: Home, *statements: sa.Executable) -> set[str]:
    """The tables in which tampering is found after these statements; the journal's own chain stays whole."""
    async with behind_its_back(home) as connection:
        for statement in statements:
            await connection.execute(statement)
    fault, found = await findings(home)
    assert fault is None
    return {one.table for one in found}


async def test_a_home_that_nobody_touched_is_clean(house: Home) -> None:
    await live(house, a_fact(), an_answer(text="In {{fact:card.delivery}}."))
    await withdrawn(house, "card.delivery")
    await written(house, an_answer("b"))
    assert await findings(house) == (None, ())


async def test_the_text_of_a_revision_cannot_be_changed(house: Home) -> None:
    await a_live_answer(house)
    statement = (
        revisions.update().where(revisions.c.key == "card-arrival").values(body=b'{"text":"Your card is lost."}')
    )
    assert await changed_to(house, statement) >= {"revisions"}


async def test_the_bytes_that_are_served_cannot_be_changed(house: Home) -> None:
    await a_live_answer(house)
    told = await body(house)
    assert told is not None
    mine = payloads.c.hash == msgspec.json.decode(told)["rendition"]
    async with house.reading() as connection:
        stored = await connection.scalar(sa.select(payloads.c.body).where(mine))
    assert stored is not None
    forged = bytes(stored).replace(b"Your card is on its way.", b"Please tell us your PIN.")
    assert await changed_to(house, payloads.update().where(mine).values(body=forged)) >= {"payloads"}


@pytest.mark.parametrize("column", [{"role": "brand"}, {"by": "leo"}, {"at": "2020-01-01T00:00:00.000Z"}])
async def test_a_sign_off_cannot_be_changed(house: Home, column: dict[str, str]) -> None:
    await a_live_answer(house)
    statement = signoffs.update().where(signoffs.c.role == "legal").values(**column)
    assert await changed_to(house, statement) >= {"signoffs"}


async def test_a_sign_off_cannot_be_added(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    one = a_signoff(house, revision, "legal", "lea")
    row = {name: getattr(one, name) for name in one.__struct_fields__}
    assert await changed_to(house, signoffs.insert().values(**row, position=1)) >= {"signoffs"}


@pytest.mark.parametrize("column", [{"rendition": "0" * 64}, {"inputs": "0" * 64}, {"profile": "0" * 64}])
async def test_what_a_release_committed_to_cannot_be_changed(house: Home, column: dict[str, str]) -> None:
    await a_live_answer(house)
    assert "releases" in await changed_to(house, leaves.update().where(leaves.c.number == 0).values(**column))


async def test_a_leaf_cannot_be_removed_nor_the_root_adapted_to_it(house: Home) -> None:
    await a_live_answer(house)
    assert "releases" in await changed_to(house, leaves.delete().where(leaves.c.number == 3))
    assert "releases" in await changed_to(house, releases.update().values(root="0" * 64))


async def test_a_withdrawn_text_cannot_be_opened_again(house: Home) -> None:
    await a_live_answer(house)
    await withdrawn(house, "card-arrival")
    found = await changed_to(house, renditions.update().values(closed_at=None, closed_as=None))
    assert found >= {"renditions"}


async def test_an_unreleased_revision_cannot_be_made_live(house: Home) -> None:
    await a_live_answer(house)
    (revision,) = await written(house, an_answer(text="Your card is lost."))
    point = renditions.update().where(renditions.c.key == "card-arrival").values(hash=revision.hash)
    assert await changed_to(house, point) >= {"renditions"}


async def test_a_live_row_cannot_be_added_without_a_release(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    state = reviews.update().where(reviews.c.hash == revision.hash).values(state="live")
    row = {"key": "card-arrival", "locale": "en-GB", "number": 1, "hash": revision.hash, "opened_at": 1}
    assert "live_revisions" in await changed_to(house, state, live_revisions.insert().values(**row))


async def test_a_rendition_of_another_entry_cannot_be_served_in_its_place(house: Home) -> None:
    await a_live_answer(house)
    await a_live_answer(house, "card-lost", "Call us.")
    wanted = sa.select(renditions.c.rendition).where(renditions.c.key == "card-lost", renditions.c.channel == "chat")
    place = (renditions.c.key == "card-arrival") & (renditions.c.channel == "chat")
    statement = renditions.update().where(place).values(rendition=wanted.scalar_subquery())
    assert await changed_to(house, statement) >= {"renditions"}


@pytest.mark.parametrize("opened_at", [1, 10_000])
async def test_a_rendition_cannot_be_dated_otherwise(house: Home, opened_at: int) -> None:
    await a_live_answer(house)
    statement = renditions.update().where(renditions.c.key == "card-arrival").values(opened_at=opened_at)
    assert await changed_to(house, statement) >= {"renditions"}


@pytest.mark.parametrize("table", [revisions, signoffs])
async def test_what_the_journal_tells_of_cannot_be_made_undone(house: Home, table: sa.Table) -> None:
    await written(house, an_answer("b"))
    (revision,) = await written(house, an_answer())
    await signed(house, revision)
    statement = table.delete().where(table.c.key == "card-arrival")
    assert await changed_to(house, statement) >= {table.name}


async def test_a_payload_of_an_older_revision_cannot_be_served_again(house: Home) -> None:
    await a_live_answer(house)
    first = await payload(house)
    await a_live_answer(house, text="Your card is with you.")
    assert first is not None
    place = (renditions.c.channel == "chat") & renditions.c.closed_at.is_(None) & (renditions.c.key == "card-arrival")
    statement = renditions.update().where(place).values(rendition=first["rendition"])
    assert await changed_to(house, statement) >= {"renditions"}


async def test_a_changed_journal_line_is_named(house: Home) -> None:
    await a_live_answer(house)
    async with behind_its_back(house) as connection:
        await connection.execute(journal.update().where(journal.c.position == 7).values(actor="nobody"))
    fault, _ = await findings(house)
    assert fault == Fault(7, "line 7 or its hash was changed after it was written")


async def test_a_finding_names_its_row(house: Home) -> None:
    await a_live_answer(house)
    async with behind_its_back(house) as connection:
        await connection.execute(signoffs.update().where(signoffs.c.key == "card-arrival").values(signature="AAAA"))
    _, found = await findings(house)
    assert {one.name for one in found} == {"card-arrival by ana", "card-arrival by lea"}
