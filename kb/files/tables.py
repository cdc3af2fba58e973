"""What loading remembers: every revision that ever came from files."""

import sqlalchemy as sa

from kb.base.db import metadata

files_seen = sa.Table(
    "files_seen",
    metadata,
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("locale", sa.String(35), primary_key=True),
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
)
