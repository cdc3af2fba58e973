"""What every answer of the web doors owes its reader, whatever was asked."""

import httpx

from tests.doors.program import Server

PROBLEM_FIELDS = {"type", "title", "status", "detail", "code", "errors"}
INSIDES = ("Traceback", "sqlite", "sqlalchemy", "litestar", "msgspec", ".py", "Exception")


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    """The answer is a problem document (RFC 9457) that says what happened and nothing of our insides."""
    assert answer.status_code == status, (answer.url, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers
    body = answer.json()
    assert set(body) == PROBLEM_FIELDS
    assert (body["status"], body["code"], body["type"]) == (status, code, f"/problems/{code}")
    assert body["detail"]
    assert not any(word in answer.text for word in INSIDES)


def assert_points_at(answer: httpx.Response, name: str, code: str = "invalid") -> None:
    """A 400 whose one error names the parameter that is wrong and says what to do."""
    assert_problem(answer, 400, code)
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (name, code)
    assert error["message"]


def walk(server: Server, path: str, joint: str = "&") -> list[dict[str, object]]:
    """All items of a list, page by page, following each page's `next` to the end."""
    found: list[dict[str, object]] = []
    cursor = ""
    for _ in range(2000):
        page = server.payload(f"{path}{joint}cursor={cursor}" if cursor else path)
        found += page["items"]
        if page["next"] is None:
            return found
        assert page["next"] != cursor
        cursor = page["next"]
    raise AssertionError("the pages don't end")
