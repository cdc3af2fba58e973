"""Signing in with OpenID Connect, against a real provider: who gets in, and what is never taken for an answer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from kb.accounts.openid import Provider
from kb.accounts.openid_rules import Attempt, Proven, begin
from kb.accounts.openid_sign_in import confirm, sign_in
from kb.accounts.people import add, erase, suspend
from kb.accounts.sign_in import Started, fresh, session_actor
from kb.accounts.types import Role, RoleGrant
from kb.base.errors import Forbidden, Unavailable, Unknown
from kb.base.journal import journal
from kb.base.work import ANONYMOUS, Actor
from tests.accounts.openid_provider import CONFUSED, REDIRECT, SECRET, RunningProvider, answer_for, running
from tests.builders import Home, head, read

ISSUER = "https://provider.example"


@pytest.fixture(scope="module")
def canaille() -> Iterator[RunningProvider]:
    with running() as provider:
        yield provider


def now() -> datetime:
    """The provider lives by the machine's clock, and so do those who speak with it."""
    return datetime.now(UTC)


def ours(canaille: RunningProvider, client: str = "", secret: str = SECRET) -> Provider:
    return Provider(canaille.issuer, client or canaille.client(), secret)


async def answered(provider: Provider, attempt: Attempt, person: str = "lena") -> dict[str, str]:
    return answer_for(await provider.address(attempt, REDIRECT, now()), person)


async def told(provider: Provider, attempt: Attempt, answer: dict[str, str], **at: Any) -> Proven:
    return await provider.proven(answer["code"], answer.get("iss", ""), attempt, REDIRECT, at.get("at", now()))


# ---- talking to a real provider --------------------------------------------------------------------------------------


async def test_a_provider_says_who_signed_in_there(canaille: RunningProvider) -> None:
    provider, attempt = ours(canaille), begin(now())
    answer = await answered(provider, attempt)
    assert answer["state"] == attempt.state
    proven = await told(provider, attempt, answer)
    assert (proven.issuer, proven.subject, proven.email) == (canaille.issuer, "lena", "lena@larkfield.example")
    assert proven.authenticated >= attempt.began - 1


async def test_an_address_that_the_provider_has_not_verified_is_none(canaille: RunningProvider) -> None:
    provider, attempt = ours(canaille), begin(now())
    proven = await told(provider, attempt, await answered(provider, attempt, "una"))
    assert (proven.subject, proven.email) == ("una", "")


async def test_whoever_proves_it_again_is_asked_again_and_the_provider_says_when(canaille: RunningProvider) -> None:
    provider, attempt = ours(canaille), begin(now(), session="s-1")
    proven = await told(provider, attempt, await answered(provider, attempt))
    assert proven.authenticated >= attempt.began - 1


async def test_a_code_is_traded_once(canaille: RunningProvider) -> None:
    provider, attempt = ours(canaille), begin(now())
    answer = await answered(provider, attempt)
    await told(provider, attempt, answer)
    with pytest.raises(Forbidden, match="invalid_grant"):
        await told(provider, attempt, answer)


@pytest.mark.parametrize("field", ["nonce", "verifier"])
async def test_an_answer_to_another_attempt_is_none(canaille: RunningProvider, field: str) -> None:
    provider, attempt = ours(canaille), begin(now())
    answer = await answered(provider, attempt)
    with pytest.raises((Unknown, Forbidden)):
        await told(provider, msgspec.structs.replace(attempt, **{field: "n" * 43}), answer)


async def test_an_expired_token_is_refused(canaille: RunningProvider) -> None:
    provider, attempt = ours(canaille), begin(now())
    with pytest.raises(Unknown, match="doesn't hold"):
        await told(provider, attempt, await answered(provider, attempt), at=now() + timedelta(days=30))


async def test_a_token_that_is_meant_for_another_is_refused(canaille: RunningProvider) -> None:
    provider, attempt = ours(canaille, CONFUSED), begin(now())
    with pytest.raises(Unknown, match="doesn't hold"):
        await told(provider, attempt, await answered(provider, attempt))


@pytest.mark.parametrize("issuer", ["", "https://evil.example"])
async def test_an_answer_that_names_another_provider_is_refused(canaille: RunningProvider, issuer: str) -> None:
    """RFC 9207: this provider names itself in its answers, so one that doesn't is somebody else's."""
    provider, attempt = ours(canaille), begin(now())
    answer = await answered(provider, attempt)
    with pytest.raises(Unknown, match="another provider"):
        await told(provider, attempt, answer | {"iss": issuer})


async def test_a_wrong_client_secret_is_told_as_the_provider_tells_it(canaille: RunningProvider) -> None:
    provider, attempt = ours(canaille, secret="not-the-secret"), begin(now())
    with pytest.raises(Forbidden, match="invalid_client"):
        await told(provider, attempt, await answered(provider, attempt))


async def test_a_provider_must_call_itself_what_we_call_it(canaille: RunningProvider) -> None:
    with pytest.raises(Unavailable, match="another name"):
        await Provider(f"{canaille.issuer}/", "kb").address(begin(now()), REDIRECT, now())


async def test_a_provider_without_https_is_not_spoken_to() -> None:
    with pytest.raises(Unavailable, match="isn't https"):
        await Provider("http://provider.example", "kb").address(begin(now()), REDIRECT, now())


async def test_changed_keys_are_read_anew() -> None:
    with running() as canaille:
        provider, attempt = ours(canaille), begin(now())
        await told(provider, attempt, await answered(provider, attempt))
        canaille.stop()
        canaille.start()
        again = begin(now())
        assert (await told(provider, again, await answered(provider, again))).subject == "lena"


async def test_a_provider_that_is_down_is_told_as_such() -> None:
    with running() as canaille:
        provider, attempt = ours(canaille), begin(now())
        answer = await answered(provider, attempt)
        canaille.stop()
        with pytest.raises(Unavailable, match="can't be reached"):
            await told(provider, attempt, answer)
        with pytest.raises(Unavailable, match="can't be reached"):
            await ours(canaille).address(attempt, REDIRECT, now())


# ---- who gets in -----------------------------------------------------------------------------------------------------


def lena(**other: Any) -> Proven:
    return msgspec.structs.replace(Proven(ISSUER, "subject-1", "lena@larkfield.example"), **other)


async def invited(home: Home, email: str = "Lena@Larkfield.example") -> str:
    async with home.work() as work:
        return await add(work, "Lena", email, [RoleGrant(Role.LEGAL)])


async def signed_in(home: Home, proven: Proven) -> Started:
    async with home.work(ANONYMOUS) as work:
        return await sign_in(work, proven)


async def acting(home: Home, started: Started) -> Actor:
    found = await read(home, session_actor, started.token, home.clock.now())
    assert isinstance(found, Actor)
    return found


@pytest.mark.both_databases
async def test_an_invited_person_is_known_by_their_identity_from_the_first_time_on(home: Home) -> None:
    person = await invited(home)
    first = await signed_in(home, lena())
    assert (await acting(home, first)).id == person
    moved = await signed_in(home, lena(email="lena@elsewhere.example"))
    assert moved.person == person


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "proven",
    [
        lena(email=""),
        lena(email="someone@larkfield.example"),
        lena(subject="subject-2"),
        lena(issuer="https://other.example", email=""),
    ],
    ids=["unverified", "not invited", "a second identity", "unknown to another provider"],
)
async def test_nobody_is_let_in_by_signing_in_alone(home: Home, proven: Proven) -> None:
    await invited(home)
    if proven.subject != "subject-1":
        await signed_in(home, lena())
    before = await head(home)
    with pytest.raises(Forbidden, match="invite"):
        await signed_in(home, proven)
    assert await head(home) == before


@pytest.mark.both_databases
async def test_a_suspended_or_erased_person_stays_out(home: Home) -> None:
    person = await invited(home)
    other = await invited(home, "tom@larkfield.example")
    await signed_in(home, lena())
    async with home.work() as work:
        await suspend(work, person)
        await suspend(work, other)
    with pytest.raises(Forbidden):
        await signed_in(home, lena())
    with pytest.raises(Forbidden):
        await signed_in(home, Proven(ISSUER, "tom", "tom@larkfield.example"))
    async with home.work() as work:
        await erase(work, person)
    with pytest.raises(Forbidden, match="invite"):
        await signed_in(home, lena())


@pytest.mark.both_databases
async def test_proving_it_again_makes_a_session_fresh(home: Home) -> None:
    await invited(home)
    started = await signed_in(home, lena())
    home.clock.move(minutes=30)
    actor = await acting(home, started)
    assert not await read(home, fresh, actor, home.clock.now())
    attempt = begin(home.clock.now(), session=started.session)
    async with home.work(actor) as work:
        await confirm(work, lena(authenticated=int(home.clock.now().timestamp())), attempt)
    assert await read(home, fresh, actor, home.clock.now())


@pytest.mark.both_databases
async def test_what_the_provider_knew_before_or_another_says_confirms_nothing(home: Home) -> None:
    await invited(home)
    await invited(home, "tom@larkfield.example")
    started = await signed_in(home, lena())
    tom = Proven(ISSUER, "tom", "tom@larkfield.example")
    await signed_in(home, tom)
    home.clock.move(minutes=30)
    actor, at = await acting(home, started), int(home.clock.now().timestamp())
    own, foreign = (begin(home.clock.now(), session=session) for session in (started.session, "s-other"))
    for proven, attempt in (
        (lena(authenticated=at - 1800), own),
        (lena(authenticated=0), own),
        (msgspec.structs.replace(tom, authenticated=at), own),
        (lena(authenticated=at), foreign),
    ):
        with pytest.raises((Forbidden, Unknown)):
            async with home.work(actor) as work:
                await confirm(work, proven, attempt)
    assert not await read(home, fresh, actor, home.clock.now())


async def test_the_journal_holds_neither_address_nor_subject(home: Home) -> None:
    await invited(home)
    await signed_in(home, lena())

    async def lines(connection: Any) -> list[Any]:
        return list(await connection.execute(sa.select(journal)))

    written = await read(home, lines)
    assert [line.event for line in written][-2:] == ["identity.bound", "session.started"]
    assert "larkfield" not in repr(written)
    assert "subject-1" not in repr(written)
