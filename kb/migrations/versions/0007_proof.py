"""Proof: keys of the installation, leaves that commit to whole rows, redactions."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WRITTEN_ONCE = ("leaf_inputs", "installation_keys")

KEPT = "NEW.{0} IS NOT DISTINCT FROM OLD.{0}"
REVISION = ("key", "locale", "number", "hash", "kind", "author", "source", "position", "at")
ASKED = ("id", "key", "locale", "hash", "reason", "asked_by", "asked_at")

REDACTED = (
    "EXISTS (SELECT 1 FROM redactions r WHERE r.key = OLD.key AND r.locale = OLD.locale AND r.hash = OLD.hash"
    " AND r.confirmed_at IS NOT NULL)"
)
SERVED_REDACTED = (
    "EXISTS (SELECT 1 FROM renditions s JOIN redactions r ON r.key = s.key AND r.locale = s.locale AND r.hash = s.hash"
    " WHERE s.rendition = OLD.hash AND r.confirmed_at IS NOT NULL)"
)
QUOTED = (
    "EXISTS (SELECT 1 FROM redactions r WHERE r.confirmed_at IS NOT NULL AND r.quoting LIKE '%' || OLD.hash || '%')"
)


def upgrade() -> None:
    with op.batch_alter_table("release_leaves", recreate="never") as table:
        table.add_column(sa.Column("row", sa.String(length=64), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_release_leaves_rendition", "release_leaves", ["rendition"], unique=False)
    _tables()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _tables() -> None:
    op.create_table(
        "leaf_inputs",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("hashes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_leaf_inputs")),
    )
    op.create_table(
        "installation_keys",
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("public_key", name=op.f("pk_installation_keys")),
    )
    op.create_table(
        "redactions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("kept", sa.Text(), nullable=True),
        sa.Column("quoting", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redactions")),
    )
    op.create_index("ix_redactions_hash", "redactions", ["hash"], unique=False)


def _rules() -> dict[str, str]:
    """What an UPDATE of each guarded table may do: erase a text whose redaction is confirmed, or confirm one once."""
    same = " AND ".join(KEPT.format(name) for name in REVISION)
    asked = " AND ".join(KEPT.format(name) for name in ASKED)
    once = "OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL AND NEW.confirmed_by <> OLD.asked_by"
    return {
        "revisions": f"length(NEW.body) = 0 AND {same} AND {REDACTED}",
        "payloads": f"length(NEW.body) = 0 AND {KEPT.format('hash')} AND ({SERVED_REDACTED} OR {QUOTED})",
        "redactions": f"{once} AND {asked}",
    }


def _guard_on_sqlite() -> None:
    for table in WRITTEN_ONCE:
        for act in ("UPDATE", "DELETE"):
            _refuse_on_sqlite(table, act)
    op.execute("DROP TRIGGER revisions_refuses_update")
    for table, rule in _rules().items():
        plain = rule.replace("IS NOT DISTINCT FROM", "IS")
        _refuse_on_sqlite(table, "UPDATE", f" WHEN NOT COALESCE({plain}, 0)")
        if table != "revisions":  # which 0001 guards
            _refuse_on_sqlite(table, "DELETE")


def _refuse_on_sqlite(table: str, act: str, when: str = "") -> None:
    op.execute(
        f"CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON {table}{when}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is written once'); END"
    )


def _guard_on_postgresql() -> None:
    for table in WRITTEN_ONCE:
        op.execute(_statement_trigger(table, "UPDATE OR DELETE OR TRUNCATE"))
    op.execute("DROP TRIGGER revisions_written_once ON revisions")
    for table, rule in _rules().items():
        op.execute(_statement_trigger(table, "DELETE OR TRUNCATE"))
        op.execute(
            f"CREATE FUNCTION {table}_erased_only() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF COALESCE({rule}, false) THEN RETURN NEW; END IF;"
            " RAISE EXCEPTION '% is written once', TG_TABLE_NAME; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_erased_only BEFORE UPDATE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_erased_only()"
        )


def _statement_trigger(table: str, acts: str) -> str:
    return f"CREATE TRIGGER {table}_written_once BEFORE {acts} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION written_once()"
