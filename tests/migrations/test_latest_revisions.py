"""A home of before gets its newest revisions listed when it is migrated."""

from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import kb.migrations
from kb.entries.rules import content_hash, signed_bytes
from kb.entries.types import Draft, Stage
from kb.migrations import sync_url, upgrade
from tests.builders import a_translation, an_answer, changed
from tests.databases import Templates

pytestmark = pytest.mark.both_databases


def as_of(url: str, revision: str) -> None:
    """Bring a database to an earlier schema."""
    config = Config()
    config.set_main_option("script_location", str(Path(kb.migrations.__file__).parent))
    engine = sa.create_engine(sync_url(url))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def store(connection: sa.Connection, draft: Draft, number: int) -> None:
    row = {"key": draft.key, "locale": draft.locale, "number": number, "hash": content_hash(draft), "kind": draft.kind}
    row |= {"author": draft.author, "source": draft.source, "body": signed_bytes(draft), "position": number, "at": "t"}
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(sa.text(f"INSERT INTO revisions ({names}) VALUES ({values})"), row)


def test_the_newest_revision_of_each_place_is_taken_over(databases: Templates) -> None:
    url = databases.databases.empty()
    as_of(url, "0008")
    first = an_answer(stage=Stage.BEFORE)
    newest = changed(first, title="Has my card left?", author="ben")
    spanish = a_translation(first, "Está en camino.")
    engine = sa.create_engine(sync_url(url))
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO entries (key, kind, position) VALUES ('card-arrival', 'answer', 1)"))
        for draft, number in ((first, 1), (newest, 2), (spanish, 1)):
            store(connection, draft, number)
    assert upgrade(url) is True
    with engine.connect() as connection:
        rows = [msgspec.to_builtins(dict(row._mapping)) for row in connection.execute(sa.text(ROWS))]
    engine.dispose()
    assert [(row["locale"], row["number"], row["author"], row["title"]) for row in rows] == [
        ("en-GB", 2, "ben", "Has my card left?"),
        ("es-ES", 1, "ana", "¿Dónde está mi tarjeta?"),
    ]
    assert (rows[0]["topic"], rows[0]["stage"], rows[0]["audience"]) == ("cards", "before", "public")
    assert rows[0]["hash"] == content_hash(newest)


ROWS = "SELECT * FROM latest_revisions ORDER BY locale"
