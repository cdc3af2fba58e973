"""What a node has applied: it follows the head, and answers nothing rather than an old text."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from kb.base.errors import Unavailable
from kb.delivery import node as node_module
from kb.delivery.node import Node
from kb.delivery.reader import Reader, Values
from tests.builders import CHANNELS, ENGLISH, SPANISH, Home, a_channels_document, a_live_answer, live, withdrawn


class Cut:
    """A reader whose database can be cut off."""

    look_every = 0.0

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.is_cut = False

    async def rows(self, statement: str, values: Values) -> Sequence[tuple[Any, ...]]:
        if self.is_cut:
            raise Unavailable("the database can't be read right now")
        return await self.reader.rows(statement, values)

    async def changed(self) -> bool:
        if self.is_cut:
            raise Unavailable("the database can't be read right now")
        return await self.reader.changed()

    async def close(self) -> None:
        await self.reader.close()


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The node's monotonic clock, as a list of one number that a test may change."""
    now = [1000.0]
    monkeypatch.setattr(node_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


@pytest.mark.both_databases
async def test_a_node_sees_every_commit_at_the_next_look(house: Home, moment: list[float]) -> None:
    node = Node(house.reader, 1.0)
    before = (await node.view()).position
    await a_live_answer(house)
    moment[0] += 1
    middle = (await node.view()).position
    done = await withdrawn(house, "card-arrival")
    moment[0] += 1
    assert before < middle < done.position == (await node.view()).position


@pytest.mark.both_databases
async def test_a_node_knows_the_profiles_of_now_and_of_then(house: Home, moment: list[float]) -> None:
    node = Node(house.reader, 1.0)
    before = await node.view()
    assert before.profiles.locales == (ENGLISH, SPANISH)
    await live(house, a_channels_document(msgspec.structs.replace(CHANNELS, locales=(ENGLISH, SPANISH, "de-DE"))))
    moment[0] += 1
    assert (await node.view()).profiles.locales == (ENGLISH, SPANISH, "de-DE")
    assert (await node.profiles_at(before.position)).locales == (ENGLISH, SPANISH)
    assert (await node.profiles_at(0)).locales == (ENGLISH,)


async def test_a_ruling_that_is_not_there_is_none(house: Home) -> None:
    assert await Node(house.reader, 1.0).ruling("synonyms") is None


async def test_a_node_that_cannot_read_the_head_answers_for_as_long_as_it_may_and_then_not(
    house: Home, moment: list[float]
) -> None:
    reader = Cut(house.reader)
    node = Node(reader, 1.0)
    view = await node.view()
    reader.is_cut = True
    moment[0] += 0.9
    assert await node.view() == view
    moment[0] += 0.2
    with pytest.raises(Unavailable) as error:
        await node.view()
    assert error.value.retry_after >= 1
    reader.is_cut = False
    assert await node.view() == view


async def test_a_node_that_never_read_anything_answers_nothing(house: Home) -> None:
    reader = Cut(house.reader)
    reader.is_cut = True
    with pytest.raises(Unavailable):
        await Node(reader, 1.0).view()
