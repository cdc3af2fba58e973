"""The ask page as it is sent: its policy, its caching, and the files it names."""

import re
from html.parser import HTMLParser

from httpx import AsyncClient

from kb.site.assets import bundle


class Addresses(HTMLParser):
    """Every address in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in {"href", "src", "action"} and value]


async def test_the_page_may_load_and_run_nothing_but_its_own_files(door: AsyncClient) -> None:
    answer = await door.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_page_names_no_other_machine(door: AsyncClient) -> None:
    page = (await door.get("/")).text
    assert all(address.startswith(("/", "#", "data:image/svg+xml,")) for address in Addresses(page).found)
    for name, file in bundle().by_name.items():
        outside = set(re.findall(rb"https?://[^\s'\"]+", file.body)) - {b"http://www.w3.org/2000/svg"}
        assert not [found for found in outside if b"[" not in found], name


async def test_everything_the_page_and_its_modules_load_is_there_to_keep_for_ever(door: AsyncClient) -> None:
    page = (await door.get("/")).text
    files = {address for address in Addresses(page).found if address.startswith("/site/assets/")}
    folder = next(iter(files)).rpartition("/")[0]
    modules = {name for name in bundle().by_name if name.endswith(".js")}
    assert {f"{folder}/{name}" for name in modules} <= files
    for file in files:
        answer = await door.get(file)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        for imported in re.findall(r'from "\./([^"]+)"', answer.text):
            assert imported in modules


async def test_files_of_another_version_are_not_mixed_in(door: AsyncClient) -> None:
    assert (await door.get("/site/assets/0000000000000000/ask.js")).status_code == 404
    assert (await door.get(f"/site/assets/{bundle().edition}/none.js")).status_code == 404


async def test_the_page_is_sent_once_and_then_only_checked(door: AsyncClient) -> None:
    first = await door.get("/")
    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    again = await door.get("/", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await door.get("/", headers={"if-none-match": '"another"'})
    assert other.status_code == 200


async def test_head_tells_what_get_would_send(door: AsyncClient) -> None:
    get, head = await door.get("/"), await door.head("/")
    assert head.content == b""
    assert head.status_code == 200
    for name in ("etag", "content-length", "content-type", "content-security-policy"):
        assert head.headers[name] == get.headers[name]


async def test_other_methods_are_told_which_ones_do(door: AsyncClient) -> None:
    answer = await door.post("/", json={})
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "HEAD"}


async def test_a_session_that_is_over_keeps_nobody_from_the_page(door: AsyncClient) -> None:
    over = {"cookie": "__Host-kb-session=over"}
    page = await door.get("/", headers=over)
    assert page.status_code == 200
    assert page.headers["set-cookie"].startswith("__Host-kb-session=;")
    assert page.headers["cache-control"] == "private, no-store"
    for file in {address for address in Addresses(page.text).found if address.startswith("/site/assets/")}:
        assert (await door.get(file, headers=over)).status_code == 200
    assert (await door.get("/site/house", headers=over)).status_code == 401
    assert "set-cookie" not in (await door.get("/", headers={"cookie": "other=1"})).headers
