"""The generated contracts by file name: what `kb schema write` writes and the drift test compares."""

import msgspec

from kb.files.schemas import content_schemas
from kb.rest.routes import contract


def contracts() -> dict[str, str]:
    """Relative path → text, each a JSON document with a line feed at its end."""
    documents = {"openapi.json": contract()}
    documents |= {f"json/{name}.schema.json": schema for name, schema in content_schemas().items()}
    return {
        name: msgspec.json.format(msgspec.json.encode(body, order="sorted"), indent=2).decode() + "\n"
        for name, body in documents.items()
    }
