"""A load generator small enough not to be what is measured: raw requests over kept connections, answers counted by size."""

import asyncio
import time
from collections.abc import Sequence

import msgspec

CONNECTIONS = 16


class Rate(msgspec.Struct, frozen=True):
    """What one round saw: answers a second, the statuses met, and latencies in milliseconds."""

    a_second: float
    statuses: tuple[int, ...]
    median: float
    p99: float


def request(path: str, **headers: str) -> bytes:
    """The bytes of a GET."""
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{''.join(lines)}\r\n".encode()


async def closed_loop(port: int, requests: Sequence[bytes], seconds: float, connections: int = CONNECTIONS) -> Rate:
    """As many requests as the server answers: each connection asks again when it has its answer."""
    taken: list[float] = []
    statuses: set[int] = set()
    until = time.perf_counter() + seconds

    async def ask(start: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        number = start
        while (began := time.perf_counter()) < until:
            writer.write(requests[number % len(requests)])
            statuses.add(await _answer(reader))
            taken.append(time.perf_counter() - began)
            number += 1
        writer.close()
        await writer.wait_closed()

    began = time.perf_counter()
    await asyncio.gather(*(ask(number) for number in range(connections)))
    return _rate(taken, statuses, time.perf_counter() - began)


async def open_loop(port: int, requests: Sequence[bytes], a_second: float, stop: asyncio.Event) -> Rate:
    """Requests at a steady rate whatever the answers take, until told to stop; latency counts from the due time."""
    taken: list[float] = []
    statuses: set[int] = set()
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))

    async def ask(due: float, sent: bytes) -> None:
        reader, writer = await free.get()
        writer.write(sent)
        statuses.add(await _answer(reader))
        taken.append(time.perf_counter() - due)
        free.put_nowait((reader, writer))

    began = time.perf_counter()
    number = 0
    tasks: set[asyncio.Task[None]] = set()
    while not stop.is_set():
        due = began + number / a_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(ask(due, requests[number % len(requests)]))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        number += 1
    await asyncio.gather(*tasks)
    while not free.empty():
        free.get_nowait()[1].close()
    return _rate(taken, statuses, time.perf_counter() - began)


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one whole answer, and return its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    at = head.find(b"content-length: ")
    if at >= 0:
        await reader.readexactly(int(head[at + 16 : head.index(b"\r", at)]))
    return int(head[9:12])


def _rate(taken: list[float], statuses: set[int], seconds: float) -> Rate:
    ordered = sorted(taken)
    median, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.5, 0.99))
    return Rate(len(taken) / seconds, tuple(sorted(statuses)), median, p99)
