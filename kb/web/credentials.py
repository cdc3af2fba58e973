"""Who is asking: the one credential a request shows, judged by accounts, and remembered only while nothing was committed.

A credential that is shown and doesn't hold is refused on every route alike; nobody is anonymous by mistake.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.api_keys import key_actor, note_used
from kb.accounts.key_origins import is_listed
from kb.accounts.links import link_actor
from kb.accounts.sign_in import note_seen, session_actor
from kb.base import db
from kb.base.errors import Code, Invalid, Unknown
from kb.base.hashing import digest, instant
from kb.base.work import ANONYMOUS, Actor, Sessions

SESSION_COOKIE = b"__Host-kb-session"
BEARER = b"bearer "
LINK = "kb_ln_"
LONGEST = 512
"""Characters of the longest token, and of the longest origin, that is looked at."""
MOST = 4096
"""How many keys are remembered at most."""

REFUSED = "show a credential that holds: sign in, or send `Authorization: Bearer` with a key of this installation"
"""The one sentence of every 401 of the doors, whatever its reason."""


class Kind(StrEnum):
    """What a caller showed."""

    NOTHING = "nothing"
    SESSION = "session"
    LINK = "link"
    SECRET = "secret"  # noqa: S105 (the name of a kind)
    PUBLISHABLE = "publishable"
    PREVIEW = "preview"


PERSONS = frozenset({Kind.SESSION, Kind.SECRET})
"""What signed-in people show."""


class Shown(msgspec.Struct, frozen=True):
    """A credential as a request shows it: a session's cookie or a bearer token, from pages of `origin` (empty: no page)."""

    token: str
    by_cookie: bool
    origin: str = ""


class Caller(msgspec.Struct, frozen=True):
    """Who is asking, by what kind of credential.

    `until` is when it must be judged again though nothing was committed; empty is each time.
    """

    actor: Actor
    kind: Kind
    until: str = ""

    @property
    def name(self) -> str:
        """Whose requests are counted together."""
        return self.actor.credential or self.actor.id


NOBODY = Caller(ANONYMOUS, Kind.NOTHING)
"""Whoever shows nothing."""


def shown_in(headers: Iterable[tuple[bytes, bytes]]) -> Shown | None:
    """The credential of a request, None where it shows none.

    Raises Unknown for one that can't be any, Invalid for two: which of them counts would be a guess.
    """
    bearers: list[bytes] = []
    cookies: list[bytes] = []
    origin = b""
    for name, value in headers:
        if name == b"authorization":
            bearers.append(value)
        elif name == b"cookie":
            cookies += _session_cookies(value)
        elif name == b"origin":
            origin = value
    if len(bearers) + len(cookies) > 1:
        raise Invalid("two credentials at once: send a bearer token or the session's cookie, once", code=Code.INVALID)
    if cookies:
        return Shown(_token(cookies[0]), by_cookie=True)
    if bearers:
        scheme, token = bearers[0][: len(BEARER)], bearers[0][len(BEARER) :]
        origin = origin[: LONGEST + 1]  # longer than any that a key lists, and kept with the key
        return Shown(_token(token if scheme.lower() == BEARER else b""), by_cookie=False, origin=_text(origin))
    return None


class Credentials:
    """What one process knows of credentials: those that held at one position, and when they were last used."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._position = 0
        self._held: dict[tuple[str, str], Caller] = {}
        self._good: set[str] = set()
        self._used: dict[str, str] = {}
        self._listed: dict[str, bool] = {}

    async def caller(self, shown: Shown, position: int) -> Caller:
        """Who shows this, as of a position of the journal; Unknown when it doesn't hold.

        A key is remembered while the position stands, for all that changes it or its owner is an act, and until the time
        at which it ends by itself; sessions and links, which move their end by being used, are judged each time.
        """
        self._follow(position)
        now = self._sessions.clock.now()
        name = (digest(shown.token.encode()), shown.origin)
        known = self._held.get(name)
        if known is None or instant(now) >= known.until:
            async with self._sessions.reading() as connection:
                known = await judged(connection, shown, now)
            self._keep(name, known, position)
        self._used[known.actor.credential] = instant(now)
        return known

    async def is_listed(self, origin: str, position: int) -> bool:
        """Whether a publishable key works in pages of this origin."""
        if len(origin) > LONGEST:
            return False
        self._follow(position)
        known = self._listed.get(origin)
        if known is None:
            async with self._sessions.reading() as connection:
                known = await is_listed(connection, origin, self._sessions.clock.now())
            if len(self._listed) < MOST and position == self._position:
                self._listed[origin] = known
        return known

    def held_before(self, shown: Shown) -> bool:
        """Whether this token was good in this process once: its holder isn't guessing."""
        return digest(shown.token.encode()) in self._good

    async def flush_used(self) -> None:
        """Write when credentials were last used; no act, and so no journal line."""
        used, self._used = self._used, {}
        if used:
            async with db.writing(self._sessions.engine) as connection:
                await note_used(connection, used)
                await note_seen(connection, used)

    def _follow(self, position: int) -> None:
        if position != self._position:
            self._held.clear()
            self._listed.clear()
            self._position = position

    def _keep(self, name: tuple[str, str], caller: Caller, position: int) -> None:
        """Remember an answer, unless something was committed while it was found."""
        if len(self._held) >= MOST or len(self._good) >= MOST:
            self._held.clear()
            self._good.clear()
        self._good.add(name[0])
        if caller.until and position == self._position:
            self._held[name] = caller


async def judged(connection: AsyncConnection, shown: Shown, now: datetime) -> Caller:
    """Who shows this, as the database has it; Unknown when it doesn't hold."""
    found = await _found(connection, shown, now)
    if found is None:
        raise Unknown(REFUSED)
    return found


async def _found(connection: AsyncConnection, shown: Shown, now: datetime) -> Caller | None:
    if shown.by_cookie:
        person = await session_actor(connection, shown.token, now)
        return Caller(person, Kind.SESSION) if person else None
    if shown.token.startswith(LINK):
        expert = await link_actor(connection, shown.token, now)
        return Caller(expert, Kind.LINK) if expert else None
    key = await key_actor(connection, shown.token, shown.origin, now)
    return Caller(key.actor, Kind(key.kind), key.until) if key else None


def _session_cookies(header: bytes) -> list[bytes]:
    """The values of our cookie in a Cookie header (RFC 6265 §4.2.1)."""
    pairs = (pair.strip().partition(b"=") for pair in header.split(b";"))
    return [value for name, _, value in pairs if name == SESSION_COOKIE]


def _token(raw: bytes) -> str:
    text = _text(raw).strip()
    if not text or len(text) > LONGEST or not text.isascii() or not text.isprintable() or " " in text:
        raise Unknown(REFUSED)
    return text


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")
