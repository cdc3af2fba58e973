"""Rules of accounts: what roles allow, how long a sign-in lasts, and what a password or an address may be."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from kb.accounts.types import Held, Person, Role, RoleGrant
from kb.base.errors import Code, Detail, Invalid
from kb.base.work import EVERY_AUDIENCE, Actor, Right

RIGHTS: Mapping[Role, frozenset[Right]] = {
    role: frozenset(map(Right, rights.split()))
    for role, rights in {
        Role.AUTHOR: "drafts write comment sign preview",
        Role.EDITOR: "drafts write comment sign preview",
        Role.LEGAL: "drafts comment sign preview history",
        Role.BRAND: "drafts comment sign preview history",
        Role.PRODUCT: "drafts comment sign preview history",
        Role.PUBLISHER: "drafts comment release withdraw preview history",
        Role.AUDITOR: "drafts history audit preview",
        Role.ADMIN: "drafts comment sign people keys audit history redact preview",
    }.items()
}
"""What each role lets a person do, on its topics; everyone signed in reads every audience."""

HOUSE_WIDE = frozenset({Right.PEOPLE, Right.KEYS, Right.AUDIT, Right.REDACT})
"""Rights over things that have no topic: a role on some topics only doesn't give them."""

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
FRESH = timedelta(minutes=5)
"""When a browser session ends unused, when it ends anyway, and how long a proof of who you are counts for signing."""

PASSWORD_LENGTH = 12
PASSWORD_BYTES = 1024
EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{1,189}")
NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]{1,120}")
"""Neither control characters, which a terminal obeys, nor those that turn the direction of what stands around them."""
TOPIC = re.compile(r"\*|[a-z0-9]+(-[a-z0-9]+)*")


def actor_of(person: Person, now: datetime, credential: str = "") -> Actor:
    """The actor a person is now; `credential` is the public id of the session or key they came by."""
    rights, limits = rights_of(person.roles, now)
    return Actor(person.id, EVERY_AUDIENCE, rights, limits, credential=credential)


def rights_of(roles: Iterable[Held], now: datetime) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """What the roles held now allow together, and the topics to which each right is limited (no entry: every topic)."""
    topics: dict[str, set[str]] = {}
    for held in roles:
        if held.at(now):
            for right in RIGHTS[held.role] if "*" in held.topics else RIGHTS[held.role] - HOUSE_WIDE:
                topics.setdefault(right, set()).update(held.topics)
    limits = {right: frozenset(on) for right, on in topics.items() if "*" not in on}
    return frozenset({Right.READ, *topics}), limits


def roles_end(person: Person, now: datetime) -> datetime | None:
    """The next instant at which a role ends by time alone; None where none does."""
    return min((held.until for held in person.roles if held.until and held.until > now), default=None)


def manages_people(person: Person, now: datetime) -> bool:
    """Whether this person may add others: an admin of the whole house whom nobody suspended."""
    return not person.suspended and Right.PEOPLE in rights_of(person.roles, now)[0]


def session_end(started: datetime, seen: datetime) -> datetime:
    """When a browser session ends if nothing more is heard of it."""
    return min(started + LONGEST, seen + IDLE)


def checked_password(password: str) -> str:
    """The password; Invalid where it is too short to keep anyone out, or longer than anybody types."""
    checked_length(password)
    if len(password) < PASSWORD_LENGTH:
        raise _wrong("/password", f"a password has at least {PASSWORD_LENGTH} characters: take a few words")
    return password


def checked_length(password: str) -> None:
    """Raise Invalid for what is longer than any password may be: hashing takes the longer, the more it is given."""
    if len(password.encode()) > PASSWORD_BYTES:
        raise _wrong("/password", f"a password has at most {PASSWORD_BYTES} bytes")


def checked_name(name: str) -> str:
    """A person's name without spaces around it; Invalid where there is none."""
    if not NAME.fullmatch(name := name.strip()):
        raise _wrong("/name", "give the person's name, in at most 120 characters")
    return name


def checked_email(email: str) -> str | None:
    """An e-mail address in lower case, None for none; Invalid for what is no address."""
    if not (email := email.strip().lower()):
        return None
    if not EMAIL.fullmatch(email):
        raise _wrong("/email", "write the e-mail address like name@example.org, or leave it out")
    return email


def checked_grants(grants: Iterable[RoleGrant]) -> tuple[RoleGrant, ...]:
    """Grants with their topics in order, each role once; Invalid for a role on no topic or on what is no topic."""
    topics: dict[Role, set[str]] = {}
    for grant in grants:
        if not grant.topics or not all(TOPIC.fullmatch(topic) for topic in grant.topics):
            raise _wrong("/roles", f"say on which topics the role {grant.role} is held: their names, or * for all")
        topics.setdefault(grant.role, set()).update(grant.topics)
    return tuple(RoleGrant(role, ("*",) if "*" in on else tuple(sorted(on))) for role, on in sorted(topics.items()))


def _wrong(pointer: str, message: str) -> Invalid:
    return Invalid(message, errors=(Detail(pointer, Code.INVALID.value, message),))
