"""Retirements: which entry answers for one that is gone. The past in one seek: indexes by slot and by time."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


PLACE = ("key", "channel", "profile", "locale", "audience", "variant", "pick")


def upgrade() -> None:
    _replacements()
    _places()
    op.drop_index("ix_renditions_history", table_name="renditions")
    op.create_index("ix_renditions_history", "renditions", [*PLACE, "opened_at"], unique=False)
    op.create_index("ix_journal_at", "journal", ["at", "position"], unique=False)


def _replacements() -> None:
    op.create_table(
        "replacements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("replacement", sa.String(length=120), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replacements")),
    )
    op.create_index("ix_replacements_key", "replacements", ["key", "opened_at"], unique=False)
    op.create_index(
        "uq_replacements_open",
        "replacements",
        ["key"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _places() -> None:
    op.create_table(
        "rendition_places",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.Column("variant", sa.String(length=400), nullable=False),
        sa.Column("pick", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*PLACE, name=op.f("pk_rendition_places")),
        sqlite_with_rowid=False,
    )
    columns = ", ".join(PLACE)
    op.execute(f"INSERT INTO rendition_places ({columns}) SELECT DISTINCT {columns} FROM renditions")
