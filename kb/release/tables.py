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
"""`act` is release, emergency, rollback, schedule, cancel, verify, rerender, withdraw, retire or lapse; `root` the Merkle
root that its journal line commits to."""

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
    sa.Column("row", sa.String(64), nullable=False, server_default=sa.text("''")),
    sa.Index("ix_release_leaves_rendition", "rendition"),
)
"""The leaves under a release's root in order: a rendition, the hash of its inputs' hashes, its profile's hash, its row's.

`row` is empty for leaves of before rows were committed to.
"""

leaf_inputs = sa.Table(
    "leaf_inputs",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("hashes", sa.Text, nullable=False),
)
"""The content hashes behind the `inputs` of leaves, its own first, a line each: equal lists once."""

installation_keys = sa.Table(
    "installation_keys",
    metadata,
    sa.Column("public_key", sa.String(64), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("statement", sa.Text, nullable=False),
)
"""The keys this installation signs with, the newest last by position; `sealed` is the private half, `statement` its
introduction, signed by the key before it. Triggers refuse UPDATE and DELETE."""

redactions = sa.Table(
    "redactions",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("locale", sa.String(35), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("asked_by", sa.String(64), nullable=False),
    sa.Column("asked_at", sa.BigInteger, nullable=False),
    sa.Column("confirmed_by", sa.String(64), nullable=True),
    sa.Column("confirmed_at", sa.BigInteger, nullable=True),
    sa.Column("kept", sa.Text, nullable=True),
    sa.Column("quoting", sa.Text, nullable=True),
    sa.Index("ix_redactions_hash", "hash"),
)
"""Texts that one admin asked to erase, and that another confirmed: the positions of both lines. `kept` holds the hash of
each thing search knew of it, by the id of its row; `quoting` the payloads of other entries that said it and went with it, as
JSON. Triggers let a confirmation through once, and nothing else."""

schedules = sa.Table(
    "schedules",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("made_at", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("at", sa.String(24), nullable=False),
    sa.Column("zone", sa.String(64), nullable=False),
    sa.Column("local", sa.String(32), nullable=False),
    sa.Column("hard", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("ended_at", sa.BigInteger, nullable=True),
    sa.Column("release", sa.String(64), nullable=True),
    sa.Column("issues", sa.Text, nullable=True),
    sa.Index("ix_schedules_state_at", "state", "at"),
)
"""What goes live at `at` (UTC), which is `local` in `zone`. `state` is pending, released, failed or cancelled; `ended_at` the
position at which it came to it, `release` what it became, `issues` as JSON what stopped it."""

schedule_items = sa.Table(
    "schedule_items",
    metadata,
    sa.Column("schedule", sa.String(64), sa.ForeignKey("schedules.id"), primary_key=True),
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("locale", sa.String(35), primary_key=True),
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Index("ix_schedule_items_hash", "hash"),
)
"""The revisions a schedule is bound to. Triggers refuse UPDATE and DELETE."""
