"""Comments: on a place in a wording, blocking or not, resolved by whoever may, and erased apart from the journal."""

from typing import Any

import pytest
import sqlalchemy as sa

from kb.base import db
from kb.base.errors import Conflict, Forbidden, Invalid, NotFound
from kb.base.journal import read_lines
from kb.base.work import Actor
from kb.review import actions as review
from kb.review.comments import LONGEST, Remark, comments_of, written_by
from kb.review.types import State
from tests.builders import Home, a_signoff, an_answer, changed, read, signed, written
from tests.review.acting import acting, dossier, state

pytestmark = pytest.mark.both_databases

TEXT = "Your card is on its way."


async def commented(home: Home, hash_: str, person: str = "lea", **remark: Any) -> str:
    async with home.work(await acting(home, person)) as work:
        return await review.comment(work, hash_, Remark(**remark))


async def test_a_comment_hangs_on_its_place_and_stays_out_of_the_journal(house: Home) -> None:
    (revision,) = await written(house, an_answer(text=TEXT))
    comment = await commented(house, revision.hash, text="Which card?", field="text", start=5, end=9, quote="card")
    found = (await read(house, comments_of, await dossier(house, revision)))[comment]
    assert (found.by, found.text, found.quote, found.start, found.end) == ("lea", "Which card?", "card", 5, 9)
    assert found.resolved_by == ""
    line = (await read(house, read_lines, 0))[-1]
    assert (line.event, comment in line.data, "Which card?" in line.data) == ("comment.written", True, False)


@pytest.mark.parametrize(
    ("remark", "pointer"),
    [
        ({"text": " "}, "/text"),
        ({"text": "x" * (LONGEST + 1)}, "/text"),
        ({"text": "x\x00"}, "/text"),
        ({"text": "x", "field": "overrides.sms"}, "/field"),
        ({"text": "x", "field": "text", "start": 5, "end": 9, "quote": "Card"}, "/quote"),
        ({"text": "x", "field": "text", "start": 9, "end": 5, "quote": "card"}, "/start"),
        ({"text": "x", "field": "text", "start": 0, "end": 99, "quote": TEXT}, "/start"),
        ({"text": "x", "field": "short", "quote": "card"}, "/field"),
    ],
)
async def test_a_comment_on_a_place_that_is_not_there_is_refused(
    house: Home, remark: dict[str, Any], pointer: str
) -> None:
    (revision,) = await written(house, an_answer(text=TEXT))
    with pytest.raises(Invalid) as refused:
        await commented(house, revision.hash, **remark)
    assert [one.pointer for one in refused.value.errors] == [pointer]


async def test_who_may_not_comment_on_the_topic_is_refused(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    with pytest.raises(Forbidden):
        async with house.work(Actor("lea", rights=frozenset({"drafts"}))) as work:
            await review.comment(work, revision.hash, Remark(text="x"))


async def test_an_open_blocking_comment_stops_the_approval_until_it_is_resolved(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    comment = await commented(house, revision.hash, text="Which card?", blocks=True)
    await signed(house, revision)
    assert await state(house, revision) is State.IN_REVIEW
    with pytest.raises(Forbidden):
        async with house.work(await acting(house, "ana")) as work:
            await review.resolve(work, revision.hash, comment)
    async with house.work(await acting(house, "leo")) as work:
        await review.resolve(work, revision.hash, comment)
    assert await state(house, revision) is State.APPROVED


async def test_a_comment_that_does_not_block_stops_nothing(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    await commented(house, revision.hash, text="Nice.")
    await signed(house, revision)
    assert await state(house, revision) is State.APPROVED


async def test_writing_anew_does_not_answer_a_blocking_comment(house: Home) -> None:
    (first,) = await written(house, an_answer())
    comment = await commented(house, first.hash, text="Which card?", blocks=True)
    (second,) = await written(house, changed(an_answer(), text="Your card is on its way!"))
    await signed(house, second)
    assert await state(house, second) is State.IN_REVIEW
    assert list(await read(house, comments_of, await dossier(house, second))) == [comment]
    async with house.work(await acting(house, "lea")) as work:
        await review.resolve(work, second.hash, comment)
    assert await state(house, second) is State.APPROVED


async def test_the_commenter_an_author_or_a_signing_role_resolves_and_nobody_else(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    for person, may in (("bea", True), ("ana", True), ("leo", True), ("ada", False)):
        comment = await commented(house, revision.hash, "bea", text="Hm.")
        actor = await acting(house, person)
        if may:
            async with house.work(actor) as work:
                await review.resolve(work, revision.hash, comment)
        else:
            with pytest.raises(Forbidden):
                async with house.work(actor) as work:
                    await review.resolve(work, revision.hash, comment)
    found = await read(house, comments_of, await dossier(house, revision))
    assert [one.resolved_by for one in found.values()] == ["bea", "ana", "leo", ""]


async def test_a_comment_is_resolved_once_and_only_where_it_hangs(house: Home) -> None:
    first, other = await written(house, an_answer(), an_answer("another"))
    comment = await commented(house, first.hash, text="Hm.")
    lea = await acting(house, "lea")
    with pytest.raises(NotFound):
        async with house.work(lea) as work:
            await review.resolve(work, other.hash, comment)
    async with house.work(lea) as work:
        await review.resolve(work, first.hash, comment)
    with pytest.raises(Conflict):
        async with house.work(lea) as work:
            await review.resolve(work, first.hash, comment)


async def test_an_erased_comment_leaves_who_and_where_and_its_digest(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    comment = await commented(house, revision.hash, text="Mrs Smith complained.")
    with pytest.raises(Forbidden):
        async with house.work(await acting(house, "lea")) as work:
            await review.erase(work, [comment])
    async with house.work(await acting(house, "ada")) as work:
        assert await review.erase(work, await written_by(work.connection, "lea")) == 1
        assert await review.erase(work, [comment]) == 0
    found = (await read(house, comments_of, await dossier(house, revision)))[comment]
    assert (found.by, found.text, found.quote) == ("lea", None, None)
    assert (await read(house, read_lines, 0))[-1].event == "comment.erased"


@pytest.mark.parametrize("table", ["comments", "comment_resolutions", "carried", "verifications", "invitations"])
async def test_the_database_itself_refuses_to_change_what_is_written_once(house: Home, table: str) -> None:
    (revision,) = await written(house, an_answer())
    comment = await commented(house, revision.hash, text="Hm.")
    async with house.work(await acting(house, "lea")) as work:
        await review.resolve(work, revision.hash, comment)
    if table in {"carried", "verifications", "invitations"} and house.sessions.engine.dialect.name == "sqlite":
        names = await read(house, _triggers)
        assert {f"{table}_refuses_update", f"{table}_refuses_delete"} <= names
        return
    with pytest.raises(sa.exc.DBAPIError, match=f"{table} is written once"):
        async with db.writing(house.sessions.engine) as connection:
            await connection.execute(sa.text(f"DELETE FROM {table}"))


async def _triggers(connection: Any) -> set[str]:
    return set((await connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))).scalars())


async def test_a_statement_signed_while_a_comment_is_open_stands_when_it_is_resolved(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    comment = await commented(house, revision.hash, text="Hm.", blocks=True)
    async with house.work() as work:
        await review.sign(
            work, [a_signoff(house, revision, role, by) for by, role in (("ana", "author"), ("lea", "legal"))]
        )
    assert (await dossier(house, revision)).standing.missing == {}
    async with house.work(await acting(house, "lea")) as work:
        await review.resolve(work, revision.hash, comment)
    assert await state(house, revision) is State.APPROVED
