"""Law 2: what is live is what was signed, by people who contributed nothing to it, and nobody goes round that."""

import pytest
import sqlalchemy as sa

from kb.base.errors import Conflict
from kb.base.work import OPERATOR
from kb.entries.types import Revision
from kb.release import queries
from kb.review.queries import signoffs_of
from kb.review.signatures import verifies
from kb.review.standing import dossiers, policy_in_force
from kb.review.tables import reviews
from tests.builders import (
    KEYS,
    Home,
    a_claim,
    a_fact,
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
    withdrawn,
    written,
)
from tests.tampering import behind_its_back

pytestmark = pytest.mark.both_databases


async def test_every_live_hash_carries_the_sign_offs_its_policy_asks_for(house: Home) -> None:
    source = an_answer(text="In {{fact:card.delivery}}.")
    await live(house, a_fact(), source, a_translation(source, "En {{fact:card.delivery}}."), a_claim())
    again = changed(source, text="It takes {{fact:card.delivery}}.", author="ben")
    await live(house, again, a_translation(again, "En {{fact:card.delivery}}.", author="ben"))
    await withdrawn(house, "free-atm")
    found: dict[tuple[str, str], Revision] = await read(house, queries.live)
    hashes = [one.hash for one in found.values()]
    force = await read(house, policy_in_force)
    standing = await read(house, dossiers, hashes, force.policy)
    statements = await read(house, signoffs_of, hashes)
    assert len(found) >= 9
    for one in found.values():
        assert standing[one.hash].standing.missing == {}
        signers = {statement.by for statement in statements[one.hash] if statement.role != "author"}
        assert not signers & {one.draft.author, *one.draft.editors}
        assert all(verifies(statement, KEYS[statement.by][0]) for statement in statements[one.hash])


@pytest.mark.parametrize(
    ("author", "editors", "signers"),
    [
        ("ana", (), []),
        ("ana", (), [("bea", "brand")]),
        ("ana", (), [("ana", "legal")]),
        ("ben", (), [("ben", "legal")]),
        ("ana", ("lea",), [("lea", "legal")]),
        ("ana", (), [("lea", "brand")]),
    ],
)
async def test_without_them_nothing_goes_live(
    house: Home, author: str, editors: tuple[str, ...], signers: list[tuple[str, str]]
) -> None:
    outcome = await released(house, an_answer(author=author, editors=editors), signers=signers)
    assert outcome.released is None
    assert outcome.codes("card-arrival") == {"not-approved"}
    assert await text(house) is None


async def test_not_even_when_the_author_alone_has_not_signed(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    await signed(house, revision, signers=[("lea", "legal")])
    other = changed(an_answer(), text="Your card comes.")
    (unsigned,) = await written(house, other)
    ready = await prepared(house, unsigned)
    assert [one.hash for one in ready.blocked] == [unsigned.hash]


async def test_a_state_forged_in_the_database_does_not_replace_a_sign_off(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    async with behind_its_back(house) as connection:
        await connection.execute(reviews.update().where(reviews.c.hash == revision.hash).values(state="approved"))
    ready = await prepared(house, revision)
    assert [one.key for one in ready.blocked] == ["card-arrival"]
    assert await committed(house, ready) is None
    assert await text(house) is None


async def test_sign_offs_taken_away_between_preparing_and_committing_stop_the_release(house: Home) -> None:
    (revision,) = await written(house, an_answer())
    await signed(house, revision)
    ready = await prepared(house, revision)
    async with behind_its_back(house) as connection:
        await connection.execute(sa.text("DELETE FROM signoffs WHERE key = 'card-arrival'"))
    with pytest.raises(Conflict, match="no longer approved"):
        await committed(house, ready)
    assert await text(house) is None


def test_the_local_command_line_cannot_sign() -> None:
    assert not {right for right in OPERATOR.rights if "sign" in right or right == "*"}
