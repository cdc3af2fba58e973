"""Reads as a share of what a bare ASGI application does on the same server, sizes and connections.

Both run at once on one processor, the client on another; they take turns in short rounds, and medians are compared, so
that whatever else the machine does meets both.
"""

import sys
from collections.abc import Iterator, Sequence
from urllib.parse import quote

import msgspec

from tests.bench.asking import ask, press, request
from tests.bench.figures import Figure, middle, spread
from tests.bench.processes import PROCESSORS, Server, kb, ourselves_on, processor_seconds, serving

SECTION = "Delivery, as a share of a bare ASGI application"
ROUNDS = 5
TARGETS = {"entry, 200": 0.5}
CHANNEL = "/v1/channels/chat"


class Case(msgspec.Struct, frozen=True):
    """Requests that are answered alike, and the request to the bare application that answers as much."""

    name: str
    requests: tuple[bytes, ...]
    bare: bytes
    status: int


def measure(home: str, seconds: float) -> Iterator[Figure]:
    """Every kind of read of a home that holds the demo; `seconds` is the length of a round."""
    bare_command = [sys.executable, "-m", "tests.bench.least"]
    serve = kb("serve", "--home", home, "--port", "0")
    with serving(bare_command, "/bytes/1", 0) as bare, serving(serve, "/livez", 0) as ours, ourselves_on(1):
        for case in _cases(ours):
            yield from _compare(case, bare, ours, seconds)


def _cases(ours: Server) -> list[Case]:
    listed = msgspec.json.decode(ask(ours.address, request(f"{CHANNEL}/entries?limit=20")).body)["items"]
    keys = [one["key"] for one in listed]
    paths = [f"{CHANNEL}/entries/{key}" for key in keys]
    tags = [ask(ours.address, request(path)).headers["etag"] for path in paths]
    lookup = "&".join(f"key={quote(key)}" for key in keys[:10])
    return [
        _sized(ours, "entry, 200", [request(path) for path in paths]),
        Case(
            "entry, 304",
            tuple(request(path, if_none_match=tag) for path, tag in zip(paths, tags, strict=True)),
            request("/unchanged"),
            304,
        ),
        _sized(ours, "miss, 404", [request(f"{CHANNEL}/entries/no-such-{key}") for key in keys], 404),
        _sized(ours, "list of 20", [request(f"{CHANNEL}/entries?limit=20")]),
        _sized(ours, "lookup of 10", [request(f"{CHANNEL}/lookup?{lookup}")]),
    ]


def _sized(ours: Server, name: str, requests: Sequence[bytes], status: int = 200) -> Case:
    sizes = [len(ask(ours.address, one).body) for one in requests]
    return Case(name, tuple(requests), request(f"/bytes/{sum(sizes) // len(sizes)}"), status)


def _compare(case: Case, bare: Server, ours: Server, seconds: float) -> Iterator[Figure]:
    rates, costs, absolute = [], [], []
    for _ in range(ROUNDS):
        least, least_cost = _round(bare, [case.bare], 304 if case.status == 304 else 200, seconds)
        rate, cost = _round(ours, case.requests, case.status, seconds)
        rates.append(rate / least)
        absolute.append(rate)
        costs.append((cost, least_cost))
    cost, least_cost = (middle(values) for values in zip(*costs, strict=True))
    note = f"{middle(absolute):,.0f}/s, {cost:.0f} µs of processor (bare: {least_cost:.0f} µs), {spread(rates)}"
    if len(PROCESSORS) == 1:
        note += ", client on the same processor"
    yield Figure(SECTION, case.name, middle(rates), "", TARGETS.get(case.name), note=note)


def _round(server: Server, requests: Sequence[bytes], status: int, seconds: float) -> tuple[float, float]:
    """Answers a second, and microseconds of processor an answer."""
    before = processor_seconds(server.process.pid)
    load = press(server.address, requests, status, seconds)
    used = processor_seconds(server.process.pid) - before
    return load.rate, used / load.answers * 1e6
