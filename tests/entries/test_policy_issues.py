"""A policy that makes no sense blocks, and its new parts leave the hash of older documents alone."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from kb.accounts.types import Role
from kb.base.hashing import canonical
from kb.entries.policy_issues import CLASSES, ROLES, policy_issues
from kb.entries.rules import shape_issues
from kb.entries.types import Emergency, House, Kind, Policy, PolicyRule
from kb.files.read import read
from kb.review.types import ChangeClass
from tests.builders import POLICY, a_policy

CONTENT = Path(__file__).parents[2] / "content"
RULE = PolicyRule("all", {"legal": 1})


def test_the_words_are_those_of_accounts_and_review() -> None:
    assert set(ROLES) == {role.value for role in Role}
    assert set(CLASSES) == {change.value for change in ChangeClass}


def test_the_policy_of_every_test_and_of_the_demo_has_no_issue() -> None:
    (demo,) = [one.draft for one in read(CONTENT).drafts if one.draft.key == "policy"]
    assert demo.content.house is not None
    assert demo.content.house.policy is not None
    assert policy_issues(demo.content.house.policy) == ()
    assert policy_issues(POLICY) == ()


def test_parts_that_are_left_out_are_left_out_of_what_is_signed() -> None:
    written = canonical(msgspec.to_builtins(House(policy=Policy(rules=(RULE,)))))
    assert written == b'{"policy":{"rules":[{"name":"all","roles":{"legal":1}}]}}'


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"rules": (PolicyRule("all", {"lawyer": 1}),)}, "policy-role-unknown"),
        ({"rules": (PolicyRule("all", {"legal": 0}),)}, "policy-count"),
        ({"rules": (PolicyRule("all", {"legal": 1}, classes=("words",)),)}, "policy-class-unknown"),
        ({"rules": (PolicyRule("all", {"legal": 1}, due_days=0),)}, "policy-days"),
        ({"waivers": ("lawyer",)}, "policy-role-unknown"),
        ({"escalate": ("boss",)}, "policy-role-unknown"),
        ({"withdraw_days": 0}, "policy-days"),
        ({"emergency": Emergency({})}, "policy-emergency-unsigned"),
        ({"emergency": Emergency({"author": 1})}, "policy-emergency-unsigned"),
        ({"emergency": Emergency({"legal": 1}, hours=73)}, "policy-hours"),
        ({"emergency": Emergency({"legal": 1}, hours=0)}, "policy-hours"),
    ],
)
def test_nonsense_blocks_with_its_place(changes: dict[str, Any], code: str) -> None:
    policy = Policy(**({"rules": (RULE,)} | changes))
    found = shape_issues(Kind.HOUSE, a_policy(policy).content)
    assert [one.code for one in found] == [code]
    assert found[0].field.startswith("house.policy.")
