"""Outside experts: one revision, one role, until the link ends; and the rule by which first policies are judged."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kb.accounts.experts import LONGEST, Invited, invite_expert
from kb.accounts.links import end_links, link_actor, owner_of, revoke_link
from kb.accounts.people import set_roles, suspend
from kb.accounts.signing import Sealer, sign_with_kept_key
from kb.accounts.types import Origin, Role, RoleGrant
from kb.base.errors import Conflict, Invalid, NotFound
from kb.base.journal import journal
from kb.base.work import Actor, Right
from tests.accounts.people import a_link, an_account, known
from tests.builders import Home, read

pytestmark = pytest.mark.both_databases

HASH = "ab" * 32
OTHER = "cd" * 32


async def invited(home: Home, sealer: Sealer, days: float = 3) -> Invited:
    until = home.clock.now() + timedelta(days=days)
    async with home.work() as work:
        return await invite_expert(work, HASH, "legal", until, sealer, name="Dr Roe", email="roe@law.example")


async def opened(home: Home, link: Invited) -> Actor | None:
    found: Actor | None = await read(home, link_actor, link.token, home.clock.now())
    return found


async def test_an_expert_holds_one_role_on_one_revision_until_the_link_ends(home: Home, sealer: Sealer) -> None:
    link = await invited(home, sealer)
    person, now = await known(home, link.person), home.clock.now()
    assert person.origin == Origin.EXPERT
    assert person.holds("legal", ("cards", f"#{HASH}"), now)
    assert not person.holds("legal", ("cards", f"#{OTHER}"), now)
    assert not person.holds("brand", ("cards", f"#{HASH}"), now)
    assert not person.holds("legal", (f"#{HASH}",), now + timedelta(days=3))


async def test_the_link_opens_that_revision_again_and_again_and_nothing_else(home: Home, sealer: Sealer) -> None:
    link = await invited(home, sealer)
    for _ in range(2):
        actor = await opened(home, link)
        assert actor is not None
        assert (actor.id, actor.credential) == (link.person, link.link)
        assert actor.rights == frozenset({Right.INVITED})
        assert actor.may(Right.INVITED, f"#{HASH}")
        assert not actor.may(Right.INVITED, f"#{OTHER}")
        assert not any(actor.may(right) for right in set(Right) - {Right.INVITED})
    assert await read(home, owner_of, link.token, home.clock.now()) is None


async def test_a_sign_in_link_is_no_experts_link(home: Home) -> None:
    link = await a_link(home, await an_account(home))
    assert await read(home, link_actor, link.token, home.clock.now()) is None


async def test_the_link_ends_by_time_by_revocation_and_by_suspension(home: Home, sealer: Sealer) -> None:
    by_time, revoked, suspended = [await invited_as(home, sealer, number) for number in range(3)]
    async with home.work() as work:
        await revoke_link(work, revoked.link)
        await suspend(work, suspended.person)
    assert await opened(home, revoked) is None
    assert await opened(home, suspended) is None
    assert await opened(home, by_time) is not None
    home.clock.move(days=3)
    assert await opened(home, by_time) is None
    async with home.work() as work:
        with pytest.raises(NotFound):
            await revoke_link(work, revoked.link)
        await end_links(work, by_time.person)


async def invited_as(home: Home, sealer: Sealer, number: int) -> Invited:
    until = home.clock.now() + timedelta(days=3)
    async with home.work() as work:
        return await invite_expert(work, HASH, "legal", until, sealer, name=f"Expert {number}")


async def test_the_server_keeps_the_experts_key(home: Home, sealer: Sealer) -> None:
    link = await invited(home, sealer)
    signed = await read(home, sign_with_kept_key, sealer, link.person, b"data")
    assert signed is not None
    assert (signed[0],) == (await known(home, link.person)).public_keys


async def test_the_journal_names_the_expert_by_id_alone(home: Home, sealer: Sealer) -> None:
    link = await invited(home, sealer)
    async with home.reading() as connection:
        told = " ".join((await connection.execute(sa.select(journal.c.data))).scalars())
    assert link.person in told
    assert HASH in told
    assert not any(word in told for word in ("Roe", "law.example", link.token.split("_")[-1]))


@pytest.mark.parametrize("role", ["admin", "author", "publisher", "lawyer"])
async def test_experts_judge_texts_and_do_nothing_else(home: Home, sealer: Sealer, role: str) -> None:
    async with home.work() as work:
        with pytest.raises(Invalid, match="outside expert signs as"):
            await invite_expert(work, HASH, role, work.now + timedelta(days=1), sealer)


@pytest.mark.parametrize("lasting", [timedelta(0), timedelta(days=-1), LONGEST + timedelta(seconds=1)])
async def test_an_invitation_ends_within_thirty_days(home: Home, sealer: Sealer, lasting: timedelta) -> None:
    async with home.work() as work:
        with pytest.raises(Invalid, match="within 30 days"):
            await invite_expert(work, HASH, "legal", work.now + lasting, sealer)


async def test_an_expert_gets_no_way_in_and_no_more_roles(home: Home, sealer: Sealer) -> None:
    link = await invited(home, sealer)
    with pytest.raises(Conflict):
        await a_link(home, link.person)
    async with home.work() as work:
        with pytest.raises(Conflict, match="invited to one revision"):
            await set_roles(work, link.person, [RoleGrant(Role.LEGAL)])
