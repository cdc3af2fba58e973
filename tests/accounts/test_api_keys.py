"""API keys: whom one acts for, what it may, and when it ends."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from kb.accounts.api_keys import Shown, key_actor, make_key, note_used, revoke_key, rotate_key
from kb.accounts.key_format import KeyKind, new_id, new_token, read_token
from kb.accounts.key_queries import KeyFilter, page_of_keys, read_key
from kb.accounts.key_tables import api_key_secrets, api_keys
from kb.accounts.key_types import NEVER, ApiKey, KeyActor, Scope, Wanted
from kb.accounts.people import suspend
from kb.accounts.queries import someone
from kb.accounts.rules import actor_of
from kb.accounts.types import Role
from kb.base import db
from kb.base.errors import Conflict, Forbidden, Invalid, NotFound
from kb.base.hashing import digest, instant
from kb.base.journal import journal
from kb.base.paging import decode
from kb.base.work import OPERATOR, Actor, Right
from tests.builders import Home, a_signer, head, read, trusted

pytestmark = pytest.mark.both_databases

PAGE = "https://www.larkfield.example"


def a_key(owner: str = "lea", kind: KeyKind = KeyKind.SECRET, **rest: Any) -> Wanted:
    scope = {name: rest.pop(name) for name in ("actions", "channels", "locales", "audiences") if name in rest}
    return Wanted(kind=kind, name="the chat bot", owner=owner, scope=Scope(**scope), **rest)


async def made(home: Home, wanted: Wanted, by: Actor = OPERATOR) -> Shown:
    async with home.work(by) as work:
        return await make_key(work, wanted)


async def rotated(home: Home, key: str, by: Actor = OPERATOR, **overlap: float) -> Shown:
    async with home.work(by) as work:
        return await rotate_key(work, key, work.now + timedelta(**overlap) if overlap else None)


async def revoked(home: Home, key: str, by: Actor = OPERATOR) -> ApiKey:
    async with home.work(by) as work:
        return await revoke_key(work, key)


async def judged(home: Home, token: str, origin: str = "") -> KeyActor | None:
    found: KeyActor | None = await read(home, key_actor, token, origin, home.clock.now())
    return found


async def person(home: Home, name: str) -> Actor:
    found = await read(home, someone, name)
    return actor_of(found, home.clock.now(), credential="s-anything")


@pytest.fixture
async def bank(home: Home) -> Home:
    """A home with its people, of whom pia publishes and lou is a lawyer for cards alone."""
    await trusted(
        home,
        a_signer("pia", Role.PUBLISHER, key="P" * 43),
        a_signer("lou", Role.LEGAL, topics=("cards",), key="L" * 43),
    )
    return home


# ---- whom a key acts for ---------------------------------------------------------------------------------------------


async def test_a_secret_key_acts_as_its_owner_within_its_scope(bank: Home) -> None:
    wanted = a_key(
        actions=(Right.READ, Right.HISTORY), channels=("chat",), locales=("en-GB",), audiences=("public", "staff")
    )
    shown = await made(bank, wanted)
    found = await judged(bank, shown.token)
    assert found == KeyActor(
        Actor(
            "lea",
            frozenset({"public", "staff"}),
            frozenset({"read", "history"}),
            {},
            frozenset({"chat"}),
            frozenset({"en-GB"}),
            shown.key.id,
        ),
        "secret",
        NEVER,
    )


async def test_a_key_carries_the_topics_its_owner_is_limited_to(bank: Home) -> None:
    shown = await made(bank, a_key("lou", actions=(Right.READ, Right.DRAFTS)))
    found = await judged(bank, shown.token)
    assert found is not None
    assert found.actor.may(Right.DRAFTS, "cards")
    assert not found.actor.may(Right.DRAFTS, "loans")


async def test_a_key_loses_what_its_owner_loses(bank: Home) -> None:
    shown = await made(bank, a_key("pia", actions=(Right.READ, Right.RELEASE)))
    await trusted(bank, a_signer("pia", Role.BRAND, key="P" * 43), a_signer("lou", Role.LEGAL, key="L" * 43))
    found = await judged(bank, shown.token)
    assert found is not None
    assert found.actor.rights == {"read"}


async def test_the_keys_of_a_suspended_person_are_refused(bank: Home) -> None:
    shown = await made(bank, a_key())
    async with bank.work() as work:
        await suspend(work, "lea")
    assert await judged(bank, shown.token) is None
    with pytest.raises(NotFound, match="lea"):
        await made(bank, a_key())


async def test_publishable_and_preview_keys_act_for_nobody(bank: Home) -> None:
    page = await made(bank, a_key("pia", KeyKind.PUBLISHABLE, origins=(PAGE,)))
    preview = await made(bank, a_key("pia", KeyKind.PREVIEW, audiences=("public", "staff")))
    shown, unreleased = await judged(bank, page.token, PAGE), await judged(bank, preview.token)
    assert shown is not None
    assert unreleased is not None
    assert (sorted(shown.actor.rights), sorted(shown.actor.audiences)) == (["read"], ["public"])
    assert sorted(unreleased.actor.rights) == ["preview", "read"]
    assert sorted(unreleased.actor.audiences) == ["public", "staff"]
    assert {shown.actor.id, unreleased.actor.id} == {f"key.{page.key.id}", f"key.{preview.key.id}"}


# ---- one answer for what doesn't hold --------------------------------------------------------------------------------


async def test_what_does_not_hold_is_refused_alike(bank: Home) -> None:
    page = await made(bank, a_key("pia", KeyKind.PUBLISHABLE, origins=(PAGE,)))
    ended = await made(bank, a_key(expires_at=instant(bank.clock.now() + timedelta(hours=1))))
    gone = await made(bank, a_key())
    await revoked(bank, gone.key.id)
    other = new_token(KeyKind.SECRET, ended.key.id).text
    passed_off = msgspec.structs.replace(_token(page), kind=KeyKind.SECRET).text
    unknown = new_token(KeyKind.SECRET, new_id()).text
    assert await judged(bank, ended.token) is not None
    bank.clock.move(hours=1)
    for token in ("", "kb_sk_", ended.token[:-1], ended.token, gone.token, other, passed_off, unknown, "kb_sk_é"):
        assert await judged(bank, token) is None
    for origin in (
        "",
        "null",
        "https://evil.example",
        f"{PAGE}.evil.example",
        f"{PAGE}:8443",
        "http://www.larkfield.example",
    ):
        assert await judged(bank, page.token, origin) is None
    assert await judged(bank, page.token, PAGE) is not None


async def test_a_key_is_judged_again_when_it_ends(bank: Home) -> None:
    end = instant(bank.clock.now() + timedelta(days=2))
    shown = await made(bank, a_key(expires_at=end))
    found = await judged(bank, shown.token)
    assert found is not None
    assert found.until == end


# ---- rotation and revocation -----------------------------------------------------------------------------------------


async def test_two_secrets_work_while_a_rotation_overlaps(bank: Home) -> None:
    first = await made(bank, a_key())
    second = await rotated(bank, first.key.id, days=3)
    end = instant(bank.clock.now() + timedelta(days=3))
    assert [span.until for span in second.key.secrets] == [end, None]
    old, new = await judged(bank, first.token), await judged(bank, second.token)
    assert old is not None
    assert new is not None
    assert (old.actor, old.until, new.until) == (new.actor, end, NEVER)
    bank.clock.move(days=3)
    assert await judged(bank, first.token) is None
    assert await judged(bank, second.token) is not None


async def test_a_rotation_without_overlap_ends_every_older_secret(bank: Home) -> None:
    first = await made(bank, a_key())
    second = await rotated(bank, first.key.id, days=30)
    third = await rotated(bank, first.key.id)
    assert len(third.key.secrets) == 1
    assert [await judged(bank, one.token) is None for one in (first, second, third)] == [True, True, False]


async def test_an_overlap_is_at_most_thirty_days(bank: Home) -> None:
    shown = await made(bank, a_key())
    with pytest.raises(Invalid, match="30 days"):
        await rotated(bank, shown.key.id, days=31)


async def test_revoking_ends_every_secret_at_once_and_doing_it_again_records_nothing(bank: Home) -> None:
    first = await made(bank, a_key())
    second = await rotated(bank, first.key.id, days=3)
    gone = await revoked(bank, first.key.id)
    assert (gone.revoked_at, gone.secrets) == (bank.now, ())
    assert [await judged(bank, one.token) for one in (first, second)] == [None, None]
    before = await head(bank)
    await revoked(bank, first.key.id)
    assert await head(bank) == before
    with pytest.raises(Conflict, match="works no more"):
        await rotated(bank, first.key.id)


# ---- who may hand out what -------------------------------------------------------------------------------------------


async def test_anyone_signed_in_makes_a_secret_key_of_their_own(bank: Home) -> None:
    pia = await person(bank, "pia")
    shown = await made(bank, a_key("pia", actions=(Right.READ, Right.RELEASE)), by=pia)
    assert await judged(bank, shown.token) is not None
    assert (await revoked(bank, shown.key.id, by=pia)).revoked_at is not None


@pytest.mark.parametrize(
    "wanted",
    [
        lambda: a_key("lea", actions=(Right.READ,)),
        lambda: a_key("pia", actions=(Right.READ, Right.PEOPLE)),
        lambda: a_key("pia", KeyKind.PUBLISHABLE, origins=(PAGE,)),
        lambda: a_key("pia", KeyKind.PREVIEW),
    ],
    ids=["another's", "more than her own", "publishable", "preview"],
)
async def test_without_the_right_to_handle_keys_no_other_is_made(bank: Home, wanted: Callable[[], Wanted]) -> None:
    with pytest.raises(Forbidden):
        await made(bank, wanted(), by=await person(bank, "pia"))


async def test_an_administrator_never_holds_a_key_that_signs_as_another_person(bank: Home) -> None:
    ada = await person(bank, "ada")
    with pytest.raises(Forbidden, match="another person's judgement"):
        await made(bank, a_key("lea", actions=(Right.READ, Right.SIGN)), by=ada)
    with pytest.raises(Forbidden, match="more than they may"):
        await made(bank, a_key("pia", actions=(Right.READ, Right.RELEASE)), by=ada)
    own = await made(bank, a_key("lea", actions=(Right.READ, Right.SIGN)), by=await person(bank, "lea"))
    with pytest.raises(Forbidden):
        await rotated(bank, own.key.id, by=ada)
    assert (await revoked(bank, own.key.id, by=ada)).revoked_at is not None


async def test_the_operator_makes_no_key_that_signs(bank: Home) -> None:
    with pytest.raises(Forbidden):
        await made(bank, a_key("lea", actions=(Right.READ, Right.SIGN)))


async def test_a_key_makes_no_key_unless_it_handles_keys(bank: Home) -> None:
    ada = await person(bank, "ada")
    plain = await judged(bank, (await made(bank, a_key("ada", actions=(Right.READ, Right.DRAFTS)), by=ada)).token)
    keeper = await judged(bank, (await made(bank, a_key("ada", actions=(Right.READ, Right.KEYS)), by=ada)).token)
    assert plain is not None
    assert keeper is not None
    with pytest.raises(Forbidden):
        await made(bank, a_key("ada"), by=plain.actor)
    assert (await made(bank, a_key("ada"), by=keeper.actor)).key.owner == "ada"
    with pytest.raises(Forbidden):
        await made(bank, a_key("ada", audiences=("staff",)), by=keeper.actor)


async def test_a_key_for_some_channels_makes_none_for_all(bank: Home) -> None:
    ada = await person(bank, "ada")
    wanted = a_key("ada", actions=(Right.READ, Right.KEYS), channels=("chat",))
    keeper = await judged(bank, (await made(bank, wanted, by=ada)).token)
    assert keeper is not None
    with pytest.raises(Forbidden):
        await made(bank, a_key("ada"), by=keeper.actor)
    assert (await made(bank, a_key("ada", channels=("chat",)), by=keeper.actor)).key.owner == "ada"


async def test_the_keys_of_others_are_not_there(bank: Home) -> None:
    shown = await made(bank, a_key("lea"))
    pia = await person(bank, "pia")
    for act in (rotated, revoked):
        with pytest.raises(NotFound):
            await act(bank, shown.key.id, by=pia)


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("/name", a_key(expires_at=None)),
        ("/scope/actions", a_key("pia", KeyKind.PUBLISHABLE, origins=(PAGE,), actions=(Right.READ, Right.HISTORY))),
        ("/scope/actions", a_key("pia", KeyKind.PREVIEW, actions=(Right.RELEASE,))),
        ("/scope/actions", a_key(actions=())),
        ("/scope/actions", a_key(actions=(Right.INVITED,))),
        ("/scope/audiences", a_key("pia", KeyKind.PUBLISHABLE, origins=(PAGE,), audiences=("public", "staff"))),
        ("/scope/audiences", a_key(audiences=("everyone",))),
        ("/scope/channels", a_key(channels=("no channel",))),
        ("/origins", a_key("pia", KeyKind.PUBLISHABLE)),
        ("/origins", a_key(origins=(PAGE,))),
        *[
            ("/origins", a_key("pia", KeyKind.PUBLISHABLE, origins=(origin,)))
            for origin in (
                "http://www.larkfield.example",
                f"{PAGE}/",
                "https://*.example",
                "null",
                "http://localhost.evil.example",
            )
        ],
        ("/expires_at", a_key(expires_at="2020-01-01T00:00:00.000Z")),
    ],
)
async def test_what_is_wrong_with_a_wanted_key_is_told_with_its_place(bank: Home, place: str, wanted: Wanted) -> None:
    if place == "/name":
        wanted = msgspec.structs.replace(wanted, name="")
    with pytest.raises(Invalid) as raised:
        await made(bank, wanted)
    assert [fault.pointer for fault in raised.value.errors] == [place]


@pytest.mark.parametrize(
    "origin", ["http://localhost", "http://localhost:5173", "http://127.0.0.1:8080", f"{PAGE}:8443"]
)
async def test_pages_under_development_may_have_a_publishable_key(bank: Home, origin: str) -> None:
    shown = await made(bank, a_key("pia", KeyKind.PUBLISHABLE, origins=(origin,)))
    assert await judged(bank, shown.token, origin) is not None


# ---- what is kept ----------------------------------------------------------------------------------------------------


async def test_no_secret_is_kept_and_the_journal_names_every_act(bank: Home) -> None:
    before = await head(bank)
    first = await made(bank, a_key())
    second = await rotated(bank, first.key.id)
    await revoked(bank, first.key.id)

    async def stored(connection: Any) -> tuple[list[Any], str]:
        lines = list(await connection.execute(sa.select(journal).where(journal.c.position > before)))
        rows = [list(await connection.execute(sa.select(table))) for table in (api_keys, api_key_secrets)]
        return lines, repr((lines, rows))

    lines, everything = await read(bank, stored)
    assert [line.event for line in lines] == ["key.made", "key.rotated", "key.revoked"]
    made_line = msgspec.json.decode(lines[0].data)
    assert made_line["hash"] == digest(_token(first).secret.encode())
    assert (made_line["key"], made_line["owner"], made_line["kind"]) == (first.key.id, "lea", "secret")
    assert "the chat bot" not in lines[0].data
    for shown in (first, second):
        assert _token(shown).secret not in everything
        assert _token(shown).secret[:10] not in everything


async def test_when_a_key_was_last_used_is_no_act(bank: Home) -> None:
    shown = await made(bank, a_key())
    before, later = await head(bank), instant(bank.clock.now() + timedelta(minutes=5))
    for at in (bank.now, later, bank.now):
        async with db.writing(bank.sessions.engine) as connection:
            await note_used(connection, {shown.key.id: at, "unknown": at})
    key = await read(bank, read_key, shown.key.id, later)
    assert key.last_used_at == later
    assert await head(bank) == before


async def test_lists_are_paged_in_order_of_making_and_filtered(bank: Home) -> None:
    made_keys = []
    for owner in ("lea", "pia", "lea", "leo"):
        made_keys.append(
            (await made(bank, a_key(owner, expires_at=instant(bank.clock.now() + timedelta(days=1))))).key.id
        )
        bank.clock.move(minutes=1)
    await revoked(bank, made_keys[3])

    async def listed(wanted: KeyFilter, limit: int = 2) -> list[str]:
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await read(bank, page_of_keys, wanted, decode(cursor, (str, str)), limit, bank.now)
            found, cursor = [*found, *(key.id for key in page.items)], page.next
        return found

    assert await listed(KeyFilter()) == made_keys
    assert await listed(KeyFilter(newest_first=True)) == made_keys[::-1]
    assert await listed(KeyFilter(owner="lea"), limit=1) == [made_keys[0], made_keys[2]]
    assert await listed(KeyFilter(kind="preview")) == []
    assert await listed(KeyFilter(state="revoked")) == made_keys[3:]
    assert await listed(KeyFilter(state="working")) == made_keys[:3]
    bank.clock.move(days=2)
    assert await listed(KeyFilter(state="expired")) == made_keys[:3]
    assert await listed(KeyFilter(state="working")) == []


def _token(shown: Shown) -> Any:
    return read_token(shown.token)
