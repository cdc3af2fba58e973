"""An installation that is watched: after each act what is live is compared with a model, and the past with what it was."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import msgspec
from hypothesis.stateful import RuleBasedStateMachine, invariant

from kb.base.errors import KbError
from kb.base.journal import read_head, read_lines, verify
from kb.delivery import queries as delivery
from kb.delivery.types import Asked
from kb.entries.queries import all_of
from kb.entries.types import NO_LOCALE, Revision
from kb.release.audit import verify_all
from kb.release.queries import live_hashes
from kb.review import queries as reviews
from kb.review.standing import FULLY_SIGNED
from tests.builders import (
    ENGLISH,
    EVERY_AUDIENCE,
    ROLES,
    SPANISH,
    an_open_home,
    asked,
)
from tests.governance.model import At, Model

T = TypeVar("T")

ANSWERS = ("arrival", "delay", "tracking")
CHANNELS = ("chat", "sms", "voice")
SERVED = (*ANSWERS, "delivery")


class Watched(RuleBasedStateMachine):
    """After each act everything live must be lawfully so, and the past must be what it was."""

    template = ""
    """URL of a SQLite database with a house in it; set by whoever runs the machine."""

    done: ClassVar[Counter[str]] = Counter()
    """What was really done, over all histories."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory(prefix="kb-machine-")
        self.url = f"sqlite+aiosqlite:///{Path(self.folder.name) / 'kb.db'}"
        self.stack = AsyncExitStack()
        copy_of(self.template, self.url)
        self.home = self.run(self.stack.enter_async_context(an_open_home(self.url)))
        roles = {name: {str(role) for role in held} for name, held in ROLES.items()}
        self.model = Model(policies={}, roles=roles, policy="")
        self.past: dict[int, dict[tuple[str, str, str], bytes | None]] = {}
        self.releases: list[str] = []
        self.position = 0

    def run(self, act: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(act)

    def attempt(self, act: Coroutine[Any, Any, T]) -> T | None:
        """What an act returns; None where the house refuses it in an orderly way."""
        try:
            return self.run(act)
        except KbError:
            return None

    def teardown(self) -> None:
        try:
            self.everything_holds(all_of_the_past=True)
            self.run(self._chain_is_whole())
        finally:
            self.run(self.stack.aclose())
            self.runner.close()
            self.folder.cleanup()

    # ---- what must hold after each act -------------------------------------------------------------------------------

    @invariant()
    def everything_holds(self, *, all_of_the_past: bool = False) -> None:
        if not self.model.policies:
            return
        self.run(self._check_what_is_live())
        self.run(self._check_the_past(all_of_it=all_of_the_past))
        self.run(self._remember_the_present())
        self.model.full = self.run(self._fully_signed())

    async def _check_what_is_live(self) -> None:
        """What went live by the last act was signed by enough people in the right roles who had contributed nothing."""
        async with self.home.reading() as connection:
            live = await live_hashes(connection)
            latest = {one.hash: one for key in {key for key, _ in live} for one in await all_of(connection, key)}
        fresh = {at: hash_ for at, hash_ in live.items() if self.model.live.get(at) != hash_}
        for at, hash_ in fresh.items():
            self.model.write(latest[hash_].draft, hash_, latest[hash_].number)
            assert hash_ not in self.model.gone, f"{at} came back after it was withdrawn"
            assert hash_ in self.model.lawful or not self.model.lacks(hash_), (at, self.model.lacks(hash_))
        self.model.now_live(live)
        for at, hash_ in live.items():
            await self._check_that_it_is_served(at, hash_)
        for key in SERVED:
            if not any(at[0] == key for at in live):
                assert await self._served(key, "chat", ENGLISH, self.home.now) is None or self._stood_in_for(key)

    async def _check_that_it_is_served(self, at: At, hash_: str) -> None:
        """A live entry serves its own revision, or nothing once it has reached its end; never another's words."""
        if at[0] in SERVED and at[1] != NO_LOCALE:
            body = await self._served(at[0], "chat", at[1], self.home.now)
            assert body is None or msgspec.json.decode(body)["hash"] == hash_, at

    async def _check_the_past(self, *, all_of_it: bool) -> None:
        """As of an earlier position every channel gets the bytes it got then."""
        known = sorted(self.past)
        chosen = known if all_of_it else known[:1] + known[len(known) // 2 : len(known) // 2 + 1]
        for position in chosen:
            moment = await delivery.instant_of(self.home.reader, position)
            assert moment is not None
            for (key, channel, locale), body in self.past[position].items():
                found = await delivery.get_then(self.home.reader, key, _asked(channel, locale), moment)
                assert (found.body if found else None) == body, (position, key, channel, locale)

    async def _remember_the_present(self) -> None:
        async with self.home.reading() as connection:
            head = await read_head(connection)
        assert head.position >= self.position
        self.position = head.position
        if head.position not in self.past:
            places = [(key, channel, locale) for key in SERVED for channel in CHANNELS for locale in (ENGLISH, SPANISH)]
            self.past[head.position] = {place: await self._served(*place, head.at) for place in places}

    async def _chain_is_whole(self) -> None:
        async with self.home.reading() as connection:
            assert await verify(connection) is None
            lines = await read_lines(connection, 0, limit=100_000)
            fault, findings = await verify_all(connection)
        assert [line.position for line in lines] == list(range(1, len(lines) + 1))
        assert (fault, findings) == (None, ())

    async def _served(self, key: str, channel: str, locale: str, at: str) -> bytes | None:
        found = await delivery.get(self.home.reader, key, _asked(channel, locale), at)
        return found.body if found else None

    def _stood_in_for(self, key: str) -> bool:
        """Whether the key was retired: then its replacement answers."""
        return key in self.model.retired

    async def _remember_the_house(self) -> None:
        async with self.home.reading() as connection:
            live = await live_hashes(connection)
            for key in {key for key, _ in live}:
                for one in await all_of(connection, key):
                    self.model.write(one.draft, one.hash, one.number)
        for (key, _), hash_ in live.items():
            house = self.model.written[hash_].draft.content.house
            if key == "policy" and house is not None and house.policy is not None:
                self.model.policies[hash_], self.model.policy = house.policy, hash_
        self.model.lawful |= set(live.values())
        self.model.now_live(live)

    async def _fully_signed(self) -> dict[At, list[int]]:
        """Numbers of the revisions that hold, or held, every sign-off, by place."""
        found: dict[At, list[int]] = {}
        async with self.home.reading() as connection:
            for state in FULLY_SIGNED:
                for one in await reviews.in_state(connection, state):
                    found.setdefault((one.key, one.locale), []).append(one.number)
        return found

    async def _revisions(self) -> list[Revision]:
        async with self.home.reading() as connection:
            return [one for key in (*SERVED, "policy") for one in await all_of(connection, key)]


def _asked(channel: str, locale: str) -> Asked:
    return asked(channel, locale, audiences=EVERY_AUDIENCE)


def copy_of(template: str, url: str) -> None:
    """A copy of a SQLite database that nobody has open."""
    for end in ("", "-wal"):
        source = Path(template.removeprefix("sqlite+aiosqlite:///") + end)
        if source.exists():
            shutil.copyfile(source, url.removeprefix("sqlite+aiosqlite:///") + end)
