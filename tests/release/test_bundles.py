"""Bundles: a release moves to another installation, which believes its own people and policy, and nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from kb.accounts.signing import Sealer
from kb.base.errors import Forbidden, Invalid, NotFound
from kb.base.hashing import canonical
from kb.base.journal import read_lines
from kb.base.work import OPERATOR, Actor, Right
from kb.entries.rules import content_hash
from kb.release.actions import release
from kb.release.audit import verify_all
from kb.release.bundles import REASON, Accepted, Unpacked, accept, pack, prepared, unpack
from kb.release.installation import signed_bytes, signing
from kb.release.types import Blocked, Released
from tests.builders import (
    Home,
    a_fact,
    a_house,
    a_live_answer,
    a_policy,
    a_translation,
    an_answer,
    an_open_home,
    head,
    live,
    payload,
    read,
    text,
    trusted,
    withdrawn,
)
from tests.databases import Templates
from tests.release.leaves_of_json import altered, places
from tests.release.living import POLICY as POLICY_OF_A_LIFE
from tests.release.living import carried_over

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def other(databases: Templates) -> AsyncIterator[Home]:
    """Another installation with the same people and policy."""
    async with an_open_home(await databases.built("house", a_house)) as home:
        yield home


async def packed(home: Home, release_id: str, place: Path) -> bytes:
    signer = await signing(home.sessions, Sealer(place / "secret"))
    async with home.reading() as connection:
        return (await pack(connection, signer, release_id)).written()


async def imported(home: Home, data: bytes) -> tuple[Accepted, list[Blocked], Released | None]:
    whole: Unpacked = unpack(data)
    async with home.work() as work:
        accepted = await accept(work, whole)
    async with home.reading() as connection:
        ready, blocked = await prepared(connection, whole, home.clock.now())
    if ready is None:
        return accepted, blocked, None
    async with home.work() as work:
        return accepted, blocked, await release(work, ready, REASON)


async def a_bundle(home: Home, place: Path) -> bytes:
    answer = an_answer(text="In {{fact:card.delivery}}.")
    outcome = await live(home, a_fact(), answer, a_translation(answer, "En {{fact:card.delivery}}."))
    assert outcome.released is not None
    return await packed(home, outcome.released.id, place)


async def test_a_release_goes_live_in_another_installation(house: Home, other: Home, tmp_path: Path) -> None:
    data = await a_bundle(house, tmp_path)
    other.clock.move(days=3)
    accepted, blocked, done = await imported(other, data)
    assert (accepted.fresh, accepted.refused, blocked) == (3, (), [])
    assert done is not None
    assert len(done.items) == 3
    assert await text(other) == await text(house) == "In 5–7 working days."
    assert await read(other, verify_all) == (None, ())


async def test_importing_twice_changes_nothing(house: Home, other: Home, tmp_path: Path) -> None:
    data = await a_bundle(house, tmp_path)
    await imported(other, data)
    before = await head(other)
    accepted, blocked, done = await imported(other, data)
    assert (accepted.fresh, blocked, done) == (0, [], None)
    assert await head(other) == before


async def test_what_was_withdrawn_since_does_not_come_back(house: Home, other: Home, tmp_path: Path) -> None:
    data = await a_bundle(house, tmp_path)
    await imported(other, data)
    await withdrawn(other, "card-arrival")
    assert (await imported(other, data))[2] is None
    assert await text(other) is None


async def test_sign_offs_of_people_unknown_there_do_not_count(house: Home, other: Home, tmp_path: Path) -> None:
    data = await a_bundle(house, tmp_path)
    await trusted(other, people=["ana", "ben", "leo", "bea", "ada", "adi"])
    accepted, blocked, done = await imported(other, data)
    assert {one.by for one in accepted.refused} == {"lea"}
    assert {issue.code for one in blocked for issue in one.issues} >= {"not-approved"}
    assert done is None
    assert await text(other) is None


async def test_a_changed_bundle_changes_nothing(house: Home, other: Home, tmp_path: Path) -> None:
    data = await a_bundle(house, tmp_path)
    before = await head(other)
    for forged in (data.replace(b"Your", b"Our "), data[:-9] + data[-8:], data + b" ", b"{}", b"", data[5000:]):
        if forged != data:
            with pytest.raises(Invalid):
                await imported(other, forged)
    for index in range(0, len(data), 97):
        flipped = bytearray(data)
        flipped[index] ^= 4
        with pytest.raises(Invalid):
            unpack(bytes(flipped))
    assert await head(other) == before


async def test_a_bundle_signed_anew_by_a_forger_still_needs_the_signatures_of_people(
    house: Home, other: Home, tmp_path: Path
) -> None:
    whole = unpack(await a_bundle(house, tmp_path)).bundle
    forger = await signing(other.sessions, Sealer(tmp_path / "forger"))
    lacking = msgspec.structs.replace(
        whole, key=forger.key, introductions=(), signoffs=tuple(one for one in whole.signoffs if one.role != "legal")
    )
    signed = msgspec.structs.replace(lacking, signature=forger.sign(signed_bytes(lacking, "signature")))
    _, blocked, done = await imported(other, signed.written())
    assert done is None
    assert {one.key for one in blocked} >= {"card-arrival"}
    body = msgspec.structs.replace(whole.revisions[0], body=whole.revisions[0].body.replace("5", "6"))
    lying = msgspec.structs.replace(whole, key=forger.key, introductions=(), revisions=(body, *whole.revisions[1:]))
    signed = msgspec.structs.replace(lying, signature=forger.sign(signed_bytes(lying, "signature")))
    with pytest.raises(Invalid):
        unpack(signed.written())


async def test_only_who_may_release_takes_a_bundle_in(house: Home, other: Home, tmp_path: Path) -> None:
    whole = unpack(await a_bundle(house, tmp_path))
    with pytest.raises(Forbidden):
        async with other.work(Actor("ana", rights=frozenset({Right.WRITE, Right.LOAD}))) as work:
            await accept(work, whole)
    async with other.work(OPERATOR) as work:
        assert (await accept(work, whole)).fresh == 3
        assert work.actor is OPERATOR


async def test_a_release_that_made_nothing_live_is_no_bundle(house: Home, tmp_path: Path) -> None:
    await a_live_answer(house)
    ended = await withdrawn(house, "card-arrival")
    for name in (ended.id, "nothing"):
        with pytest.raises(NotFound):
            await packed(house, name, tmp_path)


async def test_sign_offs_that_were_carried_over_are_carried_over_there(
    house: Home, other: Home, tmp_path: Path
) -> None:
    for home in (house, other):
        await live(home, a_policy(POLICY_OF_A_LIFE))
    released = (await carried_over(house)).released
    assert released is not None
    accepted, blocked, done = await imported(other, await packed(house, released.id, tmp_path))
    assert (accepted.fresh, accepted.refused, blocked) == (2, (), [])
    assert done is not None
    assert await text(other, "carried") == await text(house, "carried")
    events = [line.event for line in await read(other, read_lines, 0, 10_000)]
    assert "review.carried" in events
    assert await read(other, verify_all) == (None, ())


async def test_words_that_came_back_are_the_revision_they_were(house: Home, other: Home, tmp_path: Path) -> None:
    """A draft that says the same as one before counts how often: the hash covers it."""
    again = msgspec.structs.replace(an_answer(), again=1)
    released = (await live(house, again)).released
    assert released is not None
    await imported(other, await packed(house, released.id, tmp_path))
    found = await payload(other)
    assert found is not None
    assert found["hash"] == content_hash(again) != content_hash(an_answer())


async def test_every_leaf_of_a_bundle_is_proved(house: Home, tmp_path: Path) -> None:
    """Whoever has the file and a key of their own can change no text, and nothing without their own signature."""
    whole = unpack(await a_bundle(house, tmp_path)).bundle
    value = msgspec.json.decode(whole.written())
    paths = places(value)
    assert len(paths) > 80
    for path in paths:
        with pytest.raises(Invalid):
            unpack(canonical(altered(value, path)))
