"""Starting and stopping the provider of the tests, and a person at its pages."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx

ROOT = Path(__file__).parents[2]
CLIENTS = tuple(f"kb-{number}" for number in range(40))
"""Our clients, one for each use: Canaille in memory mixes up a client's codes when one of them isn't traded."""
CONFUSED, SECRET = "confused", "a-secret-of-the-tests"
"""A client whose tokens are meant for another, and the secret of all."""
PEOPLE = ("lena", "sue", "una", "tom")
UNVERIFIED = "una"
BASE = "http://127.0.0.1:9"
"""Where the provider believes us to be; tests take the answer there themselves."""
REDIRECT = f"{BASE}/v1/sign-in/openid/callback"
STEPS = 12


class RunningProvider:
    """A provider in a process of its own, on a port that it keeps when it is started again."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None
        self._clients = iter(CLIENTS)

    def client(self) -> str:
        """A client that nobody has used."""
        return next(self._clients)

    def start(self) -> None:
        """Start with new keys, and wait until it answers."""
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.accounts.canaille_server", str(self.port)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None


@contextmanager
def running() -> Iterator[RunningProvider]:
    """A provider that is stopped in the end."""
    provider = RunningProvider()
    try:
        provider.start()
        yield provider
    finally:
        provider.stop()


def answer_for(address: str, person: str) -> dict[str, str]:
    """What the provider sends a browser back to us with, once `person` has signed in at the address and agreed."""
    with httpx.Client(trust_env=False, timeout=20) as browser:
        page = browser.get(address)
        for _ in range(STEPS):
            where = page.headers.get("location", "")
            if where.startswith(BASE):
                return dict(parse_qsl(urlsplit(where).query))
            at = page.request.url
            if where:
                page = browser.get(at.join(where))
            elif at.path == "/login":
                page = browser.post(at, data={"login": person})
            elif at.path == "/auth/password":
                page = browser.post(at, data={"password": person * 3})
            else:
                page = browser.post(at, data={"answer": "accept"})
    raise AssertionError(f"the provider goes on asking at {page.request.url}: {page.text[:500]}")
