"""Which pages publishable keys are for: what a browser's preflight is answered from, before any key is shown."""

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.key_format import KeyKind
from kb.accounts.key_tables import api_keys
from kb.base.hashing import instant


async def is_listed(connection: AsyncConnection, origin: str, now: datetime) -> bool:
    """Whether a publishable key that works now lists this origin."""
    lasting = sa.or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > instant(now))
    working = sa.select(api_keys.c.origins).where(
        api_keys.c.kind == KeyKind.PUBLISHABLE.value, api_keys.c.revoked_at.is_(None), lasting
    )
    return any(origin in msgspec.json.decode(listed) for listed in (await connection.execute(working)).scalars())
