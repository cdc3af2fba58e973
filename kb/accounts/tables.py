"""Rows of accounts: people and what is known of them, their roles over time, their keys, and how they sign in.

Only `person_details`, `passwords` and identities say who somebody is: erasing a person deletes
them. All else holds opaque ids, which the journal names for ever.
"""

import sqlalchemy as sa

from kb.base.db import metadata

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("origin", sa.String(12), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("suspended_at", sa.String(24), nullable=True),
    sa.Column("erased_at", sa.String(24), nullable=True),
)
"""`origin` says who vouches for a person: `trust-file`, `demo` (keys that everyone has), `account` or `expert`."""

person_details = sa.Table(
    "person_details",
    metadata,
    sa.Column("person", sa.String(64), sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.String(254), nullable=True, unique=True),
)
"""What is personal: a name, and an e-mail address in lower case."""

person_roles = sa.Table(
    "person_roles",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("person", sa.String(64), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("role", sa.String(12), nullable=False),
    sa.Column("topics", sa.Text, nullable=False),
    sa.Column("since", sa.String(24), nullable=False),
    sa.Column("until", sa.String(24), nullable=True),
)

person_keys = sa.Table(
    "person_keys",
    metadata,
    sa.Column("public_key", sa.String(64), primary_key=True),
    sa.Column("person", sa.String(64), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("since", sa.String(24), nullable=False),
    sa.Column("until", sa.String(24), nullable=True),
    sa.Column("kind", sa.String(12), nullable=False, server_default="given"),
)
"""`kind` says where a key came from: `given` by the trust file or the demo, `kept` by this server, `brought` by its owner."""

kept_keys = sa.Table(
    "kept_keys",
    metadata,
    sa.Column("public_key", sa.String(64), sa.ForeignKey("person_keys.public_key"), primary_key=True),
    sa.Column("person", sa.String(64), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""Private halves that the server signs with, sealed; a key that is retired loses its row."""

passwords = sa.Table(
    "passwords",
    metadata,
    sa.Column("person", sa.String(64), sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("since", sa.String(24), nullable=False),
)

links = sa.Table(
    "links",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("person", sa.String(64), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),
    sa.Column("token", sa.String(64), nullable=False),
    sa.Column("made_at", sa.String(24), nullable=False),
    sa.Column("expires_at", sa.String(24), nullable=False),
    sa.Column("ended_at", sa.String(24), nullable=True),
)
"""`kind` is `sign-in` (ends when used) or `expert` (opens the revision `subject` until it expires); `token` is a SHA-256."""

browser_sessions = sa.Table(
    "browser_sessions",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("person", sa.String(64), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("token", sa.String(64), nullable=False, unique=True),
    sa.Column("how", sa.String(12), nullable=False),
    sa.Column("started_at", sa.String(24), nullable=False),
    sa.Column("seen_at", sa.String(24), nullable=False),
    sa.Column("authenticated_at", sa.String(24), nullable=False),
    sa.Column("ended_at", sa.String(24), nullable=True),
)
"""`token` is the SHA-256 of what the cookie holds; `how` is `link`, `password` or `openid`."""
