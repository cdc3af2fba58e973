"""The words of API keys: what one may do, whom it acts for, and how long."""

import msgspec

from kb.accounts.key_format import KeyKind
from kb.base.work import Actor, Right

NEVER = "9999-12-31T23:59:59.999Z"
"""The end of what has none, as an instant that compares like the others."""


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a key may do of what its owner may: actions × channels × locales × audiences; no channel or locale is all."""

    actions: tuple[Right, ...] = (Right.READ,)
    channels: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ("public",)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A key that someone asks for; `expires_at` is a stored instant or None, `origins` the pages a publishable one is for."""

    kind: KeyKind
    name: str
    owner: str
    scope: Scope
    origins: tuple[str, ...] = ()
    expires_at: str | None = None


class SecretSpan(msgspec.Struct, frozen=True):
    """One secret of a key, by the time it works; `until` is None while no other has taken its place."""

    since: str
    until: str | None


class ApiKey(msgspec.Struct, frozen=True):
    """A key as those who keep it see it: everything but its secrets, which are known to their holders alone.

    `secrets` are those that still work, two while a rotation overlaps. Times are UTC; `last_used_at` lags by up to a minute.
    """

    id: str
    kind: KeyKind
    name: str
    owner: str
    scope: Scope
    origins: tuple[str, ...]
    made_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    secrets: tuple[SecretSpan, ...]


class KeyActor(msgspec.Struct, frozen=True):
    """Who acts by a key: `until` is the instant from which it must be judged again though nothing was recorded."""

    actor: Actor
    kind: str
    until: str
