"""People, their roles and their keys, recomputed from the journal: who could sign what, and when, is no mere row."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.tables import people, person_keys, person_roles
from kb.base.journal import journal
from kb.release.finding import Finding, streamed, told

Line = Mapping[str, Any]


class Role(msgspec.Struct):
    """A role of a person; `until` None is still."""

    role: str
    topics: str
    since: str
    until: str | None = None


class Key(msgspec.Struct):
    """A public key of a person."""

    public_key: str
    since: str
    kind: str
    until: str | None = None


class Known(msgspec.Struct):
    """A person as the lines so far make them."""

    origin: str
    position: int
    suspended_at: str | None = None
    erased_at: str | None = None
    roles: list[Role] = []
    keys: list[Key] = []


class Act(msgspec.Struct, frozen=True):
    """One line about accounts."""

    position: int
    at: str
    line: Line

    @property
    def grants(self) -> list[tuple[str, str]]:
        """The roles it names, each with its topics as the table holds them."""
        return [(one["role"], msgspec.json.encode(one["topics"]).decode()) for one in self.line.get("roles", ())]


Everyone = dict[str, Known]


async def people_replayed(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """People, roles and keys that aren't what the journal makes them."""
    known: Everyone = {}
    columns = (journal.c.position, journal.c.at, journal.c.event, journal.c.data)
    statement = sa.select(*columns).where(journal.c.event.in_(EVENTS)).order_by(journal.c.position)
    async for row in streamed(connection, statement):
        try:
            EVENTS[row.event](known, Act(row.position, row.at, told(row.data)))
        except (KeyError, TypeError, AttributeError):
            yield Finding("journal", f"line {row.position}", "it tells of accounts in a way that no version wrote")
    for check in (_people, _roles, _keys):
        async for finding in check(connection, known):
            yield finding


async def _people(connection: AsyncConnection, known: Everyone) -> AsyncIterator[Finding]:
    expected = {name: (one.origin, one.position, one.suspended_at, one.erased_at) for name, one in known.items()}
    columns = (people.c.origin, people.c.position, people.c.suspended_at, people.c.erased_at)
    async for row in streamed(connection, sa.select(people.c.id, *columns)):
        if expected.pop(row.id, None) != tuple(row[1:]):
            yield Finding("people", row.id, "the journal makes this person another, or none")
    for name in expected:
        yield Finding("people", name, "the journal tells of a person who isn't there")


async def _roles(connection: AsyncConnection, known: Everyone) -> AsyncIterator[Finding]:
    expected = Counter(
        (name, role.role, role.topics, role.since, role.until) for name, one in known.items() for role in one.roles
    )
    columns = (person_roles.c.person, person_roles.c.role, person_roles.c.topics)
    async for row in streamed(connection, sa.select(*columns, person_roles.c.since, person_roles.c.until)):
        if expected[tuple(row)] < 1:
            yield Finding("person_roles", f"{row.person} {row.role}", "the journal gave no such role for this time")
        expected[tuple(row)] -= 1
    for lost in +expected:
        yield Finding("person_roles", f"{lost[0]} {lost[1]}", "the journal gave a role that isn't there")


async def _keys(connection: AsyncConnection, known: Everyone) -> AsyncIterator[Finding]:
    expected = {
        key.public_key: (name, key.since, key.until, key.kind) for name, one in known.items() for key in one.keys
    }
    columns = (person_keys.c.person, person_keys.c.since, person_keys.c.until, person_keys.c.kind)
    async for row in streamed(connection, sa.select(person_keys.c.public_key, *columns)):
        if expected.pop(row.public_key, None) != tuple(row[1:]):
            yield Finding("person_keys", row.public_key, "the journal knows this key otherwise, or not at all")
    for key in expected:
        yield Finding("person_keys", key, "the journal tells of a key that isn't there")


def _trusted(known: Everyone, act: Act) -> None:
    name, key = act.line["person"], act.line["public_key"]
    person = known.setdefault(name, Known(act.line["origin"], act.position))
    if not any(one.public_key == key and one.until is None for one in person.keys):
        for one in person.keys:
            if one.kind == "given" and one.until is None:
                one.until = act.at
        person.keys.append(Key(key, act.at, "given"))
    if {(one.role, one.topics) for one in person.roles if one.until is None} != set(act.grants) or not person.roles:
        _regrant(person, act)


def _added(known: Everyone, act: Act) -> None:
    known[act.line["person"]] = Known(act.line["origin"], act.position)
    _regrant(known[act.line["person"]], act)


def _invited(known: Everyone, act: Act) -> None:
    person = known[act.line["person"]] = Known(act.line["origin"], act.position)
    topics = msgspec.json.encode([f"#{act.line['hash']}"]).decode()
    person.roles.append(Role(act.line["role"], topics, act.at, act.line["until"]))


def _linked(known: Everyone, act: Act) -> None:
    """The link of an invited expert comes with the key that the server keeps for them."""
    if key := act.line.get("public_key"):
        known[act.line["person"]].keys.append(Key(key, act.at, "kept"))


def _roles_set(known: Everyone, act: Act) -> None:
    _regrant(known[act.line["person"]], act)


def _ended(known: Everyone, act: Act) -> None:
    _end_roles(known[act.line["person"]], act.at)


def _suspended(known: Everyone, act: Act) -> None:
    known[act.line["person"]].suspended_at = act.at


def _reinstated(known: Everyone, act: Act) -> None:
    known[act.line["person"]].suspended_at = None


def _erased(known: Everyone, act: Act) -> None:
    person = known[act.line["person"]]
    _end_roles(person, act.at)
    _end_keys(person, act.at)
    person.erased_at = act.at
    person.suspended_at = person.suspended_at or act.at


def _key_made(known: Everyone, act: Act) -> None:
    person = known[act.line["person"]]
    _end_keys(person, act.at, "kept")
    person.keys.append(Key(act.line["public_key"], act.at, "kept"))


def _key_brought(known: Everyone, act: Act) -> None:
    known[act.line["person"]].keys.append(Key(act.line["public_key"], act.at, "brought"))


def _key_retired(known: Everyone, act: Act) -> None:
    for key in known[act.line["person"]].keys:
        if key.public_key == act.line["public_key"]:
            key.until = act.at


def _regrant(person: Known, act: Act) -> None:
    _end_roles(person, act.at)
    person.roles += [Role(role, topics, act.at) for role, topics in act.grants]


def _end_roles(person: Known, at: str) -> None:
    for role in person.roles:
        if role.until is None or role.until > at:
            role.until = at


def _end_keys(person: Known, at: str, kind: str = "") -> None:
    for key in person.keys:
        if key.until is None and kind in {"", key.kind}:
            key.until = at


EVENTS: Mapping[str, Callable[[Everyone, Act], None]] = {
    "account.trusted": _trusted,
    "account.added": _added,
    "account.invited": _invited,
    "link.made": _linked,
    "roles.set": _roles_set,
    "account.ended": _ended,
    "account.suspended": _suspended,
    "account.reinstated": _reinstated,
    "account.erased": _erased,
    "signing-key.made": _key_made,
    "signing-key.brought": _key_brought,
    "signing-key.retired": _key_retired,
}
"""What each event makes of the people known so far; events that aren't here change no row of these tables."""
