"""Rows of review: the state of each revision, sign-offs and waivers."""

import sqlalchemy as sa

from kb.base.db import metadata

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("locale", sa.String(35), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Index("ix_reviews_key_locale_state", "key", "locale", "state"),
    sa.Index("ix_reviews_state", "state"),
)

signoffs = sa.Table(
    "signoffs",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("locale", sa.String(35), primary_key=True),
    sa.Column("role", sa.String(12), primary_key=True),
    sa.Column("by", sa.String(64), primary_key=True),
    sa.Column("at", sa.String(24), nullable=False),
    sa.Column("signature", sa.String(100), nullable=False),
    sa.Column("format", sa.String(20), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)
"""Triggers refuse UPDATE and DELETE."""

waivers = sa.Table(
    "waivers",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("locale", sa.String(35), primary_key=True),
    sa.Column("code", sa.String(40), primary_key=True),
    sa.Column("field", sa.String(200), primary_key=True),
    sa.Column("by", sa.String(64), primary_key=True),
    sa.Column("role", sa.String(12), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.String(24), nullable=False),
    sa.Column("signature", sa.String(100), nullable=False),
    sa.Column("format", sa.String(20), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)
