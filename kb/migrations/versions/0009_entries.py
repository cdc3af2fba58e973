"""The newest revision of each entry and locale, with what lists filter and sort by."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WORDS = ("title", "topic", "product", "stage", "owner")


def upgrade() -> None:
    table = op.create_table(
        "latest_revisions",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("product", sa.String(length=60), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["key"], ["entries.key"], name=op.f("fk_latest_revisions_key")),
        sa.PrimaryKeyConstraint("key", "locale", name=op.f("pk_latest_revisions")),
    )
    op.create_index("ix_latest_revisions_hash", "latest_revisions", ["hash"], unique=False)
    op.create_index("ix_latest_revisions_position", "latest_revisions", ["position"], unique=False)
    rows = [_latest(row) for row in op.get_bind().execute(sa.text(NEWEST))]
    if rows:
        op.bulk_insert(table, rows)


NEWEST = """
SELECT r.key, r.locale, r.number, r.hash, r.author, r.position, r.at, r.body FROM revisions r
WHERE r.number = (SELECT max(o.number) FROM revisions o WHERE o.key = r.key AND o.locale = r.locale)
"""


def _latest(row: Any) -> dict[str, Any]:
    content = json.loads(bytes(row.body))["content"]
    names = ("key", "locale", "number", "hash", "author", "position", "at")
    return {
        **{name: getattr(row, name) for name in names},
        **{name: content.get(name, "") for name in WORDS},
        "audience": content.get("audience", "public"),
    }
