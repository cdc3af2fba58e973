"""Signing in: links, passwords and sessions, how each ends, and what a stranger can't learn."""

import asyncio
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from kb.accounts.links import INVITATION, SHORT, make_link, owner_of, use_link
from kb.accounts.passwords import hash_password, prove, set_password
from kb.accounts.people import erase, suspend
from kb.accounts.rules import FRESH, IDLE, LONGEST
from kb.accounts.sign_in import (
    confirm_session,
    end_session,
    forget_ended,
    fresh,
    note_seen,
    session_actor,
    start_session,
)
from kb.accounts.tables import browser_sessions, links
from kb.accounts.types import Role
from kb.base import db
from kb.base.errors import Code, Forbidden, Invalid, NotFound, Unknown
from kb.base.hashing import instant
from kb.base.journal import read_head, verify
from kb.base.work import ANONYMOUS, EVERY_AUDIENCE, Actor, Right
from tests.accounts.people import (
    PASSWORD,
    QUICK,
    a_link,
    acting,
    actor_in,
    an_account,
    as_admin,
    signed_in,
    with_password,
)
from tests.builders import Home, read

pytestmark = pytest.mark.both_databases


# ---- links -----------------------------------------------------------------------------------------------------------


async def test_a_link_signs_its_person_in_once(home: Home) -> None:
    mia = await an_account(home, Role.LEGAL)
    link = await a_link(home, mia)
    async with home.work(Actor(mia)) as work:
        assert await use_link(work, link.token) == mia
    async with home.work(Actor(mia)) as work:
        with pytest.raises(Unknown, match="was used"):
            await use_link(work, link.token)


async def test_looking_whose_a_link_is_uses_nothing_up(home: Home) -> None:
    mia = await an_account(home)
    link = await a_link(home, mia)
    for _ in range(2):
        assert await read(home, owner_of, link.token, home.clock.now()) == mia


@pytest.mark.parametrize("lasting", [SHORT, INVITATION])
async def test_a_link_ends_with_its_time(home: Home, lasting: timedelta) -> None:
    mia = await an_account(home)
    async with home.work() as work:
        link = await make_link(work, mia, lasting)
    home.clock.move(seconds=lasting.total_seconds() - 1)
    assert await read(home, owner_of, link.token, home.clock.now()) == mia
    home.clock.move(seconds=1)
    assert await read(home, owner_of, link.token, home.clock.now()) is None


async def test_a_new_link_ends_the_one_before(home: Home) -> None:
    mia = await an_account(home)
    first, second = await a_link(home, mia), await a_link(home, mia)
    assert await read(home, owner_of, first.token, home.clock.now()) is None
    assert await read(home, owner_of, second.token, home.clock.now()) == mia


async def test_no_token_lies_in_the_database(home: Home) -> None:
    mia = await an_account(home)
    link, session = await a_link(home, mia), await signed_in(home, mia)
    async with home.reading() as connection:
        stored = [str(row) for table in (links, browser_sessions) for row in await connection.execute(sa.select(table))]
    assert len(stored) == 3
    assert not any(link.token.split("_")[-1] in row or session.token in row for row in stored)


@pytest.mark.parametrize(
    "token", ["", "kb_ln_", "kb_ln_none_" + "0" * 48, "kb_sk_none_" + "0" * 48, "x" * 300, "kb_ln_\n"]
)
async def test_a_token_that_was_never_given_opens_nothing(home: Home, token: str) -> None:
    async with home.work(ANONYMOUS) as work:
        with pytest.raises(Unknown):
            await use_link(work, token)


async def test_only_who_handles_people_makes_links_and_only_for_somebody(home: Home) -> None:
    mia = await an_account(home, Role.LEGAL)
    async with home.work(await acting(home, mia)) as work:
        with pytest.raises(Forbidden):
            await make_link(work, mia)
    async with home.work(as_admin()) as work:
        with pytest.raises(NotFound):
            await make_link(work, "p-none")


# ---- sessions --------------------------------------------------------------------------------------------------------


async def test_a_session_acts_with_the_rights_of_the_roles_held_now(home: Home) -> None:
    mia = await an_account(home, Role.LEGAL, topics=("cards",))
    actor = await acting(home, mia)
    assert (actor.id, actor.audiences) == (mia, EVERY_AUDIENCE)
    assert actor.may(Right.SIGN, "cards")
    assert not actor.may(Right.SIGN, "loans")
    assert not actor.may(Right.RELEASE)
    assert actor.may(Right.READ, "loans")


async def test_a_session_ends_when_nobody_used_it_for_twelve_hours(home: Home) -> None:
    session = await signed_in(home, await an_account(home))
    home.clock.move(seconds=IDLE.total_seconds() - 1)
    assert await actor_in(home, session) is not None
    home.clock.move(seconds=1)
    assert await actor_in(home, session) is None


async def test_a_session_in_use_ends_after_a_week(home: Home) -> None:
    session = await signed_in(home, await an_account(home))
    for _ in range(int(LONGEST / timedelta(hours=8)) - 1):
        home.clock.move(hours=8)
        assert await actor_in(home, session) is not None
        async with db.writing(home.sessions.engine) as connection:
            await note_seen(connection, {session.session: home.now, "another": home.now})
    home.clock.move(hours=8)
    assert await actor_in(home, session) is None


async def test_noting_that_a_session_was_used_never_shortens_it(home: Home) -> None:
    session = await signed_in(home, await an_account(home))
    async with db.writing(home.sessions.engine) as connection:
        await note_seen(connection, {session.session: instant(home.clock.now() - timedelta(hours=13))})
    assert await actor_in(home, session) is not None


async def test_signing_out_ends_this_session_and_no_other(home: Home) -> None:
    mia = await an_account(home)
    one, other = await signed_in(home, mia), await signed_in(home, mia)
    actor = await actor_in(home, one)
    assert actor is not None
    async with home.work(actor) as work:
        await end_session(work)
    assert await actor_in(home, one) is None
    assert await actor_in(home, other) is not None
    async with home.work(actor) as work:
        with pytest.raises(NotFound):
            await end_session(work)


async def test_a_cookie_that_was_never_given_opens_nothing(home: Home) -> None:
    for token in ("", "x" * 43, "s-none"):
        assert await read(home, session_actor, token, home.clock.now()) is None


async def test_no_session_begins_for_somebody_suspended(home: Home) -> None:
    mia = await an_account(home)
    async with home.work() as work:
        await suspend(work, mia)
    async with home.work(Actor(mia)) as work:
        with pytest.raises(Forbidden):
            await start_session(work, mia, "openid")


async def test_a_proof_of_who_one_is_counts_for_five_minutes_in_that_session(home: Home) -> None:
    actor = await acting(home, await an_account(home))
    assert await read(home, fresh, actor, home.clock.now())
    home.clock.move(seconds=FRESH.total_seconds() + 1)
    assert not await read(home, fresh, actor, home.clock.now())
    async with home.work(actor) as work:
        await confirm_session(work)
    assert await read(home, fresh, actor, home.clock.now())
    by_key = Actor(actor.id, rights=actor.rights, credential="abcdefghijkl")
    assert not await read(home, fresh, by_key, home.clock.now())


async def test_ended_sessions_and_used_links_are_forgotten_after_their_time(home: Home) -> None:
    mia = await an_account(home)
    actor = await acting(home, mia)
    async with home.work(actor) as work:
        await end_session(work)
    home.clock.move(days=29)
    kept = await signed_in(home, mia)
    home.clock.move(days=2)
    async with home.work() as work:
        await forget_ended(work.connection, work.now, 30)
    async with home.reading() as connection:
        assert list((await connection.execute(sa.select(browser_sessions.c.id))).scalars()) == [kept.session]
        assert len((await connection.execute(sa.select(links))).all()) == 1
    assert await read(home, verify) is None


# ---- passwords -------------------------------------------------------------------------------------------------------


async def test_a_password_signs_in_by_address_or_by_id(home: Home) -> None:
    mia = await an_account(home, email="mia@larkfield.example")
    await with_password(home, mia)
    for who in ("mia@larkfield.example", " Mia@Larkfield.EXAMPLE", mia):
        assert await prove(home.sessions, who, PASSWORD, QUICK) == mia


async def test_nobody_learns_who_exists_from_what_is_said(home: Home) -> None:
    mia, pia = await an_account(home, email="mia@larkfield.example"), await an_account(home)
    sue = await an_account(home)
    await with_password(home, mia)
    await with_password(home, sue)
    async with home.work() as work:
        await suspend(work, sue)
    said = set()
    for who, password in ((mia, "another password"), (pia, PASSWORD), (sue, PASSWORD), ("p-none", PASSWORD), ("", "")):
        with pytest.raises(Unknown) as refused:
            await prove(home.sessions, who, password, QUICK)
        said.add(str(refused.value))
    assert len(said) == 1


async def test_nobody_learns_who_exists_from_how_long_it_takes(home: Home) -> None:
    """Each refusal costs one comparison of the same price; the medians may differ by far less than that price."""
    hasher = PasswordHasher(time_cost=2, memory_cost=8192, parallelism=1)
    mia = await an_account(home)
    hashed = await hash_password(PASSWORD, hasher)
    async with home.work(await acting(home, mia)) as work:
        await set_password(work, hashed)

    async def taken(who: str) -> float:
        began = time.perf_counter()
        with pytest.raises(Unknown):
            await prove(home.sessions, who, "another password", hasher)
        return time.perf_counter() - began

    await taken("p-none")
    times = {who: sorted([await taken(who) for _ in range(9)])[4] for who in (mia, "p-none")}
    assert 0.5 < times[mia] / times["p-none"] < 2


@pytest.mark.parametrize("password", ["", "short words", "x" * 1025, "é" * 513])
async def test_a_password_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        await hash_password(password, QUICK)
    assert refused.value.errors[0].pointer == "/password"


async def test_a_long_password_is_compared_whole(home: Home) -> None:
    mia = await an_account(home)
    await with_password(home, mia, "x" * 1024)
    assert await prove(home.sessions, mia, "x" * 1024, QUICK) == mia
    with pytest.raises(Unknown):
        await prove(home.sessions, mia, "x" * 1023, QUICK)
    with pytest.raises(Invalid):
        await prove(home.sessions, mia, "x" * 1024 + "y", QUICK)


async def test_setting_a_password_asks_for_a_fresh_proof_and_ends_the_other_sessions(home: Home) -> None:
    mia = await an_account(home)
    other = await signed_in(home, mia)
    session = await signed_in(home, mia)
    actor = await actor_in(home, session)
    assert actor is not None
    hashed = await hash_password(PASSWORD, QUICK)
    home.clock.move(minutes=6)
    async with home.work(actor) as work:
        with pytest.raises(Forbidden) as refused:
            await set_password(work, hashed)
    assert refused.value.code is Code.REAUTHENTICATE
    async with home.work(actor) as work:
        await confirm_session(work)
        await set_password(work, hashed)
    assert await actor_in(home, other) is None
    assert await actor_in(home, session) is not None


async def test_an_erased_persons_password_opens_nothing(home: Home) -> None:
    mia = await an_account(home)
    await with_password(home, mia)
    async with home.work() as work:
        await erase(work, mia)
    with pytest.raises(Unknown):
        await prove(home.sessions, mia, PASSWORD, QUICK)


async def test_many_attempts_at_once_leave_the_journal_alone(home: Home) -> None:
    mia = await an_account(home)
    await with_password(home, mia)
    before = await read(home, read_head)
    found = await asyncio.gather(*(prove(home.sessions, mia, PASSWORD, QUICK) for _ in range(20)))
    assert set(found) == {mia}
    assert await read(home, read_head) == before
