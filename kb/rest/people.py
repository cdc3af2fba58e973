"""REST of people: list and add them, set their roles, suspend, reinstate, erase, and invite them by a link."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts import people
from kb.accounts.directory import Account, AccountPage, PeopleFilter, account_of, page_of_people
from kb.accounts.links import make_link
from kb.accounts.types import Origin, Role, RoleGrant
from kb.base.errors import Forbidden, NotFound
from kb.base.paging import decode
from kb.base.work import Right, Work
from kb.delivery.queries import etag
from kb.rest import sign_in
from kb.review.forgetting import forget
from kb.web.acting import Done, act, must_match
from kb.web.answers import Answer, json_answer
from kb.web.asking import one_of
from kb.web.bodies import read_body
from kb.web.door import Call, Parameter, Route
from kb.web.gate import NOT_FOR_YOU
from kb.web.repeats import forget_answers

STATES = ("active", "suspended", "erased")


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody to be added; who has an e-mail address signs in by it, others by their id."""

    name: str
    email: str = ""
    roles: tuple[RoleGrant, ...] = ()


class PersonDetails(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person's name and e-mail address, both; an empty address is none."""

    name: str
    email: str = ""


class RoleList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The roles a person is to hold from now on, and no others."""

    roles: tuple[RoleGrant, ...]


class PersonAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act that its path says all about: send `{}`."""


class SignInLink(msgspec.Struct, frozen=True):
    """A one-time way in, shown this once: where to open it, and until when.

    A repeated request is answered with null in place of the address; ask for another link, which ends this one.
    """

    person: str
    address: str | None
    expires_at: str


async def listed(call: Call) -> Answer:
    """People in order of their ids."""
    query = call.query
    wanted = PeopleFilter(
        one_of(call, "state", STATES), one_of(call, "origin", tuple(Origin)), one_of(call, "role", tuple(Role))
    )
    after, limit = decode(query.one("cursor"), (str,)), query.number("limit", 20, 1, 100)
    async with call.services.sessions.reading() as connection:
        return json_answer(await page_of_people(connection, wanted, after, limit, call.services.now()))


async def shown(call: Call) -> Answer:
    """One person: oneself, or anybody for those who look after people."""
    _must_see(call)
    async with call.services.sessions.reading() as connection:
        return json_answer(await _account(connection, call.path["person"]), tag=True)


async def added(call: Call) -> Answer:
    """Add a person."""
    request = await read_body(call, NewPerson)

    async def do(work: Work) -> Done:
        person = await people.add(work, request.name, request.email, request.roles)
        location = (b"location", f"/v1/people/{person}".encode())
        answer = json_answer(await _account(work.connection, person), headers=(location,))
        return Done(msgspec.structs.replace(answer, status=201))

    return await act(call, do)


async def described(call: Call) -> Answer:
    """Set somebody's name and address, one's own too; If-Match names the tag of the person as they were read."""
    _must_see(call)
    request = await read_body(call, PersonDetails)

    async def do(work: Work) -> Done:
        person = call.path["person"]
        must_match(call, etag(json_answer(await _account(work.connection, person)).body), f"/v1/people/{person}")
        await people.describe(work, person, request.name, request.email)
        return Done(json_answer(await _account(work.connection, person), tag=True))

    return await act(call, do)


async def given_roles(call: Call) -> Answer:
    """Set a person's roles; If-Match names the tag of the person as they were read."""
    request = await read_body(call, RoleList)

    async def do(work: Work) -> Done:
        person = call.path["person"]
        must_match(call, etag(json_answer(await _account(work.connection, person)).body), f"/v1/people/{person}")
        await people.set_roles(work, person, request.roles)
        return Done(json_answer(await _account(work.connection, person), tag=True))

    return await act(call, do)


async def suspended(call: Call) -> Answer:
    """Shut a person out at once."""
    await read_body(call, PersonAct)

    async def do(work: Work) -> Done:
        await people.suspend(work, call.path["person"])
        return Done(json_answer(await _account(work.connection, call.path["person"])))

    return await act(call, do)


async def reinstated(call: Call) -> Answer:
    """Let a suspended person act again."""
    await read_body(call, PersonAct)

    async def do(work: Work) -> Done:
        await people.reinstate(work, call.path["person"])
        return Done(json_answer(await _account(work.connection, call.path["person"])))

    return await act(call, do)


async def erased(call: Call) -> Answer:
    """Erase what is personal about someone, the comments they wrote, and kept answers that name them."""
    await read_body(call, PersonAct)

    async def do(work: Work) -> Done:
        person = call.path["person"]
        await forget(work, person)
        await forget_answers(work.connection, person)
        return Done(json_answer(await _account(work.connection, person)))

    return await act(call, do)


async def linked(call: Call) -> Answer:
    """Make a person a one-time link to sign in with."""
    await read_body(call, PersonAct)

    async def do(work: Work) -> Done:
        link = await make_link(work, call.path["person"])
        address = f"{call.services.settings.base_url.rstrip('/')}/sign-in#{link.token}"
        once, again = (SignInLink(link.person, where, link.expires_at) for where in (address, None))
        return Done(
            msgspec.structs.replace(json_answer(once), status=201),
            msgspec.structs.replace(json_answer(again), status=201),
        )

    return await act(call, do)


def _must_see(call: Call) -> None:
    """Raise before anybody is looked for, so that the refusal tells nothing of who is there."""
    if call.path["person"] != call.actor.id and not call.actor.may(Right.PEOPLE):
        raise Forbidden(NOT_FOR_YOU)


async def _account(connection: AsyncConnection, person: str) -> Account:
    found = await account_of(connection, person)
    if found is None:
        raise NotFound(f"no person {person}")
    return found


def _choice(name: str, about: str, known: tuple[str, ...]) -> Parameter:
    return Parameter(name, about, {"type": "string", "enum": [str(one) for one in known]})


LISTING = (
    _choice("state", "only people in this state", STATES),
    _choice("origin", "only people whom this vouches for", tuple(Origin)),
    _choice("role", "only people who hold this role now", tuple(Role)),
    Parameter("limit", "how many at most", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    Parameter("cursor", "the `next` of an earlier answer"),
)
READ = (400, 401, 403, 404, 429, 503)
WRITE = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
ONE = "/v1/people/{person}"
POST = ("POST",)

ROUTES: tuple[Route, ...] = (
    Route("/v1/people", listed, "People in order of their ids", Right.PEOPLE, AccountPage, LISTING, tag="people",
          statuses=READ, revalidates=False),
    Route("/v1/people", added, "Add a person", Right.PEOPLE, Account, methods=POST, accepts=NewPerson, tag="people",
          statuses=WRITE, success=201, headers=("Location",)),
    Route(ONE, shown, "One person: oneself, or anybody for those who look after people", "person", Account,
          tag="people", statuses=READ),
    Route(ONE, described, "Set somebody's name and e-mail address, one's own too", "person", Account, methods=("PUT",),
          accepts=PersonDetails, tag="people", statuses=(*WRITE, 412, 428)),
    Route(f"{ONE}/roles", given_roles, "Set a person's roles", Right.PEOPLE, Account, methods=("PUT",),
          accepts=RoleList, tag="people", statuses=(*WRITE, 412, 428)),
    Route(f"{ONE}/suspend", suspended, "Shut a person out at once, with their sessions and keys", Right.PEOPLE, Account,
          methods=POST, accepts=PersonAct, tag="people", statuses=WRITE),
    Route(f"{ONE}/reinstate", reinstated, "Let a suspended person act again", Right.PEOPLE, Account, methods=POST,
          accepts=PersonAct, tag="people", statuses=WRITE),
    Route(f"{ONE}/erase", erased, "Erase what is personal about someone, for good", Right.PEOPLE, Account, methods=POST,
          accepts=PersonAct, tag="people", statuses=WRITE),
    Route(f"{ONE}/link", linked, "Make a one-time link to sign in with", Right.PEOPLE, SignInLink, methods=POST,
          accepts=PersonAct, tag="people", statuses=WRITE, success=201),
    *sign_in.ROUTES,
)  # fmt: skip
