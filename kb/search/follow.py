"""Keeping an index in step with what is live: it follows the journal, catches up, and can be built anew."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from kb.base.errors import Unavailable
from kb.delivery import feed
from kb.delivery.node import Node
from kb.delivery.types import Findable
from kb.entries.types import Synonyms
from kb.search.documents import indexed
from kb.search.types import Batch, SearchIndex

RUN = 1_000
"""Keys indexed in one commit: a commit of one document costs as much as of a hundred."""

PAUSE = 0.05
TROUBLED = 0.5
"""Seconds between two looks at the head, and after an engine or database that didn't answer."""

NONE = Synonyms(locales={})

log = logging.getLogger(__name__)


class Follower:
    """Follows the journal into one index; in a process that doesn't hold the writer's lock it only looks again."""

    def __init__(self, node: Node, index: SearchIndex) -> None:
        self._node = node
        self._index = index
        self._synonyms = NONE

    async def catch_up(self) -> int:
        """Index everything changed since the bookmark, synonyms too; how many keys that were. Replay is harmless."""
        position = (await self._node.view()).position
        bookmark = await self._index.bookmark()
        if bookmark >= position:
            return 0
        changed = await feed.changed_keys(self._node.reader, bookmark, position)
        keys = sorted({key for key, _ in changed})
        await self._learn()
        for start in range(0, max(len(keys), 1), RUN):
            run = keys[start : start + RUN]
            rows = await feed.findables(self._node.reader, run)
            last = start + RUN >= len(keys)
            await self._index.apply(Batch(frozenset(run), indexed(rows), position if last else bookmark))
        return len(keys)

    async def rebuild(self, progress: Callable[[int], None] | None = None) -> None:
        """Build the index anew beside the live one and swap; `progress` hears how many documents are in."""
        position = (await self._node.view()).position
        await self._learn()
        await self._index.rebuild(self._everything(progress), position)
        await self.catch_up()

    async def run(self) -> None:
        """Follow until cancelled; what fails is tried again, and meanwhile search answers without the index's help."""
        await self._start()
        behind = False
        while True:
            try:
                await self.catch_up()
                behind = False
            except Unavailable as error:
                if not await self.see_others() and not behind:
                    log.warning("search is behind and tries again: %s", error)
                    behind = True
            await asyncio.sleep(TROUBLED if behind else PAUSE)

    async def see_others(self) -> bool:
        """Whether another process has brought the index further (it holds the writer's lock)."""
        before = await self._index.bookmark()
        try:
            await self._index.refresh()
        except Unavailable:
            return False
        return await self._index.bookmark() > before

    async def _start(self) -> None:
        """Synonyms live in memory: they are learned at the start even when the index itself is up to date."""
        try:
            await self._learn()
        except Unavailable as error:
            log.warning("synonyms can't be read yet: %s", error)

    async def _learn(self) -> None:
        body = await self._node.ruling("synonyms")
        synonyms = msgspec.json.decode(body, type=Synonyms) if body else NONE
        if synonyms != self._synonyms:
            await self._index.learn(synonyms)
            self._synonyms = synonyms

    async def _everything(self, progress: Callable[[int], None] | None) -> AsyncIterator[Sequence[Findable]]:
        done = 0
        async for rows in feed.all_findables(self._node.reader, RUN):
            yield indexed(rows)
            done += len(rows)
            if progress is not None:
                progress(done)
