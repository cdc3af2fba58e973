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
ROUNDS = 9
TARGETS = {"entry, 200": 0.5}
CHANNEL = "/v1/channels/chat"
STRANGE = 20_000
"""Questions nobody asked before: more than a server remembers answers to."""


class Case(msgspec.Struct, frozen=True):
    """Requests that are answered alike with the bytes of each answer, and what the bare application is asked instead."""

    name: str
    requests: Sequence[bytes]
    sizes: Sequence[int]
    bare: bytes
    status: int = 200


def measure(home: str, seconds: float) -> Iterator[Figure]:
    """Every kind of read of a home that holds the demo; `seconds` is the length of a round."""
    bare_command = [sys.executable, "-m", "tests.bench.least"]
    serve = kb("serve", "--home", home, "--port", "0")
    with serving(bare_command, "/bytes/1", 0) as bare, serving(serve, "/livez", 0) as ours, ourselves_on(1):
        for case in _cases(ours):
            yield _compare(case, bare, ours, seconds)


def _cases(ours: Server) -> list[Case]:
    listed = msgspec.json.decode(ask(ours.address, request(f"{CHANNEL}/entries?limit=20")).body)["items"]
    keys = [one["key"] for one in listed]
    paths = [f"{CHANNEL}/entries/{key}" for key in keys]
    entries = _case(ours, "entry, 200", [request(path) for path in paths])
    tags = [ask(ours.address, request(path)).headers["etag"] for path in paths]
    unchanged = [request(path, if_none_match=tag) for path, tag in zip(paths, tags, strict=True)]
    lookup = "&".join(f"key={quote(key)}" for key in keys[:10])
    strange = [request(f"{CHANNEL}/entries/{LONE}?pick={number}") for number in range(STRANGE)]
    first = _case(ours, "entry, 200, asked for the first time", strange[:1])
    return [
        entries,
        _case(ours, "entry, 304", unchanged, 304),
        msgspec.structs.replace(first, requests=strange, sizes=[first.sizes[0]] * STRANGE),
        _case(ours, "miss, 404", [request(f"{CHANNEL}/entries/no-such-{key}") for key in keys], 404),
        _case(ours, "list of 20", [request(f"{CHANNEL}/entries?limit=20")]),
        _case(ours, "lookup of 10", [request(f"{CHANNEL}/lookup?{lookup}")]),
    ]


LONE = "age-limit"
"""An entry of the demo with one wording, whichever is picked."""


def _case(ours: Server, name: str, requests: Sequence[bytes], status: int = 200) -> Case:
    answers = [ask(ours.address, one) for one in requests]
    size = sum(len(one.body) for one in answers) // len(answers)
    bare = request("/unchanged" if status == 304 else f"/bytes/{size}")
    return Case(name, requests, [one.size for one in answers], bare, status)


def _compare(case: Case, bare: Server, ours: Server, seconds: float) -> Figure:
    least = [ask(bare.address, case.bare).size]
    rates, costs, absolute = [], [], []
    for _ in range(ROUNDS):
        rate, cost = _round(bare, [case.bare], least, 304 if case.status == 304 else 200, seconds)
        own, own_cost = _round(ours, case.requests, case.sizes, case.status, seconds)
        rates.append(own / rate)
        absolute.append(own)
        costs.append((own_cost, cost))
    own_cost, cost = (middle(values) for values in zip(*costs, strict=True))
    note = f"{middle(absolute):,.0f}/s, {own_cost:.0f} µs of processor (bare: {cost:.0f} µs), {spread(rates)}"
    if len(PROCESSORS) == 1:
        note += ", client on the same processor"
    return Figure(SECTION, case.name, middle(rates), "", TARGETS.get(case.name), note=note)


def _round(
    server: Server, requests: Sequence[bytes], sizes: Sequence[int], status: int, seconds: float
) -> tuple[float, float]:
    """Answers a second, and microseconds of processor an answer."""
    before = processor_seconds(server.process.pid)
    load = press(server.address, requests, sizes, status, seconds)
    used = processor_seconds(server.process.pid) - before
    return load.rate, used / load.answers * 1e6
