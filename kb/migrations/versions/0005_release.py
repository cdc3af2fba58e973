"""Schedules, and the revisions they are bound to."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Both tables; what a schedule is bound to is written once."""
    _schedules()
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER schedule_items_refuses_{act.lower()} BEFORE {act} ON schedule_items"
                " BEGIN SELECT RAISE(ABORT, 'schedule_items is written once'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER schedule_items_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON schedule_items"
            " FOR EACH STATEMENT EXECUTE FUNCTION written_once()"
        )


def _schedules() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("local", sa.String(length=32), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("release", sa.String(length=64), nullable=True),
        sa.Column("issues", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
    )
    op.create_index("ix_schedules_state_at", "schedules", ["state", "at"], unique=False)
    op.create_table(
        "schedule_items",
        sa.Column("schedule", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["schedule"], ["schedules.id"], name=op.f("fk_schedule_items_schedule")),
        sa.PrimaryKeyConstraint("schedule", "key", "locale", "hash", name=op.f("pk_schedule_items")),
    )
    op.create_index("ix_schedule_items_hash", "schedule_items", ["hash"], unique=False)
