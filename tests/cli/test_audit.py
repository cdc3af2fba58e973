"""`kb audit`: checkpoints, keys, receipts and exports from the command line, for oneself and for somebody with a file."""

import csv
import json
from pathlib import Path

from tests.doors.bank import Bank
from tests.doors.program import Ran, done, kb, lines_of
from tests.faults.homes import tampering


def audit(bank: Bank, *arguments: str | Path) -> Ran:
    return bank.run("audit", *arguments)


def a_rendition(bank: Bank, key: str = "card-fee") -> str:
    payload = bank.run("history", "as-of", key, "--at", str(head(bank)), "--channel", "chat", "--json").json
    return str(payload["rendition"])


def head(bank: Bank) -> int:
    return int(audit(bank, "verify", "--json").json["position"])


def test_the_head_is_signed_into_the_file_and_stands_by_it_later(bank: Bank) -> None:
    made = audit(bank, "checkpoint", "--json").json
    file = bank.home / "checkpoints.jsonl"
    lines = lines_of(file.read_text())
    assert [line["format"] for line in lines] == ["kb.installation-key/1", "kb.checkpoint/1"]
    assert lines[-1] == made
    bank.run("release", "withdraw", "old-offer", "--yes")
    assert audit(bank, "checkpoint").out.startswith(f"line {head(bank)} is signed by {made['key']}")
    assert "follow from each other" in audit(bank, "verify", "--checkpoint", file).out
    with tampering(bank) as database:
        cut = made["position"] - 5
        database.execute("DELETE FROM journal WHERE position > ?", [cut])
        database.execute(
            "UPDATE journal_head SET (position, at, hash) = (SELECT position, at, hash FROM journal WHERE position = ?)",
            [cut],
        )
    ran = kb("audit", "verify", "--checkpoint", file, "--home", bank.home, "--json")
    assert (ran.code, ran.json["fault"]["position"]) == (3, cut + 1)


def test_a_file_that_holds_no_checkpoints_is_refused_in_words(bank: Bank) -> None:
    file = bank.place / "garbage"
    file.write_bytes(b"\x00garbage\xff\n[[[[")
    ran = kb("audit", "verify", "--checkpoint", file, "--home", bank.home)
    assert ran.code == 3
    assert "garbage:1: this is no checkpoint" in ran.out
    assert "Traceback" not in ran.said
    ran = kb("audit", "verify", "--checkpoint", bank.place / "none", "--home", bank.home)
    assert ran.code == 2
    assert "can't be read" in ran.err


def test_a_receipt_is_checked_in_an_empty_folder_with_the_public_key_alone(bank: Bank, tmp_path: Path) -> None:
    rendition = a_rendition(bank)
    file = bank.place / "receipt.json"
    audit(bank, "issue", rendition, "-o", file)
    key = json.loads(file.read_bytes())["key"]
    empty = tmp_path / "empty"
    empty.mkdir()
    told = done("audit", "receipt", file, "--key", key, cwd=empty)
    assert f"the payload is the rendition {rendition}" in told.out
    assert list(empty.iterdir()) == []
    whole = file.read_bytes()
    for old, new in ((b'"role":"legal"', b'"role":"brand"'), (rendition.encode(), b"0" * 64), (b"}", b'},"more":1}')):
        file.write_bytes(whole.replace(old, new, 1))
        ran = kb("audit", "receipt", file, "--key", key, cwd=empty)
        assert (ran.code, "WRONG" in ran.out) == (3, True), old
    file.write_bytes(b"no receipt")
    assert kb("audit", "receipt", file, "--key", key, cwd=empty).code == 3
    assert kb("audit", "issue", "0" * 64, "--home", bank.home).code == 4


def test_a_new_key_signs_and_those_who_know_the_old_one_believe_it(bank: Bank) -> None:
    rendition = a_rendition(bank)
    old, new = bank.place / "old.json", bank.place / "new.json"
    audit(bank, "issue", rendition, "-o", old)
    turned = audit(bank, "rotate-key", "--json").json
    audit(bank, "issue", rendition, "-o", new)
    before, after = turned["introduction"]["previous"], turned["introduction"]["key"]
    assert [json.loads(file.read_bytes())["key"] for file in (old, new)] == [before, after]
    for file, key, code in ((old, before, 0), (new, after, 0), (new, before, 0), (old, after, 3)):
        assert kb("audit", "receipt", file, "--key", key).code == code, (file.name, key)
    told = done("audit", "receipt", new, "--key", before).out
    assert "through the keys between them" in told
    checkpoints = bank.home / "checkpoints.jsonl"
    assert "follow from each other" in audit(bank, "verify", "--checkpoint", checkpoints, "--key", before).out
    assert kb("audit", "verify", "--checkpoint", checkpoints, "--key", "A" * 43, "--home", bank.home).code == 3


def test_the_journal_is_exported_for_programs_and_for_spreadsheets(bank: Bank) -> None:
    lines = lines_of(audit(bank, "export").out)
    assert [line["position"] for line in lines] == list(range(1, head(bank) + 1))
    file = bank.place / "journal.csv"
    audit(bank, "export", "--format", "csv", "--after", "10", "-o", file)
    with file.open(newline="") as opened:
        names, *rows = csv.reader(opened)
    assert names == ["position", "at", "event", "actor", "data", "hash"]
    assert [row[0] for row in rows] == [str(line["position"]) for line in lines[10:]]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)
    assert [json.loads(row[4]) for row in rows] == [line["data"] for line in lines[10:]]


def test_the_list_of_redactions_is_for_whoever_runs_the_house(bank: Bank) -> None:
    assert audit(bank, "redactions").out.strip() == "no redactions"
    assert audit(bank, "redactions", "--json").json == []
