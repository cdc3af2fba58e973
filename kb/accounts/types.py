"""The words of accounts: people by opaque id, the roles they hold per topic, and the keys that verify their sign-offs."""

from collections.abc import Mapping
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


class Held(msgspec.Struct, frozen=True):
    """A role held on topics from an instant until another (None: still)."""

    role: Role
    topics: tuple[str, ...]
    since: datetime
    until: datetime | None


class Person(msgspec.Struct, frozen=True):
    """A person as reviews need them: the public keys that sign for them now, those that did once, and roles over time."""

    id: str
    origin: str
    public_keys: tuple[str, ...]
    roles: tuple[Held, ...]
    retired_keys: tuple[str, ...] = ()

    def holds(self, role: str, topic: str) -> bool:
        """Whether this person holds a role on a topic now."""
        return any(
            held.until is None and held.role == role and ("*" in held.topics or topic in held.topics)
            for held in self.roles
        )


People = Mapping[str, Person]
"""People by id."""
