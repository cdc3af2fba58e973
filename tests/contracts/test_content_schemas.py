"""The JSON Schemas accept every content file of the demo, and refuse what the loader refuses."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
CONTENT = ROOT / "content"
FOLDERS = {
    "answers": "answer",
    "claims": "claim",
    "disclosures": "disclosure",
    "promises": "promise",
    "notices": "notice",
}
HOUSES = ("policy", "channels", "glossary", "synonyms")


class Plain(yaml.SafeLoader):
    """YAML as 1.2 has it and editors read it: dates stay text, and only true and false are truth values."""


OLD = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool"}
Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in OLD]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Plain.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / f"schema/json/{name}.schema.json").read_text(encoding="utf-8")))


def problems(name: str, value: Any) -> list[str]:
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator(name).iter_errors(value)]


def front_matter(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8").split("---\n")[1], Plain)


@pytest.mark.parametrize("folder", sorted(FOLDERS))
def test_the_front_matter_of_every_entry_fits_its_schema(folder: str) -> None:
    files = sorted((CONTENT / folder).glob("*.md"))
    assert files
    schema = validator(FOLDERS[folder])
    wrong = {path.name: [error.message for error in schema.iter_errors(front_matter(path))] for path in files}
    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize("path", sorted((CONTENT / "facts").glob("*.yaml")), ids=lambda path: path.name)
def test_every_file_of_facts_fits_its_schema(path: Path) -> None:
    assert problems("facts", yaml.load(path.read_text(encoding="utf-8"), Plain)) == []


@pytest.mark.parametrize("name", HOUSES)
def test_every_house_document_fits_its_schema(name: str) -> None:
    text = (CONTENT / f"{name}.yaml").read_text(encoding="utf-8")
    assert problems(name, yaml.load(text, Plain)) == []


def test_sign_offs_and_demo_signers_fit_their_schemas() -> None:
    lines = [line for path in (CONTENT / "signoffs").glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    assert lines
    schema = validator("signoff")
    assert [line for line in lines if not schema.is_valid(json.loads(line))] == []
    for path in (CONTENT / "demo-keys").glob("*.json"):
        assert problems("signer", json.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("answer", {"kind": "answer", "title": "T"}),
        ("answer", {"kind": "claim", "title": "T", "author": "a"}),
        ("answer", {"kind": "answer", "title": "T", "author": "a", "phrasing": ["x"]}),
        ("answer", {"kind": "answer", "title": "T", "author": "a", "stage": "later"}),
        ("facts", {"facts": {"Bad Key": {"title": "T", "value": {"type": "integer", "value": 1}}}}),
        ("facts", {"facts": {"a": {"title": "T", "value": {"type": "integer", "value": "1"}}}}),
        ("policy", {"key": "policy", "title": "T", "author": "a", "policy": {"rules": [{"name": "x"}]}}),
    ],
)
def test_a_schema_refuses_what_the_loader_refuses(name: str, value: dict[str, Any]) -> None:
    assert problems(name, value) != []
