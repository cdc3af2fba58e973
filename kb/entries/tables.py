"""Rows of entries: one per key, immutable revisions, and who refers to whom."""

import sqlalchemy as sa

from kb.base.db import metadata

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("key", sa.String(120), sa.ForeignKey("entries.key"), primary_key=True),
    sa.Column("locale", sa.String(35), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("author", sa.String(64), nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("at", sa.String(24), nullable=False),
    sa.UniqueConstraint("key", "locale", "hash"),
    sa.Index("ix_revisions_hash", "hash"),
)
"""`body` is exactly the bytes whose SHA-256 is `hash`. Triggers refuse UPDATE and DELETE."""

uses = sa.Table(
    "uses",
    metadata,
    sa.Column("target", sa.String(120), primary_key=True),
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(12), primary_key=True),
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("locale", sa.String(35), nullable=False),
    sa.Index("ix_uses_hash", "hash"),
)
"""The revision `hash` of (key, locale) refers to the entry `target` as `kind`: fact, claim, disclosure or entry (a way on)."""

latest_revisions = sa.Table(
    "latest_revisions",
    metadata,
    sa.Column("key", sa.String(120), sa.ForeignKey("entries.key"), primary_key=True),
    sa.Column("locale", sa.String(35), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("author", sa.String(64), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("at", sa.String(24), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("topic", sa.String(60), nullable=False),
    sa.Column("product", sa.String(60), nullable=False),
    sa.Column("stage", sa.String(12), nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("audience", sa.String(12), nullable=False),
    sa.Index("ix_latest_revisions_position", "position"),
    sa.Index("ix_latest_revisions_hash", "hash"),
)
"""The newest revision of each place with what lists filter and sort by: always what `revisions` says, kept at writing."""
