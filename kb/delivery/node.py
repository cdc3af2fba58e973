"""What this node has applied: the journal's head and the channel profiles in force, looked up again when they may have moved."""

import time
from functools import lru_cache

import msgspec

from kb.base.errors import Unavailable
from kb.channels.profiles import Profiles, ProfilesDocument, resolve
from kb.delivery.reader import Reader

HEAD = "SELECT position, at FROM journal_head"
RULING = "SELECT id, body FROM rulings WHERE name = :name AND closed_at IS NULL"
RULING_AT = (
    "SELECT id, body FROM rulings WHERE name = :name AND opened_at <= :position"
    " AND (closed_at IS NULL OR closed_at > :position)"
)


class View(msgspec.Struct, frozen=True):
    """The state a node answers from."""

    position: int
    at: str
    profiles: Profiles


class Node:
    """One process's view of delivery.

    A head that can't be read for longer than `max_stale` seconds makes every answer Unavailable (law 6).
    """

    def __init__(self, reader: Reader, max_stale: float) -> None:
        self.reader = reader
        self._max_stale = max_stale
        self._view: View | None = None
        self._ruling: int | None = None
        self._behind = True
        self._looked = 0.0

    async def view(self) -> View:
        """The view as of now; Unavailable when it is older than it may be and can't be renewed."""
        now = time.monotonic()
        if self._view is not None and now - self._looked < self.reader.look_every:
            return self._view
        try:
            view = await self._renewed()
        except Unavailable:
            if self._view is None or now - self._looked > self._max_stale:
                raise
            return self._view
        self._looked = now
        return view

    async def profiles_at(self, position: int) -> Profiles:
        """The profiles that were in force at a position."""
        rows = await self.reader.rows(RULING_AT, {"name": "channels", "position": position})
        return profiles_of(rows[0][1] if rows else None)

    async def ruling(self, name: str) -> str | None:
        """The JSON of a house document in force, None without one."""
        rows = await self.reader.rows(RULING, {"name": name})
        return rows[0][1] if rows else None

    async def _renewed(self) -> View:
        """The view, looked up if anything was committed since; a look that fails is owed until one succeeds."""
        self._behind = await self.reader.changed() or self._behind
        if self._view is None or self._behind:
            self._view = await self._look()
            self._behind = False
        return self._view

    async def _look(self) -> View:
        position, at = (await self.reader.rows(HEAD, {}))[0]
        rows = await self.reader.rows(RULING, {"name": "channels"})
        ruling = rows[0][0] if rows else 0
        if self._view is not None and ruling == self._ruling:
            return View(position, at, self._view.profiles)
        self._ruling = ruling
        return View(position, at, profiles_of(rows[0][1] if rows else None))


@lru_cache(maxsize=64)
def profiles_of(body: str | None) -> Profiles:
    """The profiles of a `channels` document in JSON, or the built-in ones."""
    document = msgspec.json.decode(body, type=ProfilesDocument) if body else None
    return resolve(document)
