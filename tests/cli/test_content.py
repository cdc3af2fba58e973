"""`kb content`: load, dump, lint, sign, pin: what they say, and what they leave as it is."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.doors.bank import UNSIGNED, Bank, signer
from tests.doors.program import done, kb


def rows(bank: Bank) -> dict[str, list[tuple[object, ...]]]:
    """Everything the home's database holds."""
    with closing(sqlite3.connect(f"file:{bank.home / 'kb.db'}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(database.execute(f"SELECT * FROM {name}"), key=repr) for name in sorted(tables)}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# ---- load ------------------------------------------------------------------------------------------------------------


def test_loading_unchanged_files_again_changes_nothing_at_all(bank: Bank) -> None:
    before = rows(bank)
    report = bank.loaded()
    assert report["counts"]["unchanged"] == 34
    assert rows(bank) == before


def test_a_load_tells_who_still_has_to_sign_and_exits_3_only_for_what_needs_mending(bank: Bank) -> None:
    ran = bank.load()
    assert f"answers/{UNSIGNED}.en-GB.md:1: {UNSIGNED} (en-GB): waits for sign-offs: 1 × author, 1 × legal" in ran.out
    assert ran.code == 0
    bank.edit("answers/card-fee.en-GB.md", "Another card costs {{fact:card.fee}}.", "Another card costs £9.")
    bank.sign("card-fee")
    assert bank.load().code == 3


def test_a_dry_run_shows_each_change_field_by_field_and_makes_none(bank: Bank) -> None:
    before = rows(bank)
    bank.edit("facts/cards.yaml", '"5.00"', '"9.00"')
    bank.edit("answers/card-fee.en-GB.md", "title: What does another card cost?", "title: What is the fee?")
    bank.sign("card.fee")
    ran = bank.load("--dry-run")
    assert ran.code == 0, ran.said
    assert rows(bank) == before
    assert "facts/cards.yaml:6: card.fee (und): fact.amount" in ran.out
    assert "  - 5.00\n  + 9.00\n" in ran.out
    assert "  - What does another card cost?\n  + What is the fee?\n" in ran.out
    report = bank.load("--dry-run", "--json").json
    changed = {one["key"]: [change["field"] for change in one["changes"]] for one in report["entries"]}
    assert changed == {"card.fee": ["fact.amount"], "card-fee": ["title"]}
    assert report["dry_run"] is True
    assert report["counts"]["changed"] == 2


def test_a_dry_run_in_a_new_home_releases_nothing(new_bank: Bank) -> None:
    ran = new_bank.load("--dry-run", "--json")
    assert ran.json["counts"]["new"] == 34
    held = rows(new_bank)
    assert held["journal"] == []
    assert held["people"] == []


def test_a_bad_file_is_told_with_its_line_and_stops_nothing_else(bank: Bank) -> None:
    bank.write("answers/broken.en-GB.md", "---\nkind: answer\ntitle: [unclosed\nauthor: p-ana\n---\n\nText.\n")
    bank.edit("answers/refund.en-GB.md", "kind: answer\n", "kind: answer\nsurprise: yes\n")
    bank.edit("facts/cards.yaml", '"5.00"', '"9.00"')
    bank.sign("card.fee")
    ran = bank.load("--json")
    assert ran.code == 3
    faults = {(fault["file"], fault["line"]) for fault in ran.json["faults"]}
    assert faults == {("answers/broken.en-GB.md", 4), ("answers/refund.en-GB.md", 3)}
    assert all(fault["message"] and fault["action"] for fault in ran.json["faults"])
    assert ran.json["counts"]["released"] == 1
    told = bank.load()
    assert "answers/refund.en-GB.md:3: " in told.out


def test_a_file_that_is_gone_means_nothing(bank: Bank) -> None:
    before = rows(bank)
    (bank.content / "answers/old-offer.en-GB.md").unlink()
    assert bank.load().code == 0
    assert rows(bank) == before


def test_there_is_no_load_of_a_folder_that_is_not_there(bank: Bank) -> None:
    ran = kb("content", "load", "--home", bank.home, "--content", bank.place / "nothing")
    assert ran.code == 2
    assert "does not exist" in ran.err


# ---- dump ------------------------------------------------------------------------------------------------------------


def test_what_is_dumped_loads_into_a_new_home_with_its_hashes_and_sign_offs(bank: Bank, tmp_path: Path) -> None:
    dumped = tmp_path / "dumped"
    report = done("content", "dump", dumped, "--home", bank.home, "--json").json
    assert report["kept"] == []
    again = Bank(tmp_path / "again")
    again.place.mkdir()
    again.trust.write_bytes(bank.trust.read_bytes())
    dumped.rename(again.content)
    counts = again.loaded()["counts"]
    assert (counts["new"], counts["released"], counts["blocked"]) == (34, 33, 0)
    for table in ("revisions", "live_revisions", "signoffs", "renditions"):
        assert _told(again, table) == _told(bank, table), table
    assert again.loaded()["counts"]["released"] == 0


def test_dumping_into_the_folder_that_was_loaded_changes_no_file(bank: Bank) -> None:
    before = files(bank.content)
    report = done("content", "dump", bank.content, "--home", bank.home, "--json").json
    assert (report["written"], report["kept"], report["signoffs"]) == ([], [], 0)
    assert files(bank.content) == before


def test_dumping_keeps_work_that_was_never_loaded(bank: Bank) -> None:
    bank.edit("answers/refund.en-GB.md", "When do I get my refund?", "Where is my refund?")
    report = done("content", "dump", bank.content, "--home", bank.home, "--json").json
    assert report["kept"] == ["answers/refund.en-GB.md"]
    assert "Where is my refund?" in (bank.content / "answers/refund.en-GB.md").read_text()


def _told(bank: Bank, table: str) -> set[tuple[object, ...]]:
    """The rows of a table without what tells when and in which order they came."""
    with closing(sqlite3.connect(f"file:{bank.home / 'kb.db'}?mode=ro", uri=True)) as database:
        names = [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")]
        passing = {"id", "position", "at", "opened_at", "verified_at", "due_at", "overdue_at", "number", "recorded_at"}
        kept = ", ".join(f'"{name}"' for name in names if name not in passing)
        return set(database.execute(f"SELECT {kept} FROM {table}"))


# ---- lint ------------------------------------------------------------------------------------------------------------


def test_lint_finds_planted_faults_with_file_and_line(bank: Bank) -> None:
    assert kb("content", "lint", "--content", bank.content, "--no-warnings").code == 0
    bank.edit("answers/card-fee.en-GB.md", "You can order it", "It costs £7 abroad. You can order it")
    bank.edit("answers/refund.en-GB.md", "{{claim:refund-time}}", "{{claim:refund-tim}}")
    bank.edit("answers/say-repeat.en-GB.md", "Please say that again.", "Say it again, it is risk-free.")
    bank.edit("facts/cards.yaml", 'value: "+448081570123"', 'value: "12"')
    ran = kb("content", "lint", "--content", bank.content, "--json")
    assert ran.code == 3
    found = {(one["file"], one["line"], one["code"]) for one in ran.json if one["severity"] == "blocks"}
    assert found == {
        ("answers/card-arrival.en-GB.md", 26, "fact-unsaid"),
        ("answers/card-arrival.es-ES.md", 21, "fact-unsaid"),
        ("answers/card-fee.en-GB.md", 13, "literal-not-a-fact"),
        ("answers/refund.en-GB.md", 12, "reference-not-live"),
        ("answers/say-repeat.en-GB.md", 9, "term-prohibited"),
        ("facts/cards.yaml", 14, "fact-value"),
    }
    assert all(one["message"] and one["action"] for one in ran.json)
    told = kb("content", "lint", "--content", bank.content, "--no-warnings")
    assert "answers/card-fee.en-GB.md:13: blocks: " in told.out
    assert told.out.rstrip().splitlines()[-1].split()[1] == "block,"


def test_lint_needs_no_home(signed_bank: Bank, tmp_path: Path) -> None:
    ran = kb("content", "lint", "--content", signed_bank.content, cwd=tmp_path)
    assert ran.code == 0
    assert list(tmp_path.iterdir()) == []


# ---- sign and pin ----------------------------------------------------------------------------------------------------


def test_signing_adds_a_line_once(bank: Bank) -> None:
    arguments = ("--role", "legal", "--signer", bank.signer_file("p-lea"), "--content", bank.content, "--json")
    first = done("content", "sign", UNSIGNED, *arguments).json
    assert [(one["key"], one["by"], one["role"]) for one in first["signed"]] == [(UNSIGNED, "p-lea", "legal")]
    before = files(bank.content)
    again = done("content", "sign", UNSIGNED, *arguments).json
    assert (again["signed"], again["standing"]) == ([], 1)
    assert files(bank.content) == before


def test_signing_everything_signs_every_file_the_signer_may(new_bank: Bank) -> None:
    arguments = ("--role", "author", "--signer", new_bank.signer_file("p-ana"), "--content", new_bank.content, "--json")
    report = done("content", "sign", "--all", *arguments).json
    assert [one["key"] for one in report["signed"]] == [UNSIGNED]
    assert report["standing"] == 33


def test_signing_refuses_what_the_signer_may_not_and_exits_3(bank: Bank) -> None:
    def refused(name: str, role: str, key: str) -> str:
        ran = kb(
            "content", "sign", key, "--role", role, "--signer", bank.signer_file(name), "--content", bank.content, "--json"
        )  # fmt: skip
        assert ran.code == 3
        assert ran.json["signed"] == []
        (one,) = ran.json["refused"]
        assert one["message"]
        return str(one["code"])

    before = files(bank.content)
    bank.edit("answers/coming-soon.en-GB.md", "author: p-ana", "author: p-leo")
    assert refused("p-leo", "legal", UNSIGNED) == "signer-contributed"
    bank.edit("answers/coming-soon.en-GB.md", "author: p-leo", "author: p-ana\neditors: [p-leo]")
    assert refused("p-leo", "legal", UNSIGNED) == "signer-contributed"
    bank.edit("answers/coming-soon.en-GB.md", "author: p-ana\neditors: [p-leo]", "author: p-ana")
    assert refused("p-lea", "author", UNSIGNED) == "signer-not-author"
    assert refused("p-pia", "legal", UNSIGNED) == "role-not-held"
    assert files(bank.content) == before


def test_signing_asks_for_keys_or_for_all_and_for_keys_that_are_there(bank: Bank) -> None:
    arguments = ("--role", "legal", "--signer", bank.signer_file("p-lea"), "--content", bank.content)
    assert kb("content", "sign", *arguments).code == 2
    assert kb("content", "sign", "refund", "--all", *arguments).code == 2
    ran = kb("content", "sign", "refundd", *arguments, "--json")
    assert (ran.code, ran.json["unknown"]) == (3, ["refundd"])
    no_key = bank.place / "public.json"
    no_key.write_text(json.dumps({"id": "p-lea", "roles": [], "public_key": signer("p-lea").public_key}))
    ran = kb("content", "sign", "refund", "--role", "legal", "--signer", no_key, "--content", bank.content)
    assert ran.code == 2
    assert "no private key" in ran.err


def test_a_new_signers_private_key_stays_in_their_own_file(tmp_path: Path) -> None:
    file = tmp_path / "p-new.json"
    ran = done("content", "signer", "p-new", "--role", "legal:cards,cash", "--file", file, "--json")
    private = json.loads(file.read_text())["private_key"]
    assert private
    assert private not in ran.said
    assert ran.json == {
        "id": "p-new",
        "roles": [{"role": "legal", "topics": ["cards", "cash"]}],
        "public_key": ran.json["public_key"],
    }
    assert file.stat().st_mode & 0o077 == 0
    again = kb("content", "signer", "p-new", "--role", "legal", "--file", file)
    assert again.code == 2
    assert json.loads(file.read_text())["private_key"] == private
    assert kb("content", "signer", "p-x", "--role", "boss", "--file", tmp_path / "x.json").code == 2


def test_pinning_changes_one_line_of_a_translation_and_nothing_the_second_time(bank: Bank) -> None:
    bank.edit("answers/refund.en-GB.md", "You may not cancel it.", "You may not stop it.")
    before = files(bank.content)
    report = done("content", "pin", "--content", bank.content, "--json").json
    assert [(one["key"], one["locale"]) for one in report] == [("refund", "es-ES")]
    changed = {name for name, data in files(bank.content).items() if data != before[name]}
    assert changed == {"answers/refund.es-ES.md"}
    assert done("content", "pin", "--content", bank.content, "--json").json == []
