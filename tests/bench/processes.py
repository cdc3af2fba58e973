"""Programs under measurement: started each in a process of its own, watched from outside, stopped by their id."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.bench.asking import Address, answers

READY = re.compile(r"answers at http://([\d.]+):(\d+)")
PATIENCE = 120.0
REPOSITORY = Path(__file__).parents[2]
PROCESSORS = tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ()


class Server(msgspec.Struct, frozen=True):
    """A server that answers, and the seconds it took from its start to its first good answer."""

    process: subprocess.Popen[str]
    address: Address
    seconds: float


def kb(*arguments: str | Path) -> list[str]:
    """The command line of our program."""
    return [sys.executable, "-m", "kb", *map(str, arguments)]


@contextmanager
def serving(command: Sequence[str], path: str, processor: int | None = None, **settings: str) -> Iterator[Server]:
    """Run a server until it answers `path` with 200, then until the block ends; on one processor if one is named."""
    with _on(processor):
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=REPOSITORY,
            env=_environment(settings),
        )
    try:
        address = _address(process)
        while not answers(address, path):
            if time.perf_counter() - started > PATIENCE:
                raise TimeoutError(f"{path} isn't answered")
            time.sleep(0.005)
        yield Server(process, address, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(PATIENCE)


class Run(msgspec.Struct, frozen=True):
    """A command that has ended: its seconds, what it wrote, and the most memory in MB: its own, and with its children."""

    seconds: float
    out: str
    memory: float
    memory_of_all: float


def run(command: Sequence[str], **settings: str) -> Run:
    """Run a command to its end and watch its memory; it must succeed."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY, env=_environment(settings)
    )
    watch = _Memory(process.pid)
    out, err = process.communicate()
    seconds = time.perf_counter() - started
    watch.stop()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {(err or out)[-2000:]}")
    return Run(seconds, out, watch.own, watch.all)


def processor_seconds(pid: int) -> float:
    """The processor time a process has used, 0 where the system doesn't tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Memory:
    """Looks at a process and its children until told to stop; `own` and `all` are the most seen, in MB."""

    def __init__(self, pid: int) -> None:
        self.own = self.all = 0.0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            own = _kilobytes(self._pid, "VmHWM") / 1024
            self.own = max(self.own, own)
            family = sum(_kilobytes(pid, "VmRSS") for pid in (self._pid, *_children(self._pid))) / 1024
            self.all = max(self.all, family)


def _kilobytes(pid: int, name: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(rf"{name}:\s+(\d+)", status)
    return int(found[1]) if found else 0


def _children(pid: int) -> list[int]:
    try:
        return [
            int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()
        ]
    except OSError:
        return []


def _address(process: subprocess.Popen[str]) -> Address:
    assert process.stdout is not None
    for line in process.stdout:
        if found := READY.search(line):
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return Address(found[1], int(found[2]))
    raise RuntimeError(f"{process.args!r} ended before it answered")


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    return {**kept, **settings}


@contextmanager
def _on(processor: int | None) -> Iterator[None]:
    """Start children on one processor, where the system lets us choose."""
    if processor is None or not PROCESSORS:
        yield
        return
    os.sched_setaffinity(0, {PROCESSORS[processor % len(PROCESSORS)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, PROCESSORS)


@contextmanager
def ourselves_on(processor: int) -> Iterator[None]:
    """Stay on one processor for a while, away from what is measured."""
    with _on(processor):
        yield
