"""Reading API keys."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.key_format import KeyKind
from kb.accounts.key_tables import api_key_secrets, api_keys
from kb.accounts.key_types import ApiKey, Scope, SecretSpan
from kb.base.paging import Place, encode


class KeyFilter(msgspec.Struct, frozen=True):
    """Which keys a list shows; an empty field is no condition. `state` is `working`, `expired` or `revoked`."""

    owner: str = ""
    kind: str = ""
    state: str = ""
    newest_first: bool = False


class KeyPage(msgspec.Struct, frozen=True):
    """A page of keys; `next` is the cursor of the page behind it, null on the last."""

    items: tuple[ApiKey, ...]
    next: str | None


async def read_key(connection: AsyncConnection, key: str, now: str) -> ApiKey | None:
    """One key, with the secrets that work at `now`."""
    found = await _with_secrets(connection, sa.select(api_keys).where(api_keys.c.id == key), now)
    return found[0] if found else None


async def page_of_keys(
    connection: AsyncConnection, wanted: KeyFilter, after: Place | None, limit: int, now: str
) -> KeyPage:
    """Keys in order of making; `after` is the place (made_at, id) of the last one seen."""
    statement = sa.select(api_keys).where(*_conditions(wanted, now)).limit(limit + 1)
    place = sa.tuple_(api_keys.c.made_at, api_keys.c.id)
    if after is not None:
        behind = sa.tuple_(*(sa.literal(value) for value in after))
        statement = statement.where(place < behind if wanted.newest_first else place > behind)
    order = (
        (api_keys.c.made_at.desc(), api_keys.c.id.desc())
        if wanted.newest_first
        else (api_keys.c.made_at, api_keys.c.id)
    )
    found = await _with_secrets(connection, statement.order_by(*order), now)
    items = found[:limit]
    more = len(found) > limit
    return KeyPage(tuple(items), encode((items[-1].made_at, items[-1].id)) if more else None)


async def key_with_hashes(
    connection: AsyncConnection, key: str, now: str
) -> tuple[ApiKey, dict[str, str | None]] | None:
    """One key and the hashes of its secrets that work at `now`, each with its end."""
    found = await read_key(connection, key, now)
    if found is None:
        return None
    rows = await connection.execute(_working(now).where(api_key_secrets.c.key == key))
    return found, {row.hash: row.until for row in rows}


def _conditions(wanted: KeyFilter, now: str) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.owner:
        conditions.append(api_keys.c.owner == wanted.owner)
    if wanted.kind:
        conditions.append(api_keys.c.kind == wanted.kind)
    expired = sa.func.coalesce(api_keys.c.expires_at <= now, sa.false())
    states = {
        "revoked": api_keys.c.revoked_at.is_not(None),
        "expired": sa.and_(api_keys.c.revoked_at.is_(None), expired),
        "working": sa.and_(api_keys.c.revoked_at.is_(None), sa.not_(expired)),
    }
    return [*conditions, states[wanted.state]] if wanted.state else conditions


async def _with_secrets(connection: AsyncConnection, statement: sa.Select[Any], now: str) -> list[ApiKey]:
    rows = list(await connection.execute(statement))
    spans: dict[str, list[SecretSpan]] = defaultdict(list)
    secrets = _working(now).where(api_key_secrets.c.key.in_([row.id for row in rows]))
    for secret in await connection.execute(secrets):
        spans[secret.key].append(SecretSpan(secret.since, secret.until))
    return [_key_of(row, spans[row.id]) for row in rows]


def _working(now: str) -> sa.Select[Any]:
    still = sa.or_(api_key_secrets.c.until.is_(None), api_key_secrets.c.until > now)
    return sa.select(api_key_secrets).where(still).order_by(api_key_secrets.c.since, api_key_secrets.c.until.is_(None))


def _key_of(row: Any, spans: Sequence[SecretSpan]) -> ApiKey:
    return ApiKey(
        row.id,
        KeyKind(row.kind),
        row.name,
        row.owner,
        msgspec.json.decode(row.scope, type=Scope),
        msgspec.json.decode(row.origins, type=tuple[str, ...]),
        row.made_at,
        row.expires_at,
        row.revoked_at,
        row.last_used_at,
        tuple(spans) if row.revoked_at is None else (),
    )
