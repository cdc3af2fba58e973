"""Rules of accounts: what roles allow together, and on which topics."""

from datetime import UTC, datetime, timedelta

import pytest

from kb.accounts.rules import HOUSE_WIDE, RIGHTS, actor_of, checked_grants, roles_end, session_end
from kb.accounts.types import Held, Person, Role, RoleGrant
from kb.base.work import EVERY_AUDIENCE, OPERATOR, Right

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BEFORE = NOW - timedelta(days=1)


def a_person(*roles: Held) -> Person:
    return Person("p-mia", "account", (), roles)


def held(role: Role, *topics: str, since: datetime = BEFORE, until: datetime | None = None) -> Held:
    return Held(role, topics or ("*",), since, until)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_on_every_topic_allows_what_the_table_says_without_limits(role: Role) -> None:
    actor = actor_of(a_person(held(role)), NOW)
    assert actor.rights == RIGHTS[role] | {Right.READ}
    assert actor.limits == {}
    assert actor.audiences == EVERY_AUDIENCE


def test_whoever_has_no_role_reads_and_nothing_else() -> None:
    assert actor_of(a_person(), NOW).rights == frozenset({Right.READ})


def test_roles_on_several_topics_add_up_right_by_right() -> None:
    actor = actor_of(a_person(held(Role.LEGAL, "cards"), held(Role.AUTHOR, "loans"), held(Role.BRAND, "cards")), NOW)
    assert actor.limits[Right.SIGN] == {"cards", "loans"}
    assert actor.limits[Right.WRITE] == {"loans"}
    assert actor.limits[Right.HISTORY] == {"cards"}
    assert Right.READ not in actor.limits


def test_a_role_on_every_topic_lifts_the_limit_of_one_on_some() -> None:
    actor = actor_of(a_person(held(Role.LEGAL, "cards"), held(Role.AUTHOR)), NOW)
    assert Right.SIGN not in actor.limits
    assert actor.limits[Right.HISTORY] == {"cards"}


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_what_has_no_topic_is_for_roles_on_all_of_them(role: Role) -> None:
    assert not actor_of(a_person(held(role, "cards")), NOW).rights & HOUSE_WIDE


def test_a_role_counts_from_its_beginning_and_before_its_end() -> None:
    person = a_person(held(Role.LEGAL, since=NOW, until=NOW + timedelta(days=1)))
    assert not person.holds("legal", "cards", BEFORE)
    assert person.holds("legal", "cards", NOW)
    assert not person.holds("legal", "cards", NOW + timedelta(days=1))
    assert not person.holds("legal", "cards")
    assert roles_end(person, NOW) == NOW + timedelta(days=1)
    assert Right.SIGN in actor_of(person, NOW).rights
    assert Right.SIGN not in actor_of(person, NOW + timedelta(days=1)).rights


def test_one_of_several_topics_is_enough() -> None:
    person = a_person(held(Role.LEGAL, "#abc"))
    assert person.holds("legal", ("cards", "#abc"), NOW)
    assert not person.holds("legal", ("cards", "#abd"), NOW)
    assert not person.holds("legal", "cards", NOW)


def test_a_session_ends_twelve_hours_after_its_use_and_a_week_after_its_beginning() -> None:
    assert session_end(NOW, NOW + timedelta(hours=5)) == NOW + timedelta(hours=17)
    assert session_end(NOW, NOW + timedelta(days=6, hours=20)) == NOW + timedelta(days=7)


def test_grants_of_one_role_become_one_with_its_topics_in_order() -> None:
    grants = [RoleGrant(Role.LEGAL, ("loans",)), RoleGrant(Role.BRAND), RoleGrant(Role.LEGAL, ("cards", "loans"))]
    assert checked_grants(grants) == (RoleGrant(Role.BRAND), RoleGrant(Role.LEGAL, ("cards", "loans")))
    assert checked_grants([RoleGrant(Role.LEGAL, ("cards", "*"))]) == (RoleGrant(Role.LEGAL),)


def test_the_operator_never_judges_in_a_persons_place() -> None:
    assert not OPERATOR.rights & {Right.SIGN, Right.WRITE, Right.COMMENT, Right.REDACT, Right.INVITED}
