"""A home in which everything has happened: every kind of act there is, so that every table holds something to be proved."""

from datetime import timedelta

import msgspec

from kb.accounts.api_keys import make_key, revoke_key, rotate_key
from kb.accounts.key_format import KeyKind
from kb.accounts.key_types import Scope, Wanted
from kb.accounts.people import add, erase, reinstate, set_roles, suspend
from kb.accounts.sign_in import confirm_session, end_session, start_session
from kb.accounts.signing import Sealer, retire_key
from kb.accounts.signing import make_key as make_signing_key
from kb.accounts.types import Role, RoleGrant
from kb.base.work import Actor, Right
from kb.entries.types import Draft, Emergency, Kind, Policy, PolicyRule, Revision
from kb.release.installation import rotate, signing
from kb.release.prepare import prepare
from kb.release.redact import ask, confirm
from kb.release.retire import retire
from kb.release.rollback import plan_rollback, roll_back
from kb.review import actions as review
from kb.review.comments import Remark
from kb.review.experts import Invitation
from kb.review.signatures import sign_verification, sign_waiver
from kb.review.types import Verification, Waiver
from tests.builders import (
    KEYS,
    Home,
    Outcome,
    a_claim,
    a_fact,
    a_live_answer,
    a_policy,
    a_translation,
    an_answer,
    changed,
    committed,
    lapsed,
    live,
    prepared,
    signed,
    trusted,
    withdrawn,
    written,
)
from tests.release.scheduling import cancelled, scheduled, worked
from tests.review.acting import acting, signed_in

ADA = Actor("ada", rights=frozenset({Right.REDACT}))
ADI = Actor("adi", rights=frozenset({Right.REDACT}))
CONTENT = tuple(kind for kind in Kind if kind is not Kind.HOUSE)
POLICY = Policy(
    rules=(
        PolicyRule(
            "law", {"legal": 1}, kinds=CONTENT, classes=("value", "disclosure", "modality", "wording", "metadata")
        ),
        PolicyRule("brand", {"brand": 1}, kinds=(Kind.NOTICE,)),
        PolicyRule("commas", {"brand": 1}, kinds=(Kind.ANSWER,), classes=("typo",)),
        PolicyRule("late", {"brand": 1}, kinds=(Kind.ANSWER,), topics=("late",)),
        PolicyRule("house", {"admin": 2}, kinds=(Kind.HOUSE,)),
    ),
    waivers=("legal",),
    emergency=Emergency({"legal": 1}, 48),
    due_days=1,
    escalate=("admin",),
)
"""A lawyer signs all content but commas, the brand those; what is late needs both, and may go live with a lawyer alone."""


async def everything(home: Home, sealer: Sealer) -> None:
    """Do it all; at the end nothing is asleep, and the clock has jumped back once."""
    await live(home, a_policy(POLICY))
    await _releases(home)
    await _reviews(home, sealer)
    await _schedules(home)
    await _an_emergency(home)
    home.clock.move(hours=-7)  # and nothing notices but the clock
    await _people(home, sealer)
    await _endings(home)
    await signing(home.sessions, sealer)
    async with home.work() as work:
        await rotate(work, sealer)


async def _releases(home: Home) -> None:
    arrival = an_answer(text="In {{fact:card.delivery}}. {{claim:free-atm}}")
    await live(home, a_fact(), a_claim(), arrival, a_translation(arrival, "En {{fact:card.delivery}}."))
    await a_live_answer(home, "rolled", "One.")
    second = await live(home, changed(an_answer("rolled", "One."), text="Two."))
    assert second.released is not None
    async with home.reading() as connection:
        planned = await plan_rollback(connection, second.released.id, home.clock.now(), ())
    async with home.work() as work:
        await roll_back(work, planned, "a test")


async def _reviews(home: Home, sealer: Sealer) -> None:
    """A waiver, a verification, a sign-off carried over, comments, a take handed back and one that isn't, an expert."""
    (waived,) = await written(home, an_answer("waived", "It may not be free."))
    place = ("waived", "en-GB", waived.hash)
    waiver = Waiver(*place, "negation-lost", "short", "It is meant.", "legal", "lea", home.now, "")
    async with home.work() as work:
        assert not await review.sign(work, [], [sign_waiver(waiver, KEYS["lea"][1])])
    verified = await live(home, an_answer("verified", "Still so."))
    home.clock.move(days=2)
    statement = Verification("verified", "en-GB", verified.revisions[0].hash, "legal", "lea", home.now, "")
    async with home.work(await acting(home, "lea")) as work:
        await review.verify(work, sign_verification(statement, KEYS["lea"][1]))
    await carried_over(home)
    (talked,) = await written(home, an_answer("talked", "Talk of it."))
    async with home.work(await acting(home, "lea")) as work:
        for text in ("Say it better.", "Erase me.", "Open."):
            last = await review.comment(
                work, talked.hash, Remark(text=text, field="text", start=0, end=4, quote="Talk")
            )
            if text == "Say it better.":
                await review.resolve(work, talked.hash, last)
            if text == "Erase me.":
                erased = last
        await review.take(work, talked.hash, Role.LEGAL)
        await review.hand_back(work, talked.hash, Role.LEGAL)
        await review.take(work, talked.hash, Role.LEGAL)
    async with home.work(ADA) as work:
        await review.erase(work, [erased])
    async with home.work(await acting(home, "ada")) as work:
        wanted = Invitation(role="legal", expires_at=work.now + timedelta(days=2), signs=True)
        await review.invite(work, sealer, talked.hash, wanted)
    await worked(home)


async def carried_over(home: Home, key: str = "carried") -> Outcome:
    """An answer signed by a lawyer whose sign-off was carried over a mended comma."""
    first = an_answer(key, "Your card is on its way.", topic="late")
    (before,) = await written(home, first)
    await signed(home, before, signers=[("lea", "legal")])
    return await live(home, changed(first, text="Your card is on its way!"), signers=[("bea", "brand")])


async def _schedules(home: Home) -> None:
    """One released, a hard one released, one cancelled, one failed, one to come."""
    await live(home, an_answer("planned", "Before."))
    soon = home.clock.now() + timedelta(hours=2)
    for hard, text in ((False, "After."), (True, "Later.")):
        ready = await _approved(home, changed(an_answer("planned", "Before."), text=text))
        await scheduled(home, soon, ready, hard=hard)
        home.clock.move(hours=3)
        assert (await worked(home)).released
        soon += timedelta(hours=4)
    ready = await _approved(home, an_answer("called-off", "Never."))
    await cancelled(home, (await scheduled(home, soon, ready, hard=True)).id)
    await live(home, a_fact("failing"))
    ready = await _approved(home, an_answer("fails", "In {{fact:failing}}."))
    await scheduled(home, soon, ready)
    await withdrawn(home, "failing")
    home.clock.move(hours=4)
    assert (await worked(home)).failed
    await scheduled(home, home.clock.now() + timedelta(days=9), await _approved(home, an_answer("to-come", "Soon.")))


async def _approved(home: Home, draft: Draft) -> Revision:
    (revision,) = await written(home, draft)
    assert not await signed(home, revision)
    return revision


async def an_emergency(home: Home, key: str) -> Revision:
    """An answer that went live on a lawyer's word alone."""
    (urgent,) = await written(home, an_answer(key, "Call us now.", topic="late"))
    await signed(home, urgent, signers=[("lea", "legal")])
    async with home.reading() as connection:
        ready = await prepare(connection, [urgent.hash], home.clock.now(), emergency=True)
    assert ready.blocked == ()
    await committed(home, ready)
    return urgent


async def _an_emergency(home: Home) -> None:
    """One that is confirmed and lifted, one that lapses, one that is told to be overdue."""
    first = await an_emergency(home, "confirmed")
    await signed(home, first, signers=[("bea", "brand")])
    await committed(home, await prepared(home, first))
    await an_emergency(home, "unconfirmed")
    home.clock.move(hours=49)
    await worked(home)
    await lapsed(home)
    await an_emergency(home, "urgent")


async def _people(home: Home, sealer: Sealer) -> None:
    async with home.work() as work:
        eve = await add(work, "Eve", "eve@larkfield.example", [RoleGrant(Role.EDITOR)])
        await set_roles(work, eve, [RoleGrant(Role.LEGAL, ("cards",))])
        await start_session(work, eve, "link")
        await suspend(work, eve)
        await reinstate(work, eve)
        bob = await add(work, "Bob", "bob@larkfield.example", [RoleGrant(Role.EDITOR)])
        await erase(work, bob)
        cyd = await add(work, "Cyd", "cyd@larkfield.example", [RoleGrant(Role.EDITOR)])
        await suspend(work, cyd)
        wanted = Wanted(kind=KeyKind.SECRET, name="a bot", owner="lea", scope=Scope(channels=("chat",)))
        made = (await make_key(work, wanted)).key
        await rotate_key(work, made.id, work.now + timedelta(days=1))
        ended = msgspec.structs.replace(wanted, expires_at="2027-01-01T00:00:00.000Z")
        await revoke_key(work, (await make_key(work, ended)).key.id)
    async with home.work(await signed_in(home, "lea")) as work:
        await confirm_session(work)
        await make_signing_key(work, sealer)
        await retire_key(work, await make_signing_key(work, sealer))
    async with home.work(await signed_in(home, "lea")) as work:
        await end_session(work)
    await trusted(home, people=["ana", "ben", "lea", "bea", "ada", "adi"])


async def _endings(home: Home) -> None:
    gone = await live(home, an_answer("old", "Old."))
    async with home.work(await acting(home, "lea")) as work:
        await review.comment(work, gone.revisions[0].hash, Remark(text="Is this still so?"))
    await live(home, changed(an_answer("old", "Old."), text="New."))
    await a_live_answer(home, "retired", "Say this.")
    await a_live_answer(home, "instead", "Say that.")
    async with home.work() as work:
        await retire(work, "retired", "instead", "a test")
    await a_live_answer(home, "retired", "Say this again.")
    await a_live_answer(home, "retired-for-good", "Say this.")
    async with home.work() as work:
        await retire(work, "retired-for-good", "instead", "a test")
    await withdrawn(home, "card-arrival")
    async with home.work(ADA) as work:
        asked = await ask(work, gone.revisions[0].hash, "a test")
    async with home.work(ADI) as work:
        await confirm(work, asked.id)
