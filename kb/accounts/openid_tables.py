"""Rows of identities: who a person is at an OpenID provider."""

import sqlalchemy as sa

from kb.base.db import metadata

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("issuer", sa.String(255), primary_key=True),
    sa.Column("subject", sa.String(255), primary_key=True),
    sa.Column("person", sa.String(64), sa.ForeignKey("people.id"), nullable=False),
    sa.Column("since", sa.String(24), nullable=False),
    sa.UniqueConstraint("person", "issuer"),
)
"""`subject` is at most 255 ASCII characters (OpenID Connect Core §8)."""
