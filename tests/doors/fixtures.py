"""Fixtures of every test that goes through the doors: banks to read, banks to do things to, and servers over them."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.doors.bank import Bank, a_bank
from tests.doors.program import Server, serving

CONTENT = Path(os.environ.get("KB_TEST_CONTENT", Path(__file__).parents[2] / "content"))
"""The demo bank; editors may try a folder of their own."""


class Story(msgspec.Struct, frozen=True):
    """A bank with a past: released, then a fee raised from £5 to £6, then an offer withdrawn; each at its position."""

    bank: Bank
    released: int
    raised: int
    withdrawn: int


@pytest.fixture(scope="session")
def signed_bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """The bank's files, signed by everyone, and no home yet. Read only: take a copy."""
    return a_bank(tmp_path_factory.mktemp("signed") / "bank")


@pytest.fixture(scope="session")
def loaded_bank(signed_bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """The bank as it is after its first load. Read only: take `bank`, a copy."""
    bank = signed_bank.copy(tmp_path_factory.mktemp("loaded") / "bank")
    bank.loaded()
    return bank


@pytest.fixture
def bank(loaded_bank: Bank, tmp_path: Path) -> Bank:
    """A bank of this test's own, loaded."""
    return loaded_bank.copy(tmp_path / "bank")


@pytest.fixture
def new_bank(signed_bank: Bank, tmp_path: Path) -> Bank:
    """A bank of this test's own, whose home doesn't exist yet."""
    return signed_bank.copy(tmp_path / "bank")


@pytest.fixture(scope="session")
def story(loaded_bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Story:
    bank = loaded_bank.copy(tmp_path_factory.mktemp("story") / "bank")
    with serving("serve", "--home", bank.home) as server:
        released = int(server.get("/v1/changes").headers["kb-position"])
    bank.edit("facts/cards.yaml", '"5.00"', '"6.00"')
    bank.sign("card.fee")
    raised = bank.loaded()["position"]
    withdrawn = bank.run("release", "withdraw", "old-offer", "--yes", "--json").json["position"]
    return Story(bank, released, raised, withdrawn)


@pytest.fixture(scope="session")
def server(story: Story) -> Iterator[Server]:
    """A server over the bank with a past. Read only."""
    with serving("serve", "--home", story.bank.home) as server:
        yield server


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="session")
def demo(demo_home: Path) -> Iterator[Server]:
    """The demo bank of `content/`, started as README says, in a fresh home. Read only."""
    with serving("up", "--home", demo_home, "--content", CONTENT, "--no-open") as server:
        yield server
