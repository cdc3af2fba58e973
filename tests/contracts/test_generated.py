"""The committed contracts are what the program generates, and are well-formed themselves."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from kb.cli.contracts import contracts

SCHEMA = Path(__file__).parents[2] / "schema"
GENERATED = contracts()
DOCUMENT: dict[str, Any] = json.loads(GENERATED["openapi.json"])
OPERATIONS: list[dict[str, Any]] = [one for path in DOCUMENT["paths"].values() for one in path.values()]


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


def test_the_openapi_document_is_one() -> None:
    """By the meta-schema of OpenAPI 3.1: references lead somewhere, parameters of paths are declared, schemas are schemas."""
    assert [str(error) for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []
    names = {f"#/components/{kind}/{name}" for kind, parts in DOCUMENT["components"].items() for name in parts}
    assert _references(DOCUMENT)
    assert _references(DOCUMENT) <= names
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_shape_has_a_name_of_its_own() -> None:
    """Where two types share a name, the generator tells them apart by their modules: give one a name that says more."""
    assert [name for name in DOCUMENT["components"]["schemas"] if not name.isalnum()] == []


def test_every_group_of_operations_says_what_it_is_for() -> None:
    told = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}
    assert {tag for operation in OPERATIONS for tag in operation["tags"]} == set(told)
    assert all(told.values())


def test_an_operation_says_in_words_and_to_programs_who_may_call_it() -> None:
    for operation in OPERATIONS:
        (needed,) = {tuple(needed) for way in operation["security"] for needed in way.values()}
        assert operation["description"]
        assert all(f"`{right}`" in operation["description"] or right == "invited" for right in needed)


def test_operations_have_ids_of_their_own() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS]
    assert len(ids) == len(set(ids)) > 80


def _references(body: Any) -> set[str]:
    if isinstance(body, dict):
        own = {body["$ref"]} if isinstance(body.get("$ref"), str) else set()
        return own.union(*map(_references, body.values()))
    if isinstance(body, list):
        return set().union(*map(_references, body)) if body else set()
    return set()
