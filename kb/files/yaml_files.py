"""Facts, many in one YAML file with defaults merged into each, and house documents, each in a file of its own."""

import re
from typing import Any

import msgspec

from kb.channels.values import FactValue
from kb.entries.types import KEY, NO_LOCALE, Content, Draft, House, Kind
from kb.files.entry_files import ABOUT, FRONT, About, Parsed, parsed
from kb.files.places import Places
from kb.files.shape import MisfitError, fault, fit, fit_fields, unknown
from kb.files.text_faults import text_faults
from kb.files.types import Fault, ReadError
from kb.files.yaml_values import Tree, read_yaml

HOUSE = House.__struct_fields__
"""House documents: the field of `House`, the file's name, the entry's key, and the field of the file that holds it."""

_KEY = re.compile(KEY)


def read_facts(path: str, text: str) -> tuple[list[Parsed], list[Fault]]:
    """The facts of a file that could be read, and everything that is wrong with the others."""
    try:
        tree = read_yaml(text)
    except ReadError as error:
        return [], [error.fault(path)]
    top = tree.value if isinstance(tree.value, dict) else {}
    defaults, facts = top.get("defaults", {}), top.get("facts")
    misfits = [unknown(name, ("defaults", "facts"), (name,)) for name in top if name not in {"defaults", "facts"}]
    if not isinstance(facts, dict):
        misfits.append(MisfitError(("facts",), "the file holds no facts", "write facts: and under it KEY: for each"))
        facts = {}
    if not isinstance(defaults, dict):
        misfits.append(MisfitError(("defaults",), "defaults are no fields", "write NAME: VALUE for each"))
        defaults = {}
    faults = [fault(path, tree, misfit) for misfit in misfits]
    found = []
    for key, values in facts.items():
        outcome = _fact(path, tree, key, defaults, values)
        if isinstance(outcome, Parsed):
            found.append(outcome)
        else:
            faults += outcome
    return found, faults


def read_house(path: str, text: str, name: str) -> Parsed | list[Fault]:
    """The house document of a file: fields of an entry, perhaps its key, and under `name` the document itself."""
    try:
        tree = read_yaml(text)
    except ReadError as error:
        return [error.fault(path)]
    if not isinstance(tree.value, dict) or name not in tree.value:
        misfit = MisfitError((), f"the file has no {name}", f"write {name}: and the document under it")
        return [fault(path, tree, misfit)]
    rest = {field: value for field, value in tree.value.items() if field not in {"key", name}}
    about, content, misfits = _common(rest, (), (*ABOUT, *FRONT, name))
    if tree.value.get("key", name) != name:
        misfits.append(MisfitError(("key",), f"the key of this file is {name}", f"write key: {name}, or leave it out"))
    try:
        document = fit({name: tree.value[name]}, House)
    except MisfitError as misfit:
        misfits.append(misfit)
    if misfits or about is None or content is None:
        return [fault(path, tree, misfit) for misfit in misfits]
    content = msgspec.structs.replace(content, house=document)
    places = Places(tree, renamed={"house": ""})
    if faults := list(text_faults(path, content, places, translation=False)):
        return faults
    return parsed(Draft(name, Kind.HOUSE, NO_LOCALE, about.author, content), about, places, path, 1)


def _fact(path: str, tree: Tree, key: str, defaults: dict[str, Any], values: Any) -> Parsed | list[Fault]:
    root = ("facts", key)
    misfits: list[MisfitError] = []
    if not _KEY.match(key):
        action = "use lower-case letters and digits, with single dots or hyphens between them"
        misfits.append(MisfitError(root, f"{key!r} is no key", action))
    if not isinstance(values, dict):
        misfits.append(MisfitError(root, f"the fact {key} has no fields", "give it a title and a value"))
        values = {}
    merged = {**defaults, **values}
    value = merged.pop("value", None)
    about, content, wrong = _common(merged, root, (*ABOUT, *FRONT, "value"))
    misfits += wrong
    fact: FactValue | None = None
    try:
        fact = fit(value, FactValue, (*root, "value"))  # type: ignore[arg-type]
    except MisfitError as misfit:
        misfits.append(misfit)
    if fact is not None and "{{" in repr(fact):
        misfits.append(MisfitError((*root, "value"), f"the fact {key} holds a reference", "write its words out"))
    if misfits or about is None or content is None:
        return [fault(path, tree, misfit) for misfit in misfits]
    content = msgspec.structs.replace(content, fact=fact)
    places = Places(tree, root=root, renamed={"fact": "value"})
    if faults := list(text_faults(path, content, places, translation=False)):
        return faults
    return parsed(Draft(key, Kind.FACT, NO_LOCALE, about.author, content), about, places, path, tree.lines[root])


def _common(
    values: dict[str, Any], root: tuple[str, ...], known: tuple[str, ...]
) -> tuple[About | None, Content | None, list[MisfitError]]:
    """The fields that every entry has; what a fact's file puts under `defaults` is said to stand in the fact."""
    misfits = [unknown(name, known, (*root, name)) for name in values if name not in FRONT and name not in ABOUT]
    fields = {name: value for name, value in values.items() if name in FRONT}
    about = fit_fields({name: values[name] for name in ABOUT if name in values}, About, root)
    content = fit_fields(fields, Content, root)
    for outcome in (about, content):
        misfits += outcome if isinstance(outcome, list) else []
    return (
        about if isinstance(about, About) else None,
        content if isinstance(content, Content) else None,
        misfits,
    )
