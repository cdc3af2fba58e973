"""Proof from the inside: the journal's chain, and that every row is what its hash, signature or journal line says."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kb.accounts.queries import everyone
from kb.base.hashing import digest
from kb.base.journal import Fault, journal, verify
from kb.delivery.tables import payloads, renditions
from kb.entries.tables import revisions
from kb.release import merkle
from kb.release.tables import leaves, live_revisions, release_items, releases
from kb.review.queries import SIGNOFF
from kb.review.signatures import signed_bytes, verifies
from kb.review.tables import signoffs, waivers
from kb.review.types import SignOff

RUN = 500
WRITTEN_BY = (
    ("entry.written", revisions),
    ("review.signed", signoffs),
    ("review.waived", waivers),
    ("release.made", releases),
    ("release.withdraw", releases),
    ("release.lapse", releases),
)
"""Events with the table in which each left a row at its position."""

PLACE = (renditions.c.key, renditions.c.locale, renditions.c.channel, renditions.c.profile)


class Finding(msgspec.Struct, frozen=True):
    """A row that contradicts what it names or what the journal says of it."""

    table: str
    name: str
    message: str


async def verify_all(connection: AsyncConnection) -> tuple[Fault | None, tuple[Finding, ...]]:
    """The first bad line of the journal, and every row that isn't what was signed, written or released."""
    findings = [
        *await _missing(connection),
        *await _bodies(connection, revisions.c.hash, revisions.c.body, "revisions"),
        *await _bodies(connection, payloads.c.hash, payloads.c.body, "payloads"),
        *await _signoffs(connection),
        *await _releases(connection),
        *await _renditions(connection),
        *await _live(connection),
    ]
    return await verify(connection), tuple(findings)


async def _missing(connection: AsyncConnection) -> list[Finding]:
    """Rows that the journal tells of and that are gone."""
    found: list[Finding] = []
    for event, table in WRITTEN_BY:
        gone = sa.select(journal.c.position).join(table, table.c.position == journal.c.position, isouter=True)
        statement = gone.where(journal.c.event == event, table.c.position.is_(None))
        for position in (await connection.execute(statement)).scalars():
            found.append(Finding(str(table.name), f"line {position}", "the journal tells of a row that isn't there"))
    return found


async def _bodies(
    connection: AsyncConnection, name: sa.Column[str], body: sa.Column[bytes], table: str
) -> list[Finding]:
    """Rows whose body has another SHA-256 than their name."""
    found: list[Finding] = []
    last = ""
    while rows := (await connection.execute(sa.select(name, body).where(name > last).order_by(name).limit(RUN))).all():
        found += [
            Finding(table, row[0], "its bytes have another hash") for row in rows if digest(_bytes(row[1])) != row[0]
        ]
        last = rows[-1][0]
    return found


def _bytes(body: bytes | str) -> bytes:
    """What a column of bytes holds: SQLite keeps whatever was put there, a text too."""
    return body.encode() if isinstance(body, str) else body


async def _signoffs(connection: AsyncConnection) -> list[Finding]:
    """Sign-offs that their journal line doesn't know, or that no key of their signer made."""
    people = await everyone(connection)
    statement = sa.select(*SIGNOFF, journal.c.data).join(
        journal, journal.c.position == signoffs.c.position, isouter=True
    )
    found = []
    for row in await connection.execute(statement):
        signoff = SignOff(*row[: len(SIGNOFF)])
        told = msgspec.json.decode(row[-1]).get("statement") if row[-1] else None
        person = people.get(signoff.by)
        name = f"{signoff.key} by {signoff.by}"
        if told != digest(signed_bytes(signoff)):
            found.append(Finding("signoffs", name, "the journal knows another statement"))
        elif person is None or not any(verifies(signoff, key) for key in person.public_keys):
            found.append(Finding("signoffs", name, "its signature is not of any key of the signer"))
    return found


async def _releases(connection: AsyncConnection) -> list[Finding]:
    """Releases whose leaves don't give the root their journal line commits to, and rows they open without a leaf."""
    statement = sa.select(releases, journal.c.data).join(
        journal, journal.c.position == releases.c.position, isouter=True
    )
    found = []
    for row in (await connection.execute(statement)).all():
        told = msgspec.json.decode(row.data).get("root", merkle.EMPTY_ROOT) if row.data else None
        order = sa.select(leaves.c.rendition, leaves.c.inputs, leaves.c.profile).where(leaves.c.release == row.id)
        made = [merkle.Leaf(*leaf, row.renderer) for leaf in await connection.execute(order.order_by(leaves.c.number))]
        if not told == row.root == merkle.root([merkle.leaf_hash(leaf) for leaf in made]):
            found.append(Finding("releases", row.id, "its leaves don't give the root that the journal holds"))
        known = {leaf.rendition for leaf in made}
        opened = sa.select(*PLACE, renditions.c.rendition).where(renditions.c.opened_at == row.position)
        found += _named(
            [place for *place, rendition in await connection.execute(opened) if rendition not in known],
            "the release that opened it made no such rendition",
        )
    return found


async def _renditions(connection: AsyncConnection) -> list[Finding]:
    """Rows that no release opened, and rows that serve the payload of another place or revision."""
    orphans = sa.select(*PLACE).join(releases, releases.c.position == renditions.c.opened_at, isouter=True)
    found = _named(await connection.execute(orphans.where(releases.c.id.is_(None))), "no release opened it")
    columns = (renditions.c.id, *PLACE, renditions.c.hash, payloads.c.body)
    served = sa.select(*columns).join(payloads, payloads.c.hash == renditions.c.rendition).order_by(renditions.c.id)
    last = 0
    while rows := (await connection.execute(served.where(renditions.c.id > last).limit(RUN))).all():
        astray = [row[1:5] for row in rows if tuple(row[1:6]) != _place_of(row.body)]
        found += _named(astray, "it serves the text of another place or revision")
        last = rows[-1].id
    return found


async def _live(connection: AsyncConnection) -> list[Finding]:
    """Open renditions of revisions that aren't live, and revisions that are live without a release."""
    same = (live_revisions.c.key == renditions.c.key) & (live_revisions.c.locale == renditions.c.locale)
    same &= (live_revisions.c.hash == renditions.c.hash) & live_revisions.c.closed_at.is_(None)
    served = sa.select(*PLACE).join(live_revisions, same, isouter=True)
    dead = served.where(renditions.c.closed_at.is_(None), live_revisions.c.id.is_(None)).limit(100)
    found = _named(await connection.execute(dead), "served, and its revision isn't live")
    listed = sa.select(releases.c.position, release_items).join(releases, releases.c.id == release_items.c.release)
    items = listed.subquery()
    released = (items.c.position == live_revisions.c.opened_at) & (items.c.key == live_revisions.c.key)
    released &= (items.c.locale == live_revisions.c.locale) & (items.c.hash == live_revisions.c.hash)
    alone = sa.select(live_revisions.c.key, live_revisions.c.locale).join(items, released, isouter=True)
    for row in await connection.execute(alone.where(items.c.key.is_(None)).limit(100)):
        found.append(Finding("live_revisions", f"{row.key} {row.locale}", "live, and no release made it so"))
    return found


class _Placed(msgspec.Struct):
    """What a payload says of its own place."""

    key: str
    locale: str
    channel: str
    profile: str
    hash: str


_placed = msgspec.json.Decoder(_Placed).decode


def _place_of(body: bytes) -> tuple[str, ...]:
    try:
        return msgspec.structs.astuple(_placed(body))
    except msgspec.DecodeError:
        return ()


def _named(places: Iterable[Iterable[str]], message: str) -> list[Finding]:
    return [Finding("renditions", " ".join(place), message) for place in places]
