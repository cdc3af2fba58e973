"""Acts on people: adding, roles over time, suspending, reinstating, erasing; the chain holds whatever becomes of them."""

import msgspec
import pytest
import sqlalchemy as sa

from kb.accounts.actions import trust
from kb.accounts.directory import PeopleFilter, account_of, page_of_people
from kb.accounts.links import make_link, owner_of
from kb.accounts.people import add, describe, erase, reinstate, set_roles, suspend
from kb.accounts.sign_in import end_all_sessions
from kb.accounts.signing import Sealer, make_key, sign_with_kept_key
from kb.accounts.types import Origin, Role, RoleGrant
from kb.base.errors import Code, Conflict, Forbidden, Invalid, NotFound
from kb.base.journal import journal, read_head, verify
from kb.base.paging import decode
from kb.base.work import ANONYMOUS, Actor
from tests.accounts.people import a_link, acting, actor_in, an_account, known, signed_in, with_password
from tests.builders import Home, a_signer, read

pytestmark = pytest.mark.both_databases

LEGAL = RoleGrant(Role.LEGAL)


async def test_an_added_person_has_an_opaque_id_and_their_roles(home: Home) -> None:
    mia = await an_account(home, Role.LEGAL, email="Mia@Larkfield.example", topics=("cards",))
    account = await read(home, account_of, mia)
    assert mia.startswith("p-")
    assert (account.origin, account.state, account.name, account.email) == (
        Origin.ACCOUNT,
        "active",
        "Mia Moss",
        "mia@larkfield.example",
    )
    person = await known(home, mia)
    assert person.holds("legal", "cards", home.clock.now())
    assert not person.holds("legal", "loans", home.clock.now())


async def test_the_journal_holds_ids_and_nothing_personal(home: Home) -> None:
    mia = await an_account(home, Role.LEGAL, email="mia@larkfield.example")
    await with_password(home, mia)
    async with home.work() as work:
        await suspend(work, mia)
    async with home.reading() as connection:
        lines = (await connection.execute(sa.select(journal.c.event, journal.c.data))).all()
    assert [line.event for line in lines][:2] == ["account.added", "link.made"]
    told = " ".join(line.data for line in lines).lower()
    assert mia in told
    assert not any(word in told for word in ("moss", "larkfield", "argon2"))


async def test_two_people_never_share_an_address(home: Home) -> None:
    await an_account(home, email="mia@larkfield.example")
    with pytest.raises(Conflict, match="e-mail address already"):
        await an_account(home, email="MIA@larkfield.example")
    await an_account(home)
    await an_account(home)


@pytest.mark.parametrize(("name", "email"), [("", ""), ("Mia", "mia"), ("Mia\n", "a@b@c"), ("m" * 121, "")])
async def test_a_name_or_address_that_is_none_is_refused(home: Home, name: str, email: str) -> None:
    with pytest.raises(Invalid):
        await an_account(home, name=name, email=email)
    assert (await read(home, read_head)).position == 0


async def test_only_who_may_handle_people_does(home: Home) -> None:
    mia = await an_account(home, Role.LEGAL)
    for actor in (ANONYMOUS, await acting(home, mia)):
        async with home.work(actor) as work:
            for act in (add(work, "Eve", "", [LEGAL]), set_roles(work, mia, [LEGAL]), suspend(work, mia)):
                with pytest.raises(Forbidden):
                    await act
            for act in (reinstate(work, mia), erase(work, mia)):
                with pytest.raises(Forbidden):
                    await act


async def test_an_admin_of_some_topics_manages_nobody(home: Home) -> None:
    actor = await acting(home, await an_account(home, Role.ADMIN, topics=("cards",)))
    async with home.work(actor) as work:
        with pytest.raises(Forbidden):
            await add(work, "Eve", "", [RoleGrant(Role.ADMIN)])


async def test_roles_that_change_keep_the_time_they_were_held(home: Home) -> None:
    mia = await an_account(home, Role.LEGAL)
    joined = home.clock.now()
    home.clock.move(days=1)
    async with home.work() as work:
        await set_roles(work, mia, [RoleGrant(Role.BRAND)])
    person, now = await known(home, mia), home.clock.now()
    assert person.holds("legal", "cards", joined)
    assert not person.holds("legal", "cards", now)
    assert not person.holds("brand", "cards", joined)
    assert person.holds("brand", "cards", now)


async def test_setting_the_same_roles_is_no_act(home: Home) -> None:
    mia = await an_account(home, Role.LEGAL, Role.BRAND)
    before = await read(home, read_head)
    async with home.work() as work:
        await set_roles(work, mia, [RoleGrant(Role.BRAND), LEGAL])
    assert await read(home, read_head) == before


async def test_the_trust_file_alone_gives_its_people_their_roles(home: Home) -> None:
    async with home.work() as work:
        await trust(work, [a_signer("lea")], "trust-file")
    async with home.work() as work:
        with pytest.raises(Conflict, match="trust file"):
            await set_roles(work, "lea", [RoleGrant(Role.ADMIN)])


async def test_a_topic_that_is_none_is_refused(home: Home) -> None:
    for topics in ((), ("#" + "0" * 64,), ("Cards!",)):
        with pytest.raises(Invalid, match="on which topics"):
            await an_account(home, Role.LEGAL, topics=topics)


async def test_who_is_suspended_is_out_at_once_and_comes_back_only_by_signing_in_anew(home: Home) -> None:
    mia = await an_account(home, Role.LEGAL)
    session = await signed_in(home, mia)
    link = await a_link(home, mia)
    async with home.work() as work:
        await suspend(work, mia)
    assert await actor_in(home, session) is None
    assert await read(home, owner_of, link.token, home.clock.now()) is None
    assert (await known(home, mia)).suspended
    with pytest.raises(Conflict, match="reinstate"):
        await a_link(home, mia)
    async with home.work() as work:
        await reinstate(work, mia)
    assert await actor_in(home, session) is None
    assert (await acting(home, mia)).id == mia


async def test_suspending_and_reinstating_twice_are_no_acts(home: Home) -> None:
    mia = await an_account(home)
    for act in (suspend, reinstate):
        async with home.work() as work:
            await act(work, mia)
        before = await read(home, read_head)
        async with home.work() as work:
            await act(work, mia)
        assert await read(home, read_head) == before


async def test_erasing_a_person_leaves_their_id_and_the_chain_whole(home: Home, sealer: Sealer) -> None:
    mia = await an_account(home, Role.LEGAL, email="mia@larkfield.example")
    await with_password(home, mia)
    session = await signed_in(home, mia)
    async with home.work(await acting(home, mia)) as work:
        public_key = await make_key(work, sealer)
    async with home.work() as work:
        await erase(work, mia)
    account, person = await read(home, account_of, mia), await known(home, mia)
    assert (account.state, account.name, account.email, account.signs_in_by) == ("erased", "", "", ())
    assert (person.public_keys, person.retired_keys) == ((), (public_key,))
    assert not person.holds("legal", "cards", home.clock.now())
    assert await actor_in(home, session) is None
    assert await read(home, sign_with_kept_key, sealer, mia, b"late") is None
    assert await read(home, verify) is None
    async with home.work() as work:
        for act in (set_roles(work, mia, [LEGAL]), reinstate(work, mia)):
            with pytest.raises(Conflict, match="was erased"):
                await act
    assert await an_account(home, email="mia@larkfield.example") != mia


async def test_whom_the_trust_file_names_is_taken_out_of_it_before_they_are_erased(home: Home) -> None:
    async with home.work() as work:
        await trust(work, [a_signer("lea"), a_signer("ana")], "trust-file")
    async with home.work() as work:
        with pytest.raises(Conflict, match="take their line out"):
            await erase(work, "lea")
    async with home.work() as work:
        await trust(work, [a_signer("ana")], "trust-file")
        await erase(work, "lea")
    async with home.work() as work:
        with pytest.raises(Conflict, match="lea was erased"):
            await trust(work, [a_signer("ana"), a_signer("lea")], "trust-file")


async def test_acts_on_somebody_unknown_find_nobody(home: Home) -> None:
    async with home.work() as work:
        for act in (suspend(work, "p-none"), reinstate(work, "p-none"), erase(work, "p-none")):
            with pytest.raises(NotFound):
                await act
        with pytest.raises(NotFound):
            await set_roles(work, "p-none", [LEGAL])


async def test_people_are_listed_page_by_page_and_by_state_origin_and_role(home: Home) -> None:
    ids = sorted([await an_account(home, Role.LEGAL) for _ in range(3)])
    async with home.work() as work:
        await suspend(work, ids[1])
    first = await read(home, page_of_people, PeopleFilter(), None, 2, home.now)
    rest = await read(home, page_of_people, PeopleFilter(), decode(first.next, (str,)), 2, home.now)
    assert [one.id for one in (*first.items, *rest.items)] == ids
    assert rest.next is None

    async def listed(**wanted: str) -> list[str]:
        page = await read(home, page_of_people, PeopleFilter(**wanted), None, 100, home.now)
        return [one.id for one in page.items]

    assert await listed(state="suspended") == [ids[1]]
    assert await listed(state="active", role="legal") == [ids[0], ids[2]]
    assert await listed(role="brand") == await listed(origin="demo") == []


async def test_the_actor_is_named_in_each_line(home: Home) -> None:
    admin = await acting(home, await an_account(home, Role.ADMIN))
    async with home.work(admin) as work:
        mia = await add(work, "Mia", "", [LEGAL])
    async with home.reading() as connection:
        line = (await connection.execute(sa.select(journal).order_by(journal.c.position.desc()).limit(1))).one()
    assert (line.actor, line.event) == (admin.id, "account.added")
    assert mia in line.data
    assert admin.credential in line.data
    assert isinstance(admin, Actor)


# ---- names and addresses ---------------------------------------------------------------------------------------------


async def test_one_sets_ones_own_name_and_address_and_the_journal_holds_neither(home: Home) -> None:
    mia = await an_account(home, Role.LEGAL)
    async with home.work(await acting(home, mia)) as work:
        await describe(work, mia, "Mia Marsh", "mia@larkfield.example")
    account = await read(home, account_of, mia)
    assert (account.name, account.email) == ("Mia Marsh", "mia@larkfield.example")
    before = await read(home, read_head)
    async with home.work(await acting(home, mia)) as work:
        await describe(work, mia, " Mia Marsh ", "MIA@larkfield.example")
    async with home.reading() as connection:
        lines = (await connection.execute(sa.select(journal.c.position, journal.c.event, journal.c.data))).all()
    assert [line.event for line in lines].count("account.described") == 1
    assert "account.described" not in [line.event for line in lines if line.position > before.position]
    assert not any("Marsh" in line.data or "larkfield" in line.data for line in lines)


async def test_nobody_describes_another_and_no_address_is_taken_from_anyone(home: Home) -> None:
    mia, leo = await an_account(home, Role.LEGAL, email="mia@larkfield.example"), await an_account(home)
    async with home.work(await acting(home, leo)) as work:
        with pytest.raises(Forbidden):
            await describe(work, mia, "Nobody", "")
        with pytest.raises(Conflict, match="somebody has"):
            await describe(work, leo, "Leo", "mia@larkfield.example")
        for name in ("a\u202eb", "a\x9bb", "\x1b[2J"):
            with pytest.raises(Invalid):
                await describe(work, leo, name, "")


async def test_another_address_needs_a_fresh_proof_and_ends_the_links_that_were_sent(home: Home) -> None:
    mia = await an_account(home)
    actor, link = await acting(home, mia), await a_link(home, mia)
    home.clock.move(minutes=6)
    async with home.work(actor) as work:
        await describe(work, mia, "Another Name", "")
        with pytest.raises(Forbidden) as caught:
            await describe(work, mia, "Another Name", "new@larkfield.example")
    assert caught.value.code is Code.REAUTHENTICATE
    assert await read(home, owner_of, link.token, home.clock.now()) == mia
    async with home.work() as work:
        await describe(work, mia, "Another Name", "new@larkfield.example")
    assert await read(home, owner_of, link.token, home.clock.now()) is None


# ---- admins ----------------------------------------------------------------------------------------------------------


async def test_the_last_admin_stays_one(home: Home) -> None:
    ada = await an_account(home, Role.ADMIN)
    await an_account(home, Role.ADMIN, topics=("cards",))
    async with home.work(await acting(home, ada)) as work:
        for act in (suspend(work, ada), set_roles(work, ada, [LEGAL]), erase(work, ada)):
            with pytest.raises(Conflict, match="last admin"):
                await act
        await set_roles(work, ada, [LEGAL, RoleGrant(Role.ADMIN)])
        adi = await add(work, "Adi", "", [RoleGrant(Role.ADMIN)])
        await suspend(work, ada)
    async with home.work() as work:  # whoever has the command line makes the next one
        await suspend(work, adi)
    assert (await known(home, adi)).suspended


async def test_a_session_left_open_renews_itself_by_no_link(home: Home) -> None:
    ada, mia = await an_account(home, Role.ADMIN), await an_account(home)
    actor = await acting(home, ada)
    home.clock.move(minutes=6)
    for person in (ada, mia):
        async with home.work(actor) as work:
            with pytest.raises(Forbidden) as caught:
                await make_link(work, person)
        assert caught.value.code is Code.REAUTHENTICATE


async def test_an_api_key_opens_a_way_in_for_newcomers_alone(home: Home) -> None:
    ada, mia, new = [await an_account(home, role) for role in (Role.ADMIN, Role.LEGAL, Role.LEGAL)]
    await signed_in(home, mia)
    by_key = msgspec.structs.replace(await acting(home, ada), credential="abcdefgh2345")
    async with home.work(by_key) as work:
        for person in (ada, mia):
            with pytest.raises(Forbidden, match="API key"):
                await make_link(work, person)
            with pytest.raises(Forbidden, match="API key"):
                await describe(work, person, "Mallory", "mallory@elsewhere.example")
        assert (await make_link(work, new)).person == new


async def test_signing_out_everywhere_ends_each_session_with_its_line(home: Home) -> None:
    mia = await an_account(home)
    first, second = await signed_in(home, mia), await signed_in(home, mia)
    actor = await actor_in(home, first)
    assert actor is not None
    async with home.work(msgspec.structs.replace(actor, credential="abcdefgh2345")) as work:
        with pytest.raises(NotFound):
            await end_all_sessions(work)
    async with home.work(actor) as work:
        await end_all_sessions(work)
    assert [await actor_in(home, one) for one in (first, second)] == [None, None]
    async with home.reading() as connection:
        ended = sa.select(sa.func.count()).where(journal.c.event == "session.ended")
        assert await connection.scalar(ended) == 2
        assert await verify(connection) is None
