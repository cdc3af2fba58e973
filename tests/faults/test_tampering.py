"""Whoever changes what was written is found: the database refuses it, and `kb audit verify` names the line."""

import sqlite3
from contextlib import closing

import pytest

from tests.doors.bank import Bank
from tests.doors.fixtures import Story
from tests.doors.program import kb
from tests.faults.homes import tampering

LINE = 42
"""A line in the middle of the bank's journal."""


def test_a_home_that_nobody_touched_verifies(story: Story) -> None:
    ran = kb("audit", "verify", "--home", story.bank.home, "--json")
    assert ran.code == 0
    assert (ran.json["position"], ran.json["fault"], ran.json["findings"]) == (story.withdrawn, None, [])
    told = kb("audit", "verify", "--home", story.bank.home)
    assert f"all {story.withdrawn} lines" in told.out


@pytest.mark.parametrize("table", ["journal", "revisions", "signoffs", "release_items"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET rowid = rowid", "DELETE FROM {}"])
def test_what_was_written_can_not_be_changed_or_deleted(bank: Bank, table: str, statement: str) -> None:
    with closing(sqlite3.connect(bank.home / "kb.db")) as database, pytest.raises(sqlite3.IntegrityError):
        database.execute(statement.format(table))


TAMPERED = {
    "another act": (f"UPDATE journal SET event = 'entry.unwritten' WHERE position = {LINE}", LINE),
    "another actor": (f"UPDATE journal SET actor = 'nobody' WHERE position = {LINE}", LINE),
    "another time": (f"UPDATE journal SET at = '2099-01-01T00:00:00.000Z' WHERE position = {LINE}", LINE),
    "an earlier time": (f"UPDATE journal SET at = '1999-01-01T00:00:00.000Z' WHERE position = {LINE}", LINE),
    "the same data written otherwise": (f"UPDATE journal SET data = data || ' ' WHERE position = {LINE}", LINE),
    "a number that no line holds": (f"UPDATE journal SET data = '{{\"n\":1.5}}' WHERE position = {LINE}", LINE),
    "another hash in it": (f"UPDATE journal SET data = replace(data, 'a', 'b') WHERE position = {LINE}", LINE),
    "no JSON": (f"UPDATE journal SET data = '' WHERE position = {LINE}", LINE),
    "another hash": (f"UPDATE journal SET hash = '{'0' * 64}' WHERE position = {LINE}", LINE),
    "a line that is gone": (f"DELETE FROM journal WHERE position = {LINE}", LINE),
    "the first line gone": ("DELETE FROM journal WHERE position = 1", 1),
    "lines cut off the end": ("DELETE FROM journal WHERE position > 200", 201),
    "a line that was added": (
        "INSERT INTO journal SELECT position + 1, at, event, actor, data, hash FROM journal ORDER BY position DESC LIMIT 1",
        None,
    ),
    "a head set back": ("UPDATE journal_head SET position = position - 1", None),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tampered_line_of_the_journal_is_named(bank: Bank, what: str) -> None:
    statement, line = TAMPERED[what]
    with tampering(bank) as database:
        assert database.execute(statement).rowcount > 0
    ran = kb("audit", "verify", "--home", bank.home, "--json")
    assert ran.code == 3, ran.said
    if line is not None:
        assert ran.json["fault"]["position"] == line
        assert f"first bad line: {line}: " in kb("audit", "verify", "--home", bank.home).out


ROWS = {
    "a text that is served": (
        "UPDATE payloads SET body = replace(CAST(body AS TEXT), '14 days', '30 days') "
        "WHERE instr(CAST(body AS TEXT), '14 days')",
        "payloads",
    ),
    "a text that was signed": (
        "UPDATE revisions SET body = replace(CAST(body AS TEXT), 'may not', 'may') "
        "WHERE instr(CAST(body AS TEXT), 'may not')",
        "revisions",
    ),
    "a signature": ("UPDATE signoffs SET signature = 'AAAA' WHERE key = 'refund'", "signoffs"),
    "a text in another's place": (
        "UPDATE renditions SET rendition = (SELECT rendition FROM renditions WHERE key = 'card-fee' LIMIT 1) "
        "WHERE key = 'refund' AND channel = 'chat'",
        "renditions",
    ),
    "a withdrawn text that is open again": (
        "UPDATE renditions SET closed_at = NULL WHERE key = 'old-offer'",
        "renditions",
    ),
}


@pytest.mark.parametrize("what", ROWS)
def test_a_tampered_row_is_named(bank: Bank, what: str) -> None:
    bank.run("release", "withdraw", "old-offer", "--yes")
    statement, table = ROWS[what]
    with tampering(bank) as database:
        assert database.execute(statement).rowcount > 0
    ran = kb("audit", "verify", "--home", bank.home, "--json")
    assert ran.code == 3
    assert table in {finding["table"] for finding in ran.json["findings"]}
