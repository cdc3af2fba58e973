"""Proof from the inside: the journal's chain, and that revisions, renditions and sign-offs are what their hashes say."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.base.hashing import digest
from kb.base.journal import Fault, journal, verify
from kb.delivery.tables import payloads, renditions
from kb.entries.tables import revisions
from kb.release import merkle
from kb.release.tables import leaves, live_revisions, releases
from kb.review.queries import SIGNOFF
from kb.review.signatures import signed_bytes
from kb.review.tables import signoffs
from kb.review.types import SignOff

RUN = 500


class Finding(msgspec.Struct, frozen=True):
    """A row that contradicts what it names or what the journal says of it."""

    table: str
    name: str
    message: str


async def verify_all(connection: AsyncConnection) -> tuple[Fault | None, tuple[Finding, ...]]:
    """The first bad line of the journal, and every row whose bytes have another hash than they should."""
    findings = [
        *await _bodies(connection, revisions.c.hash, revisions.c.body, "revisions"),
        *await _bodies(connection, payloads.c.hash, payloads.c.body, "payloads"),
        *await _signoffs(connection),
        *await _roots(connection),
        *await _live(connection),
    ]
    return await verify(connection), tuple(findings)


async def _bodies(
    connection: AsyncConnection, name: sa.Column[str], body: sa.Column[bytes], table: str
) -> list[Finding]:
    """Rows whose body has another SHA-256 than their name."""
    found: list[Finding] = []
    last = ""
    while rows := (await connection.execute(sa.select(name, body).where(name > last).order_by(name).limit(RUN))).all():
        found += [Finding(table, row[0], "its bytes have another hash") for row in rows if digest(row[1]) != row[0]]
        last = rows[-1][0]
    return found


async def _signoffs(connection: AsyncConnection) -> list[Finding]:
    """Sign-offs that their journal line doesn't know."""
    statement = sa.select(*SIGNOFF, journal.c.data).join(
        journal, journal.c.position == signoffs.c.position, isouter=True
    )
    found = []
    for row in await connection.execute(statement):
        signoff = SignOff(*row[: len(SIGNOFF)])
        told = msgspec.json.decode(row[-1]).get("statement") if row[-1] else None
        if told != digest(signed_bytes(signoff)):
            found.append(Finding("signoffs", f"{signoff.key} by {signoff.by}", "the journal knows another statement"))
    return found


async def _roots(connection: AsyncConnection) -> list[Finding]:
    """Releases whose leaves don't give the root their journal line commits to."""
    statement = sa.select(releases, journal.c.data).join(
        journal, journal.c.position == releases.c.position, isouter=True
    )
    found = []
    for row in (await connection.execute(statement)).all():
        told = msgspec.json.decode(row.data).get("root", merkle.EMPTY_ROOT) if row.data else None
        order = sa.select(leaves.c.rendition, leaves.c.inputs, leaves.c.profile).where(leaves.c.release == row.id)
        made = [
            merkle.leaf_hash(merkle.Leaf(*leaf, row.renderer))
            for leaf in await connection.execute(order.order_by(leaves.c.number))
        ]
        if not told == row.root == merkle.root(made):
            found.append(Finding("releases", row.id, "its leaves don't give the root that the journal holds"))
    return found


async def _live(connection: AsyncConnection) -> list[Finding]:
    """Open renditions of revisions that aren't live: text that no release made live."""
    same = (live_revisions.c.key == renditions.c.key) & (live_revisions.c.locale == renditions.c.locale)
    same &= (live_revisions.c.hash == renditions.c.hash) & live_revisions.c.closed_at.is_(None)
    statement = (
        sa.select(renditions.c.key, renditions.c.locale, renditions.c.channel)
        .join(live_revisions, same, isouter=True)
        .where(renditions.c.closed_at.is_(None), live_revisions.c.id.is_(None))
        .limit(100)
    )
    return [
        Finding("renditions", f"{row.key} {row.locale} {row.channel}", "served, and its revision isn't live")
        for row in await connection.execute(statement)
    ]
