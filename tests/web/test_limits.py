"""Limits are counted once for all processes of a machine, per caller, and told in headers."""

import multiprocessing
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from kb.base.errors import Invalid, Limited, Unavailable
from kb.web import limits as limits_module
from kb.web.addresses import address_of, group_of, networks_of
from kb.web.limits import WINDOW, Limits, Quota, Taken, taken_of
from tests.builders import Home
from tests.web.callers import Headers, a_secret_key, a_session, open_doors

FIVE = Quota("management", 5)
KEYS = "/v1/keys"
FORKS = multiprocessing.get_context("spawn")


class Stopwatch:
    """A monotonic clock that a test moves."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Stopwatch:
    watch = Stopwatch()
    monkeypatch.setattr(limits_module, "time", watch)
    return watch


def taken(limits: Limits, times: int, quota: Quota = FIVE, who: str = "ana") -> list[Taken]:
    return [limits.take(quota, who) for _ in range(times)]


# ---- counting --------------------------------------------------------------------------------------------------------


def test_a_quota_may_be_spent_at_once_and_comes_back_bit_by_bit(tmp_path: Path, watch: Stopwatch) -> None:
    limits = Limits(tmp_path / "limits.db")
    found = taken(limits, 7)
    assert [one.left for one in found] == [4, 3, 2, 1, 0, 0, 0]
    assert [one.allowed for one in found] == [True] * 5 + [False] * 2
    assert (found[-1].wait, found[-1].after) == (12, 60)
    watch.now += 12
    assert [one.allowed for one in taken(limits, 2)] == [True, False]
    watch.now += WINDOW
    assert [one.left for one in taken(limits, 1)] == [4]
    limits.close()


def test_looking_counts_nothing(tmp_path: Path) -> None:
    limits = Limits(tmp_path / "limits.db")
    assert [limits.look(FIVE, "ana").left for _ in range(9)] == [4] * 9
    limits.close()


def test_callers_and_quotas_are_counted_apart(tmp_path: Path, watch: Stopwatch) -> None:
    limits = Limits(tmp_path / "limits.db")
    taken(limits, 5)
    assert limits.take(FIVE, "ben").allowed
    assert limits.take(Quota("sign-in", 5), "ana").allowed
    assert not limits.take(FIVE, "ana").allowed
    limits.close()


def test_a_quota_of_none_is_no_limit(tmp_path: Path) -> None:
    limits = Limits(tmp_path / "limits.db")
    found = taken(limits, 50, Quota("management", 0))
    assert all(one.allowed and one.headers == () for one in found)
    assert not (tmp_path / "limits.db").exists()


def test_counts_from_before_a_restart_are_none(tmp_path: Path, watch: Stopwatch) -> None:
    limits = Limits(tmp_path / "limits.db")
    taken(limits, 5)
    watch.now = 3.0
    assert limits.take(FIVE, "ana").left == 4
    limits.close()


def test_what_is_whole_again_is_forgotten(tmp_path: Path, watch: Stopwatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits_module, "SWEEP_EVERY", 10)
    limits = Limits(tmp_path / "limits.db")
    for number in range(9):
        limits.take(FIVE, f"caller {number}")
    watch.now += WINDOW
    limits.take(FIVE, "the last")
    assert limits._connection is not None
    assert limits._connection.execute("SELECT name FROM counts").fetchall() == [("management the last",)]
    limits.close()


def test_headers_tell_the_quota_and_what_is_left() -> None:
    found = taken_of(FIVE, 24.0)
    assert found.headers == ((b"ratelimit-policy", b'"management";q=5;w=60'), (b"ratelimit", b'"management";r=2;t=36'))
    with pytest.raises(Limited) as caught:
        taken_of(FIVE, 50.0).must()
    assert caught.value.retry_after == 2


def test_a_file_that_can_not_be_used_stops_what_needs_it(tmp_path: Path) -> None:
    (tmp_path / "limits.db").write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(Unavailable):
        Limits(tmp_path / "limits.db").take(FIVE, "ana")


def spend(path: Path, times: int, told: "multiprocessing.queues.Queue[int]") -> None:
    """What one worker process gets through."""
    limits = Limits(path)
    told.put(sum(one.allowed for one in taken(limits, times, Quota("management", 100))))
    limits.close()


def test_processes_share_one_count(tmp_path: Path) -> None:
    told: multiprocessing.queues.Queue[int] = FORKS.Queue()
    workers = [FORKS.Process(target=spend, args=(tmp_path / "limits.db", 200, told)) for _ in range(2)]
    for worker in workers:
        worker.start()
    allowed = [told.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(60)
    assert 100 <= sum(allowed) <= 110  # a little comes back while they run
    assert max(allowed) < 110


# ---- whose requests they are -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, nonsense"], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["2001:db8::5"], "2001:db8::5"),
        ("", ["198.51.100.1"], "unknown"),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, forwarded: list[str], address: str) -> None:
    assert address_of(peer, forwarded, networks_of(["10.0.0.0/8"])) == address
    assert address_of(peer, forwarded, ()) == (peer or "unknown")


def test_a_proxy_that_is_no_address_stops_the_start() -> None:
    with pytest.raises(Invalid, match="KB_TRUSTED_PROXIES"):
        networks_of(["proxy.example"])


def test_addresses_of_one_customer_count_as_one() -> None:
    assert group_of("2001:db8:1:2::5") == group_of("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert group_of("::ffff:192.0.2.1") == group_of("192.0.2.1") == "192.0.2.1"
    assert group_of("unknown") == "unknown"


# ---- through the doors -----------------------------------------------------------------------------------------------


@pytest.fixture
async def client(house: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with open_doors(house, tmp_path, rate_limit=3, sign_in_limit=2) as (client, _):
        yield client


async def statuses(client: httpx.AsyncClient, times: int, path: str, headers: Headers) -> list[int]:
    return [(await client.get(path, headers=headers)).status_code for _ in range(times)]


async def test_management_is_limited_for_each_credential(house: Home, client: httpx.AsyncClient) -> None:
    key, session = await a_secret_key(house, "ana"), await a_session(house, "ana")
    first = await client.get(KEYS, headers=key)
    assert first.headers["ratelimit-policy"] == '"management";q=3;w=60'
    assert first.headers["ratelimit"].startswith('"management";r=2;t=')
    assert await statuses(client, 3, KEYS, key) == [200, 200, 429]
    refused = await client.get(KEYS, headers=key)
    assert refused.json()["code"] == "rate-limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert refused.headers["ratelimit"].startswith('"management";r=0;')
    assert await statuses(client, 1, KEYS, session) == [200]


async def test_delivery_is_not_limited(house: Home, client: httpx.AsyncClient) -> None:
    key = await a_secret_key(house, "ana")
    assert await statuses(client, 9, "/v1/changes", {}) == [200] * 9
    assert await statuses(client, 9, "/v1/changes", key) == [200] * 9
    assert "ratelimit" not in (await client.get("/v1/changes")).headers


async def test_nobody_is_limited_by_address(house: Home, client: httpx.AsyncClient) -> None:
    assert await statuses(client, 5, KEYS, {}) == [401, 401, 401, 429, 429]


async def test_guessing_is_limited_and_harms_nobody_who_knows(house: Home, client: httpx.AsyncClient) -> None:
    key, wrong = await a_secret_key(house, "ana"), {"Authorization": "Bearer kb_sk_wrong"}
    assert await statuses(client, 1, "/v1/changes", key) == [200]
    assert await statuses(client, 4, "/v1/changes", wrong) == [401, 401, 429, 429]
    assert await statuses(client, 2, "/v1/changes", key) == [200, 200]
    fresh = await a_secret_key(house, "ben")
    assert await statuses(client, 1, "/v1/changes", fresh) == [429]  # this could be the guess that hits


async def test_signing_in_is_limited_by_address(client: httpx.AsyncClient) -> None:
    found = await statuses(client, 4, "/v1/sign-in/openid", {})
    assert found[2:] == [429, 429]
    assert 429 not in found[:2]


def test_nobody_else_on_the_machine_reads_whose_addresses_were_counted(tmp_path: Path) -> None:
    limits = Limits(tmp_path / "limits.db")
    limits.take(Quota("sign-in", 5), "address 192.0.2.1")
    assert {file.stat().st_mode & 0o777 for file in tmp_path.glob("limits.db*")} == {0o600}
    limits.close()
