"""The first way in: while no admin has one there is a link, and looking for it leaves no trace."""

import pytest

from kb.accounts.actions import trust
from kb.accounts.first_link import first_link, is_first, owner_of, use_first_link
from kb.accounts.people import set_roles, suspend
from kb.accounts.sign_in import Started, start_session
from kb.accounts.signing import Sealer
from kb.accounts.types import Origin, Role
from kb.base.errors import Unknown
from kb.base.journal import read_head
from kb.base.work import Actor, Right
from tests.accounts.people import a_link, actor_in, an_account, known, signed_in, with_password
from tests.builders import Home, a_signer, read

pytestmark = pytest.mark.both_databases


async def token_of(home: Home, sealer: Sealer) -> str | None:
    found: str | None = await read(home, first_link, sealer, home.clock.now())
    return found


async def owner(home: Home, sealer: Sealer, token: str) -> str | None:
    found: str | None = await read(home, owner_of, sealer, token, home.clock.now())
    return found


async def used(home: Home, sealer: Sealer, token: str) -> Started:
    person = await owner(home, sealer, token)
    async with home.work(Actor(person or "nobody")) as work:
        return await start_session(work, await use_first_link(work, sealer, token), "link")


async def test_an_empty_home_gets_an_admin_when_the_link_is_used_and_nothing_before(home: Home, sealer: Sealer) -> None:
    token = await token_of(home, sealer)
    assert token is not None
    assert is_first(token)
    assert (await read(home, read_head)).position == 0
    session = await used(home, sealer, token)
    actor = await actor_in(home, session)
    assert actor is not None
    assert actor.may(Right.PEOPLE)
    assert (await known(home, actor.id)).origin == Origin.ACCOUNT


async def test_the_link_works_once_and_there_is_no_other_after_it(home: Home, sealer: Sealer) -> None:
    first, second = await token_of(home, sealer), await token_of(home, sealer)
    assert first is not None
    assert second is not None
    await used(home, sealer, first)
    for token in (first, second):
        with pytest.raises(Unknown, match="was used"):
            await used(home, sealer, token)
    assert await token_of(home, sealer) is None


async def test_a_demo_home_signs_in_the_demos_admin(home: Home, sealer: Sealer) -> None:
    async with home.work() as work:
        await trust(work, [a_signer("lea"), a_signer("ada"), a_signer("adi")], "demo")
    token = await token_of(home, sealer)
    assert token is not None
    before = await read(home, read_head)
    assert await owner(home, sealer, token) == "ada"
    assert await read(home, read_head) == before
    assert (await used(home, sealer, token)).person == "ada"


async def test_nobody_is_signed_in_as_somebody_of_the_trust_file(home: Home, sealer: Sealer) -> None:
    async with home.work() as work:
        await trust(work, [a_signer("ada"), a_signer("lea")], "trust-file")
    token = await token_of(home, sealer)
    assert token is not None
    person = (await used(home, sealer, token)).person
    assert person not in {"ada", "lea"}
    assert (await known(home, person)).origin == Origin.ACCOUNT


async def test_a_link_holds_for_a_quarter_of_an_hour(home: Home, sealer: Sealer) -> None:
    token = await token_of(home, sealer)
    assert token is not None
    home.clock.move(minutes=14, seconds=59)
    assert await owner(home, sealer, token) is not None
    home.clock.move(seconds=1)
    assert await owner(home, sealer, token) is None


async def test_a_link_is_this_installations_own(home: Home, sealer: Sealer) -> None:
    token = await token_of(home, sealer)
    assert token is not None
    for other in (
        f"{token[:-1]}{'0' if token[-1] != '0' else '1'}",
        token.replace("_first", "_first9", 1)[:84],
        "",
        "kb_ln_first",
    ):
        assert await owner(home, sealer, other) is None


@pytest.mark.parametrize("way", ["password", "session"])
async def test_an_admin_with_a_way_in_makes_it_needless(home: Home, sealer: Sealer, way: str) -> None:
    person = await an_account(home, Role.ADMIN)
    await a_link(home, person)
    assert await token_of(home, sealer) is not None
    if way == "password":
        await with_password(home, person)
    else:
        await signed_in(home, person)
    assert await token_of(home, sealer) is None


async def test_somebody_who_only_reviews_doesnt_make_it_needless(home: Home, sealer: Sealer) -> None:
    await signed_in(home, await an_account(home, Role.LEGAL))
    await signed_in(home, await an_account(home, Role.ADMIN, topics=("cards",)))
    assert await token_of(home, sealer) is not None


async def test_where_every_admin_was_shut_out_there_is_a_way_in_again(home: Home, sealer: Sealer) -> None:
    person = await an_account(home, Role.ADMIN)
    await signed_in(home, person)
    async with home.work() as work:
        await suspend(work, person)
    token = await token_of(home, sealer)
    assert token is not None
    assert (await used(home, sealer, token)).person != person


async def test_a_used_link_is_over_whatever_becomes_of_its_admin(home: Home, sealer: Sealer) -> None:
    token = await token_of(home, sealer)
    assert token is not None
    person = (await used(home, sealer, token)).person
    async with home.work() as work:
        await set_roles(work, person, [])
    assert await owner(home, sealer, token) is None
