"""Looking into a home's database from outside, and changing it behind the program's back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from tests.doors.bank import Bank


@contextmanager
def looking(bank: Bank) -> Iterator[sqlite3.Connection]:
    """A connection that only reads."""
    with closing(sqlite3.connect(f"file:{bank.home / 'kb.db'}?mode=ro", uri=True)) as database:
        yield database


@contextmanager
def tampering(bank: Bank) -> Iterator[sqlite3.Connection]:
    """A connection on which no trigger stands in the way, as whoever holds the file can have one."""
    with closing(sqlite3.connect(bank.home / "kb.db")) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            database.execute(f"DROP TRIGGER {name}")
        yield database
        database.commit()


def served(bank: Bank) -> set[tuple[Any, ...]]:
    """What readers are given: each open rendition with its place; empty where there is no database yet."""
    if not (bank.home / "kb.db").exists():
        return set()
    with looking(bank) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'renditions'").fetchone():
            return set()
        columns = "key, locale, channel, profile, audience, variant, pick, rendition"
        return set(database.execute(f"SELECT {columns} FROM renditions WHERE closed_at IS NULL"))


def releases(bank: Bank) -> int:
    """How many releases the home has seen."""
    with looking(bank) as database:
        (count,) = database.execute("SELECT count(*) FROM releases").fetchone()
        return int(count)
