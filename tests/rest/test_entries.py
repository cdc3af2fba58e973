"""One entry, several, and lists of them: what is chosen, in which order, and for whom."""

import json

import pytest

from tests.doors.answers import assert_problem, walk
from tests.doors.fixtures import Story
from tests.doors.program import Server

CHAT = "/v1/channels/chat"
FIELDS = {
    "key", "kind", "topic", "product", "stage", "tone", "channel", "profile", "locale", "title", "text", "markup",
    "parts", "ask", "next", "links", "facts", "claims", "disclosures", "slots", "version", "hash",
    "rendition", "position", "valid_until", "verified_at", "trust",
}  # fmt: skip
OWN = {"email": {"email"}, "faq": {"faq"}, "voice": {"voice"}, "agent": {"staff"}}
PUBLIC = (
    "capital-risk", "card-arrival", "card-fee", "delay", "invest", "quick-calls", "refund", "refund-time", "reminder",
    "say-handover", "say-no-answer", "say-repeat", "say-unsure",
)  # fmt: skip


@pytest.mark.parametrize("channel", ["voice", "chat", "social", "sms", "email", "faq", "agent"])
def test_a_payload_has_the_fields_of_every_channel_and_those_of_its_own(server: Server, channel: str) -> None:
    payload = server.payload(f"/v1/channels/{channel}/entries/card-arrival")
    assert set(payload) - OWN.get(channel, set()) == FIELDS
    assert (payload["channel"], payload["locale"], payload["kind"]) == (channel, "en-GB", "answer")
    assert payload["profile"] == ("x" if channel == "social" else "core")
    assert set(payload["facts"]["card.delivery"]) == {"value", "text", "version", "hash"}
    assert payload["facts"]["card.delivery"]["text"] in payload["text"]
    assert payload["trust"] == "verified"


def test_a_claim_and_a_disclosure_bring_what_they_lean_on(server: Server) -> None:
    refund = server.payload(f"{CHAT}/entries/refund")
    assert [claim["key"] for claim in refund["claims"]] == ["refund-time"]
    assert refund["facts"]["refund.window"]["text"] == "14 days"
    assert refund["valid_until"] == "2099-12-31T23:59:59.999Z"
    assert [each["key"] for each in server.payload(f"{CHAT}/entries/invest")["disclosures"]] == ["capital-risk"]


def test_a_locale_falls_back_only_along_the_chain_of_the_profiles(server: Server) -> None:
    def locale(key: str, asked: str) -> str:
        return str(server.payload(f"{CHAT}/entries/{key}?locale={asked}")["locale"])

    assert locale("refund", "es-MX") == "es-ES"
    assert locale("invest", "es-MX") == "en-GB"
    assert locale("invest", "es-ES") == "en-GB"
    assert_problem(server.get(f"{CHAT}/entries/refund?locale=es"), 404, "not-found")
    assert_problem(server.get(f"{CHAT}/entries/refund?locale=de-DE"), 404, "not-found")


def test_a_variant_answers_where_its_conditions_hold_and_more_conditions_win(server: Server) -> None:
    def text(query: str) -> str:
        return str(server.payload(f"/v1/channels/social/entries/delay{query}")["text"])

    own = text("")
    public = text("?visibility=public")
    formal = text("?visibility=public&tone=formal")
    assert "send us a message" in public
    assert formal.startswith("Please allow")
    assert len({own, public, formal}) == 3
    assert text("?visibility=direct") == own
    assert text("?tone=formal") == own  # half its conditions are none of them
    assert text("?visibility=public&tone=cheerful") == public
    assert text("?product=debit-card&stage=during") == own


def test_pick_counts_round_through_the_alternates_of_a_wording(server: Server) -> None:
    texts = [server.payload(f"{CHAT}/entries/delay?pick={number}")["text"] for number in range(5)]
    assert texts[0] != texts[1]
    assert texts == [texts[0], texts[1], texts[0], texts[1], texts[0]]
    assert server.payload(f"{CHAT}/entries/card-fee?pick=41") == server.payload(f"{CHAT}/entries/card-fee")


def test_another_entry_answers_for_one_that_is_not_live_if_the_reader_says_which(server: Server) -> None:
    for key in ("old-offer", "no-such-thing", "gold-offer", "coming-soon"):
        answer = server.get(f"{CHAT}/entries/{key}?or=say-handover")
        assert answer.status_code == 200
        assert answer.headers["kb-answered"] == answer.json()["key"] == "say-handover"
    live = server.get(f"{CHAT}/entries/refund?or=say-handover")
    assert live.headers["kb-answered"] == "refund"
    for other in ("no-such-thing", "gold-offer", "old-offer"):
        assert_problem(server.get(f"{CHAT}/entries/old-offer?or={other}"), 404, "not-found")


def test_the_other_entry_answers_for_the_past_too(server: Server, story: Story) -> None:
    answer = server.get(f"{CHAT}/entries/old-offer?or=say-handover&as_of={story.released}")
    assert (answer.status_code, answer.headers["kb-answered"]) == (200, "say-handover")


def test_a_list_is_everything_public_in_order_of_key(server: Server) -> None:
    listed = server.payload(f"{CHAT}/entries?limit=100")
    assert [item["key"] for item in listed["items"]] == list(PUBLIC)
    assert listed["next"] is None
    for item in listed["items"]:
        assert item == server.payload(f"{CHAT}/entries/{item['key']}")


@pytest.mark.parametrize("limit", [1, 2, 5, len(PUBLIC), len(PUBLIC) + 1])
@pytest.mark.parametrize("locale", ["en-GB", "es-ES", "es-MX"])
def test_pages_of_any_size_make_the_same_list(server: Server, limit: int, locale: str) -> None:
    whole = server.payload(f"{CHAT}/entries?limit=100&locale={locale}")["items"]
    assert walk(server, f"{CHAT}/entries?limit={limit}&locale={locale}") == whole
    assert len(whole) == len(PUBLIC)


def test_a_filter_narrows_a_list_and_its_pages(server: Server) -> None:
    def keys(query: str) -> list[object]:
        return [item["key"] for item in walk(server, f"{CHAT}/entries?limit=2&{query}")]

    assert keys("kind=claim") == ["refund-time"]
    assert keys("kind=promise") == ["quick-calls"]
    assert keys("kind=notice") == []
    assert keys("topic=savings") == ["invest"]
    assert keys("product=debit-card") == ["card-arrival", "card-fee", "delay"]
    assert keys("product=debit-card&stage=before") == ["card-fee"]
    assert keys("topic=nothing") == []


def test_a_list_gives_the_variant_that_an_entry_would(server: Server) -> None:
    query = "visibility=public&tone=formal"
    listed = server.payload(f"/v1/channels/social/entries?limit=100&{query}")["items"]
    (delay,) = [item for item in listed if item["key"] == "delay"]
    assert delay == server.payload(f"/v1/channels/social/entries/delay?{query}")
    assert delay["text"].startswith("Please allow")


def test_a_lookup_answers_in_the_order_asked_and_tells_what_is_missing(server: Server) -> None:
    asked = ["refund", "old-offer", "card-fee", "no-such-thing", "refund", "gold-offer", "fraud-script"]
    found = server.payload(f"{CHAT}/lookup?{'&'.join(f'key={key}' for key in asked)}")
    assert [item["key"] for item in found["items"]] == ["refund", "card-fee"]
    assert found["missing"] == ["old-offer", "no-such-thing", "gold-offer", "fraud-script"]
    for item in found["items"]:
        assert item == server.payload(f"{CHAT}/entries/{item['key']}")


def test_a_lookup_falls_back_key_by_key(server: Server) -> None:
    found = server.payload(f"{CHAT}/lookup?key=invest&key=refund&locale=es-ES")
    assert [(item["key"], item["locale"]) for item in found["items"]] == [("invest", "en-GB"), ("refund", "es-ES")]


@pytest.mark.parametrize("channel", ["voice", "chat", "social", "sms", "email", "faq", "agent"])
def test_what_staff_and_customers_may_read_is_never_public(server: Server, channel: str) -> None:
    paths = ("entries?limit=100", "lookup?key=fraud-script&key=gold-offer", "search?q=zebra+word+gold+card")
    for path in (*paths, "match?q=zebra+word", "suggest?q=how+we+check", "entries/card-arrival"):
        text = server.get(f"/v1/channels/{channel}/{path}").text
        for secret in ("zebra", "gold card", "check the date of the order", "it will come tomorrow"):
            assert secret not in text.lower(), path
    for path in ("/v1/snapshot", "/v1/changes?limit=1000"):
        text = server.get(path).text
        assert "zebra" not in text
        assert "gold-offer" not in text
        assert "fraud-script" not in text


def test_an_explanation_names_what_was_tried_and_why_each_wording_was_taken_or_not(server: Server) -> None:
    told = server.payload("/v1/channels/social/entries/delay/explain?visibility=public&locale=es-MX&profile=bluesky")
    assert (told["channel"], told["profile"]) == ("social", "bluesky")
    assert (told["locales"], told["locale"]) == (["es-MX", "es-ES", "en-GB"], "en-GB")
    assert told["audiences"] == ["public"]
    chosen = [wording for wording in told["wordings"] if wording["chosen"]]
    assert [json.loads(wording["variant"]) for wording in chosen] == [{"visibility": ["public"]}]
    assert len(told["wordings"]) == 4
    assert all(wording["why"] for wording in told["wordings"])
    payload = server.payload("/v1/channels/social/entries/delay?visibility=public&locale=es-MX&profile=bluesky")
    for name in ("rendition", "position", "trust", "facts", "claims", "disclosures"):
        assert told[name] == payload[name], name


def test_an_explanation_of_a_staff_part_names_only_what_the_reader_may_see(server: Server) -> None:
    told = server.payload("/v1/channels/agent/entries/card-arrival/explain")
    assert {wording["audience"] for wording in told["wordings"]} == {"public"}
