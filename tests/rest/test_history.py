"""The past: what was said at a position or a time, byte for byte, and for whom."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.doors.answers import assert_problem
from tests.doors.fixtures import Story
from tests.doors.program import Server

FEE = "/v1/channels/sms/entries/card-fee"


def test_a_position_gives_what_was_said_then(server: Server, story: Story) -> None:
    before, after = (server.payload(f"{FEE}?as_of={position}") for position in (story.raised - 1, story.raised))
    assert "£5" in before["text"]
    assert "£6" in after["text"]
    assert before["position"] == story.released
    assert after["position"] == story.raised
    assert after == server.payload(FEE)


def test_a_time_gives_what_was_said_at_that_instant(server: Server, story: Story) -> None:
    (raised,) = {item["at"] for item in _changes(server) if item["position"] == story.raised}
    assert server.payload(f"{FEE}?as_of={raised}")["position"] == story.raised
    just_before = server.payload(f"{FEE}?as_of={_a_moment_before(raised)}")
    assert just_before["position"] == story.released
    elsewhere = raised.replace("Z", "%2B00:00")
    assert server.payload(f"{FEE}?as_of={elsewhere}")["position"] == story.raised


def test_before_anything_was_released_there_is_nothing(server: Server, story: Story) -> None:
    for moment in ("0", "1", str(story.released - 1), "1999-01-01T00:00:00Z", "1999-01-01"):
        assert_problem(server.get(f"{FEE}?as_of={moment}"), 404, "not-found")


def test_strangers_may_not_ask_what_a_withdrawn_entry_said(server: Server, story: Story) -> None:
    assert_problem(server.get(f"/v1/channels/sms/entries/old-offer?as_of={story.released}"), 404, "not-found")


def test_other_doors_have_no_past_and_say_so(server: Server, story: Story) -> None:
    for path in ("entries", "lookup?key=card-fee", "entries/card-fee/explain", "search?q=fee"):
        joint = "&" if "?" in path else "?"
        answer = server.get(f"/v1/channels/sms/{path}{joint}as_of={story.released}")
        assert_problem(answer, 400, "unknown-parameter")


def _changes(server: Server) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = server.payload("/v1/changes?limit=1000")["items"]
    return items


def _a_moment_before(stamp: str) -> str:
    """A millisecond earlier, ready for a query: stamps are whole milliseconds."""
    moment = datetime.fromisoformat(stamp) - timedelta(milliseconds=1)
    return quote(moment.isoformat(timespec="milliseconds"))
