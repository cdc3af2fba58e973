"""Reasons before the act: every step from every state, and every kind of person, derived from the table of moves."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

import msgspec
import pytest

from kb.accounts.rules import actor_of
from kb.accounts.types import Held, Person, Role
from kb.base.errors import Code, Conflict, Forbidden
from kb.base.work import ANONYMOUS, OPERATOR, Actor
from kb.entries.types import Content, Draft, Kind, Revision
from kb.review.rules import MOVES, RELEASE_STEPS, error_of, open_roles, why_not
from kb.review.types import Act, ChangeClass, Dossier, Review, SignOff, Someone, Standing, State, Step

NOW = datetime(2026, 1, 6, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
HASH = "0" * 64


def a_dossier(state: State = State.IN_REVIEW, **other: Any) -> Dossier:
    draft = Draft("card-arrival", Kind.ANSWER, "en-GB", "ana", Content(topic="cards"))
    review = Review("card-arrival", "en-GB", HASH, 1, state, 7)
    change, signed = other.pop("change", ChangeClass.VALUE), other.pop("signed", ())
    missing = other.pop("missing", {"legal": 1})
    standing = Standing(state, change, signed, missing)
    fields: dict[str, Any] = {"topics": frozenset({"cards"}), "verifiers": frozenset({"legal"}), "waivers": ("legal",)}
    fields |= other
    return Dossier(
        Revision(draft, 1, HASH, 5, NOW), review, "cards", frozenset({"ana"}), {"legal": 1}, standing, **fields
    )


def someone(name: str, *roles: Role, topics: tuple[str, ...] = ("*",), fresh: bool = True, **other: Any) -> Someone:
    held = tuple(Held(role, topics, SINCE, None) for role in roles)
    person = msgspec.structs.replace(Person(name, "account", ("key",), held), **other)
    return Someone(actor_of(person, NOW), person, fresh)


ANA = someone("ana", Role.AUTHOR)
LEA = someone("lea", Role.LEGAL)


def codes(dossier: Dossier, who: Someone | Person | Actor, step: Step | Act, role: str = "") -> set[str]:
    return {reason.code for reason in why_not(dossier, who, step, NOW, role)}


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_the_state_is_a_reason_exactly_where_the_table_has_no_move(state: State, step: Step) -> None:
    found = codes(a_dossier(state), LEA, step)
    assert ("state" in found) is ((state, step) not in MOVES)
    assert ("release-takes-it" in found) is (step in RELEASE_STEPS)


@pytest.mark.parametrize(("state", "step"), sorted(MOVES))
def test_every_move_that_is_no_release_is_open_to_somebody(state: State, step: Step) -> None:
    lacking = {} if step is Step.APPROVE else {"legal": 1}
    open_to = [who for who in (ANA, LEA) if not codes(a_dossier(state, missing=lacking), who, step)]
    assert bool(open_to) is (step not in RELEASE_STEPS)


@pytest.mark.parametrize(
    ("who", "step", "code"),
    [
        (ANA, Step.SUBMIT, ""),
        (LEA, Step.SUBMIT, "right"),
        (Someone(OPERATOR), Step.SUBMIT, ""),
        (Someone(ANONYMOUS), Step.SUBMIT, "right"),
        (someone("ana", Role.AUTHOR, topics=("loans",)), Step.SUBMIT, "right"),
        (someone("ana", Role.AUTHOR, suspended=True), Step.SUBMIT, "suspended"),
    ],
)
def test_who_may_submit_a_draft(who: Someone, step: Step, code: str) -> None:
    assert codes(a_dossier(State.DRAFT), who, step) == ({code} if code else set())


@pytest.mark.parametrize(
    ("who", "step", "expected"),
    [
        (ANA, Step.TAKE_BACK, set()),
        (someone("ben", Role.AUTHOR), Step.TAKE_BACK, {"not-contributor"}),
        (LEA, Step.REQUEST_CHANGES, set()),
        (someone("eva", Role.EDITOR), Step.REQUEST_CHANGES, set()),
        (someone("bea", Role.BRAND), Step.REQUEST_CHANGES, {"role"}),
        (ANA, Step.REQUEST_CHANGES, {"contributed"}),
        (someone("pia", Role.PUBLISHER), Step.REQUEST_CHANGES, {"right", "role"}),
    ],
)
def test_who_may_move_what_is_in_review(who: Someone, step: Step, expected: set[str]) -> None:
    assert codes(a_dossier(), who, step) == expected


LEGAL_ALREADY = SignOff("card-arrival", "en-GB", HASH, "legal", "lea", "2026-01-06T09:00:00.000Z", "x")


@pytest.mark.parametrize(
    ("who", "role", "other", "expected"),
    [
        (LEA, "legal", {}, set()),
        (LEA, "", {}, set()),
        (LEA, "brand", {}, {"role"}),
        (ANA, "author", {}, set()),
        (ANA, "", {}, set()),
        (ANA, "legal", {}, {"contributed", "role"}),
        (LEA, "author", {}, {"not-contributor"}),
        (someone("leo", Role.LEGAL, topics=("loans",)), "legal", {}, {"right", "role"}),
        (someone("lea", Role.LEGAL, suspended=True), "legal", {}, {"suspended"}),
        (someone("lea", Role.LEGAL, public_keys=()), "legal", {}, {"no-key"}),
        (LEA, "legal", {"signed": (LEGAL_ALREADY,)}, {"already-signed"}),
        (someone("lea", Role.LEGAL, fresh=False), "legal", {}, {"reauthenticate"}),
        (someone("lea", Role.LEGAL, fresh=False), "legal", {"change": ChangeClass.DISCLOSURE}, {"reauthenticate"}),
        (someone("lea", Role.LEGAL, fresh=False), "legal", {"change": ChangeClass.WORDING}, set()),
        (Someone(ANONYMOUS), "legal", {}, {"right", "nobody"}),
    ],
)
def test_every_reason_against_signing_is_told_at_once(
    who: Someone, role: str, other: dict[str, Any], expected: set[str]
) -> None:
    assert codes(a_dossier(**other), who, Act.SIGN, role) == expected


def test_an_emergency_that_is_live_can_be_signed_until_it_is_confirmed() -> None:
    assert codes(a_dossier(State.LIVE), LEA, Act.SIGN, "legal") == {"state"}
    assert codes(a_dossier(State.LIVE, emergency=True), LEA, Act.SIGN, "legal") == set()


def test_the_topics_of_dependents_count_for_the_right_and_the_role() -> None:
    leaning = a_dossier(topics=frozenset({"cards", "loans"}))
    assert codes(leaning, someone("leo", Role.LEGAL, topics=("loans",)), Act.SIGN, "legal") == set()


def test_approval_tells_what_it_waits_for() -> None:
    waiting = a_dossier(missing={"legal": 1, "brand": 2}, blocking=("c1",))
    assert [reason.code for reason in why_not(waiting, ANA, Step.APPROVE, NOW)] == [
        "unsigned",
        "unsigned",
        "comments-open",
    ]


def test_the_roles_in_which_somebody_can_sign_now() -> None:
    assert open_roles(a_dossier(), LEA, NOW) == ("legal",)
    assert open_roles(a_dossier(), ANA, NOW) == ("author",)
    assert open_roles(a_dossier(), someone("bea", Role.BRAND), NOW) == ()


def test_an_outside_expert_may_sign_or_only_comment_on_that_revision() -> None:
    limits = {"invited": frozenset({f"#{HASH}"})}
    held = (Held(Role.LEGAL, (f"#{HASH}",), SINCE, NOW.replace(year=2027)),)
    expert = Someone(
        Actor("p-x", rights=frozenset({"invited"}), limits=limits), Person("p-x", "expert", ("key",), held), True
    )
    assert codes(a_dossier(), expert, Act.SIGN, "legal") == set()
    assert codes(a_dossier(), msgspec.structs.replace(expert, signs=False), Act.SIGN, "legal") == {"right"}
    assert codes(a_dossier(), msgspec.structs.replace(expert, signs=False), Act.COMMENT) == set()
    elsewhere = msgspec.structs.replace(
        a_dossier(), revision=msgspec.structs.replace(a_dossier().revision, hash="1" * 64)
    )
    assert "right" in codes(elsewhere, expert, Act.SIGN, "legal")
    assert codes(a_dossier(), expert, Act.WAIVE, "legal") == {"right"}


def test_reasons_of_person_are_forbidden_those_of_time_a_conflict() -> None:
    def error(*reasons: str) -> Exception:
        found = [one for who in (LEA, ANA, someone("lea", Role.LEGAL, fresh=False)) for one in _all(who)]
        return error_of([next(one for one in found if one.code == code) for code in reasons])

    def _all(who: Someone) -> tuple[Any, ...]:
        return (*why_not(a_dossier(), who, Act.SIGN, NOW, "legal"), *why_not(a_dossier(), who, Step.RELEASE, NOW))

    assert isinstance(error("state"), Conflict)
    assert isinstance(error("contributed", "role"), Forbidden)
    again = error("reauthenticate")
    assert isinstance(again, Forbidden)
    assert again.code is Code.REAUTHENTICATE


def test_a_bare_person_is_judged_by_roles_and_keys_and_a_bare_actor_by_rights() -> None:
    assert LEA.person is not None
    assert codes(a_dossier(), LEA.person, Act.SIGN, "legal") == set()
    assert codes(a_dossier(State.DRAFT), ANA.actor, Step.SUBMIT) == set()
    assert codes(a_dossier(State.DRAFT), ANONYMOUS, Step.SUBMIT) == {"right"}
