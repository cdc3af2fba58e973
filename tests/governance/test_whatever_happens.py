"""Whatever people, files and clocks do in whatever order: what is live was signed for, and the past stays what it was."""

import asyncio
import os
from collections import Counter
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from kb.migrations import upgrade
from tests.builders import a_house
from tests.governance.machine import Installation

EXPLORING = os.environ.get("KB_TEST_HISTORIES")
HISTORIES = int(EXPLORING or "25")
"""Histories that are lived through, of up to 30 acts each: always the same ones, or others when somebody asks for more."""

SHRINK = bool(os.environ.get("KB_TEST_SHRINK"))
"""Whether a history that fails is made as short as can be, which takes minutes."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A house with its people, its policy and the entries that voice speaks."""
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('machine') / 'house.db'}"
    upgrade(url)
    asyncio.run(a_house(url))
    assert Path(url.removeprefix("sqlite+aiosqlite:///")).exists()
    return url


def test_whatever_happens_everything_live_was_signed_for_and_the_past_stays(template: str) -> None:
    class OfThisHouse(Installation):
        done: ClassVar[Counter[str]] = Counter()

    OfThisHouse.template = template
    run_state_machine_as_test(
        OfThisHouse,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=30,
            deadline=None,
            derandomize=not EXPLORING,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if SHRINK else [])],
        ),
    )
    for act in ("release", "schedule", "due", "rollback", "withdrawal"):
        assert OfThisHouse.done[act], f"no {act} in {HISTORIES} histories: the machine lives through nothing"
