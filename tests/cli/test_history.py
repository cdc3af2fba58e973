"""`kb history` and retiring from the command line: the past as the REST door tells it, and what is missing where."""

from tests.doors.bank import Bank
from tests.doors.fixtures import Story
from tests.doors.program import Ran, Server, kb

FEE = "/v1/channels/sms/entries/card-fee"


def asked(story: Story, *arguments: str) -> Ran:
    return story.bank.run("history", *arguments)


def test_the_past_is_what_the_rest_door_tells_of_it(server: Server, story: Story) -> None:
    for at in (story.raised - 1, story.raised):
        said = asked(story, "as-of", "card-fee", "--at", str(at), "--channel", "sms", "--json").json
        assert said == server.payload(f"{FEE}?as_of={at}")
    assert "£5" in asked(story, "as-of", "card-fee", "--at", str(story.released), "--channel", "sms").out


def test_a_withdrawn_entry_has_a_past_for_those_who_own_the_house(story: Story) -> None:
    said = asked(story, "as-of", "old-offer", "--at", str(story.released), "--channel", "chat", "--json").json
    assert said["key"] == "old-offer"
    gone = kb(
        "history", "as-of", "old-offer", "--at", str(story.withdrawn), "--channel", "chat", "--home", story.bank.home
    )
    assert gone.code == 4, gone.said


def test_intervals_and_timeline_name_the_positions(story: Story) -> None:
    found = asked(story, "intervals", "old-offer", "--json").json
    assert [(one["state"], one["position"], one["ended_at"]) for one in found] == [
        ("live", story.released, story.withdrawn),
        ("withdrawn", story.withdrawn, None),
    ]
    told = asked(story, "timeline", "old-offer").out
    assert f"{story.withdrawn:>6}" in told
    assert "was withdrawn (operator)" in told


def test_what_is_missing_where_is_counted(story: Story) -> None:
    found = asked(story, "coverage", "--channel", "sms", "--locale", "es-ES", "--json").json
    assert found["counts"]["missing"] == sum(1 for one in found["items"] if one["state"] == "missing") > 0
    told = asked(story, "translations", "--json").json
    assert {"current", "missing"} <= told["counts"].keys()


def test_a_key_is_retired_after_a_look(bank: Bank) -> None:
    looked = bank.run("release", "retire", "old-offer", "refund", "--dry-run", "--json").json
    assert [place[0] for place in looked["retired"]] == ["old-offer"]
    assert "answers for old-offer" in bank.run("release", "retire", "old-offer", "refund").out
    refused = kb("release", "retire", "refund", "refund", "--home", bank.home)
    assert refused.code == 5, refused.said


def test_a_topic_is_withdrawn_after_a_look(bank: Bank) -> None:
    assert kb("release", "withdraw", "--yes", "--home", bank.home).code == 2
    assert kb("release", "withdraw", "--topic", "nothing", "--dry-run", "--home", bank.home).code == 4
