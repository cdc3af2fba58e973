"""Passwords: Argon2id hashes, made and compared in threads of their own, and an answer that tells nothing of who exists."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.rules import checked_length, checked_password
from kb.accounts.sign_in import end_sessions
from kb.accounts.signing import must_be_fresh
from kb.accounts.tables import passwords, people, person_details
from kb.base.errors import Unavailable, Unknown
from kb.base.work import Sessions, Work

T = TypeVar("T")

HASHER = PasswordHasher()
"""Argon2id with the second recommended parameters of RFC 9106 §4: 64 MiB, three passes, four lanes."""

_threads = ThreadPoolExecutor(2, "argon2")
"""Two, so that a flood of attempts takes neither all memory nor the threads that everything else needs."""

REFUSED = "nobody signs in with these: look at the address and the password, or ask an admin for a link"


async def prove(sessions: Sessions, who: str, password: str, hasher: PasswordHasher = HASHER) -> str:
    """The id of the person whose password this is; `who` is their e-mail address or their id.

    Unknown, in the same words and after the same time, for somebody nobody knows, someone without a password, a suspended
    person and a wrong password. Invalid for one longer than any password.
    """
    checked_length(password)
    async with sessions.reading() as connection:
        found = await _password_of(connection, who.strip())
    person, known = found or ("", "")
    if not await _matches(known, password, hasher):
        raise Unknown(REFUSED)
    return person


async def hash_password(password: str, hasher: PasswordHasher = HASHER) -> str:
    """The hash of a new password; Invalid where it is too short or too long. Takes some 100 ms: not inside a work."""
    return await _line.run(hasher.hash, checked_password(password))


async def set_password(work: Work, password_hash: str) -> None:
    """Give the actor this password; their other sessions end.

    Forbidden (REAUTHENTICATE) unless they proved who they are just now.
    """
    await must_be_fresh(work)
    person = work.actor.id
    await work.connection.execute(passwords.delete().where(passwords.c.person == person))
    row = {"person": person, "hash": password_hash, "since": work.stamp}
    await work.connection.execute(passwords.insert().values(**row))
    await end_sessions(work, person, but=work.actor.credential)
    await work.record("password.set", {"person": person})


class _Line:
    """Who waits for a thread: no more than `longest`, or a flood would keep everyone waiting for minutes."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._waiting = 0

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """What the work returns; Unavailable where too many wait already."""
        if self._waiting >= self._longest:
            raise Unavailable("too many are signing in at once: try again in a few seconds", retry_after=5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(_threads, work, *arguments)
        finally:
            self._waiting -= 1


_line = _Line(64)


async def _password_of(connection: AsyncConnection, who: str) -> tuple[str, str] | None:
    named = passwords.join(people, people.c.id == passwords.c.person).outerjoin(
        person_details, person_details.c.person == passwords.c.person
    )
    statement = (
        sa.select(passwords.c.person, passwords.c.hash).select_from(named).where(people.c.suspended_at.is_(None))
    )
    is_who = person_details.c.email == who.lower() if "@" in who else passwords.c.person == who
    row = (await connection.execute(statement.where(is_who))).one_or_none()
    return (row.person, row.hash) if row else None


async def _matches(known: str, password: str, hasher: PasswordHasher) -> bool:
    return await _line.run(_verify, known, password, hasher)


def _verify(known: str, password: str, hasher: PasswordHasher) -> bool:
    """Whether the hash is this password's; where there is none, as long is spent on one that nobody's password has."""
    try:
        hasher.verify(known or _nobodys(hasher), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(known)


@lru_cache(maxsize=4)
def _nobodys(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody's password")
