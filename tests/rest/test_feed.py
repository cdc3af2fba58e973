"""What followers read: changes with tombstones, and the snapshot; replaying the one gives the other."""

from collections import Counter
from typing import Any

import pytest

from tests.doors.fixtures import Story
from tests.doors.program import Server, lines_of

Place = tuple[str, str, str, str]
PROFILES = {
    "voice": ["core", "polly"], "chat": ["core", "whatsapp"], "social": ["x", "bluesky"], "sms": ["core"],
    "email": ["core"], "faq": ["core"], "agent": ["core"],
}  # fmt: skip


def place(item: dict[str, Any]) -> Place:
    return item["key"], item["channel"], item["profile"], item["locale"]


def all_changes(server: Server, query: str) -> list[dict[str, Any]]:
    """Every change behind the query's start, read as a follower reads: cursor by cursor until nothing more comes."""
    found: list[dict[str, Any]] = []
    page = server.payload(f"/v1/changes?{query}")
    while page["items"]:
        found += page["items"]
        rest = "&".join(part for part in query.split("&") if not part.startswith("after="))
        page = server.payload(f"/v1/changes?{rest}&cursor={page['next']}")
    return found


def live_places(server: Server) -> set[Place]:
    return {
        place(item) for channel in PROFILES for item in lines_of(server.get(f"/v1/snapshot?channel={channel}").text)
    }


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_replaying_the_changes_from_the_start_gives_what_is_live(server: Server, limit: int) -> None:
    live: set[Place] = set()
    for item in all_changes(server, f"limit={limit}"):
        if item["change"] == "released":
            live.add(place(item))
        else:
            live.remove(place(item))
    assert live == live_places(server)


def test_pages_of_any_size_tell_the_same_changes(server: Server) -> None:
    assert all_changes(server, "limit=1") == all_changes(server, "limit=7") == all_changes(server, "limit=1000")


def test_changes_come_in_order_of_position_and_tell_when(server: Server) -> None:
    items = all_changes(server, "limit=1000")
    assert [item["position"] for item in items] == sorted(item["position"] for item in items)
    assert [item["at"] for item in items] == sorted(item["at"] for item in items)
    assert all(
        set(item) == {"position", "at", "change", "key", "channel", "profile", "locale", "version"} for item in items
    )


def test_after_a_position_only_what_came_later_is_told(server: Server, story: Story) -> None:
    raised = all_changes(server, f"after={story.released}&limit=1000")
    assert Counter((item["position"], item["change"], item["key"]) for item in raised) == {
        (story.raised, "released", "card-fee"): 20,
        (story.withdrawn, "withdrawn", "old-offer"): 10,
    }
    assert all_changes(server, f"after={story.withdrawn}") == []


def test_complete_through_moves_over_whole_positions_only(server: Server, story: Story) -> None:
    cursor, seen = f"after={story.released}", 0
    for _ in range(100):
        page = server.payload(f"/v1/changes?{cursor}&limit=4")
        seen += len(page["items"])
        if seen < 20:
            assert page["complete_through"] < story.raised
        elif seen < 30:
            assert story.raised <= page["complete_through"] < story.withdrawn
        else:
            assert page["complete_through"] == story.withdrawn
        if not page["items"]:
            break
        cursor = f"cursor={page['next']}"
    assert seen == 30


def test_a_follower_that_is_up_to_date_keeps_its_place(server: Server, story: Story) -> None:
    page = server.payload(f"/v1/changes?after={story.withdrawn}")
    assert (page["items"], page["complete_through"]) == ([], story.withdrawn)
    again = server.payload(f"/v1/changes?cursor={page['next']}")
    assert again == page


def test_changes_of_one_channel_or_locale_are_those_of_all_that_are_of_it(server: Server) -> None:
    whole = all_changes(server, "limit=1000")
    assert all_changes(server, "limit=3&channel=sms") == [item for item in whole if item["channel"] == "sms"]
    assert all_changes(server, "limit=3&locale=es-ES") == [item for item in whole if item["locale"] == "es-ES"]


def test_nobody_is_told_of_what_is_not_theirs(server: Server) -> None:
    keys = {item["key"] for item in all_changes(server, "limit=1000")}
    assert "old-offer" in keys  # a tombstone of what was public
    assert not keys & {"gold-offer", "fraud-script", "coming-soon", "card.fee", "policy"}


@pytest.mark.parametrize("channel", PROFILES)
@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
def test_a_snapshot_is_the_list_of_what_is_live_in_a_locale(server: Server, channel: str, locale: str) -> None:
    whole: list[dict[str, Any]] = []
    for profile in PROFILES[channel]:
        query = f"locale={locale}&profile={profile}"
        lines = lines_of(server.get(f"/v1/snapshot?channel={channel}&{query}").text)
        listed = server.payload(f"/v1/channels/{channel}/entries?limit=100&{query}")["items"]
        assert lines == [item for item in listed if item["locale"] == locale]
        whole += lines
    assert whole
    assert lines_of(server.get(f"/v1/snapshot?channel={channel}&locale={locale}").text) == whole


def test_a_snapshot_of_everything_holds_each_channels_default_profile_in_every_locale(server: Server) -> None:
    answer = server.get("/v1/snapshot")
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = lines_of(answer.text)
    assert {(line["channel"], line["profile"]) for line in lines} == {
        (channel, profiles[0]) for channel, profiles in PROFILES.items()
    }
    assert {line["locale"] for line in lines} == {"en-GB", "es-ES"}
    assert len({place(line) for line in lines}) == len(lines)
