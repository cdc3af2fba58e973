"""What an audit finds, and how it reads: rows in order, a run at a time, so that memory doesn't grow with the history."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

RUN = 1000


class Finding(msgspec.Struct, frozen=True):
    """A row that contradicts what it names or what the journal says of it."""

    table: str
    name: str
    message: str


async def streamed(connection: AsyncConnection, statement: sa.Select[Any]) -> AsyncGenerator[sa.Row[Any], None]:
    """The rows of a select, of which no more than a run is held at once."""
    result = await connection.stream(statement, execution_options={"yield_per": RUN})
    try:
        async for run in result.partitions():
            for row in run:
                yield row
    finally:
        await result.close()


class ByPosition:
    """The rows of a select whose first column is a position and rules their order, handed out a position at a time."""

    def __init__(self, connection: AsyncConnection, statement: sa.Select[Any]) -> None:
        self._rows = streamed(connection, statement)
        self._next: sa.Row[Any] | None = None
        self._begun = False

    async def upto(self, position: int) -> tuple[list[sa.Row[Any]], list[sa.Row[Any]]]:
        """Rows before a position that nobody has asked for, and those at it."""
        strays: list[sa.Row[Any]] = []
        found: list[sa.Row[Any]] = []
        if not self._begun:
            self._begun = True
            await self._step()
        while self._next is not None and self._next[0] <= position:
            (found if self._next[0] == position else strays).append(self._next)
            await self._step()
        return strays, found

    async def rest(self) -> list[sa.Row[Any]]:
        """The first few rows that nobody has asked for."""
        strays, _ = await self.upto(2**62)
        return strays

    async def close(self) -> None:
        """Give the cursor back, however far it was read."""
        await self._rows.aclose()

    async def _step(self) -> None:
        self._next = await anext(self._rows, None)


def listed(text: str | None) -> list[str]:
    """The words in a JSON list, none where it is missing or no such list: whoever keeps it checks its digest."""
    try:
        return msgspec.json.decode(text or "[]", type=list[str])
    except msgspec.DecodeError:
        return []


def told(data: str | None) -> Mapping[str, Any]:
    """What a journal line says, nothing where it is missing or no JSON object: the chain tells of that."""
    try:
        found = msgspec.json.decode(data or "{}")
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}
