"""Rows of accounts: people, the roles they hold from an instant until another, and their public keys."""

import sqlalchemy as sa

from kb.base.db import metadata

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("origin", sa.String(12), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)
"""`origin` says who vouches for a person: `trust-file`, `demo` (keys that everyone has) or `account`."""

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
)
