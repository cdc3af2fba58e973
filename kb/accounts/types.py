"""The words of accounts: people by opaque id, the roles they hold per topic, and the keys that verify their sign-offs."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec


class Role(StrEnum):
    AUTHOR = "author"
    EDITOR = "editor"
    LEGAL = "legal"
    BRAND = "brand"
    PRODUCT = "product"
    PUBLISHER = "publisher"
    AUDITOR = "auditor"
    ADMIN = "admin"


class RoleGrant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role on some topics; `*` is every topic."""

    role: Role
    topics: tuple[str, ...] = ("*",)


class Signer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a trust file: who signs with which Ed25519 key (base64url) in which roles.

    A demo key file and a signer's own file have the same shape with `private_key`.
    """

    id: str
    roles: tuple[RoleGrant, ...]
    public_key: str
    private_key: str = ""


class Origin(StrEnum):
    """Who vouches for a person: the trust file, the demo (whose keys everyone has), an admin, or whoever invited an expert."""

    TRUST_FILE = "trust-file"
    DEMO = "demo"
    ACCOUNT = "account"
    EXPERT = "expert"


class Held(msgspec.Struct, frozen=True):
    """A role held on topics from an instant until another (None: still; an outside expert's end lies ahead)."""

    role: Role
    topics: tuple[str, ...]
    since: datetime
    until: datetime | None

    def at(self, moment: datetime | None) -> bool:
        """Whether it was held at a moment; None is now and later, for as long as nobody ends it."""
        if moment is None:
            return self.until is None
        return self.since <= moment and (self.until is None or moment < self.until)


class Person(msgspec.Struct, frozen=True):
    """A person as reviews need them: the public keys that sign for them now, those that did once, and roles over time.

    `vouched_keys` are those among `public_keys` that the trust file or the demo itself names. The first policy of an empty
    home counts sign-offs by these alone: people of origin `account`, and keys made here, are whatever the operator made
    them, and who runs the server must not be able to write its constitution.
    """

    id: str
    origin: str
    public_keys: tuple[str, ...]
    roles: tuple[Held, ...]
    retired_keys: tuple[str, ...] = ()
    suspended: bool = False
    erased: bool = False
    vouched_keys: tuple[str, ...] = ()

    def holds(self, role: str, topics: str | Iterable[str], at: datetime | None = None) -> bool:
        """Whether this person holds a role on one of these topics at a moment (None: now, and for as long as nobody ends it).

        An outside expert holds theirs on `#<hash>`, the revision they were shown, until their link ends: pass the moment,
        and that topic beside the entry's own.
        """
        asked = {topics, "*"} if isinstance(topics, str) else {*topics, "*"}
        return any(held.role == role and held.at(at) and not asked.isdisjoint(held.topics) for held in self.roles)


People = Mapping[str, Person]
"""People by id."""
