"""The workflow as a table, who may sign what, and who may waive: every state with every step."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import msgspec
import pytest

from kb.accounts.types import Held, Person, Role
from kb.base.errors import Conflict
from kb.review.rules import MOVES, RELEASE_STEPS, counts, missing, move, waiver_counts
from kb.review.signatures import new_keys, sign, sign_waiver, verifies
from kb.review.types import SignOff, State, Step, Waiver

S, T = State, Step
TABLE = {
    S.DRAFT: {T.SUBMIT: S.IN_REVIEW},
    S.IN_REVIEW: {
        T.TAKE_BACK: S.DRAFT,
        T.REQUEST_CHANGES: S.CHANGES_REQUESTED,
        T.APPROVE: S.APPROVED,
        T.RELEASE_EMERGENCY: S.LIVE,
    },
    S.CHANGES_REQUESTED: {T.SUBMIT: S.IN_REVIEW, T.TAKE_BACK: S.DRAFT},
    S.APPROVED: {T.REQUEST_CHANGES: S.CHANGES_REQUESTED, T.SCHEDULE: S.SCHEDULED, T.RELEASE: S.LIVE},
    S.SCHEDULED: {T.CANCEL: S.APPROVED, T.RELEASE: S.LIVE},
    S.LIVE: {
        T.SUPERSEDE: S.SUPERSEDED,
        T.SUSPEND: S.SUSPENDED,
        T.EXPIRE: S.EXPIRED,
        T.WITHDRAW: S.WITHDRAWN,
        T.RETIRE: S.RETIRED,
    },
    S.SUSPENDED: {T.REOPEN: S.LIVE, T.SUPERSEDE: S.SUPERSEDED, T.WITHDRAW: S.WITHDRAWN, T.RETIRE: S.RETIRED},
    S.EXPIRED: {T.SUPERSEDE: S.SUPERSEDED, T.WITHDRAW: S.WITHDRAWN, T.RETIRE: S.RETIRED},
    S.SUPERSEDED: {T.ROLL_BACK: S.LIVE},
    S.WITHDRAWN: {},
    S.RETIRED: {},
}
"""What a product owner was told, written down again by hand."""


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_every_step_from_every_state_leads_where_it_should_or_is_refused(state: State, step: Step) -> None:
    if step in TABLE[state]:
        assert move(state, step) is TABLE[state][step]
    else:
        with pytest.raises(Conflict, match=f"a revision that is {state} can't take the step {step}"):
            move(state, step)


def test_a_refusal_names_the_steps_that_are_open() -> None:
    with pytest.raises(Conflict, match="open to it: cancel, release"):
        move(S.SCHEDULED, T.APPROVE)
    with pytest.raises(Conflict, match="open to it: none"):
        move(S.WITHDRAWN, T.REOPEN)


def test_whatever_changes_what_is_served_is_a_step_of_release() -> None:
    served = {step for (state, step), target in MOVES.items() if S.LIVE in (state, target)}
    assert served <= RELEASE_STEPS
    assert not RELEASE_STEPS & {T.SUBMIT, T.APPROVE, T.REQUEST_CHANGES, T.TAKE_BACK}


def test_nothing_goes_live_but_from_a_state_that_was_approved_or_in_an_emergency() -> None:
    steps = {(state, step) for (state, step), target in MOVES.items() if target is S.LIVE}
    assert steps - {(S.IN_REVIEW, T.RELEASE_EMERGENCY)} == {
        (S.APPROVED, T.RELEASE),
        (S.SCHEDULED, T.RELEASE),
        (S.SUSPENDED, T.REOPEN),
        (S.SUPERSEDED, T.ROLL_BACK),
    }


# ---- sign-offs -------------------------------------------------------------------------------------------------------

PUBLIC, PRIVATE = new_keys()
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def a_person(*roles: Role, topics: tuple[str, ...] = ("*",), until: datetime | None = None) -> Person:
    return Person("lea", "trust-file", (PUBLIC,), tuple(Held(role, topics, SINCE, until) for role in roles))


def a_signoff(role: str = "legal", **other: Any) -> SignOff:
    statement = SignOff("a", "en-GB", "0" * 64, role, "lea", "2026-01-05T09:00:00.000Z", "")
    return msgspec.structs.replace(sign(statement, PRIVATE), **other)


LAWYER = a_person(Role.LEGAL)
ANA = frozenset({"ana"})


def refusal(signoff: SignOff, person: Person | None, contributors: frozenset[str] = ANA, topic: str = "cards") -> str:
    found = counts(signoff, person, contributors, topic)
    return found.code if found else ""


def test_a_sign_off_by_someone_else_in_a_role_they_hold_counts() -> None:
    assert refusal(a_signoff(), LAWYER) == ""


def test_a_stranger_is_no_signer() -> None:
    assert refusal(a_signoff(), None) == "signer-unknown"


def test_whoever_contributed_signs_in_no_role_but_author() -> None:
    assert refusal(a_signoff(), LAWYER, frozenset({"ana", "lea"})) == "signer-contributed"
    assert refusal(a_signoff("author"), LAWYER, frozenset({"ana", "lea"})) == ""


def test_nobody_signs_as_the_author_of_what_they_did_not_write() -> None:
    assert refusal(a_signoff("author"), LAWYER) == "signer-not-author"


@pytest.mark.parametrize(
    "other",
    [{"role": "brand"}, {"hash": "1" * 64}, {"key": "b"}, {"locale": "es-ES"}, {"at": "2026-01-06T09:00:00.000Z"}],
)
def test_a_signature_holds_for_exactly_what_was_signed(other: dict[str, str]) -> None:
    signoff = msgspec.structs.replace(a_signoff(), **other)
    assert not verifies(signoff, PUBLIC)
    assert refusal(signoff, a_person(Role.LEGAL, Role.BRAND)) == "signature-wrong"


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64url!", "A" * 86])
def test_a_made_up_signature_is_refused(signature: str) -> None:
    assert refusal(a_signoff(signature=signature), LAWYER) == "signature-wrong"


def test_another_key_than_the_trusted_one_is_refused() -> None:
    stranger = Person("lea", "trust-file", (new_keys()[0],), LAWYER.roles)
    assert refusal(a_signoff(), stranger) == "signature-wrong"


def test_any_key_the_person_ever_had_verifies() -> None:
    renewed = Person("lea", "trust-file", (new_keys()[0], PUBLIC), LAWYER.roles)
    assert refusal(a_signoff(), renewed) == ""


@pytest.mark.parametrize(
    "person",
    [
        a_person(Role.BRAND),
        a_person(),
        a_person(Role.LEGAL, topics=("loans",)),
        a_person(Role.LEGAL, until=datetime(2026, 1, 2, tzinfo=UTC)),
    ],
)
def test_a_role_must_be_held_on_the_topic_when_signing(person: Person) -> None:
    assert refusal(a_signoff(), person) == "role-not-held"


def test_a_suspended_person_signs_nothing_new_and_what_they_signed_stands() -> None:
    suspended = msgspec.structs.replace(LAWYER, suspended=True)
    assert refusal(a_signoff(), suspended) == "signer-suspended"
    assert counts(a_signoff(), suspended, ANA, "cards", held=False) is None


@pytest.mark.parametrize(
    ("origin", "vouched", "code"),
    [
        ("trust-file", (PUBLIC,), ""),
        ("demo", (PUBLIC,), ""),
        ("account", (PUBLIC,), "signer-not-vouched"),
        ("trust-file", (), "signer-not-vouched"),
    ],
)
@pytest.mark.parametrize("held", [True, False])
def test_before_a_policy_is_in_force_only_people_of_the_trust_file_sign_as_admin(
    origin: str, vouched: tuple[str, ...], code: str, held: bool
) -> None:
    admin = msgspec.structs.replace(a_person(Role.ADMIN), origin=origin, vouched_keys=vouched)
    found = counts(a_signoff("admin"), admin, ANA, "", held=held, first=True)
    assert (found.code if found else "") == code


def test_an_outside_experts_role_counts_on_the_revision_until_its_link_ends() -> None:
    end = SINCE + timedelta(days=3)
    expert = a_person(Role.LEGAL, topics=("#abc",), until=end)
    for moment, topics, code in (
        (SINCE, {"cards", "#abc"}, ""),
        (SINCE, {"cards", "#def"}, "role-not-held"),
        (end, {"cards", "#abc"}, "role-not-held"),
    ):
        found = counts(a_signoff(), expert, ANA, topics, at=moment)
        assert (found.code if found else "") == code


def test_a_role_lost_later_does_not_unsign() -> None:
    former = a_person(Role.LEGAL, until=datetime(2026, 2, 1, tzinfo=UTC))
    assert counts(a_signoff(), former, ANA, "cards", held=False) is None


@pytest.mark.parametrize(
    ("asked", "signed", "lacking"),
    [
        ({}, [], {"author": 1}),
        ({}, [("author", "ana")], {}),
        ({}, [("author", "ben")], {"author": 1}),
        ({"author": 2}, [("author", "ana")], {"author": 1}),
        ({"author": 2}, [("author", "ben"), ("author", "cat")], {"author": 1}),
        ({"legal": 2}, [("author", "ana"), ("legal", "lea")], {"legal": 1}),
        ({"legal": 2}, [("author", "ana"), ("legal", "lea"), ("legal", "lea")], {"legal": 1}),
        ({"legal": 2}, [("author", "ana"), ("legal", "lea"), ("legal", "leo")], {}),
        ({"legal": 1, "brand": 1}, [("author", "ana"), ("brand", "bea"), ("brand", "bob")], {"legal": 1}),
    ],
)
def test_what_is_missing_counts_distinct_people(
    asked: dict[str, int], signed: list[tuple[str, str]], lacking: dict[str, int]
) -> None:
    assert missing(asked, [a_signoff(role, by=by) for role, by in signed], "ana") == lacking


# ---- waivers ---------------------------------------------------------------------------------------------------------


def a_waiver(**other: Any) -> Waiver:
    values: dict[str, Any] = {
        "key": "a",
        "locale": "en-GB",
        "hash": "0" * 64,
        "code": "negation-lost",
        "field": "short",
    }
    values |= {"reason": "said by the picture", "role": "legal", "by": "lea", "at": "2026-01-05T09:00:00.000Z"}
    return sign_waiver(Waiver(**(values | other), signature=""), PRIVATE)


def waived(waiver: Waiver, person: Person | None = LAWYER, contributors: frozenset[str] = ANA) -> str:
    found = waiver_counts(waiver, person, contributors, "cards", ("legal",))
    return found.code if found else ""


def test_a_waiver_by_a_role_the_policy_names_counts() -> None:
    assert waived(a_waiver()) == ""


@pytest.mark.parametrize(
    ("waiver", "person", "contributors", "code"),
    [
        (a_waiver(role="brand"), a_person(Role.BRAND), ANA, "waiver-role"),
        (a_waiver(), LAWYER, frozenset({"lea"}), "signer-contributed"),
        (a_waiver(), None, ANA, "role-not-held"),
        (a_waiver(), a_person(Role.BRAND), ANA, "role-not-held"),
        (a_waiver(reason=" "), LAWYER, ANA, "reason-missing"),
        (a_waiver(code="fact-missing"), LAWYER, ANA, "never-waived"),
        (a_waiver(code="disclosure-missing"), LAWYER, ANA, "never-waived"),
        (a_waiver(), msgspec.structs.replace(LAWYER, suspended=True), ANA, "signer-suspended"),
        (msgspec.structs.replace(a_waiver(), field="text"), LAWYER, ANA, "signature-wrong"),
        (msgspec.structs.replace(a_waiver(), reason="other"), LAWYER, ANA, "signature-wrong"),
    ],
)
def test_any_other_waiver_is_refused(
    waiver: Waiver, person: Person | None, contributors: frozenset[str], code: str
) -> None:
    assert waived(waiver, person, contributors) == code


def test_where_the_policy_names_no_role_nothing_is_waived() -> None:
    found = waiver_counts(a_waiver(), LAWYER, ANA, "cards", ())
    assert found is not None
    assert found.code == "waiver-role"
