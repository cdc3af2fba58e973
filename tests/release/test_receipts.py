"""Receipts: what a rendition was made from and who signed it, provable from the file and one public key alone."""

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kb.accounts.actions import trust
from kb.accounts.signing import Sealer
from kb.accounts.types import Role, RoleGrant, Signer
from kb.base.errors import NotFound
from kb.base.hashing import canonical
from kb.base.work import OPERATOR, Actor, Right
from kb.entries.types import Audience
from kb.release.installation import Signing, rotate, signed_bytes, signing
from kb.release.receipt_checks import check
from kb.release.receipt_types import Receipt
from kb.release.receipts import receipt
from kb.rest.receipt_page import POLICY, page
from kb.review import actions as review
from kb.review.signatures import new_keys, sign, sign_verification, sign_waiver
from kb.review.types import SignOff, Verification, Waiver
from tests.builders import (
    KEYS,
    Home,
    a_claim,
    a_fact,
    a_live_answer,
    a_policy,
    a_signoff,
    an_answer,
    asked,
    changed,
    committed,
    live,
    payload,
    prepared,
    signed,
    withdrawn,
    written,
)
from tests.release.leaves_of_json import altered, places
from tests.release.living import POLICY as POLICY_OF_A_LIFE
from tests.release.living import an_emergency, carried_over
from tests.review.acting import acting

pytestmark = pytest.mark.both_databases

AUDITOR = Actor("p-auditor", frozenset({"public", "customer", "staff"}), frozenset({Right.AUDIT, Right.HISTORY}))
READER = Actor("p-reader", frozenset({"public"}), frozenset({Right.AUDIT}))


@pytest.fixture
async def signer(house: Home, tmp_path: Path) -> Signing:
    return await signing(house.sessions, Sealer(tmp_path / "secret"))


async def made(home: Home, signer: Signing, actor: Actor = OPERATOR, rendition: str = "", **place: Any) -> Receipt:
    if not rendition:
        served = await payload(home, **place)
        assert served is not None
        rendition = served["rendition"]
    async with home.reading() as connection:
        return await receipt(connection, signer, home.now, actor, rendition)


async def an_answer_with_inputs(home: Home) -> None:
    await live(home, a_fact(), a_claim(), an_answer(text="In {{fact:card.delivery}}. {{claim:free-atm}}"))
    await a_live_answer(home, "b")


async def test_a_receipt_proves_what_it_says_with_the_public_key_alone(house: Home, signer: Signing) -> None:
    await an_answer_with_inputs(house)
    one = await made(house, signer)
    found = check(one.written(), signer.key)
    assert found.wrong == ""
    assert len(found.proved) == 11
    assert [item.key for item in one.inputs[:1]] == ["card-arrival"]
    assert {item.key for item in one.inputs} >= {"card-arrival", "card.delivery", "free-atm"}
    assert {(off.by, off.role) for off in one.signoffs} == {("ana", "author"), ("lea", "legal")}
    assert not one.demo


async def test_each_rendition_of_a_release_has_its_own_path(house: Home, signer: Signing) -> None:
    await an_answer_with_inputs(house)
    for channel in ("voice", "chat", "social", "sms", "email", "faq"):
        one = await made(house, signer, question=asked(channel))
        assert check(one.written(), signer.key).wrong == ""
        assert one.served.facts.channel == channel


async def test_any_changed_byte_is_refused(house: Home, signer: Signing) -> None:
    await an_answer_with_inputs(house)
    whole = (await made(house, signer)).written()
    chosen = random.Random(8)
    for index in [*chosen.sample(range(len(whole)), 300), 0, len(whole) - 1]:
        flipped = bytearray(whole)
        flipped[index] ^= 1 << chosen.randrange(8)
        assert check(bytes(flipped), signer.key).wrong, index
    assert check(whole + b" ", signer.key).wrong
    assert check(whole[:-1], signer.key).wrong


async def test_any_changed_field_is_refused(house: Home, signer: Signing) -> None:
    await an_answer_with_inputs(house)
    value = msgspec.to_builtins(await made(house, signer))
    value = msgspec.json.decode(msgspec.json.encode(value))
    found = places(value)
    assert len(found) > 100
    for path in found:
        assert check(canonical(altered(value, path)), signer.key).wrong, path


FREE = {"issued_at", "served.closed_at", "served.closed_as", "format"}
"""What nothing else in a receipt has to agree with, when even the installation's own key has lied."""


async def test_not_even_the_installation_can_sign_a_receipt_that_contradicts_itself(
    house: Home, signer: Signing
) -> None:
    await an_answer_with_inputs(house)
    value = msgspec.json.decode((await made(house, signer)).written())
    for path in places(value):
        name = ".".join(step for step in path if isinstance(step, str))
        if path[0] in {"signature", "key", "introductions", "people"} or name in FREE or "policy" in name:
            continue
        try:
            lying = msgspec.convert(altered(value, path), Receipt)
        except msgspec.ValidationError:
            continue
        signed = msgspec.structs.replace(lying, signature=signer.sign(signed_bytes(lying, "signature")))
        wrong = check(signed.written(), signer.key).wrong
        assert wrong or name in UNTIED, name


UNTIED = {
    "inputs.key",
    "inputs.kind",
    "inputs.locale",
    "inputs.number",
    "approvals.class",
    "approvals.position",
    "approvals.asked.legal",
}
"""What the installation alone vouches for: names that hashes stand for, and what was asked at the time."""


async def test_a_receipt_is_refused_under_another_key(house: Home, signer: Signing) -> None:
    await a_live_answer(house)
    one = await made(house, signer)
    assert "neither" in check(one.written(), "A" * 43).wrong


async def test_receipts_survive_a_new_key_and_the_old_key_vouches_for_the_new(
    house: Home, signer: Signing, tmp_path: Path
) -> None:
    await a_live_answer(house)
    old = await made(house, signer)
    sealer = Sealer(tmp_path / "secret")
    async with house.work() as work:
        await rotate(work, sealer)
    fresh = await signing(house.sessions, sealer)
    new = await made(house, fresh)
    assert fresh.key != signer.key
    assert check(old.written(), signer.key).wrong == ""
    assert check(new.written(), fresh.key).wrong == ""
    assert check(new.written(), signer.key).wrong == ""
    assert check(old.written(), fresh.key).wrong != ""


async def test_a_missing_sign_off_is_told(house: Home, signer: Signing) -> None:
    await a_live_answer(house)
    one = await made(house, signer)
    lacking = msgspec.structs.replace(one, signoffs=tuple(off for off in one.signoffs if off.role != "legal"))
    signed = msgspec.structs.replace(lacking, signature=signer.sign(signed_bytes(lacking, "signature")))
    assert "lacks what its policy asked: legal" in check(signed.written(), signer.key).wrong


async def test_what_was_withdrawn_or_replaced_is_for_those_with_history(house: Home, signer: Signing) -> None:
    draft = await a_live_answer(house)
    first = await made(house, signer)
    await live(house, changed(draft, text="Your card is here."))
    for actor, text in ((OPERATOR, first), (AUDITOR, first)):
        again = await made(house, signer, actor, first.rendition)
        assert (again.payload, again.served.closed_as) == (text.payload, "replaced")
        assert check(again.written(), signer.key).wrong == ""
    with pytest.raises(NotFound):
        await made(house, signer, READER, first.rendition)
    current = await made(house, signer, READER)
    await withdrawn(house, "card-arrival")
    with pytest.raises(NotFound):
        await made(house, signer, READER, current.rendition)


async def test_what_is_not_for_an_audience_has_no_receipt_for_it(house: Home, signer: Signing) -> None:
    await live(house, an_answer(audience=Audience.STAFF))
    served = await payload(house, question=asked("agent", audiences=frozenset({"staff"})))
    assert served is not None
    with pytest.raises(NotFound):
        await made(house, signer, READER, served["rendition"])
    assert check((await made(house, signer, AUDITOR, served["rendition"])).written(), signer.key).wrong == ""


async def test_nothing_unreleased_stands_in_a_receipt(house: Home, signer: Signing) -> None:
    from_the_start = "Your card is on its way."
    draft = await a_live_answer(house, text=from_the_start, staff=None)
    await live(house, a_fact())
    await written(house, changed(draft, text="A canary in a draft."))
    assert b"canary" not in (await made(house, signer)).written()


async def test_an_unknown_rendition_has_no_receipt(house: Home, signer: Signing) -> None:
    with pytest.raises(NotFound):
        await made(house, signer, rendition="0" * 64)


async def test_the_page_says_the_same_without_a_script(house: Home, signer: Signing) -> None:
    await a_live_answer(house, text="Cards & more.")
    one = await made(house, signer)
    text = page(one, check(one.written(), signer.key)).decode()
    assert "<script" not in text
    assert "Cards &amp; more." in text
    for told in (one.rendition, one.signature, one.line.hash, "lea", "ana", one.leaf.row):
        assert told in text
    assert "default-src 'none'" in POLICY
    assert "unsafe" not in POLICY


# ---- what stands beside plain sign-offs ------------------------------------------------------------------------------


async def of_key(home: Home, signer: Signing, key: str) -> Receipt:
    """The receipt of what chat says of a key, which must hold."""
    served = await payload(home, key)
    assert served is not None
    one = await made(home, signer, rendition=served["rendition"])
    assert check(one.written(), signer.key).wrong == ""
    return one


async def test_a_sign_off_that_was_carried_over_is_proved_by_the_one_it_came_from(house: Home, signer: Signing) -> None:
    await live(house, a_policy(POLICY_OF_A_LIFE))
    outcome = await carried_over(house)
    one = await of_key(house, signer, "carried")
    (carried,) = one.carried
    assert (carried.hash, carried.role, carried.by, carried.change) == (
        outcome.revisions[0].hash,
        "legal",
        "lea",
        "typo",
    )
    assert [off.by for off in one.signoffs if (off.hash, off.role) == (carried.signed, "legal")] == ["lea"]
    assert not [off for off in one.signoffs if (off.hash, off.role) == (carried.hash, "legal")]
    forged = msgspec.structs.replace(one, carried=())
    signed = msgspec.structs.replace(forged, signature=signer.sign(signed_bytes(forged, "signature")))
    assert check(signed.written(), signer.key).wrong


async def test_a_verification_stands_in_the_receipt(house: Home, signer: Signing) -> None:
    outcome = await live(house, an_answer())
    house.clock.move(days=30)
    statement = Verification("card-arrival", "en-GB", outcome.revisions[0].hash, "legal", "lea", house.now, "")
    async with house.work(await acting(house, "lea")) as work:
        await review.verify(work, sign_verification(statement, KEYS["lea"][1]))
    one = await of_key(house, signer, "card-arrival")
    assert [told.by for told in one.verifications] == ["lea"]
    forged = msgspec.structs.replace(one.verifications[0], at="2027-01-01T00:00:00.000Z")
    lying = msgspec.structs.replace(one, verifications=(forged,))
    signed = msgspec.structs.replace(lying, signature=signer.sign(signed_bytes(lying, "signature")))
    assert "isn't signed by any of their keys" in check(signed.written(), signer.key).wrong


async def test_a_waiver_stands_in_the_receipt_with_its_reason(house: Home, signer: Signing) -> None:
    (revision,) = await written(house, an_answer())
    waiver = Waiver(
        "card-arrival", "en-GB", revision.hash, "negation-lost", "short", "<b>Meant</b>", "legal", "lea", house.now, ""
    )
    async with house.work() as work:
        assert not await review.sign(work, [], [sign_waiver(waiver, KEYS["lea"][1])])
    await signed(house, revision)
    await committed(house, await prepared(house, revision))
    one = await of_key(house, signer, "card-arrival")
    assert [told.reason for told in one.waivers] == ["<b>Meant</b>"]
    text = page(one, check(one.written(), signer.key)).decode()
    assert "<b>" not in text
    assert "&lt;b&gt;Meant&lt;/b&gt;" in text


async def test_what_went_live_in_an_emergency_says_so(house: Home, signer: Signing) -> None:
    await live(house, a_policy(POLICY_OF_A_LIFE))
    await an_emergency(house, "urgent")
    one = await of_key(house, signer, "urgent")
    (urgent,) = [told for told in one.approvals if told.hash == one.inputs[0].hash]
    assert (urgent.change, urgent.asked) == ("emergency", {"legal": 1})
    assert any("EMERGENCY" in line for line in check(one.written(), signer.key).proved)
    lacking = msgspec.structs.replace(one, signoffs=tuple(off for off in one.signoffs if off.role != "legal"))
    forged = msgspec.structs.replace(lacking, signature=signer.sign(signed_bytes(lacking, "signature")))
    assert "lacks what its policy asked: legal" in check(forged.written(), signer.key).wrong


async def test_a_demo_key_is_told(house: Home, signer: Signing) -> None:
    public, private = new_keys()
    async with house.work() as work:
        await trust(work, [Signer("dee", (RoleGrant(Role.LEGAL),), public)], "demo")
    (revision,) = await written(house, an_answer())
    statement = SignOff("card-arrival", "en-GB", revision.hash, "legal", "dee", house.now, "")
    async with house.work() as work:
        offs = [a_signoff(house, revision, "author", "ana"), sign(statement, private)]
        assert not await review.sign(work, offs)
    await committed(house, await prepared(house, revision))
    one = await of_key(house, signer, "card-arrival")
    assert one.demo
    assert any("DEMO" in line for line in check(one.written(), signer.key).proved)
    assert "DEMO" in page(one, check(one.written(), signer.key)).decode()
    hiding = msgspec.structs.replace(one, demo=False)
    forged = msgspec.structs.replace(hiding, signature=signer.sign(signed_bytes(hiding, "signature")))
    assert "demo" in check(forged.written(), signer.key).wrong
