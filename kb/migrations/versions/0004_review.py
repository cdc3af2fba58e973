"""The whole of review: comments, takings, what was carried over, verifications, due times."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEVER_CHANGED = ("carried", "verifications", "comments", "comment_resolutions", "invitations")
"""Tables whose rows are written once: triggers refuse UPDATE and DELETE (DESIGN laws 5 and 7)."""


def upgrade() -> None:
    _reviews()
    _statements()
    _comments()
    _takes()
    _invitations()
    if op.get_bind().dialect.name == "sqlite":
        _refuse_on_sqlite()
    else:
        _refuse_on_postgresql()


def _refuse_on_sqlite() -> None:
    for table in NEVER_CHANGED:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is written once'); END"
            )


def _refuse_on_postgresql() -> None:
    for table in NEVER_CHANGED:
        op.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION written_once()"
        )


def _reviews() -> None:
    op.add_column("reviews", sa.Column("due_at", sa.String(length=24), nullable=True))
    for name in ("escalated", "emergency", "confirmed"):
        op.add_column("reviews", sa.Column(name, sa.BigInteger(), nullable=True))


def _statements() -> None:
    op.create_table(
        "carried",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("signed", sa.String(length=64), nullable=False),
        sa.Column("change", sa.String(length=12), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", "key", "locale", "role", "by", "signed", name=op.f("pk_carried")),
    )
    op.create_table(
        "verifications",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("signature", sa.String(length=100), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", "key", "locale", "role", "by", "at", name=op.f("pk_verifications")),
    )


def _comments() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("blocks", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index("ix_comments_key_locale", "comments", ["key", "locale"], unique=False)
    op.create_index("ix_comments_hash", "comments", ["hash"], unique=False)
    op.create_table(
        "comment_texts",
        sa.Column("comment", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["comment"], ["comments.id"], name=op.f("fk_comment_texts_comment")),
        sa.PrimaryKeyConstraint("comment", name=op.f("pk_comment_texts")),
    )
    op.create_table(
        "comment_resolutions",
        sa.Column("comment", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["comment"], ["comments.id"], name=op.f("fk_comment_resolutions_comment")),
        sa.PrimaryKeyConstraint("comment", name=op.f("pk_comment_resolutions")),
    )


def _takes() -> None:
    op.create_table(
        "takes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takes")),
    )
    op.create_index(
        "uq_takes_open",
        "takes",
        ["hash", "role"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_takes_by", "takes", ["by"], unique=False)


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("signs", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_hash"), "invitations", ["hash"], unique=False)
