"""Many people at the doors of two servers over one database: their sessions, and requests that all come at once."""

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from kb.accounts.sign_in import start_session
from kb.accounts.signing import Sealer, make_key
from kb.accounts.types import Role
from kb.base.journal import Line, read_lines
from kb.base.work import Actor
from kb.entries.types import PolicyRule
from kb.release.audit import verify_all
from kb.review.signatures import new_keys
from tests.builders import KEYS, POLICY, Home, a_policy, a_signer, an_open_home, head, live, read, trusted
from tests.doors.program import Server, serving

T = TypeVar("T")

MANY = 50
LAWYERS = tuple(f"lawyer-{number:02}" for number in range(MANY))
KEEPERS = LAWYERS[::5]
"""Those for whom the server keeps a key; the others sign with one of their own."""
SIGNATURES = 25
"""How many lawyers the policy asks to sign what is on the topic `crowd`."""
ASKING_MANY = msgspec.structs.replace(
    POLICY, rules=(*POLICY.rules, PolicyRule("crowd", {"legal": SIGNATURES}, topics=("crowd",)))
)
PUBLISHER, SUSPENDED = "pam", "sue"
KEYS |= {person: new_keys() for person in (*LAWYERS, PUBLISHER, SUSPENDED)}


class Request(msgspec.Struct, frozen=True):
    """One request of a person at a page of ours; further headers by name."""

    person: str
    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = {}


class Crowd:
    """Servers over one database, and people who are signed in."""

    def __init__(self, url: str, servers: Sequence[Server], sessions: dict[str, str]) -> None:
        self.url = url
        self._servers = servers
        self._sessions = sessions
        self._clients = [httpx.Client(base_url=one.address, timeout=60, trust_env=False) for one in servers]

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def send(self, request: Request, number: int = 0) -> httpx.Response:
        """What a server, chosen by a number, answers."""
        cookie = {"Cookie": f"__Host-kb-session={self._sessions[request.person]}", "Sec-Fetch-Site": "same-origin"}
        client = self._clients[number % len(self._clients)]
        headers = cookie | request.headers
        return client.request(request.method, request.path, json=request.body, headers=headers)

    def at_once(self, requests: Iterable[Request]) -> list[httpx.Response]:
        """All of them in the same instant, by turns at the servers; their answers in order."""
        return self.together([lambda number, one=one: self.send(one, number) for one in requests])  # type: ignore[misc]

    def together(self, acts: Sequence[Callable[[int], T]]) -> list[T]:
        """Acts in threads that all start in the same instant; each is given its number."""
        ready = threading.Barrier(len(acts))

        def begin(number: int) -> T:
            ready.wait()
            return acts[number](number)

        with ThreadPoolExecutor(len(acts)) as threads:
            return list(threads.map(begin, range(len(acts))))

    def inside(self, act: Callable[[Home], Awaitable[T]]) -> T:
        """Do something with the program's own actions, as of now."""

        async def run() -> T:
            async with a_home_now(self.url) as home:
                return await act(home)

        return asyncio.run(run())

    def head(self) -> int:
        return self.inside(head)

    def lines(self, after: int) -> list[Line]:
        """The journal behind a position."""
        return list(self.inside(lambda home: read(home, read_lines, after)))

    def events(self, after: int) -> Counter[str]:
        """How many lines of each event were written behind a position."""
        return Counter(line.event for line in self.lines(after))

    def assert_whole(self) -> None:
        """The chain stands, and every row is what its line says."""
        found = self.inside(lambda home: read(home, verify_all))
        assert found == (None, ()), found


class a_home_now:  # noqa: N801 (it reads like the builders)
    """The home on a database, with the clock of this machine."""

    def __init__(self, url: str) -> None:
        self._opened = an_open_home(url)

    async def __aenter__(self) -> Home:
        home = await self._opened.__aenter__()
        home.clock.move(seconds=(datetime.now(UTC) - home.clock.now()).total_seconds())
        return home

    async def __aexit__(self, *error: Any) -> None:
        await self._opened.__aexit__(*error)


@contextmanager
def a_crowd(url: str, folder: Path) -> Iterator[Crowd]:
    """Two servers over the house at a URL, to which a crowd was added."""
    sessions = asyncio.run(_gathered(url, folder))
    start = partial(serving, "serve", "--home", folder, KB_DATABASE_URL=url, KB_RATE_LIMIT="0", KB_SIGN_IN_LIMIT="0")
    with start() as one, start() as other:
        crowd = Crowd(url, (one, other), sessions)
        try:
            yield crowd
        finally:
            crowd.close()


async def _gathered(url: str, folder: Path) -> dict[str, str]:
    """People with roles, keys and a policy that asks many of them; the token of each one's session."""
    async with a_home_now(url) as home:
        lawyers = [a_signer(person, Role.LEGAL) for person in (*LAWYERS, SUSPENDED)]
        await trusted(home, *lawyers, a_signer(PUBLISHER, Role.PUBLISHER))
        await live(home, a_policy(ASKING_MANY))
        async with home.work() as work:
            people = ("ana", "ada", PUBLISHER, SUSPENDED, *LAWYERS)
            started = {person: await start_session(work, person, "link") for person in people}
            for person in KEEPERS:
                work.actor = Actor(person, credential=started[person].session)
                await make_key(work, Sealer(folder / "secret"))
        return {person: one.token for person, one in started.items()}
