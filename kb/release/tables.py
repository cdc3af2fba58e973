"""Rows of release: what went live together, and which revision of each entry is live from when until when."""

import sqlalchemy as sa

from kb.base.db import metadata

releases = sa.Table(
    "releases",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False, unique=True),
    sa.Column("at", sa.String(24), nullable=False),
    sa.Column("act", sa.String(12), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("policy", sa.String(64), nullable=False),
    sa.Column("renderer", sa.String(20), nullable=False),
    sa.Column("root", sa.String(64), nullable=False),
)
"""`act` is release, rerender, withdraw or lapse; `root` the Merkle root that its journal line commits to."""

release_items = sa.Table(
    "release_items",
    metadata,
    sa.Column("release", sa.String(64), sa.ForeignKey("releases.id"), primary_key=True),
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("locale", sa.String(35), primary_key=True),
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("step", sa.String(20), nullable=False),
    sa.Index("ix_release_items_key_locale_hash", "key", "locale", "hash"),
)

live_revisions = sa.Table(
    "live_revisions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("locale", sa.String(35), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("opened_at", sa.BigInteger, nullable=False),
    sa.Column("closed_at", sa.BigInteger, nullable=True),
    sa.Index(
        "uq_live_revisions_open",
        "key",
        "locale",
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    ),
    sa.Index("ix_live_revisions_hash", "hash"),
)

leaves = sa.Table(
    "release_leaves",
    metadata,
    sa.Column("release", sa.String(64), sa.ForeignKey("releases.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("rendition", sa.String(64), nullable=False),
    sa.Column("inputs", sa.String(64), nullable=False),
    sa.Column("profile", sa.String(64), nullable=False),
)
"""The leaves under a release's root in order: a rendition, the hash of its inputs' hashes, its profile's hash."""
