"""What the policy asks: rules that match add up, and before any policy two administrators are asked."""

from typing import Any

import pytest

from kb.channels.types import EmailParts, VoicePrompts, Wording
from kb.entries.types import Content, Kind, Policy, PolicyRule
from kb.review.policy import asked
from kb.review.types import ChangeClass

CONTENT = Content(topic="cards", wording=Wording("Soon."))


def wanted(*rules: PolicyRule, content: Content = CONTENT, change: ChangeClass = ChangeClass.VALUE) -> dict[str, int]:
    return asked(Policy(rules=rules), Kind.ANSWER, content, change)


def test_without_a_policy_two_administrators_sign_a_house_document() -> None:
    assert asked(None, Kind.HOUSE, CONTENT, ChangeClass.TYPO) == {"admin": 2}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.HOUSE])
def test_without_a_policy_nobody_can_approve_anything_else(kind: Kind) -> None:
    assert asked(None, kind, CONTENT, ChangeClass.TYPO) == {"policy": 1}


def test_all_rules_that_match_add_up() -> None:
    found = wanted(
        PolicyRule("a", {"legal": 1}), PolicyRule("b", {"brand": 1, "legal": 2}), PolicyRule("c", {"legal": 1})
    )
    assert found == {"legal": 2, "brand": 1}


COMMA = ChangeClass.TYPO
NOBODY = {"policy": 1}
"""What no person's sign-off makes up for."""


def test_what_a_policy_says_nothing_of_cannot_be_approved() -> None:
    assert wanted(PolicyRule("a", {"legal": 1}, kinds=(Kind.FACT,))) == NOBODY
    assert wanted(PolicyRule("a", {"author": 1})) == NOBODY | {"author": 1}


def test_a_class_that_no_rule_speaks_of_is_asked_like_a_value_and_a_comma_of_nobody_but_the_author() -> None:
    rule = PolicyRule("a", {"legal": 1}, classes=("value",))
    asked_of = {change: wanted(rule, change=change) for change in ChangeClass}
    graver = {ChangeClass.VALUE, ChangeClass.DISCLOSURE, ChangeClass.MODALITY, ChangeClass.WORDING}
    assert {change for change, roles in asked_of.items() if roles == {"legal": 1}} == graver
    assert all(asked_of[change] == {} for change in {*ChangeClass} - graver)


def test_a_house_document_that_no_rule_speaks_of_needs_two_administrators() -> None:
    policy = Policy(rules=(PolicyRule("house", {"legal": 1}, kinds=(Kind.HOUSE,), topics=("house",)),))
    assert asked(policy, Kind.HOUSE, CONTENT, COMMA) == {"admin": 2}


def test_the_rules_of_what_is_replaced_are_asked_too() -> None:
    here = PolicyRule("here", {"brand": 1}, topics=("blog",))
    there = PolicyRule("there", {"legal": 1}, topics=("cards",), channels=("sms",))
    moved = Content(topic="blog", wording=Wording("Soon."))
    before = Content(topic="cards", wording=Wording("Soon.", overrides={"sms": "Soon"}))
    found = asked(Policy(rules=(here, there)), Kind.ANSWER, moved, ChangeClass.VALUE, replaced=(before,))
    assert found == {"brand": 1, "legal": 1}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"kinds": (Kind.ANSWER, Kind.FACT)}, True),
        ({"kinds": (Kind.FACT,)}, False),
        ({"topics": ("cards",)}, True),
        ({"topics": ("loans",)}, False),
        ({"classes": ("value", "typo")}, True),
        ({"classes": ("typo",)}, False),
        ({"kinds": (Kind.ANSWER,), "topics": ("loans",)}, False),
        ({"channels": ("sms",)}, False),
    ],
)
def test_every_condition_of_a_rule_must_hold(condition: dict[str, Any], holds: bool) -> None:
    assert wanted(PolicyRule("a", {"legal": 1}, **condition)) == ({"legal": 1} if holds else NOBODY)


@pytest.mark.parametrize(
    ("content", "channel"),
    [
        (Content(wording=Wording("x", overrides={"sms": "x"})), "sms"),
        (Content(wording=Wording("x", overrides={"social/bluesky": "x"})), "social"),
        (Content(wording=Wording("x"), alternates=(Wording("y", overrides={"sms": "y"}),)), "sms"),
        (Content(wording=Wording("x", spoken="y")), "voice"),
        (Content(wording=Wording("x"), voice=VoicePrompts(no_input=("y",))), "voice"),
        (Content(wording=Wording("x"), email=EmailParts(subject="y")), "email"),
    ],
)
def test_a_rule_for_a_channel_speaks_of_what_was_written_for_it(content: Content, channel: str) -> None:
    assert wanted(PolicyRule("a", {"brand": 1}, channels=(channel, "faq")), content=content) == {"brand": 1}
    assert wanted(PolicyRule("a", {"brand": 1}, channels=("faq",)), content=content) == NOBODY
