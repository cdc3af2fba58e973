"""The program seen from outside: commands run as processes of their own, servers answer over HTTP."""

import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import httpx
import msgspec

from kb.cli.root import main

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [f"kb.cli.{name}" for name in ("audit", "content", "contracts", "doctor", "release", "schema", "serve", "up")]
)
READY = "kb answers at "
PATIENCE = 60.0
"""Seconds after which a command or a server that doesn't come counts as hanging."""


class Ran(msgspec.Struct, frozen=True):
    """What a command did: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def said(self) -> str:
        return self.out + self.err


def environment(**settings: str) -> dict[str, str]:
    """The environment of a machine on which nobody has set anything of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KB_", "PYTEST_", "COV_"))}
    return kept | {"COLUMNS": "200", "NO_COLOR": "1"} | settings


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "kb", *map(str, arguments)]


def kb(*arguments: str | Path, cwd: Path | None = None, typed: str = "", **settings: str) -> Ran:
    """Run a command to its end in a process of its own; `typed` is what the person at the keyboard answers.

    The process is forked from one that has read the program's modules already, which spares each command most of its
    second; a server (`serving`) starts from nothing, as everyone's does.
    """
    with tempfile.TemporaryDirectory(prefix="kb-command-") as folder:
        streams = [Path(folder) / name for name in ("in", "out", "err")]
        streams[0].write_text(typed, encoding="utf-8")
        process = FORKS.Process(
            target=_run,
            args=([*map(str, arguments)], str(cwd or folder), environment(**settings), streams),
            daemon=True,
        )
        process.start()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            process.join()
        code = process.exitcode
        process.close()
        out, err = (stream.read_text(encoding="utf-8") for stream in streams[1:])
    assert code is not None, arguments
    assert code >= 0, f"{arguments} hung, or was killed by signal {-code}: {out}{err}"
    return Ran(code, out, err)


def _run(arguments: list[str], cwd: str, settings: dict[str, str], streams: list[Path]) -> None:
    """`python -m kb` in a forked process."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(settings)
    sys.argv = ["kb", *arguments]
    for number, stream in enumerate(streams):
        opened = os.open(stream, os.O_CREAT | (os.O_WRONLY if number else os.O_RDONLY))
        os.dup2(opened, number)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    main()


def done(*arguments: str | Path, cwd: Path | None = None, **settings: str) -> Ran:
    """Run a command that must succeed."""
    ran = kb(*arguments, cwd=cwd, **settings)
    assert ran.code == 0, ran.said
    return ran


class Server:
    """A server in a process of its own; `told` is what it wrote before it answered."""

    def __init__(self, process: subprocess.Popen[str], address: str, told: list[str]) -> None:
        self.process = process
        self.address = address
        self.told = told
        self.client = httpx.Client(base_url=address, timeout=20, trust_env=False)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """GET a path with its query; a header's underscores stand for hyphens."""
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def payload(self, path: str) -> Any:
        """The JSON of an answer that must be 200."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def raw(self, request: bytes) -> bytes:
        """Whatever comes back for these very bytes."""
        host, _, port = self.address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while more := connection.recv(65536):
                received += more
        return received


@contextmanager
def serving(*arguments: str | Path, cwd: Path | None = None, **settings: str) -> Iterator[Server]:
    """A server started by these arguments on a free port, stopped as a person stops it."""
    process = subprocess.Popen(
        command(*arguments, "--port", "0"),
        cwd=cwd,
        env=environment(**settings) | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: Queue[str | None] = Queue()
    reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
    reader.start()
    try:
        told = list(_until_ready(lines))
        address = told[-1].removeprefix(READY).split()[0]
        server = Server(process, address, told)
        try:
            yield server
        finally:
            server.client.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        reader.join(PATIENCE)
        assert process.stdout is not None
        process.stdout.close()


def lines_of(text: str) -> list[dict[str, Any]]:
    """NDJSON as values."""
    return [json.loads(line) for line in text.splitlines()]


def _read(process: subprocess.Popen[str], lines: "Queue[str | None]") -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line.rstrip("\n"))
    lines.put(None)


def _until_ready(lines: "Queue[str | None]") -> Iterator[str]:
    told: list[str] = []
    while True:
        try:
            line = lines.get(timeout=PATIENCE)
        except Empty:
            raise AssertionError("the server doesn't answer: " + "\n".join(told)) from None
        assert line is not None, "the server ended: " + "\n".join(told)
        told.append(line)
        yield line
        if line.startswith(READY):
            return
