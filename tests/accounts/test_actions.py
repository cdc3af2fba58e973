"""Trust: who the installation believes, taken from a trust file."""

import pytest

from kb.accounts.actions import trust
from kb.accounts.queries import everyone
from kb.accounts.types import People, Role, Signer
from kb.base.errors import Conflict
from kb.base.journal import read_head
from kb.review.signatures import new_keys
from tests.builders import KEYS, Home, a_signer, read


async def taken(home: Home, *signers: Signer, origin: str = "trust-file") -> int:
    async with home.work() as work:
        return await trust(work, signers, origin)


async def people(home: Home) -> People:
    found: People = await read(home, everyone)
    return found


async def test_people_join_with_their_roles_and_keys(home: Home) -> None:
    assert await taken(home, a_signer("lea"), a_signer("ana")) == 2
    lea = (await people(home))["lea"]
    assert lea.public_keys == (KEYS["lea"][0],)
    assert lea.holds("legal", "cards")
    assert not lea.holds("brand", "cards")


async def test_taking_the_same_file_again_records_nothing(home: Home) -> None:
    await taken(home, a_signer("lea"))
    head = await read(home, read_head)
    assert await taken(home, a_signer("lea")) == 0
    assert await read(home, read_head) == head


async def test_a_role_may_hold_on_some_topics_only(home: Home) -> None:
    await taken(home, a_signer("lea", Role.LEGAL, topics=("cards", "loans")))
    lea = (await people(home))["lea"]
    assert lea.holds("legal", "loans")
    assert not lea.holds("legal", "savings")


async def test_changed_roles_end_and_begin(home: Home) -> None:
    await taken(home, a_signer("lea", Role.LEGAL))
    home.clock.move(days=1)
    assert await taken(home, a_signer("lea", Role.BRAND)) == 1
    lea = (await people(home))["lea"]
    assert [(held.role, held.until is None) for held in lea.roles] == [(Role.LEGAL, False), (Role.BRAND, True)]
    assert lea.roles[0].until == lea.roles[1].since == home.clock.now()
    assert not lea.holds("legal", "cards")


async def test_who_is_no_longer_named_loses_their_roles_and_keeps_their_name(home: Home) -> None:
    await taken(home, a_signer("lea"), a_signer("ana"))
    assert await taken(home, a_signer("ana")) == 1
    lea = (await people(home))["lea"]
    assert not lea.holds("legal", "cards")
    assert lea.public_keys == (KEYS["lea"][0],)
    assert await taken(home, a_signer("ana")) == 0


async def test_one_origin_leaves_the_people_of_another_alone(home: Home) -> None:
    await taken(home, a_signer("lea"))
    assert await taken(home, a_signer("ana"), origin="demo") == 1
    assert (await people(home))["lea"].holds("legal", "cards")


async def test_a_new_key_replaces_the_old_one_which_never_comes_back(home: Home) -> None:
    await taken(home, a_signer("lea"))
    fresh, _ = new_keys()
    home.clock.move(days=1)
    assert await taken(home, a_signer("lea", key=fresh)) == 1
    lea = (await people(home))["lea"]
    assert (lea.public_keys, lea.retired_keys) == ((fresh,), (KEYS["lea"][0],))
    with pytest.raises(Conflict, match="was replaced"):
        await taken(home, a_signer("lea"))


async def test_a_demo_signer_never_gains_the_roles_of_a_trust_file(home: Home) -> None:
    await taken(home, a_signer("lea"), origin="demo")
    with pytest.raises(Conflict, match="known from demo"):
        await taken(home, a_signer("lea"))


async def test_nobody_takes_over_the_key_of_another(home: Home) -> None:
    await taken(home, a_signer("lea"))
    with pytest.raises(Conflict, match="lea's"):
        await taken(home, a_signer("lea"), a_signer("eve", Role.LEGAL, key=KEYS["lea"][0]))
    assert set(await people(home)) == {"lea"}


async def test_two_people_of_one_file_cannot_share_a_key(home: Home) -> None:
    with pytest.raises(Conflict, match="each person needs a key of their own"):
        await taken(home, a_signer("lea"), a_signer("eve", Role.LEGAL, key=KEYS["lea"][0]))
    assert await people(home) == {}


async def test_a_person_stands_in_a_file_once(home: Home) -> None:
    with pytest.raises(Conflict, match="lea is named twice"):
        await taken(home, a_signer("lea"), a_signer("lea", Role.BRAND))
