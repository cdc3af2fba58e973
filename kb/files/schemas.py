"""JSON Schemas of the content files, for editors' completion: made from the structs the loader itself reads into."""

from typing import Any

import msgspec

from kb.accounts.types import Signer
from kb.entries.types import Content, Kind
from kb.files.entry_files import ABOUT, FRONT, About
from kb.review.types import SignOff, Waiver

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = "#/$defs/{name}"

FIELDS_OF = {
    Kind.CLAIM: ("evidence",),
    Kind.DISCLOSURE: ("placement",),
    Kind.PROMISE: ("promise",),
    Kind.NOTICE: ("notice",),
    Kind.ANSWER: (),
}
ONLY = {name for names in FIELDS_OF.values() for name in names}
HOUSES = ("policy", "channels", "glossary", "synonyms")


def content_schemas() -> dict[str, dict[str, Any]]:
    """Schema by name: the front matter of each kind, the files of facts, each house document, statements and signers."""
    schemas = {kind.value: _front_matter(kind) for kind in FIELDS_OF}
    schemas["facts"] = _facts()
    schemas |= {name: _house(name) for name in HOUSES}
    schemas["signoff"] = _whole(SignOff, "A line of signoffs/KEY.LOCALE.jsonl: a sign-off")
    schemas["waiver"] = _whole(Waiver, "A line of signoffs/KEY.LOCALE.jsonl: a waiver")
    schemas["signer"] = _whole(Signer, "A line of a trust file (without private_key), or a signer's own file")
    return schemas


def _front_matter(kind: Kind) -> dict[str, Any]:
    properties, definitions = _fields()
    names = [name for name in FRONT if name not in ONLY or name in FIELDS_OF[kind]]
    return _document(
        f"The front matter of a {kind}",
        {"kind": {"const": kind.value}, **{name: properties[name] for name in (*ABOUT, *names)}},
        ["kind", "title", "author"],
        definitions,
    )


def _facts() -> dict[str, Any]:
    properties, definitions = _fields()
    shared = {name: properties[name] for name in ("title", "topic", "product", "owner", "author", "editors", "base")}
    shared |= {name: properties[name] for name in ("valid_from", "valid_until", "cadence_days", "audience")}
    fact = {"type": "object", "additionalProperties": False, "properties": shared | {"value": properties["fact"]}}
    key = {"pattern": "^[a-z0-9]+([.-][a-z0-9]+)*$"}
    whole = {"defaults": fact, "facts": {"type": "object", "propertyNames": key, "additionalProperties": fact}}
    return _document("A file of facts", whole, ["facts"], definitions)


def _house(name: str) -> dict[str, Any]:
    properties, definitions = _fields()
    house = definitions["House"]["properties"][name]
    shared = ("title", "topic", "owner", "cadence_days", *ABOUT)
    whole = {"key": {"const": name}, **{one: properties[one] for one in shared if one != "source"}, name: house}
    return _document(f"The house document {name}", whole, ["key", "title", "author", name], definitions)


def _fields() -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of each field a file may have, and the definitions they lean on."""
    (_, _), definitions = msgspec.json.schema_components([Content, About], ref_template=REFERENCE)
    for name, inherited in (("Next", "to"), ("Link", "url")):  # a translation takes them from its source
        definitions[name]["required"].remove(inherited)
    properties = {**definitions["Content"]["properties"], **definitions["About"]["properties"]}
    return properties, {name: body for name, body in definitions.items() if name not in {"Content", "About"}}


def _whole(kind: Any, title: str) -> dict[str, Any]:
    (_,), definitions = msgspec.json.schema_components([kind], ref_template=REFERENCE)
    body = definitions.pop(kind.__name__)
    return {"$schema": DIALECT, **body, "title": title, "$defs": definitions}


def _document(
    title: str, properties: dict[str, Any], required: list[str], definitions: dict[str, Any]
) -> dict[str, Any]:
    return {
        "$schema": DIALECT,
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": required,
        "$defs": _used(properties, definitions),
    }


def _used(properties: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions that are referred to, transitively."""
    found: dict[str, Any] = {}
    waiting = _names(properties)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = definitions[name]
            waiting |= _names(definitions[name])
    return dict(sorted(found.items()))


def _names(body: Any) -> set[str]:
    if isinstance(body, dict):
        own = {body["$ref"].rpartition("/")[2]} if isinstance(body.get("$ref"), str) else set()
        return own.union(*map(_names, body.values()))
    if isinstance(body, list):
        return set().union(*map(_names, body)) if body else set()
    return set()
