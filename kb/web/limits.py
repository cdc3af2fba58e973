"""How often may a caller ask: counts that all worker processes of one machine share, in a small file of the home.

A count is the generic cell rate algorithm's one number (ITU-T I.371 §A): the time at which a caller's quota will be
whole again. A quota of 600 a minute may be spent at once and comes back ten a second.
"""

import math
import sqlite3
import time
from pathlib import Path

import msgspec

from kb.base.errors import Limited, Unavailable

WINDOW = 60
"""Seconds that every quota is counted over."""
SWEEP_EVERY = 1000
"""After how many counts those that are whole again are forgotten."""
WAIT = 0.25
"""Seconds that one process waits for another to have counted."""

TABLE = "CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, whole REAL NOT NULL) WITHOUT ROWID"
READ = "SELECT whole FROM counts WHERE name = ?"
WRITE = "INSERT INTO counts (name, whole) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET whole = excluded.whole"
SWEEP = "DELETE FROM counts WHERE whole <= ? OR whole > ?"

Headers = tuple[tuple[bytes, bytes], ...]


class Quota(msgspec.Struct, frozen=True):
    """`size` requests a minute; 0 is no limit."""

    name: str
    size: int


class Taken(msgspec.Struct, frozen=True):
    """What is left of a quota: `after` is in how many seconds it is whole again, `wait` until the next request may come."""

    quota: Quota
    left: int
    after: int
    wait: int = 0

    @property
    def allowed(self) -> bool:
        return self.wait == 0

    @property
    def headers(self) -> Headers:
        """RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10 §§3–4); none without a limit."""
        if not self.quota.size:
            return ()
        policy = f'"{self.quota.name}";q={self.quota.size};w={WINDOW}'
        return (
            (b"ratelimit-policy", policy.encode()),
            (b"ratelimit", f'"{self.quota.name}";r={self.left};t={self.after}'.encode()),
        )

    def must(self) -> None:
        """Raise Limited where the quota is spent."""
        if not self.allowed:
            raise Limited(f"that was too much in a short time: try again in {self.wait} s", retry_after=self.wait)


class Limits:
    """The counts in one file. `take` and `look` block for some 20 µs; Unavailable when the file can't be used.

    Time is the machine's monotonic clock, which its processes share; a count from before it was restarted is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._counted = 0

    def take(self, quota: Quota, who: str) -> Taken:
        """Count one request of `who`; one that isn't allowed isn't counted."""
        return self._judged(quota, who, counting=True)

    def look(self, quota: Quota, who: str) -> Taken:
        """What `take` would say, without counting."""
        return self._judged(quota, who, counting=False)

    def close(self) -> None:
        """Give the file back; it opens again when it is needed."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _judged(self, quota: Quota, who: str, *, counting: bool) -> Taken:
        if not quota.size:
            return Taken(quota, 0, 0)
        name = f"{quota.name} {who}"
        try:
            connection = self._connection or self._opened()
            connection.execute("BEGIN IMMEDIATE" if counting else "BEGIN")
            try:
                taken, whole = _counted(connection, quota, name, time.monotonic())
                if counting and taken.allowed:
                    connection.execute(WRITE, (name, whole))
                    self._sweep(connection)
            finally:
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise Unavailable("requests can't be counted right now: look at the home's disk and rights") from error
        return taken

    def _sweep(self, connection: sqlite3.Connection) -> None:
        self._counted += 1
        if self._counted % SWEEP_EVERY == 0:
            now = time.monotonic()
            connection.execute(SWEEP, (now, now + WINDOW))

    def _opened(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600)  # it holds addresses; SQLite gives the files beside it the same rights
        connection = sqlite3.connect(self._path, timeout=WAIT, isolation_level=None)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=OFF", TABLE):
            connection.execute(statement)
        self._connection = connection
        return connection


def _counted(connection: sqlite3.Connection, quota: Quota, name: str, now: float) -> tuple[Taken, float]:
    """What one more request finds, and when the quota is whole again after it."""
    row = connection.execute(READ, (name,)).fetchone()
    owed = max(row[0] - now, 0.0) if row is not None and row[0] <= now + WINDOW else 0.0
    return taken_of(quota, owed), now + owed + WINDOW / quota.size


def taken_of(quota: Quota, owed: float) -> Taken:
    """One more request where `owed` seconds are missing to the whole quota: pure, so that it can be tried by itself."""
    cost = WINDOW / quota.size
    after = owed + cost
    if after > WINDOW + 1e-9:
        return Taken(quota, 0, math.ceil(owed), max(1, math.ceil(after - WINDOW)))
    return Taken(quota, int((WINDOW - after) / cost + 1e-9), math.ceil(after))
