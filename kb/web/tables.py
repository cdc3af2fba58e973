"""Rows of the web doors: what was answered to requests that may come again."""

import sqlalchemy as sa

from kb.base.db import metadata

repeats = sa.Table(
    "repeats",
    metadata,
    sa.Column("owner", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.String(24), nullable=False, index=True),
)
"""`owner` is who acted, `key` their Idempotency-Key, `fingerprint` the SHA-256 of the request, `headers` JSON pairs.

A row is written in the transaction of the effect it answers for, and deleted after `KB_KEEP_ANSWERS` hours.
"""
