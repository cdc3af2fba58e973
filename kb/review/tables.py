"""Rows of review: the state of each revision, what people signed and said about it, and who has taken it on."""

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
    sa.Column("due_at", sa.String(24), nullable=True),
    sa.Column("escalated", sa.BigInteger, nullable=True),
    sa.Column("emergency", sa.BigInteger, nullable=True),
    sa.Column("confirmed", sa.BigInteger, nullable=True),
    sa.Index("ix_reviews_key_locale_state", "key", "locale", "state"),
    sa.Index("ix_reviews_state", "state"),
)
"""A revision without a row is a draft that was never submitted."""

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
"""Triggers refuse UPDATE and DELETE, here and in every table below but `takes` and `comment_texts`."""

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

carried = sa.Table(
    "carried",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("locale", sa.String(35), primary_key=True),
    sa.Column("role", sa.String(12), primary_key=True),
    sa.Column("by", sa.String(64), primary_key=True),
    sa.Column("signed", sa.String(64), primary_key=True),
    sa.Column("change", sa.String(12), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)
"""The sign-off of the revision `signed` counts for `hash` as well; `change` is the class of their difference."""

verifications = sa.Table(
    "verifications",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("locale", sa.String(35), primary_key=True),
    sa.Column("role", sa.String(12), primary_key=True),
    sa.Column("by", sa.String(64), primary_key=True),
    sa.Column("at", sa.String(24), primary_key=True),
    sa.Column("signature", sa.String(100), nullable=False),
    sa.Column("format", sa.String(20), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)

comments = sa.Table(
    "comments",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("locale", sa.String(35), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("at", sa.String(24), nullable=False),
    sa.Column("field", sa.String(200), nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("blocks", sa.Boolean, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Index("ix_comments_key_locale", "key", "locale"),
    sa.Index("ix_comments_hash", "hash"),
)

comment_texts = sa.Table(
    "comment_texts",
    metadata,
    sa.Column("comment", sa.String(64), sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("quote", sa.Text, nullable=False),
)
"""What people wrote, apart from the rest so that it can be erased; the digest of it stands in `comments` and the journal."""

comment_resolutions = sa.Table(
    "comment_resolutions",
    metadata,
    sa.Column("comment", sa.String(64), sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("at", sa.String(24), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)

takes = sa.Table(
    "takes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("locale", sa.String(35), nullable=False),
    sa.Column("role", sa.String(12), nullable=False),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("at", sa.String(24), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger, nullable=True),
    sa.Index(
        "uq_takes_open",
        "hash",
        "role",
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
    sa.Index("ix_takes_by", "by"),
)
"""Who has taken a review on in which role; `ended_at` is the position at which they handed it back."""

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("person", sa.String(64), primary_key=True),
    sa.Column("link", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, index=True),
    sa.Column("role", sa.String(12), nullable=False),
    sa.Column("signs", sa.Boolean, nullable=False),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("at", sa.String(24), nullable=False),
    sa.Column("expires_at", sa.String(24), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)
"""Outside experts by the revision they were shown; without `signs` they were asked for comments only."""
