"""Loading: one load is one release, nothing is released twice, and what other doors did is never undone."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from kb.accounts.types import Role, RoleGrant
from kb.base.errors import Forbidden
from kb.base.journal import read_head, verify
from kb.base.work import ANONYMOUS, OPERATOR, Actor, Sessions, open_work
from kb.delivery.tables import renditions
from kb.entries import actions as entries
from kb.files import load as loading
from kb.files.dump import DumpReport, dump
from kb.files.load import load
from kb.files.read import read
from kb.files.sign import Order, new_signer, sign_all
from kb.files.types import EntryReport, LoadReport
from kb.release.queries import live_hashes
from kb.release.withdraw import withdraw
from kb.review import actions as review
from tests.files.folders import ANSWER, NOW, SIGNERS, SMALL, a_folder, a_home, edit, signed_by_all

EDITED = ("within {{fact:card.delivery}} of your order", "within {{fact:card.delivery}} of the day you order it")


async def live(sessions: Sessions) -> dict[tuple[str, str], str]:
    async with sessions.reading() as connection:
        return await live_hashes(connection)


async def served(sessions: Sessions) -> set[str]:
    async with sessions.reading() as connection:
        rows = await connection.execute(sa.select(renditions.c.rendition).where(renditions.c.closed_at.is_(None)))
        return set(rows.scalars())


async def position(sessions: Sessions) -> int:
    async with sessions.reading() as connection:
        return (await read_head(connection)).position


def entry(report: LoadReport, key: str) -> EntryReport:
    return next(one for one in report.entries if one.key == key)


async def another_door_writes(sessions: Sessions, folder: Path, old: str, new: str) -> str:
    """Another door edits the answer: the next revision, in review, with no file behind it."""
    aside = a_folder(folder.parent / "aside", {"answers/card-arrival.en-GB.md": ANSWER.replace(old, new)})
    draft = read(aside).drafts[0].draft
    async with open_work(sessions, Actor("p-ana", rights=frozenset({"write"}))) as work:
        revisions = await entries.write(work, [draft])
        await review.submit(work, revisions)
    return revisions[0].hash


async def test_a_signed_folder_goes_live_as_one_release(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        report = await load(sessions, OPERATOR, folder)
        assert report.counts["released"] == 3
        assert report.position == await position(sessions)
        assert set(await live(sessions)) == {("policy", "und"), ("card.delivery", "und"), ("card-arrival", "en-GB")}
        async with sessions.reading() as connection:
            assert await verify(connection) is None


async def test_loading_again_changes_nothing(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        before = await position(sessions)
        report = await load(sessions, OPERATOR, folder)
        assert await position(sessions) == before
        assert (report.entries, report.counts["unchanged"], report.position) == ((), 3, 0)


async def test_an_unsigned_edit_becomes_a_draft_with_its_issues_and_changes_nothing_served(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        before = await served(sessions)
        edit(folder, "answers/card-arrival.en-GB.md", "{{fact:card.delivery}} of", "30 days of")
        report = await load(sessions, OPERATOR, folder)
        changed = entry(report, "card-arrival")
        assert (changed.outcome, changed.state, report.position) == ("changed", "in_review", 0)
        assert changed.missing == {"author": 1, "brand": 1}
        assert "literal-not-a-fact" in {issue.code for issue in changed.issues}
        assert await served(sessions) == before


async def test_a_later_signature_of_a_known_hash_is_picked_up(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        edit(folder, "answers/card-arrival.en-GB.md", *EDITED)
        await load(sessions, OPERATOR, folder)
        signed_by_all(folder)
        report = await load(sessions, OPERATOR, folder)
        assert report.counts["released"] == 1
        assert (await live(sessions))["card-arrival", "en-GB"] == read_hash(folder)


async def test_a_key_that_isnt_trusted_signs_nothing(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        edit(folder, "answers/card-arrival.en-GB.md", *EDITED)
        stranger = new_signer("p-eve", [RoleGrant(Role.BRAND)])
        impostor = new_signer("p-bea", [RoleGrant(Role.BRAND)])
        sign_all(folder, [Order(SIGNERS["p-ana"], Role.AUTHOR), Order(stranger, Role.BRAND)], NOW)
        sign_all(folder, [Order(impostor, Role.BRAND)], NOW)
        report = await load(sessions, OPERATOR, folder)
        assert {one.code for one in report.refusals} == {"signer-unknown", "signature-wrong"}
        assert entry(report, "card-arrival").missing == {"brand": 1}
        assert report.position == 0


async def test_a_revision_that_blocks_stays_behind_with_its_issues(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path / "content", {**SMALL, "answers/card-fee.en-GB.md": ANSWER.replace("{{fact:card.delivery}}", "£5")}
    )
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        report = await load(sessions, OPERATOR, folder)
        assert (report.counts["released"], report.counts["blocked"]) == (3, 1)
        assert entry(report, "card-fee").state == "approved"
        assert entry(report, "card-fee").issues
        assert ("card-fee", "en-GB") not in await live(sessions)


async def test_what_was_released_once_is_never_released_again(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        edit(folder, "answers/card-arrival.en-GB.md", *EDITED)
        signed_by_all(folder)
        await load(sessions, OPERATOR, folder)
        second = (await live(sessions))["card-arrival", "en-GB"]
        edit(folder, "answers/card-arrival.en-GB.md", EDITED[1], EDITED[0])
        report = await load(sessions, OPERATOR, folder)
        assert entry(report, "card-arrival").outcome == "seen-before"
        assert (await live(sessions))["card-arrival", "en-GB"] == second


async def test_loading_the_unchanged_files_doesnt_bring_back_what_was_withdrawn(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        async with open_work(sessions, OPERATOR) as work:
            await withdraw(work, ["card-arrival"], "wrong")
        before = await position(sessions)
        await load(sessions, OPERATOR, folder)
        assert ("card-arrival", "en-GB") not in await live(sessions)
        assert await position(sessions) == before


async def test_file_and_database_both_changed_is_a_conflict_that_changes_nothing(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        other = await another_door_writes(sessions, folder, "arrives", "comes")
        edit(folder, "answers/card-arrival.en-GB.md", *EDITED)
        signed_by_all(folder)
        before = await position(sessions)
        report = await load(sessions, OPERATOR, folder)
        conflict = entry(report, "card-arrival")
        assert (conflict.outcome, conflict.conflicting) == ("conflict", other)
        assert [change.field for change in conflict.changes] == ["text"]
        assert "comes" in conflict.changes[0].before
        assert await position(sessions) == before


async def test_naming_the_databases_revision_as_base_settles_a_conflict(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        other = await another_door_writes(sessions, folder, "arrives", "comes")
        edit(folder, "answers/card-arrival.en-GB.md", "kind: answer\n", f"kind: answer\nbase: {other}\n")
        edit(folder, "answers/card-arrival.en-GB.md", *EDITED)
        report = await load(sessions, OPERATOR, folder)
        assert entry(report, "card-arrival").outcome == "changed"


async def test_an_unchanged_file_leaves_another_doors_revision_alone(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        await another_door_writes(sessions, folder, "arrives", "comes")
        before = await position(sessions)
        report = await load(sessions, OPERATOR, folder)
        assert entry(report, "card-arrival").outcome == "seen-before"
        assert await position(sessions) == before


async def test_a_dry_run_shows_each_field_and_writes_nothing(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        edit(folder, "facts/cards.yaml", "high: 7", "high: 9")
        before = await position(sessions)
        report = await load(sessions, OPERATOR, folder, dry_run=True)
        assert await position(sessions) == before
        assert report.dry_run
        changes = [(one.field, one.before, one.after) for one in entry(report, "card.delivery").changes]
        assert changes == [("fact.high", "7", "9")]


async def test_a_missing_file_means_nothing(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        before = await live(sessions)
        (folder / "answers/card-arrival.en-GB.md").unlink()
        await load(sessions, OPERATOR, folder)
        assert await live(sessions) == before


async def test_a_load_that_dies_before_its_release_is_carried_on_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        with monkeypatch.context() as patch:
            patch.setattr(loading, "prepare", _dies)
            with pytest.raises(RuntimeError):
                await load(sessions, OPERATOR, folder)
        assert await live(sessions) == {}
        report = await load(sessions, OPERATOR, folder)
        assert (report.counts["unchanged"], report.counts["released"]) == (3, 3)


async def _dies(*_: object, **__: object) -> None:
    raise RuntimeError("killed")


async def test_the_policy_rules_the_rest_in_an_empty_home_however_small_the_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    monkeypatch.setattr(loading, "BATCH", 1)
    async with a_home(tmp_path) as sessions:
        report = await load(sessions, OPERATOR, folder)
        assert (report.counts["released"], report.counts["unsigned"]) == (3, 0)


async def test_a_bad_file_stops_nothing_else(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content", {**SMALL, "answers/bad.en-GB.md": "---\nkind: answer\ntitel: x\n---\n"})
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        report = await load(sessions, OPERATOR, folder)
        assert report.counts["released"] == 3
        assert {fault.file for fault in report.faults} == {"answers/bad.en-GB.md"}


async def test_nobody_loads_who_may_not(tmp_path: Path) -> None:
    async with a_home(tmp_path) as sessions:
        with pytest.raises(Forbidden):
            await load(sessions, ANONYMOUS, a_folder(tmp_path / "content"))


async def test_what_was_dumped_loads_in_another_home_with_its_hashes_and_sign_offs(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed = signed_by_all(folder).signed
    (tmp_path / "other").mkdir()
    async with a_home(tmp_path) as sessions, a_home(tmp_path / "other") as others:
        await load(sessions, OPERATOR, folder)
        dumped = await dump(sessions, tmp_path / "dumped")
        assert dumped.signoffs == len(signed)
        report = await load(others, OPERATOR, tmp_path / "dumped")
        assert report.faults == ()
        assert await live(others) == await live(sessions)


async def test_dumping_over_the_same_files_touches_none_and_keeps_work_that_was_never_loaded(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "content")
    signed_by_all(folder)
    async with a_home(tmp_path) as sessions:
        await load(sessions, OPERATOR, folder)
        assert await dump(sessions, folder) == DumpReport((), (), 0)
        edit(folder, "answers/card-arrival.en-GB.md", *EDITED)
        report = await dump(sessions, folder)
        assert (report.written, report.kept) == ((), ("answers/card-arrival.en-GB.md",))
        assert EDITED[1] in (folder / "answers/card-arrival.en-GB.md").read_text(encoding="utf-8")


def read_hash(folder: Path) -> str:
    return next(one.hash for one in read(folder).drafts if one.draft.key == "card-arrival")
