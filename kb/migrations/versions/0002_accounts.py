"""Accounts: sessions, passwords, links, keys kept by the server."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is known of people, how they sign in, and the keys that are kept for them."""
    op.add_column("people", sa.Column("suspended_at", sa.String(length=24), nullable=True))
    op.add_column("people", sa.Column("erased_at", sa.String(length=24), nullable=True))
    op.add_column("person_keys", sa.Column("kind", sa.String(length=12), nullable=False, server_default="given"))
    _people()
    _signing_in()


def _people() -> None:
    op.create_table(
        "person_details",
        _person(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        _known("person_details"),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_person_details")),
        sa.UniqueConstraint("email", name=op.f("uq_person_details_email")),
    )
    op.create_table(
        "passwords",
        _person(),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("since", sa.String(length=24), nullable=False),
        _known("passwords"),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_passwords")),
    )
    op.create_table(
        "kept_keys",
        sa.Column("public_key", sa.String(length=64), nullable=False),
        _person(),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["public_key"], ["person_keys.public_key"], name=op.f("fk_kept_keys_public_key")),
        _known("kept_keys"),
        sa.PrimaryKeyConstraint("public_key", name=op.f("pk_kept_keys")),
    )
    op.create_index(op.f("ix_kept_keys_person"), "kept_keys", ["person"], unique=False)


def _signing_in() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.String(length=40), nullable=False),
        _person(),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.String(length=24), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=False),
        sa.Column("ended_at", sa.String(length=24), nullable=True),
        _known("links"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_person"), "links", ["person"], unique=False)
    op.create_table(
        "browser_sessions",
        sa.Column("id", sa.String(length=40), nullable=False),
        _person(),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("started_at", sa.String(length=24), nullable=False),
        sa.Column("seen_at", sa.String(length=24), nullable=False),
        sa.Column("authenticated_at", sa.String(length=24), nullable=False),
        sa.Column("ended_at", sa.String(length=24), nullable=True),
        _known("browser_sessions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_sessions")),
        sa.UniqueConstraint("token", name=op.f("uq_browser_sessions_token")),
    )
    op.create_index(op.f("ix_browser_sessions_person"), "browser_sessions", ["person"], unique=False)


def _person() -> sa.Column[str]:
    return sa.Column("person", sa.String(length=64), nullable=False)


def _known(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f(f"fk_{table}_person"))
