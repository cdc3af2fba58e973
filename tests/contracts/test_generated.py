"""The committed contracts are what the program generates, and are well-formed themselves."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kb.cli.contracts import contracts

SCHEMA = Path(__file__).parents[2] / "schema"
GENERATED = contracts()


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_a_committed_contract_is_current(name: str) -> None:
    """`kb schema write` brings it up to date; a change that breaks clients needs a line in schema/CHANGELOG.md."""
    assert (SCHEMA / name).read_text(encoding="utf-8") == GENERATED[name]


def test_no_contract_is_left_over() -> None:
    committed = {str(path.relative_to(SCHEMA)) for path in SCHEMA.rglob("*.json") if "examples" not in path.parts}
    assert committed == set(GENERATED)


@pytest.mark.parametrize("name", sorted(name for name in GENERATED if name.startswith("json/")))
def test_a_schema_of_content_files_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(json.loads(GENERATED[name]))


def test_every_reference_of_the_openapi_document_leads_somewhere() -> None:
    document: dict[str, Any] = json.loads(GENERATED["openapi.json"])
    names = set(document["components"]["schemas"])
    found = {text.rpartition("/")[2] for text in _references(document)}
    assert found
    assert found <= names
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_operations_have_ids_of_their_own() -> None:
    document = json.loads(GENERATED["openapi.json"])
    ids = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids)) > 8


def _references(body: Any) -> set[str]:
    if isinstance(body, dict):
        own = {body["$ref"]} if isinstance(body.get("$ref"), str) else set()
        return own.union(*map(_references, body.values()))
    if isinstance(body, list):
        return set().union(*map(_references, body)) if body else set()
    return set()
