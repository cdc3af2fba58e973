"""Rules of API keys: what a key may do is what its scope and its owner both allow, and nobody grants more than they have."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from kb.accounts.key_format import KeyKind
from kb.accounts.key_types import ApiKey, Scope, Wanted
from kb.base.errors import Code, Detail, Invalid
from kb.base.hashing import instant
from kb.base.work import EVERY_AUDIENCE, Actor, Right

LONGEST_OVERLAP = timedelta(days=30)
MOST = 50
"""How many channels, locales or origins one key lists at most."""

GRANTED = tuple(right for right in Right if right is not Right.INVITED)
"""What a secret key can be made to do; an outside expert's link is no key."""

PREVIEWING = (Right.READ, Right.PREVIEW)
OWN_JUDGEMENT = frozenset({Right.SIGN, Right.COMMENT, Right.WRITE, Right.REDACT})
"""What a person does in their own name: a key for it is made by its owner alone (law 2)."""

NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]{1,80}")
WORD = re.compile(r"[A-Za-z0-9-]{1,35}")
ORIGIN = re.compile(
    r"https://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[1-9]\d{0,4})?|http://(localhost|127\.0\.0\.1)(:[1-9]\d{0,4})?"
)


def key_actor_of(key: ApiKey, owner: Actor) -> Actor:
    """The actor of a key: its scope within what its owner may now, the owner's limits per topic with it.

    A secret key is its owner; the others are nobody, so that what a person may do for themselves is out of their reach.
    """
    rights = frozenset(key.scope.actions) & owner.rights
    return Actor(
        owner.id if key.kind is KeyKind.SECRET else f"key.{key.id}",
        frozenset(key.scope.audiences) & owner.audiences,
        rights,
        {right: topics for right, topics in owner.limits.items() if right in rights},
        frozenset(key.scope.channels),
        frozenset(key.scope.locales),
        key.id,
    )


def welcome(key: ApiKey, origin: str) -> bool:
    """Whether a key may be shown from this Origin (empty: none was sent); only a publishable one minds."""
    return key.kind is not KeyKind.PUBLISHABLE or origin in key.origins


def refusals(wanted: Wanted, now: datetime) -> tuple[Detail, ...]:
    """What is wrong with a wanted key, whoever asks for it; places are those of the request."""
    faults = [*_scope_faults(wanted.kind, wanted.scope), *_origin_faults(wanted.kind, wanted.origins)]
    if not NAME.fullmatch(wanted.name):
        faults.append(_fault("/name", "give the key a name of 1 to 80 characters, such as what uses it"))
    if wanted.expires_at is not None and wanted.expires_at <= instant(now):
        faults.append(_fault("/expires_at", "a key ends in the future: give a later time, or none"))
    return tuple(faults)


def may_grant(maker: Actor, granted: Actor) -> bool:
    """Whether `maker` has everything that `granted` may do, and, for another person, nothing of it is that person's own.

    Else whoever may make keys could sign as anybody.
    """
    if maker.id != granted.id and granted.rights & OWN_JUDGEMENT:
        return False
    return (
        all(_covers(maker, granted, right) for right in granted.rights)
        and granted.audiences <= maker.audiences
        and _within(granted.channels, maker.channels)
        and _within(granted.locales, maker.locales)
    )


def overlap_end(now: datetime, until: datetime | None) -> str:
    """When the old secret ends: at once, or at a given time within 30 days."""
    if until is not None and until.tzinfo is None:
        raise _invalid("/old_until", "give the time with its zone, such as 2026-11-22T10:00:00Z")
    if until is not None and until > now + LONGEST_OVERLAP:
        raise _invalid("/old_until", "the old secret may work for at most 30 days more")
    return instant(max(now, until or now))


def _covers(maker: Actor, granted: Actor, right: str) -> bool:
    own = maker.limits.get(right)
    given = granted.limits.get(right)
    return right in maker.rights and (own is None or (given is not None and given <= own))


def _within(given: frozenset[str], own: frozenset[str]) -> bool:
    return not own or (bool(given) and given <= own)


def _scope_faults(kind: KeyKind, scope: Scope) -> list[Detail]:
    allowed = {KeyKind.PUBLISHABLE: (Right.READ,), KeyKind.PREVIEW: PREVIEWING}.get(kind, GRANTED)
    faults = []
    if not scope.actions or not set(scope.actions) <= set(allowed):
        faults.append(_fault("/scope/actions", f"a {kind} key may {' and '.join(allowed)}: list one or more of them"))
    if not scope.audiences or not set(scope.audiences) <= EVERY_AUDIENCE:
        faults.append(_fault("/scope/audiences", "list one or more of public, customer and staff"))
    if kind is KeyKind.PUBLISHABLE and set(scope.audiences) != {"public"}:
        faults.append(_fault("/scope/audiences", "a publishable key reads audience public only"))
    for field in ("channels", "locales"):
        given: Sequence[str] = getattr(scope, field)
        if len(given) > MOST or not all(WORD.fullmatch(one) for one in given):
            faults.append(_fault(f"/scope/{field}", f"list at most {MOST} {field} by name, or none for all"))
    return faults


def _origin_faults(kind: KeyKind, origins: tuple[str, ...]) -> list[Detail]:
    if kind is not KeyKind.PUBLISHABLE:
        return [_fault("/origins", "only a publishable key is bound to origins: leave them out")] if origins else []
    if origins and len(origins) <= MOST and all(ORIGIN.fullmatch(one) for one in origins):
        return []
    shape = "https://www.example.com (for development http://localhost or http://127.0.0.1, with a port)"
    return [_fault("/origins", f"list 1 to {MOST} origins of the pages that use the key, as {shape}")]


def _fault(pointer: str, message: str) -> Detail:
    return Detail(pointer, Code.INVALID.value, message)


def _invalid(pointer: str, message: str) -> Invalid:
    return Invalid(message, errors=(_fault(pointer, message),))
