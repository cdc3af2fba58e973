"""Recomputing what changes from what is written once: people, roles, keys, sessions and the state of every review."""

from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncConnection

from kb.release.finding import Finding
from kb.release.replay_access import access_replayed
from kb.release.replay_people import people_replayed
from kb.release.replay_reviews import reviews_replayed


async def replayed(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Every row that is not what the lines of the journal, taken one after the other, make of it."""
    for replay in (people_replayed, access_replayed, reviews_replayed):
        async for finding in replay(connection):
            yield finding
