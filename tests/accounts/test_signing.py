"""Signing keys: sealed ones that the server keeps, and ones that people bring with a proof."""

import asyncio
import stat
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kb.accounts.actions import trust
from kb.accounts.signing import (
    KeyProof,
    Sealer,
    bring_key,
    make_key,
    retire_key,
    sign_with_kept_key,
    signed_bytes,
)
from kb.accounts.tables import kept_keys
from kb.base.errors import Code, Conflict, Forbidden, Invalid, NotFound, Unavailable
from kb.base.hashing import from_base64url, to_base64url
from kb.base.work import Actor
from kb.review.signatures import new_keys
from tests.accounts.people import acting, an_account, known
from tests.builders import KEYS, Home, a_signer, read

pytestmark = pytest.mark.both_databases


def a_proof(home: Home, person: str, keys: tuple[str, str], **other: str) -> KeyProof:
    """A proof that the owner of a key pair signs, `other` changed before it is signed."""
    proof = msgspec.structs.replace(KeyProof(person, keys[0], home.now), **other)
    private = Ed25519PrivateKey.from_private_bytes(from_base64url(keys[1]))
    return msgspec.structs.replace(proof, signature=to_base64url(private.sign(signed_bytes(proof))))


async def made(home: Home, actor: Actor, sealer: Sealer) -> str:
    async with home.work(actor) as work:
        return await make_key(work, sealer)


async def test_the_server_signs_with_the_key_it_keeps(home: Home, sealer: Sealer) -> None:
    actor = await acting(home, await an_account(home))
    public_key = await made(home, actor, sealer)
    signed = await read(home, sign_with_kept_key, sealer, actor.id, b"what is signed")
    assert signed is not None
    assert signed[0] == public_key
    key = Ed25519PublicKey.from_public_bytes(from_base64url(public_key))
    key.verify(from_base64url(signed[1]), b"what is signed")
    person = await known(home, actor.id)
    assert person.public_keys == (public_key,)
    assert person.vouched_keys == ()


async def test_a_new_key_takes_the_place_of_the_one_before(home: Home, sealer: Sealer) -> None:
    actor = await acting(home, await an_account(home))
    first, second = await made(home, actor, sealer), await made(home, actor, sealer)
    person = await known(home, actor.id)
    assert (person.public_keys, person.retired_keys) == ((second,), (first,))
    assert (await read(home, sign_with_kept_key, sealer, actor.id, b""))[0] == second
    async with home.reading() as connection:
        assert list((await connection.execute(sa.select(kept_keys.c.public_key))).scalars()) == [second]


async def test_who_has_no_kept_key_signs_nothing_here(home: Home, sealer: Sealer) -> None:
    assert await read(home, sign_with_kept_key, sealer, await an_account(home), b"") is None


async def test_a_sealed_key_opens_under_no_other_name_or_secret(home: Home, sealer: Sealer, tmp_path: Path) -> None:
    mia = await acting(home, await an_account(home))
    eve = await acting(home, await an_account(home))
    theirs, own = await made(home, mia, sealer), await made(home, eve, sealer)
    async with home.work() as work:
        sealed = await work.connection.scalar(sa.select(kept_keys.c.sealed).where(kept_keys.c.public_key == theirs))
        await work.connection.execute(kept_keys.update().where(kept_keys.c.public_key == own).values(sealed=sealed))
    with pytest.raises(Unavailable, match="put the old file back"):
        await read(home, sign_with_kept_key, sealer, eve.id, b"")
    with pytest.raises(Unavailable):
        await read(home, sign_with_kept_key, Sealer(tmp_path / "another"), mia.id, b"")


async def test_keys_change_only_with_a_fresh_proof_of_who_one_is(home: Home, sealer: Sealer) -> None:
    actor = await acting(home, await an_account(home))
    public_key = await made(home, actor, sealer)
    home.clock.move(minutes=6)
    async with home.work(actor) as work:
        for act in (
            make_key(work, sealer),
            bring_key(work, a_proof(home, actor.id, new_keys())),
            retire_key(work, public_key),
        ):
            with pytest.raises(Forbidden) as refused:
                await act
            assert refused.value.code is Code.REAUTHENTICATE


async def test_a_person_brings_a_key_of_their_own(home: Home) -> None:
    actor = await acting(home, await an_account(home))
    keys = new_keys()
    async with home.work(actor) as work:
        await bring_key(work, a_proof(home, actor.id, keys))
    assert (await known(home, actor.id)).public_keys == (keys[0],)


async def test_a_proof_for_another_person_or_key_or_of_yesterday_proves_nothing(home: Home) -> None:
    actor = await acting(home, await an_account(home))
    keys, others = new_keys(), new_keys()
    swapped = msgspec.structs.replace(a_proof(home, actor.id, keys), public_key=others[0])
    for proof in (
        a_proof(home, "p-another", keys),
        swapped,
        a_proof(home, actor.id, keys, at="2026-01-05T09:00:00.000Z"),
        a_proof(home, actor.id, keys, at="2099-01-05T09:00:00.000Z"),
        msgspec.structs.replace(a_proof(home, actor.id, keys), signature="AAAA"),
        msgspec.structs.replace(a_proof(home, actor.id, keys), public_key="!"),
    ):
        async with home.work(actor) as work:
            with pytest.raises(Invalid):
                await bring_key(work, proof)
    assert (await known(home, actor.id)).public_keys == ()


async def test_nobody_brings_a_key_that_is_known_or_was_retired(home: Home) -> None:
    async with home.work() as work:
        await trust(work, [a_signer("lea")], "trust-file")
    actor = await acting(home, await an_account(home))
    keys = new_keys()
    async with home.work(actor) as work:
        await bring_key(work, a_proof(home, actor.id, keys))
        await retire_key(work, keys[0])
    for taken in (KEYS["lea"], keys):
        async with home.work(actor) as work:
            with pytest.raises(Conflict):
                await bring_key(work, a_proof(home, actor.id, taken))
    assert (await known(home, actor.id)).retired_keys == (keys[0],)


async def test_a_key_is_retired_by_its_owner_and_the_trust_files_there_alone(home: Home, sealer: Sealer) -> None:
    async with home.work() as work:
        await trust(work, [a_signer("lea")], "trust-file")
    lea, mia = await acting(home, "lea"), await acting(home, await an_account(home))
    own = await made(home, lea, sealer)
    person = await known(home, "lea")
    assert set(person.public_keys) == {KEYS["lea"][0], own}
    assert person.vouched_keys == (KEYS["lea"][0],)
    async with home.work(mia) as work:
        with pytest.raises(NotFound):
            await retire_key(work, own)
    async with home.work(lea) as work:
        with pytest.raises(Conflict, match="trust file"):
            await retire_key(work, KEYS["lea"][0])
    async with home.work(lea) as work:
        await retire_key(work, own)
    assert (await known(home, "lea")).public_keys == (KEYS["lea"][0],)


async def test_a_trust_file_with_a_new_key_leaves_those_made_here(home: Home, sealer: Sealer) -> None:
    async with home.work() as work:
        await trust(work, [a_signer("lea")], "trust-file")
    own = await made(home, await acting(home, "lea"), sealer)
    renewed = new_keys()[0]
    async with home.work() as work:
        await trust(work, [a_signer("lea", key=renewed)], "trust-file")
    person = await known(home, "lea")
    assert set(person.public_keys) == {renewed, own}
    assert person.retired_keys == (KEYS["lea"][0],)


async def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret"
    marks = await asyncio.gather(*(asyncio.to_thread(Sealer(path).mark, b"same") for _ in range(8)))
    assert len(set(marks)) == 1
    assert len(path.read_bytes()) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_secret_file_that_holds_something_else_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(Invalid, match="32 bytes"):
        Sealer(tmp_path / "secret").seal(b"", b"")


def test_what_is_sealed_differs_each_time_and_opens_again(sealer: Sealer) -> None:
    one, other = sealer.seal(b"secret", b"about"), sealer.seal(b"secret", b"about")
    assert one != other
    assert b"secret" not in one
    assert sealer.open(one, b"about") == sealer.open(other, b"about") == b"secret"
