"""What may be asked: known parameters only, each with a value that means something, nothing guessed (law 8)."""

import pytest

from tests.doors.answers import assert_points_at, assert_problem
from tests.doors.program import Server

CHAT = "/v1/channels/chat"
DOORS = (
    f"{CHAT}/entries/refund",
    f"{CHAT}/entries",
    f"{CHAT}/lookup?key=refund",
    f"{CHAT}/entries/refund/explain",
    f"{CHAT}/search?q=refund",
    f"{CHAT}/suggest?q=refund",
    f"{CHAT}/match?q=refund",
    "/v1/changes",
    "/v1/snapshot",
    "/v1/openapi.json",
)
CHOOSING = DOORS[:7]


def with_query(path: str, query: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{query}"


@pytest.mark.parametrize("path", DOORS)
def test_an_unknown_parameter_is_a_400_that_lists_the_known_ones(server: Server, path: str) -> None:
    answer = server.get(with_query(path, "verbose=1"))
    assert_points_at(answer, "verbose", "unknown-parameter")
    assert "known here: " in answer.json()["detail"]


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("name", ["Locale", "locale ", "page", "audience", "as-of"])
def test_a_parameter_has_one_spelling_and_nobody_chooses_an_audience(server: Server, path: str, name: str) -> None:
    assert_points_at(server.get(with_query(path, f"{name}=1")), name, "unknown-parameter")


@pytest.mark.parametrize("path", CHOOSING)
def test_an_unknown_profile_is_a_400_that_lists_the_served_ones(server: Server, path: str) -> None:
    answer = server.get(with_query(path, "profile=connect"))  # built in, but this bank doesn't serve it
    assert_points_at(answer, "profile", "unknown-profile")
    assert "core, whatsapp" in answer.json()["detail"]


@pytest.mark.parametrize("path", [*CHOOSING, "/v1/changes", "/v1/snapshot"])
@pytest.mark.parametrize("locale", ["english", "EN-gb", "en_GB", "e", "en-GB%0a", "../en", "*", "en-GB,es-ES"])
def test_what_is_no_locale_is_a_400(server: Server, path: str, locale: str) -> None:
    assert_points_at(server.get(with_query(path, f"locale={locale}")), "locale")


@pytest.mark.parametrize("path", CHOOSING)
def test_a_locale_is_never_guessed_from_the_browser(server: Server, path: str) -> None:
    asked = server.get(path, Accept_Language="es-ES,es;q=0.9").json()
    assert asked == server.payload(path)
    assert asked.get("locale", "en-GB") == "en-GB"


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "x", "101", "9" * 30, "%EF%BC%91", " 1"])
def test_a_limit_out_of_bounds_is_a_400_that_names_them(server: Server, limit: str) -> None:
    answer = server.get(f"{CHAT}/entries?limit={limit}")
    assert_points_at(answer, "limit")
    assert "from 1 to 100" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "most"), [("/v1/changes", 1000), (f"{CHAT}/search?q=card", 50), (f"{CHAT}/suggest?q=card", 20)]
)
def test_each_list_has_its_own_bounds(server: Server, path: str, most: int) -> None:
    assert server.get(with_query(path, f"limit={most}")).status_code == 200
    assert_points_at(server.get(with_query(path, f"limit={most + 1}")), "limit")
    assert_points_at(server.get(with_query(path, "limit=0")), "limit")


@pytest.mark.parametrize(
    "cursor",
    ["x", "1", "1-2-3", "-1-0-0", "1-0-0-0", "1-0-", "1-0-99999999999999999999", "9" * 19 + "-0-0", "１-0-0", "1-0- 1"],
)
def test_what_is_no_cursor_of_the_feed_is_a_400(server: Server, cursor: str) -> None:
    assert_points_at(server.get(f"/v1/changes?cursor={cursor}"), "cursor")


@pytest.mark.parametrize("cursor", ["x", "-1", "1001", "9" * 30])
def test_what_is_no_cursor_of_a_search_is_a_400(server: Server, cursor: str) -> None:
    assert_points_at(server.get(f"{CHAT}/search?q=card&cursor={cursor}"), "cursor")


@pytest.mark.parametrize("query", ["stage=later", "visibility=hidden", "pick=-1", "pick=x", "pick=1e3"])
def test_a_circumstance_that_means_nothing_is_a_400(server: Server, query: str) -> None:
    assert_points_at(server.get(f"{CHAT}/entries/delay?{query}"), query.split("=", maxsplit=1)[0])


@pytest.mark.parametrize("path", [f"{CHAT}/entries", f"{CHAT}/search?q=card"])
@pytest.mark.parametrize("query", ["kind=fact", "kind=answers", "stage=later"])
def test_a_filter_that_nothing_can_match_is_a_400(server: Server, path: str, query: str) -> None:
    assert_points_at(server.get(with_query(path, query)), query.split("=", maxsplit=1)[0])


def test_a_parameter_given_twice_is_a_400_where_it_may_not_repeat(server: Server) -> None:
    assert_points_at(server.get(f"{CHAT}/entries/refund?locale=en-GB&locale=es-ES"), "locale")
    assert_points_at(server.get(f"{CHAT}/entries?limit=1&limit=1"), "limit")


@pytest.mark.parametrize(
    "moment", ["yesterday", "42.5", "-1", "2026-13-01", "0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59"]
)
def test_a_point_of_the_past_is_a_position_or_a_time(server: Server, moment: str) -> None:
    assert_points_at(server.get(f"{CHAT}/entries/refund?as_of={moment}"), "as_of")


@pytest.mark.parametrize("channel", ["voice", "sms", "agent"])
def test_a_profile_belongs_to_its_channel(server: Server, channel: str) -> None:
    assert_points_at(
        server.get(f"/v1/channels/{channel}/entries/refund?profile=whatsapp"), "profile", "unknown-profile"
    )


def test_a_snapshot_of_what_nobody_serves_is_a_400(server: Server) -> None:
    assert_points_at(server.get("/v1/snapshot?channel=voice&profile=whatsapp"), "profile", "unknown-profile")
    assert_problem(server.get("/v1/snapshot?channel=smoke"), 400, "unknown-profile")
    assert_points_at(server.get("/v1/changes?channel=smoke"), "channel")


@pytest.mark.parametrize("door", ["search", "suggest", "match"])
def test_a_question_has_words_and_not_too_many(server: Server, door: str) -> None:
    for question in ("", "q=", "q=%20%0a"):
        assert_points_at(server.get(f"{CHAT}/{door}?{question}"), "q")
    assert_points_at(server.get(f"{CHAT}/{door}?q={'a' * 501}"), "q")
    assert server.get(f"{CHAT}/{door}?q={'a' * 500}").status_code == 200


def test_a_lookup_asks_for_at_least_one_key_and_at_most_a_hundred(server: Server) -> None:
    assert_points_at(server.get(f"{CHAT}/lookup"), "key")
    keys = [f"key=k{number}" for number in range(101)]
    assert_points_at(server.get(f"{CHAT}/lookup?{'&'.join(keys)}"), "key")
    assert len(server.payload(f"{CHAT}/lookup?{'&'.join(keys[:100])}")["missing"]) == 100
