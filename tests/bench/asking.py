"""Two ways to ask: as fast as answers come over many connections, and at a steady pace whether they come or not."""

import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle

import msgspec

CONNECTIONS = 16
LARGEST = 1 << 20


class Address(msgspec.Struct, frozen=True):
    host: str
    port: int


class Answer(msgspec.Struct, frozen=True):
    """One answer: header names in lower case, and how many bytes it took on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes
    size: int


class Load(msgspec.Struct, frozen=True):
    """How many answers came in how many seconds."""

    answers: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.answers / self.seconds


def request(path: str, **headers: str) -> bytes:
    """A GET as bytes; a header's underscores stand for hyphens."""
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in {"host": "bench", **headers}.items()]
    return f"GET {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode()


def ask(address: Address, asked: bytes) -> Answer:
    """One answer over a connection of its own."""
    with _connection(address) as connection:
        return _answer(connection, asked)


def answers(address: Address, path: str) -> bool:
    """Whether a path is there and answered with 200."""
    try:
        return ask(address, request(path)).status == 200
    except OSError:
        return False


def press(address: Address, requests: Sequence[bytes], sizes: Sequence[int], status: int, seconds: float) -> Load:
    """Keep 16 connections busy, each with one request at a time, and count the answers; all must have this status.

    `sizes` are the bytes of each answer on the wire.
    One thread, one selector and answers known by their size: we cost a fifth of what a server costs, on another processor.
    """
    todo = cycle(list(zip(requests, sizes, strict=True)))
    expected = f"HTTP/1.1 {status} ".encode()
    selector = selectors.DefaultSelector()
    for _ in range(CONNECTIONS):
        connection = socket.create_connection((address.host, address.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, _Waiting())
    for key in selector.get_map().values():
        _send(key, next(todo))
    count = 0
    started = time.perf_counter()
    while (spent := time.perf_counter() - started) < seconds:
        for key, _ in selector.select():
            if _has_come(key, expected):
                count += 1
                _send(key, next(todo))
    for key in list(selector.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    selector.close()
    return Load(count, spent)


class _Waiting(msgspec.Struct):
    """How many bytes a connection still waits for."""

    size: int = 0
    missing: int = 0


def _send(key: selectors.SelectorKey, asked: tuple[bytes, int]) -> None:
    key.fileobj.sendall(asked[0])  # type: ignore[union-attr]
    key.data.size = key.data.missing = asked[1]


def _has_come(key: selectors.SelectorKey, expected: bytes) -> bool:
    received: bytes = key.fileobj.recv(LARGEST)  # type: ignore[union-attr]
    if key.data.missing == key.data.size and not received.startswith(expected):
        raise ValueError(f"expected {expected.decode()}, got {received[:40]!r}")
    key.data.missing -= len(received)
    return bool(key.data.missing <= 0)


# ---- at a steady pace ------------------------------------------------------------------------------------------------


class Pace:
    """What a steady reader saw: how long each answer took from the moment it was due, in seconds, and how many were wrong."""

    def __init__(self) -> None:
        self.took: list[float] = []
        self.failed = 0
        self.wrong = 0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@contextmanager
def steadily(
    address: Address,
    requests: Sequence[bytes],
    a_second: int,
    readers: int = 4,
    check: Callable[[bytes], bool] = lambda _: False,
) -> Iterator[Pace]:
    """Ask so often a second while the block runs; a late answer makes the next ones late, and that is counted.

    `check` tells of a body whether it is wrong.
    """
    pace, over = Pace(), threading.Event()
    threads = [
        threading.Thread(target=_read, args=(address, requests[number::readers], a_second / readers, pace, over, check))
        for number in range(readers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield pace
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _read(
    address: Address,
    requests: Sequence[bytes],
    a_second: float,
    pace: Pace,
    over: threading.Event,
    check: Callable[[bytes], bool],
) -> None:
    with _connection(address) as connection:
        due = time.perf_counter()
        for asked in cycle(requests):
            due += 1 / a_second
            if over.wait(max(0.0, due - time.perf_counter())):
                return
            answer = _answer(connection, asked)
            pace.took.append(time.perf_counter() - due)
            pace.failed += answer.status != 200
            pace.wrong += check(answer.body)


# ---- one answer ------------------------------------------------------------------------------------------------------


@contextmanager
def _connection(address: Address) -> Iterator[socket.socket]:
    connection = socket.create_connection((address.host, address.port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        yield connection


def _answer(connection: socket.socket, asked: bytes) -> Answer:
    connection.sendall(asked)
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    status = int(first.split()[1])
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    length = 0 if status == 304 else int(headers.get("content-length", "0"))
    while len(body) < length:
        body += _more(connection)
    return Answer(status, headers, body, len(head) + 4 + len(body))


def _more(connection: socket.socket) -> bytes:
    received = connection.recv(LARGEST)
    if not received:
        raise ConnectionError("the server hung up")
    return received
