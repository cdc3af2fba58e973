"""Waiving: a finding of meaning may pass with a reason, by a role the policy names; a figure or disclosure never may."""

from pathlib import Path

import pytest

from kb.accounts.types import Role, RoleGrant
from kb.base.errors import Conflict, Forbidden, Invalid, NotFound
from kb.base.work import OPERATOR
from kb.files.load import load
from kb.files.read import read
from kb.files.sign import new_signer
from kb.files.waive import Waived, waive
from kb.release.queries import live_hashes
from tests.files.folders import ANSWER, NOW, POLICY, SIGNERS, SMALL, a_folder, a_home, signed_by_all

WILL = ANSWER.replace("Your card arrives", "Your card may arrive") + (
    "\n## short\n\nYour card will arrive within {{fact:card.delivery}} of your order.\n"
)
BRAND_WAIVES = POLICY.replace("policy:\n", "policy:\n  waivers: [brand]\n")
FINDING = Waived("card-arrival", "en-GB", "modality-changed", "short", "The longer form says the same to customers.")


def a_doubtful_folder(path: Path, policy: str = BRAND_WAIVES) -> Path:
    return a_folder(path, {**SMALL, "policy.yaml": policy, "answers/card-arrival.en-GB.md": WILL})


async def is_live(folder: Path, home: Path) -> bool:
    async with a_home(home) as sessions:
        await load(sessions, OPERATOR, folder)
        async with sessions.reading() as connection:
            return ("card-arrival", "en-GB") in await live_hashes(connection)


async def test_a_waived_finding_no_longer_blocks(tmp_path: Path) -> None:
    folder = a_doubtful_folder(tmp_path / "content")
    signed_by_all(folder)
    assert not await is_live(folder, tmp_path / "before")
    waive(folder, FINDING, Role.BRAND, SIGNERS["p-bea"], NOW)
    assert await is_live(folder, tmp_path / "after")


async def test_a_waiver_in_a_role_the_policy_doesnt_name_is_refused(tmp_path: Path) -> None:
    folder = a_doubtful_folder(tmp_path / "content", POLICY)
    signed_by_all(folder)
    waive(folder, FINDING, Role.BRAND, SIGNERS["p-bea"], NOW)
    async with a_home(tmp_path / "home") as sessions:
        report = await load(sessions, OPERATOR, folder)
    assert [one.code for one in report.refusals] == ["waiver-role"]


async def test_a_waiver_holds_for_one_text_only(tmp_path: Path) -> None:
    folder = a_doubtful_folder(tmp_path / "content")
    waive(folder, FINDING, Role.BRAND, SIGNERS["p-bea"], NOW)
    file = folder / "answers/card-arrival.en-GB.md"
    file.write_text(file.read_text(encoding="utf-8").replace("of your order", "of ordering"), encoding="utf-8")
    signed_by_all(folder)
    assert not await is_live(folder, tmp_path / "home")


def test_what_cant_be_waived_says_why(tmp_path: Path) -> None:
    folder = a_doubtful_folder(tmp_path / "content")
    bea = SIGNERS["p-bea"]
    figure = Waived("card-arrival", "en-GB", "fact-missing", "short", "It is short.")
    with pytest.raises(Invalid, match="never waived"):
        waive(folder, figure, Role.BRAND, bea, NOW)
    with pytest.raises(Invalid, match="says why"):
        waive(folder, Waived(*FINDING_NAME, "  "), Role.BRAND, bea, NOW)
    with pytest.raises(NotFound, match="no finding negation-lost"):
        waive(folder, Waived("card-arrival", "en-GB", "negation-lost", "short", "Why."), Role.BRAND, bea, NOW)
    with pytest.raises(Forbidden, match="someone else"):
        waive(folder, FINDING, Role.BRAND, new_signer("p-ana", [RoleGrant(Role.BRAND)]), NOW)
    assert read(folder).waivers == ()


def test_waiving_twice_is_a_conflict(tmp_path: Path) -> None:
    folder = a_doubtful_folder(tmp_path / "content")
    waive(folder, FINDING, Role.BRAND, SIGNERS["p-bea"], NOW)
    with pytest.raises(Conflict):
        waive(folder, FINDING, Role.BRAND, SIGNERS["p-bea"], NOW)


FINDING_NAME = ("card-arrival", "en-GB", "modality-changed", "short")
