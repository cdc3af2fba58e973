"""Law 10: software upgrades change no live text; a release of class `rendering` does."""

from typing import Any

import msgspec
import pytest

from kb.base.journal import read_lines
from kb.channels import render as rendering
from kb.channels.profiles import CHANNELS
from kb.channels.types import Payload
from kb.release import actions
from kb.release.actions import differences
from tests.builders import ENGLISH, Home, a_live_answer, asked, body, changed, live, prepared, read, text

pytestmark = pytest.mark.both_databases


def upgraded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new version of the program whose SMS shouts."""
    quiet = rendering.RENDERERS["sms"]

    def loud(*arguments: Any) -> Payload:
        told = quiet(*arguments)
        return msgspec.structs.replace(told, text=told.text.upper())

    monkeypatch.setitem(rendering.RENDERERS, "sms", loud)
    monkeypatch.setattr(actions, "RENDERER", "2")


async def test_a_new_renderer_shows_its_differences_and_changes_nothing_until_they_are_released(
    house: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_live_answer(house)
    before = {channel: await body(house, "card-arrival", asked(channel)) for channel in CHANNELS}
    upgraded(monkeypatch)
    assert {channel: await body(house, "card-arrival", asked(channel)) for channel in CHANNELS} == before
    ready = await prepared(house, everything=True)
    assert ("card-arrival", ENGLISH) in await read(house, differences, ready)
    assert {channel: await body(house, "card-arrival", asked(channel)) for channel in CHANNELS} == before
    async with house.work() as work:
        done = await actions.release(work, ready, "a new renderer", "rerender")
    assert done is not None
    assert await text(house, "card-arrival", asked("sms")) == "YOUR CARD IS ON ITS WAY."
    assert await body(house, "card-arrival", asked("chat")) == before["chat"]
    line = msgspec.json.decode((await read(house, read_lines, done.position - 1))[0].data)
    assert (line["act"], line["renderer"]) == ("rerender", "2")


async def test_what_is_released_next_does_not_drag_the_rest_along(house: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = await a_live_answer(house)
    await a_live_answer(house, "b", "Call us.")
    before = await body(house, "b", asked("sms"))
    upgraded(monkeypatch)
    await live(house, changed(draft, text="It comes."))
    assert await text(house, "card-arrival", asked("sms")) == "IT COMES."
    assert await body(house, "b", asked("sms")) == before
