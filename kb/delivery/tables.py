"""Rows of delivery: released renditions and nothing else. What isn't here can't leave."""

import sqlalchemy as sa

from kb.base.db import metadata

payloads = sa.Table(
    "payloads",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
"""The bytes that go on the wire, less the columns spliced in at reading; equal bytes once."""

renditions = sa.Table(
    "renditions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("locale", sa.String(35), nullable=False),
    sa.Column("channel", sa.String(12), nullable=False),
    sa.Column("profile", sa.String(40), nullable=False),
    sa.Column("audience", sa.String(12), nullable=False),
    sa.Column("variant", sa.String(400), nullable=False),
    sa.Column("pick", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("topic", sa.String(60), nullable=False),
    sa.Column("product", sa.String(60), nullable=False),
    sa.Column("stage", sa.String(12), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("rendition", sa.String(64), sa.ForeignKey("payloads.hash"), nullable=False),
    sa.Column("opened_at", sa.BigInteger, nullable=False),
    sa.Column("closed_at", sa.BigInteger, nullable=True),
    sa.Column("closed_as", sa.String(12), nullable=True),
    sa.Column("valid_until", sa.String(24), nullable=True),
    sa.Column("verified_at", sa.String(24), nullable=False),
    sa.Column("due_at", sa.String(24), nullable=False),
    sa.Column("overdue_at", sa.String(24), nullable=False),
    sa.Index(
        "uq_renditions_open",
        "key",
        "channel",
        "profile",
        "locale",
        "audience",
        "variant",
        "pick",
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    ),
    sa.Index(
        "ix_renditions_list",
        "channel",
        "profile",
        "locale",
        "key",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    ),
    sa.Index(
        "ix_renditions_history", "key", "channel", "profile", "locale", "audience", "variant", "pick", "opened_at"
    ),
    sa.Index("ix_renditions_opened_at", "opened_at", "id"),
    sa.Index(
        "ix_renditions_closed_at",
        "closed_at",
        "id",
        sqlite_where=sa.text("closed_at IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    ),
    sa.Index(
        "ix_renditions_valid_until",
        "valid_until",
        sqlite_where=sa.text("closed_at IS NULL AND valid_until IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NULL AND valid_until IS NOT NULL"),
    ),
)
"""Temporal: live from position `opened_at` until `closed_at`. `closed_as` is what followers are told: `replaced`
(a new row took its place), `withdrawn`, `suspended`, `retired` or `expired`. `variant` is the canonical JSON of its
`when`, empty for the entry's own wording."""

rendition_places = sa.Table(
    "rendition_places",
    metadata,
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("channel", sa.String(12), primary_key=True),
    sa.Column("profile", sa.String(40), primary_key=True),
    sa.Column("locale", sa.String(35), primary_key=True),
    sa.Column("audience", sa.String(12), primary_key=True),
    sa.Column("variant", sa.String(400), primary_key=True),
    sa.Column("pick", sa.Integer, primary_key=True),
    sqlite_with_rowid=False,
)
"""Every place that ever had a row, once. At a place rows follow each other without overlap, so that its row of any
moment is the last one opened by then: one seek, however long the past is."""

findable = sa.Table(
    "findable",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("locale", sa.String(35), nullable=False),
    sa.Column("audience", sa.String(12), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("topic", sa.String(60), nullable=False),
    sa.Column("product", sa.String(60), nullable=False),
    sa.Column("stage", sa.String(12), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("phrasings", sa.Text, nullable=False),
    sa.Column("channels", sa.Text, nullable=False),
    sa.Column("valid_until", sa.String(24), nullable=True),
    sa.Column("opened_at", sa.BigInteger, nullable=False),
    sa.Column("closed_at", sa.BigInteger, nullable=True),
    sa.Index(
        "uq_findable_open",
        "key",
        "locale",
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    ),
    sa.Index("ix_findable_opened_at", "opened_at"),
    sa.Index("ix_findable_closed_at", "closed_at"),
)
"""What search may know of a live entry in one locale: its phrasings beside its delivered words. Lists are JSON."""

rulings = sa.Table(
    "rulings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("opened_at", sa.BigInteger, nullable=False),
    sa.Column("closed_at", sa.BigInteger, nullable=True),
    sa.Index("ix_rulings_name", "name", "opened_at"),
)
"""House documents that reading needs (`channels`, `synonyms`), temporal like renditions; `body` is their JSON."""

replacements = sa.Table(
    "replacements",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("replacement", sa.String(120), nullable=False),
    sa.Column("opened_at", sa.BigInteger, nullable=False),
    sa.Column("closed_at", sa.BigInteger, nullable=True),
    sa.Index("ix_replacements_key", "key", "opened_at"),
    sa.Index(
        "uq_replacements_open",
        "key",
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    ),
)
"""Which entry answers for a retired key, temporal like renditions: it ends when the key itself goes live again."""
