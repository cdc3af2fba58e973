"""People of the house who act: with the rights of their roles, and signed in where a test says so."""

from pathlib import Path

from kb.accounts.queries import someone
from kb.accounts.rules import actor_of
from kb.accounts.sign_in import start_session
from kb.accounts.signing import Sealer, add_kept_key
from kb.base.work import OPERATOR, Actor
from kb.entries.actions import write
from kb.entries.types import Draft, Policy, Revision
from kb.review import queries
from kb.review.standing import dossiers, policy_in_force
from kb.review.types import Dossier, State
from tests.builders import Home, a_policy, live, read


async def acting(home: Home, person: str) -> Actor:
    """The actor that a person is now, by an API key of theirs."""
    found = await read(home, someone, person)
    assert found is not None, person
    return actor_of(found, home.clock.now())


async def signed_in(home: Home, person: str) -> Actor:
    """The same in a browser session that has just begun."""
    async with home.work() as work:
        started = await start_session(work, person, "link")
    found = await read(home, someone, person)
    assert found is not None, person
    return actor_of(found, home.clock.now(), started.session)


async def a_kept_key(home: Home, person: str, folder: Path) -> Sealer:
    """A key that the server keeps for a person, and what opens it."""
    sealer = Sealer(folder / "secret")
    async with home.work() as work:
        await add_kept_key(work, sealer, person)
    return sealer


async def drafted(home: Home, *drafts: Draft) -> tuple[Revision, ...]:
    """Drafts that are stored and not submitted."""
    async with home.work(OPERATOR) as work:
        return tuple(await write(work, drafts))


async def state(home: Home, revision: Revision) -> State:
    """The state of a revision; one that was never submitted is a draft."""
    found = await read(home, queries.by_hashes, [revision.hash])
    return found[revision.hash].state if found else State.DRAFT


async def dossier(home: Home, revision: Revision) -> Dossier:
    """How a revision stands under the policy in force."""
    force = await read(home, policy_in_force)
    found = await read(home, dossiers, [revision.hash], force.policy)
    result = found[revision.hash]
    assert isinstance(result, Dossier)
    return result


async def ruled(home: Home, policy: Policy) -> None:
    """Put another policy in force."""
    await live(home, a_policy(policy))
