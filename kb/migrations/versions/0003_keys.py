"""API keys and identities of other providers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keys, the hashes of their secrets, and who a person is at a provider."""
    _keys()
    _secrets()
    _identities()


def _keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("origins", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=24), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=True),
        sa.Column("revoked_at", sa.String(length=24), nullable=True),
        sa.Column("last_used_at", sa.String(length=24), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["people.id"], name=op.f("fk_api_keys_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    op.create_index(op.f("ix_api_keys_owner"), "api_keys", ["owner"])
    op.create_index("ix_api_keys_made_at", "api_keys", ["made_at", "id"])


def _secrets() -> None:
    op.create_table(
        "api_key_secrets",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=12), nullable=False),
        sa.Column("since", sa.String(length=24), nullable=False),
        sa.Column("until", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["key"], ["api_keys.id"], name=op.f("fk_api_key_secrets_key")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_api_key_secrets")),
    )
    op.create_index(op.f("ix_api_key_secrets_key"), "api_key_secrets", ["key"])


def _identities() -> None:
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("since", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_identities_person")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
        sa.UniqueConstraint("person", "issuer", name=op.f("uq_identities_person_issuer")),
    )
