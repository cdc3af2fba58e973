"""Headers: conditional requests, HEAD, caching, and what each answer tells of itself (DESIGN §4, §9)."""

import re

import pytest

from kb import __version__
from tests.doors.fixtures import Story
from tests.doors.program import Server

ENTRY = "/v1/channels/chat/entries/refund"
REVALIDATED = (
    ENTRY,
    f"{ENTRY}?locale=es-ES",
    f"{ENTRY}?as_of=2090-01-01T00:00:00Z",
    "/v1/channels/sms/entries",
    "/v1/channels/voice/lookup?key=refund&key=nothing",
    "/v1/changes",
    "/v1/openapi.json",
)
PRIVATE = (
    "/v1/channels/chat/search?q=refund",
    "/v1/channels/chat/suggest?q=wh",
    "/v1/channels/chat/match?q=refund",
    f"{ENTRY}/explain",
    "/livez",
    "/readyz",
)
STREAMED = "/v1/snapshot?channel=faq"
PAGES = ("/", "/docs", "/problems/not-found")


@pytest.mark.parametrize("path", [*REVALIDATED, *PRIVATE, *PAGES, STREAMED])
def test_head_tells_what_get_would_and_sends_no_body(server: Server, path: str) -> None:
    got, told = server.get(path), server.client.head(path)
    assert told.status_code == got.status_code == 200
    assert told.content == b""
    hidden = {"date", "x-request-id", "transfer-encoding"}
    for name, value in got.headers.items():
        if name not in hidden:
            assert told.headers[name] == value, name


@pytest.mark.parametrize("path", REVALIDATED)
def test_what_everyone_may_keep_carries_a_strong_tag_and_is_revalidated(server: Server, path: str) -> None:
    answer = server.get(path)
    tag = answer.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    assert answer.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert server.get(path).headers["etag"] == tag


@pytest.mark.parametrize(
    "asked",
    ["{tag}", "W/{tag}", '"other", {tag}', '"other",W/{tag} , "more"', "*"],
    ids=["the tag", "weakly", "in a list", "weakly in a list", "anything"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_these_bytes_already_is_told_so(server: Server, method: str, asked: str) -> None:
    tag = server.get(ENTRY).headers["etag"]
    answer = server.client.request(method, ENTRY, headers={"If-None-Match": asked.format(tag=tag)})
    assert answer.status_code == 304
    assert answer.content == b""
    assert answer.headers["etag"] == tag
    for name in ("cache-control", "vary", "kb-position", "kb-version"):
        assert name in answer.headers


@pytest.mark.parametrize("asked", ['"other"', "W/", "", "{bare}", '"{bare}x"'])
def test_another_tag_gets_the_bytes(server: Server, asked: str) -> None:
    tag = server.get(ENTRY).headers["etag"]
    answer = server.get(ENTRY, If_None_Match=asked.format(bare=tag.strip('"')))
    assert answer.status_code == 200
    assert answer.json()["key"] == "refund"


def test_the_tag_is_of_the_bytes_and_not_of_the_address(server: Server) -> None:
    same = [ENTRY, f"{ENTRY}?locale=en-GB", f"{ENTRY}?profile=core&locale=en-GB", f"{ENTRY}?pick=7"]
    tags = {path: server.get(path).headers["etag"] for path in same}
    assert len(set(tags.values())) == 1
    others = {server.get(path).headers["etag"] for path in (f"{ENTRY}?locale=es-ES", f"{ENTRY}?profile=whatsapp")}
    assert len(others) == 2
    assert not others & set(tags.values())


@pytest.mark.parametrize("path", PRIVATE)
def test_what_depends_on_the_moment_is_never_kept(server: Server, path: str) -> None:
    answer = server.get(path)
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers


@pytest.mark.parametrize("path", [*REVALIDATED, *PRIVATE[:4], STREAMED, "/v1/nothing", f"{ENTRY}?more=1"])
def test_every_answer_says_what_this_node_has_applied_and_which_program_it_is(
    server: Server, story: Story, path: str
) -> None:
    headers = server.get(path).headers
    assert headers["kb-version"] == __version__
    assert headers["kb-position"] == str(story.withdrawn)
    assert headers["vary"] == "Authorization, Cookie, Accept-Encoding"
    assert headers["x-request-id"]


@pytest.mark.parametrize("path", [*REVALIDATED, *PRIVATE[:4], *PAGES, "/v1/nothing", "/nothing"])
def test_no_answer_lets_a_browser_guess_or_tell_where_it_came_from(server: Server, path: str) -> None:
    headers = server.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers
    assert headers["content-type"].count("charset") <= 1


@pytest.mark.parametrize("path", PAGES)
def test_a_page_may_load_nothing_from_anywhere_else(server: Server, path: str) -> None:
    page = server.get(path)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page.text)


def test_an_entry_says_which_key_answered_and_in_which_language(server: Server) -> None:
    headers = server.get(f"{ENTRY}?locale=es-MX").headers
    assert headers["kb-answered"] == "refund"
    assert headers["content-language"] == "es-ES"
    assert headers["surrogate-key"] == "refund refund.es-ES"


def test_a_plain_request_id_comes_back_and_any_other_is_replaced(server: Server) -> None:
    assert server.get(ENTRY, X_Request_Id="order-42").headers["x-request-id"] == "order-42"
    for strange in ("a b", "<script>", "x" * 65, "é"):
        given = server.client.get(ENTRY, headers={b"X-Request-Id": strange.encode()}).headers["x-request-id"]
        assert given != strange
        assert re.fullmatch(r"[0-9a-f]{16}", given)


def test_a_node_tells_that_it_lives_and_that_it_is_ready(server: Server, story: Story) -> None:
    assert server.payload("/livez")["status"] == "alive"
    ready = server.payload("/readyz")
    assert (ready["status"], ready["position"]) == ("ready", story.withdrawn)
    assert ready["indexed"] <= story.withdrawn
