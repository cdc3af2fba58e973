"""People to test with: added as an admin adds them, signed in as they sign in, with passwords that hash quickly."""

from collections.abc import Sequence

import msgspec
from argon2 import PasswordHasher

from kb.accounts.links import INVITATION, Link, make_link, use_link
from kb.accounts.passwords import hash_password, set_password
from kb.accounts.people import add
from kb.accounts.queries import someone
from kb.accounts.sign_in import Started, session_actor, start_session
from kb.accounts.types import Person, Role, RoleGrant
from kb.base.work import OPERATOR, Actor
from tests.builders import Home, read

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PASSWORD = "three quick words"
EVERYTHING = ("*",)


async def an_account(
    home: Home, *roles: Role, name: str = "Mia Moss", email: str = "", topics: Sequence[str] = EVERYTHING
) -> str:
    """A person whom the operator added; their id."""
    async with home.work() as work:
        return await add(work, name, email, [RoleGrant(role, tuple(topics)) for role in roles])


async def a_link(home: Home, person: str) -> Link:
    async with home.work() as work:
        return await make_link(work, person, INVITATION)


async def signed_in(home: Home, person: str) -> Started:
    """A session begun by a link."""
    link = await a_link(home, person)
    async with home.work(Actor(person)) as work:
        return await start_session(work, await use_link(work, link.token), "link")


async def actor_in(home: Home, session: Started) -> Actor | None:
    """Whom the session's cookie stands for now."""
    found: Actor | None = await read(home, session_actor, session.token, home.clock.now())
    return found


async def acting(home: Home, person: str) -> Actor:
    """A person who has just signed in."""
    actor = await actor_in(home, await signed_in(home, person))
    assert actor is not None
    return actor


async def with_password(home: Home, person: str, password: str = PASSWORD) -> None:
    """Let a person sign in by a password from now on."""
    hashed = await hash_password(password, QUICK)
    async with home.work(await acting(home, person)) as work:
        await set_password(work, hashed)


async def known(home: Home, person: str) -> Person:
    found = await read(home, someone, person)
    assert isinstance(found, Person)
    return found


def as_admin(person: str = OPERATOR.id) -> Actor:
    """Somebody with the operator's rights and a name of their own."""
    return msgspec.structs.replace(OPERATOR, id=person)
