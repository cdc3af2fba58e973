"""Finding: search, suggestions and the one answer, each with text that delivery gave and nothing else."""

from typing import Any

import pytest

from tests.doors.program import Server

CHAT = "/v1/channels/chat"


def test_a_hit_has_the_text_that_delivery_gives_and_marks_what_was_found(server: Server) -> None:
    found = server.payload(f"{CHAT}/search?q=missing+refund")
    hit = found["hits"][0]
    assert hit["key"] == "refund"
    assert hit["text"] == server.payload(f"{CHAT}/entries/refund")["text"]
    pieces = [piece for highlight in hit["highlights"] for piece in highlight["pieces"]]
    assert "refund" in [piece["text"].lower() for piece in pieces if piece["hit"]]
    assert (found["degraded"], found["locale"]) == (False, "en-GB")


def test_a_synonym_of_the_house_finds_what_it_means(server: Server) -> None:
    assert server.payload(f"{CHAT}/search?q=charge+for+another+card")["hits"][0]["key"] == "card-fee"


def test_pages_of_a_search_make_the_same_list(server: Server) -> None:
    whole = server.payload(f"{CHAT}/search?q=card&limit=50")
    keys = [hit["key"] for hit in whole["hits"]]
    assert len(keys) == whole["total"] >= 3
    pages = [server.payload(f"{CHAT}/search?q=card&limit=1&cursor={offset}") for offset in range(len(keys) + 1)]
    assert [hit["key"] for page in pages for hit in page["hits"]] == keys
    assert {page["total"] for page in pages} == {whole["total"]}


def test_counts_are_of_what_the_reader_may_see(server: Server) -> None:
    found = server.payload(f"{CHAT}/search?q=card")
    assert sum(found["facets"]["kind"].values()) == found["total"] == len(found["hits"])
    narrowed = server.payload(f"{CHAT}/search?q=card&stage=before")
    assert {hit["key"] for hit in narrowed["hits"]} == {"card-fee"}
    for hidden in ("zebra", "gold", "summer", "spring"):
        found = server.payload(f"{CHAT}/search?q={hidden}")
        assert found["hits"] == []
        assert found["total"] == 0


def test_a_spanish_question_finds_spanish_words(server: Server) -> None:
    found = server.payload(f"{CHAT}/search?q=precio+tarjeta&locale=es-ES")
    assert (found["hits"][0]["key"], found["hits"][0]["locale"]) == ("card-fee", "es-ES")


def test_suggestions_go_on_from_what_was_typed(server: Server) -> None:
    items = server.payload(f"{CHAT}/suggest?q=where+is")["items"]
    assert {"text": "Where is my card?", "key": "card-arrival"} in items
    assert len(server.payload(f"{CHAT}/suggest?q=w&limit=1")["items"]) == 1


def test_a_match_is_the_entry_as_it_is_delivered(server: Server) -> None:
    found = server.payload(f"{CHAT}/match?q=my+new+card+has+not+come+yet")
    assert (found["outcome"], found["answer"]["key"]) == ("answered", "card-arrival")
    assert found["answer"] == server.payload(f"{CHAT}/entries/card-arrival")
    assert found["confidence"] > 0.5


@pytest.mark.parametrize("question", ["zebra word", "summer discount", "spring discount", "qwertz uiop"])
def test_a_match_without_an_answer_says_so_in_signed_words(server: Server, question: str) -> None:
    found: dict[str, Any] = server.payload(f"{CHAT}/match?q={question}")
    assert found["outcome"] == "no_answer"
    assert "answer" not in found or found["answer"] is None
    assert found["say"] == server.payload(f"{CHAT}/entries/say-no-answer")


def test_a_follow_up_takes_the_ways_on_of_the_last_answer(server: Server) -> None:
    found = server.payload(f"{CHAT}/match?q=the+fee&after=card-arrival")
    assert (found["outcome"], found["answer"]["key"]) == ("answered", "card-fee")
    by_key = server.payload("/v1/channels/voice/match?q=1&after=card-arrival")
    assert by_key["answer"]["key"] == "card-fee"


def test_among_narrows_a_match_to_the_keys_offered(server: Server) -> None:
    found = server.payload(f"{CHAT}/match?q=card&among=card-fee")
    assert found["answer"]["key"] == "card-fee"
    for hidden in ("gold-offer", "old-offer", "coming-soon", "fraud-script"):
        assert server.payload(f"{CHAT}/match?q=card&among={hidden}")["outcome"] == "no_answer"


@pytest.mark.parametrize("words", ["*", "+", '"', "key:refund", "AND OR NOT", "a*b~2^3", "(((", "\\", "refund\\", "😀"])
def test_no_words_are_an_instruction_to_the_engine(server: Server, words: str) -> None:
    for door in ("search", "suggest", "match"):
        answer = server.client.get(f"{CHAT}/{door}", params={"q": words})
        assert answer.status_code == 200, (door, words)
