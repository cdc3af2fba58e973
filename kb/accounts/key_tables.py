"""Rows of API keys and of their secrets' hashes."""

import sqlalchemy as sa

from kb.base.db import metadata

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", sa.String(12), primary_key=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("owner", sa.String(64), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("origins", sa.Text, nullable=False),
    sa.Column("made_at", sa.String(24), nullable=False),
    sa.Column("expires_at", sa.String(24), nullable=True),
    sa.Column("revoked_at", sa.String(24), nullable=True),
    sa.Column("last_used_at", sa.String(24), nullable=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Index("ix_api_keys_made_at", "made_at", "id"),
)
"""`scope` and `origins` are JSON; `last_used_at` is written without a journal line, everything else with one."""

api_key_secrets = sa.Table(
    "api_key_secrets",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(12), sa.ForeignKey("api_keys.id"), nullable=False, index=True),
    sa.Column("since", sa.String(24), nullable=False),
    sa.Column("until", sa.String(24), nullable=True),
)
