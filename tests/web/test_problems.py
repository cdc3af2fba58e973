"""Whatever goes wrong comes back as a problem document, and no reader can tell one missing thing from another."""

import httpx
import pytest

from tests.doors.answers import assert_problem
from tests.doors.program import Server

MISSING = {
    "unknown": "/v1/channels/chat/entries/no-such-thing",
    "of another audience (customer)": "/v1/channels/chat/entries/gold-offer",
    "of another audience (staff)": "/v1/channels/agent/entries/fraud-script",
    "never released": "/v1/channels/chat/entries/coming-soon",
    "withdrawn": "/v1/channels/chat/entries/old-offer",
    "a fact": "/v1/channels/chat/entries/card.fee",
    "a house document": "/v1/channels/chat/entries/policy",
    "an unknown channel": "/v1/channels/smoke/entries/refund",
    "a locale nobody serves": "/v1/channels/chat/entries/refund?locale=fr-FR",
    "a position before it was": "/v1/channels/chat/entries/refund?as_of=1",
    "a position that isn't yet": "/v1/channels/chat/entries/refund?as_of=999999999",
    "what a withdrawn entry said": "/v1/channels/chat/entries/old-offer?as_of=2100-01-01T00:00:00Z",
    "no route": "/v1/channels/chat/nothing",
    "no page": "/nothing-here",
    "no problem of this name": "/problems/no-such-code",
    "no asset": "/docs/no-such-file.js",
}

WEIRD = (
    "/v1",
    "/v1/",
    "/v1//channels//chat",
    "/v1/../v1/nothing",
    "/v1/channels/chat/entries/%00",
    "/v1/channels/chat/entries/a%2Fb",
    "/v1/channels/chat/entries/%zz",
    "/v1/channels/chat/entries/%ff%fe",
    "/v1/channels/%f0%9f%98%80/entries/refund",
    "/v1/channels/chat/entries/" + "a" * 4000,
    "/v1/channels/chat/entries/..%2f..%2fkb.db",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/docs/..%2f..%2fapp.py",
    "/\x7f",
)

BAD_QUERIES = ("q=%ff", "q=%zz", "q=100%", "q=a%00b", "q=%c3%28", "q=%ed%a0%80")


def test_everything_that_is_not_there_for_a_reader_is_the_same_404_byte_for_byte(server: Server) -> None:
    answers = {why: server.get(path) for why, path in MISSING.items()}
    for answer in answers.values():
        assert_problem(answer, 404, "not-found")
    assert len({answer.content for answer in answers.values()}) == 1


def test_the_headers_of_a_404_tell_no_more_than_its_body(server: Server) -> None:
    def told(path: str) -> dict[str, str]:
        hidden = {"date", "x-request-id"}
        return {name: value for name, value in server.get(path).headers.items() if name not in hidden}

    unknown = told(MISSING["unknown"])
    for why in (
        "of another audience (customer)",
        "of another audience (staff)",
        "never released",
        "withdrawn",
        "a fact",
    ):
        assert told(MISSING[why]) == unknown, why


@pytest.mark.parametrize("door", ["explain", "fill"])
def test_other_doors_of_an_entry_hide_it_just_as_well(server: Server, door: str) -> None:
    keys = ("no-such-thing", "gold-offer", "fraud-script", "coming-soon", "old-offer")
    paths = [f"/v1/channels/agent/entries/{key}/{door}" for key in keys]
    answers = [server.client.post(path, json={"slots": {}}) if door == "fill" else server.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize("path", WEIRD, ids=lambda path: ascii(path)[:50])
def test_a_weird_path_is_a_404_or_a_400_and_always_a_problem_document(server: Server, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    head, _, body = server.raw(request.encode("latin-1")).partition(b"\r\n\r\n")
    status = int(head.split()[1])
    assert status in {400, 404}, head
    if b"Invalid HTTP request" not in body:  # what is no HTTP at all never reaches the program
        assert b"application/problem+json" in head
        assert b'"code":"not-found"' in body


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_a_query_that_is_not_percent_encoded_text_is_a_400(server: Server, query: str) -> None:
    assert_problem(server.get(f"/v1/channels/chat/search?{query}"), 400, "invalid")


def test_a_query_or_a_body_that_is_too_large_is_a_413(server: Server) -> None:
    assert_problem(server.get("/v1/channels/chat/search?q=" + "a" * 5000), 413, "too-large")
    body = b'{"slots":{"amount":"' + b"1" * 70_000 + b'"}}'
    sent = server.client.post(FILL, content=body, headers={"Content-Type": "application/json"})
    assert_problem(sent, 413, "too-large")
    in_chunks = server.client.post(FILL, content=iter([body]), headers={"Content-Type": "application/json"})
    assert_problem(in_chunks, 413, "too-large")


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
def test_a_body_that_does_not_say_it_is_json_is_a_415(server: Server, media: str) -> None:
    headers = {"Content-Type": media} if media else {}
    assert_problem(server.client.post(FILL, content=b'{"slots":{}}', headers=headers), 415, "unsupported-media-type")


MALFORMED = {
    "nothing": b"",
    "half an object": b'{"slots":',
    "nested deeply": b'{"slots":' + b"[" * 60_000,
    "objects nested deeply": b'{"slots":' * 7_000,
    "nested deeply where nobody looks": b'{"unknown":' + b"[" * 60_000,
    "an array": b"[]",
    "no slots": b"{}",
    "slots of another shape": b'{"slots":[1]}',
    "a value that is no text": b'{"slots":{"amount":1}}',
    "a field nobody knows": b'{"slots":{},"more":1}',
    "no UTF-8": b'{"slots":{"amount":"\xff"}}',
    "half a surrogate pair": b'{"slots":{"amount":"\\ud800"}}',
    "a NUL": b"\x00",
}


@pytest.mark.parametrize("why", MALFORMED)
def test_a_malformed_body_is_a_400(server: Server, why: str) -> None:
    answer = server.client.post(FILL, content=MALFORMED[why], headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert_problem(answer, 400, answer.json()["code"])
    assert answer.json()["code"] in {"malformed", "invalid"}


FILL = "/v1/channels/chat/entries/reminder/fill"

WRONG_METHODS = (
    ("POST", "/v1/channels/chat/entries/refund"),
    ("DELETE", "/v1/changes"),
    ("PUT", "/v1/snapshot"),
    ("PATCH", "/v1/channels/chat/search"),
    ("GET", FILL),
    ("HEAD", FILL),
    ("POST", "/v1/openapi.json"),
    ("POST", "/livez"),
    ("DELETE", "/"),
    ("POST", "/docs"),
)


@pytest.mark.parametrize(("method", "path"), WRONG_METHODS)
def test_a_method_that_is_not_understood_is_a_405_that_names_those_that_are(
    server: Server, method: str, path: str
) -> None:
    answer = server.client.request(method, path)
    assert answer.status_code == 405
    allowed = {one.strip() for one in answer.headers["allow"].split(",")}
    assert method not in allowed
    assert allowed
    if method != "HEAD":
        assert_problem(answer, 405, "method-not-allowed")
    for one in allowed - {"POST", "OPTIONS"}:
        assert server.client.request(one, path).status_code in {200, 400}, one


def test_the_page_of_every_problem_says_what_it_means(server: Server) -> None:
    contract = server.payload("/v1/openapi.json")
    codes = _codes(server)
    assert contract["components"]["schemas"]["Problem"]
    for code in codes:
        page = server.get(f"/problems/{code}")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")


def _codes(server: Server) -> set[str]:
    """Codes as a reader meets them."""
    answers: list[httpx.Response] = [
        server.get("/nothing"),
        server.get("/v1/changes?more=1"),
        server.get("/v1/changes?limit=0"),
        server.get("/v1/channels/chat/entries/refund?profile=none"),
        server.get(FILL),
        server.client.post(FILL),
        server.client.post(FILL, content=b"{", headers={"Content-Type": "application/json"}),
        server.get("/v1/changes?cursor=" + "a" * 5000),
    ]
    return {answer.json()["code"] for answer in answers}
