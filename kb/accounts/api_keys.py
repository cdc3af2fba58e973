"""API keys: judging one that is shown, making, rotating and revoking them.

A key belongs to a person and dies with their account; what it may do is worked out from its owner's roles each time it is
judged. Only the SHA-256 of a secret is stored, so that whoever reads the database holds no key.
"""

from collections.abc import Mapping
from datetime import datetime
from hmac import compare_digest

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.key_format import KeyKind, Token, new_id, new_token, read_token
from kb.accounts.key_queries import key_with_hashes, read_key
from kb.accounts.key_rules import PREVIEWING, key_actor_of, may_grant, overlap_end, refusals, welcome
from kb.accounts.key_tables import api_key_secrets, api_keys
from kb.accounts.key_types import NEVER, ApiKey, KeyActor, Wanted
from kb.accounts.queries import someone
from kb.accounts.rules import actor_of, roles_end
from kb.accounts.types import Origin
from kb.base.errors import Conflict, Forbidden, Invalid, NotFound
from kb.base.hashing import instant
from kb.base.work import Actor, Right, Work


class Shown(msgspec.Struct, frozen=True):
    """A key with its secret, which is shown this once: `token` is what its holder sends."""

    key: ApiKey
    token: str


async def key_actor(connection: AsyncConnection, token: str, origin: str, now: datetime) -> KeyActor | None:
    """Who acts by a key that is shown from an Origin (empty: none was sent).

    None alike for what is malformed, unknown, expired, revoked, shown from a page it isn't for, or whose owner may not act.
    """
    shown = read_token(token)
    found = await key_with_hashes(connection, shown.id, instant(now)) if shown else None
    if shown is None or found is None:
        return None
    key, hashes = found
    matching = [end or NEVER for known, end in hashes.items() if compare_digest(known, shown.hash)]
    if not matching or key.kind is not shown.kind or not _works(key, now) or not welcome(key, origin):
        return None
    owner = await _owner(connection, key.owner, now)
    if owner is None:
        return None
    actor, until = owner
    return KeyActor(key_actor_of(key, actor), key.kind.value, min(matching[0], key.expires_at or NEVER, until))


async def note_used(connection: AsyncConnection, used: Mapping[str, str]) -> None:
    """Write when keys were last used, by id, as stored instants; no act, and so no journal line."""
    for key, at in used.items():
        earlier = sa.or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < at)
        await connection.execute(api_keys.update().where(api_keys.c.id == key, earlier).values(last_used_at=at))


async def make_key(work: Work, wanted: Wanted) -> Shown:
    """Make a key and show it.

    Invalid with the places of what is wrong; NotFound for an owner who isn't there or may not act; Forbidden for a key
    that may more than its maker, or that would judge in another person's name.
    """
    if faults := refusals(wanted, work.now):
        raise Invalid("this key can't be made: mend what is listed", errors=faults)
    if wanted.kind is KeyKind.PREVIEW:
        scope = msgspec.structs.replace(wanted.scope, actions=PREVIEWING)
        wanted = msgspec.structs.replace(wanted, scope=scope)
    token = new_token(wanted.kind, new_id())
    key = _fresh(token, wanted, work.stamp)
    await _must_keep(work, key)
    position = await work.record("key.made", {**_described(key), "hash": token.hash})
    await work.connection.execute(api_keys.insert().values(**_row(key), position=position))
    await _add_secret(work, token)
    return await _shown(work, token)


async def rotate_key(work: Work, key_id: str, old_until: datetime | None = None) -> Shown:
    """Give a key a new secret and show it; the old ones end now, or at `old_until` at most 30 days ahead."""
    key = await _kept(work, key_id)
    if not _works(key, work.now):
        raise Conflict("this key works no more: make another")
    await _must_keep(work, key)
    end, token = overlap_end(work.now, old_until), new_token(key.kind, key.id)
    await work.record("key.rotated", {"key": key.id, "hash": token.hash, "old_until": end})
    later = sa.or_(api_key_secrets.c.until.is_(None), api_key_secrets.c.until > end)
    replaced = api_key_secrets.update().where(api_key_secrets.c.key == key.id, later)
    await work.connection.execute(replaced.values(until=end))
    await _add_secret(work, token)
    return await _shown(work, token)


async def revoke_key(work: Work, key_id: str) -> ApiKey:
    """End a key at once; revoking it again changes nothing. Its owner may, and whoever may handle keys.

    Itself it may end too; another of its owner's only where it may handle keys, or a leaked one would stop all others.
    """
    key = await _kept(work, key_id)
    if work.actor.credential != key.id and await _is_key(work):
        work.actor.must(Right.KEYS)
    if key.revoked_at is None:
        await work.record("key.revoked", {"key": key.id})
        ended = api_keys.update().where(api_keys.c.id == key.id).values(revoked_at=work.stamp)
        await work.connection.execute(ended)
    return await _read(work, key.id)


def may_see(actor: Actor, key: ApiKey) -> bool:
    """Whether a key is this actor's to look at: their own, or any where they handle keys."""
    return actor.may(Right.KEYS) or key.owner == actor.id


async def _kept(work: Work, key_id: str) -> ApiKey:
    """The key, for who may see it; NotFound for others, as if it weren't there."""
    key = await _read(work, key_id)
    if not may_see(work.actor, key):
        raise NotFound(f"there is no key {key_id}")
    return key


async def _must_keep(work: Work, key: ApiKey) -> None:
    """Raise unless the actor may hold this key's secret in their hands: they are about to be shown it.

    Without the right to handle keys it is a secret key of their own, and a person asks for it: a key that may not handle
    keys makes no others, or a leaked one would outlive its revocation.
    """
    own = key.kind is KeyKind.SECRET and key.owner == work.actor.id
    if not own or await _is_key(work):
        work.actor.must(Right.KEYS)
    owner = await _owner(work.connection, key.owner, work.now)
    if owner is None:
        raise NotFound(f"there is no person {key.owner} who may have a key")
    granted = key_actor_of(key, owner[0])
    if len(granted.rights) < len(set(key.scope.actions)):
        missing = ", ".join(sorted(set(key.scope.actions) - granted.rights))
        raise Forbidden(f"{key.owner} may not {missing} now: a key does what its owner may")
    if not may_grant(work.actor, msgspec.structs.replace(granted, id=key.owner)):
        raise Forbidden(
            "nobody hands out more than they may do themselves, nor another person's judgement: narrow the scope"
        )


async def _is_key(work: Work) -> bool:
    """Whether the actor acts by a key."""
    return await read_key(work.connection, work.actor.credential, work.stamp) is not None


async def _owner(connection: AsyncConnection, person: str, now: datetime) -> tuple[Actor, str] | None:
    """The actor a key's owner is now, and until when by time alone; None where they may not act."""
    found = await someone(connection, person)
    if found is None or found.suspended or found.erased or found.origin == Origin.EXPERT:
        return None
    end = roles_end(found, now)
    return actor_of(found, now), instant(end) if end else NEVER


async def _add_secret(work: Work, token: Token) -> None:
    row = {"hash": token.hash, "key": token.id, "since": work.stamp}
    await work.connection.execute(api_key_secrets.insert().values(**row))


async def _shown(work: Work, token: Token) -> Shown:
    return Shown(await _read(work, token.id), token.text)


async def _read(work: Work, key_id: str) -> ApiKey:
    key = await read_key(work.connection, key_id, work.stamp)
    if key is None:
        raise NotFound(f"there is no key {key_id}")
    return key


def _fresh(token: Token, wanted: Wanted, at: str) -> ApiKey:
    expires_at = wanted.expires_at
    return ApiKey(
        token.id, wanted.kind, wanted.name, wanted.owner, wanted.scope, wanted.origins, at, expires_at, None, None, ()
    )


def _row(key: ApiKey) -> dict[str, str | None]:
    return {
        **{name: getattr(key, name) for name in ("id", "name", "owner", "made_at", "expires_at")},
        "kind": key.kind.value,
        "scope": msgspec.json.encode(key.scope).decode(),
        "origins": msgspec.json.encode(key.origins).decode(),
    }


def _described(key: ApiKey) -> dict[str, object]:
    """A new key in the journal: what its row holds but the name, which is somebody's words."""
    return {
        "key": key.id,
        "kind": key.kind.value,
        "owner": key.owner,
        "scope": msgspec.to_builtins(key.scope),
        "origins": list(key.origins),
        "expires_at": key.expires_at,
    }


def _works(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > instant(now))
