"""`kb people`: who works here, in which roles, and how they sign in."""

from collections.abc import Awaitable, Callable

import msgspec
import rich_click as click

from kb.accounts import people as acts
from kb.accounts.directory import Account, PeopleFilter, account_of, page_of_people
from kb.accounts.links import Link, make_link
from kb.accounts.types import Role, RoleGrant
from kb.app import House
from kb.base.errors import Invalid, NotFound
from kb.base.paging import decode
from kb.base.work import OPERATOR, Work, open_work
from kb.cli.options import home_options, settings_of
from kb.cli.output import emit, json_option
from kb.cli.running import with_house
from kb.review.forgetting import forget
from kb.settings import Settings
from kb.web.repeats import forget_answers

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 (what is listened on, not listening)
"""Hosts that stand for every address of this machine, and what it calls itself."""

Act = Callable[[Work], Awaitable[str]]
"""An act on one person, whose id it returns."""


class Invitation(msgspec.Struct, frozen=True):
    """A one-time link to send to somebody: nobody will see it again."""

    person: str
    address: str
    expires_at: str


@click.group()
def people() -> None:
    """People: list them, add one, invite one by a sign-in link, suspend, reinstate, erase."""


@people.command(name="list")
@click.option("--state", type=click.Choice(["active", "suspended", "erased"]), help="Only these.")
@home_options
@json_option
def list_people(state: str | None, *, as_json: bool, **flags: object) -> None:
    """List everyone with their roles."""

    async def look(house: House) -> list[Account]:
        found: list[Account] = []
        cursor: str | None = ""
        async with house.sessions.reading() as connection:
            while cursor is not None:
                after = decode(cursor, (str,))
                page = await page_of_people(connection, PeopleFilter(state or ""), after, 100, house.services.now())
                found += page.items
                cursor = page.next
        return found

    found = with_house(settings_of(**flags), look)
    emit(found, [_line(one) for one in found] or ["nobody yet: `kb up`, or `kb people add NAME`"], as_json=as_json)


@people.command()
@click.argument("name")
@click.option("--email", default="", help="Their e-mail address, to sign in by; without one it is their id.")
@click.option("--role", "roles", multiple=True, help="A role, such as `legal`; or on some topics, `legal:cards,loans`.")
@home_options
@json_option
def add(name: str, email: str, roles: tuple[str, ...], *, as_json: bool, **flags: object) -> None:
    """Add a person with NAME; send them what `kb people link` prints."""
    grants = [_grant(role) for role in roles]

    async def act(work: Work) -> str:
        return await acts.add(work, name, email, grants)

    _done(settings_of(**flags), act, "added", as_json=as_json)


@people.command()
@click.argument("person")
@home_options
@json_option
def link(person: str, *, as_json: bool, **flags: object) -> None:
    """Make PERSON a one-time link to sign in with, for 24 hours; it ends those made before."""

    async def act(house: House) -> Link:
        async with open_work(house.sessions, OPERATOR) as work:
            return await make_link(work, person)

    settings = settings_of(**flags)
    made = with_house(settings, act)
    told = Invitation(made.person, sign_in_address(settings, made.token), made.expires_at)
    emit(told, [told.address, f"works once, until {told.expires_at}: send it to {told.person} alone"], as_json=as_json)


@people.command()
@click.argument("person")
@home_options
@json_option
def suspend(person: str, *, as_json: bool, **flags: object) -> None:
    """Shut PERSON out at once: their sessions, links and keys end."""

    async def act(work: Work) -> str:
        await acts.suspend(work, person)
        return person

    _done(settings_of(**flags), act, "suspended", as_json=as_json)


@people.command()
@click.argument("person")
@home_options
@json_option
def reinstate(person: str, *, as_json: bool, **flags: object) -> None:
    """Let PERSON act again, in the roles they hold."""

    async def act(work: Work) -> str:
        await acts.reinstate(work, person)
        return person

    _done(settings_of(**flags), act, "reinstated", as_json=as_json)


@people.command()
@click.argument("person")
@click.option("--yes", is_flag=True, help="Don't ask.")
@home_options
@json_option
def erase(person: str, *, yes: bool, as_json: bool, **flags: object) -> None:
    """Erase what is personal about PERSON, for good; what they signed still verifies."""
    if as_json and not yes:
        raise Invalid("with --json nobody is asked: say --yes")
    if not yes:
        click.confirm(f"Erase {person}'s name, address, password, sessions and keys for good?", abort=True)

    async def act(work: Work) -> str:
        await forget(work, person)
        await forget_answers(work.connection, person)
        return person

    _done(settings_of(**flags), act, "erased", as_json=as_json)


def sign_in_address(settings: Settings, token: str, address: str = "") -> str:
    """Where a link is opened; the token stands in the fragment, which no log and no referrer ever sees."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    base = settings.base_url.rstrip("/") or address or f"http://{host}:{settings.port}"
    for everywhere, here in EVERYWHERE.items():  # an address that no browser keeps a session of
        base = base.replace(f"//{everywhere}:", f"//{here}:")
    return f"{base}/sign-in#{token}"


def _done(settings: Settings, act: Act, said: str, *, as_json: bool) -> None:
    async def run(house: House) -> Account:
        async with open_work(house.sessions, OPERATOR) as work:
            person = await act(work)
            found = await account_of(work.connection, person)
        if found is None:
            raise NotFound(f"no person {person}")
        return found

    account = with_house(settings, run)
    emit(account, [f"{said}: {_line(account)}"], as_json=as_json)


def _line(account: Account) -> str:
    held = [
        role.role if role.topics == ("*",) else f"{role.role}:{','.join(role.topics)}"
        for role in account.roles
        if role.until is None
    ]
    words = [account.id, account.name, account.email, " ".join(held) or "no roles", account.origin]
    return "  ".join(word for word in (*words, account.state if account.state != "active" else "") if word)


def _grant(text: str) -> RoleGrant:
    role, _, topics = text.partition(":")
    if role not in set(Role):
        raise Invalid(f"there is no role {role!r}: use one of {', '.join(Role)}")
    return RoleGrant(Role(role), tuple(topics.split(",")) if topics else ("*",))
